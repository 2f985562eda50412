#include "stats/calibration.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/draw.h"

enum { BINS = CALIBRATION_BINS };

size_t calibration_bin_of(double prob)
{
    double b = ceil(prob * BINS) - 1;

    if (!(b > 0))
        return 0;
    if (b > BINS - 1)
        return BINS - 1;
    /* prob * 15 is rounded: what is just above an edge may have come down. */
    if (prob > (b + 1) / BINS)
        return (size_t)b + 1;
    return (size_t)b;
}

void calibration_add(struct calibration *c, double prob, bool correct)
{
    struct calibration_bin *bin = &c->bin[calibration_bin_of(prob)];
    double off = (correct ? 1 : 0) - prob;

    bin->n++;
    bin->prob += prob;
    bin->correct += correct ? 1 : 0;
    bin->square += off * off;
}

double calibration_count(const struct calibration *c)
{
    double n = 0;

    for (size_t b = 0; b < BINS; b++)
        n += c->bin[b].n;
    return n;
}

double calibration_ece(const struct calibration *c)
{
    double n = calibration_count(c), sum = 0;

    for (size_t b = 0; b < BINS; b++)
        sum += fabs(c->bin[b].correct - c->bin[b].prob);
    return n > 0 ? sum / n : NAN;
}

/*
 * One sample of the bins' noise: share[b] of the rows, and the noise of the
 * mean of (right - prob) times that share.
 */
struct sample {
    double share[BINS], noise[BINS];
};

/* What is measured, and the samples: see calibration.h. */
struct ece_model {
    double gap[BINS], sd[BINS]; /* mean of (right - prob), sd of one row */
    double ece;
    struct sample *sample;
    size_t draws;
};

static void model_bins(struct ece_model *m, const struct calibration *c)
{
    for (size_t b = 0; b < BINS; b++) {
        const struct calibration_bin *bin = &c->bin[b];
        double p, squares;

        m->gap[b] = m->sd[b] = 0;
        if (!(bin->n > 0))
            continue;
        p = bin->prob / bin->n;
        m->gap[b] = (bin->correct - bin->prob) / bin->n;
        squares = bin->square - bin->n * m->gap[b] * m->gap[b];
        m->sd[b] = sqrt((fmax(squares, 0) + p * (1 - p)) / bin->n);
    }
}

static void model_draw(struct ece_model *m, const struct calibration *c,
                       uint64_t seed)
{
    double n = calibration_count(c), weight[BINS], count[BINS];
    struct rng rng;

    rng_init(&rng, seed, RNG_BOOTSTRAP);
    for (size_t b = 0; b < BINS; b++)
        weight[b] = c->bin[b].n;
    for (size_t d = 0; d < m->draws; d++) {
        struct sample *s = &m->sample[d];

        draw_multinomial(&rng, weight, BINS, n, n, count);
        for (size_t b = 0; b < BINS; b++) {
            s->share[b] = count[b] / n;
            s->noise[b] = count[b] > 0 ? s->share[b] * m->sd[b] *
                                             rng_normal(&rng) / sqrt(count[b])
                                       : 0;
        }
    }
}

/* The share of samples whose ECE is below the measured one, when the true
 * gaps are `scale` times those measured. */
static double share_below(const struct ece_model *m, double scale)
{
    size_t below = 0;

    for (size_t d = 0; d < m->draws; d++) {
        const struct sample *s = &m->sample[d];
        double ece = 0;

        for (size_t b = 0; b < BINS; b++)
            ece += fabs(scale * s->share[b] * m->gap[b] + s->noise[b]);
        below += ece < m->ece;
    }
    return (double)below / (double)m->draws;
}

/* The ECE under which the measured one stands at quantile p of its samples;
 * 0 when even a calibrated classifier puts it no higher than that. */
static double ece_at_quantile(const struct ece_model *m, double p)
{
    double low = 0, high = 1;

    if (share_below(m, 0) <= p)
        return 0;
    while (high < 64 && share_below(m, high) > p)
        high *= 2;
    for (int i = 0; i < 30; i++) {
        double middle = (low + high) / 2;

        if (share_below(m, middle) > p)
            low = middle;
        else
            high = middle;
    }
    return fmin((low + high) / 2 * m->ece, 1);
}

/* The largest |mean probability - accuracy| within noise. */
static double furthest_accuracy(const struct calibration *c)
{
    double n = calibration_count(c), prob = 0, correct = 0;
    struct interval accuracy;

    for (size_t b = 0; b < BINS; b++) {
        prob += c->bin[b].prob / n;
        correct += c->bin[b].correct;
    }
    accuracy = wilson(correct, n);
    return fmax(prob - accuracy.low, accuracy.high - prob);
}

struct interval calibration_ece_interval(const struct calibration *c,
                                         size_t draws, uint64_t seed)
{
    struct ece_model m = {.ece = calibration_ece(c), .draws = draws};
    struct interval result;

    if (draws == 0 || isnan(m.ece))
        return interval_unknown();
    m.sample = mem_alloc(draws, sizeof *m.sample);
    model_bins(&m, c);
    model_draw(&m, c, seed);
    result.low = ece_at_quantile(&m, .975);
    result.high = ece_at_quantile(&m, .025);
    result.high = fmax(result.high, fmax(m.ece, furthest_accuracy(c)));
    free(m.sample);
    return result;
}
