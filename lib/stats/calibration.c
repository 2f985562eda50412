#include "stats/calibration.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/draw.h"

/* ---- bins ---- */

size_t calibration_bin_of(double prob, size_t bins)
{
    double width = (double)bins, b = ceil(prob * width) - 1;

    /* prob * bins is rounded: what is next to an edge may have crossed it. */
    if (prob > (b + 1) / width)
        b++;
    else if (prob <= b / width)
        b--;
    return !(b > 0) ? 0 : b < width ? (size_t)b : bins - 1;
}

void calibration_bin_add(struct calibration_bin *bin, double prob, bool correct)
{
    double p = fmin(fmax(prob, 0), 1), off = (correct ? 1 : 0) - p;

    bin->n++;
    bin->prob += p;
    bin->correct += correct ? 1 : 0;
    bin->square += off * off;
    bin->prob_square += p * p;
}

static int by_probability(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);

    return (x > y) - (x < y);
}

size_t calibration_equal_mass(double *prob, size_t n, size_t bins,
                              struct calibration_bin *bin, double *low,
                              double *high)
{
    size_t filled = 0, row = 0;

    qsort(prob, n, sizeof(*prob), by_probability);
    for (size_t b = 0; b < bins; b++) {
        size_t end = (size_t)((double)n * (double)(b + 1) / (double)bins);
        if (b + 1 == bins)
            end = n;
        if (end <= row)
            continue;
        bin[filled] = (struct calibration_bin){0};
        low[filled] = fabs(prob[row]);
        for (; row < end || (row < n && fabs(prob[row]) == high[filled]);
             row++) {
            high[filled] = fabs(prob[row]);
            calibration_bin_add(&bin[filled], high[filled],
                                !signbit(prob[row]));
        }
        filled++;
    }
    return filled;
}

void calibration_add(struct calibration *c, double prob, bool correct)
{
    calibration_bin_add(&c->bin[calibration_bin_of(prob, CALIBRATION_BINS)],
                        prob, correct);
}

static double count(const struct calibration_bin *bin, size_t bins)
{
    double n = 0;

    for (size_t b = 0; b < bins; b++)
        n += bin[b].n;
    return n;
}

double calibration_count(const struct calibration *c)
{
    return count(c->bin, CALIBRATION_BINS);
}

double calibration_bins_ece(const struct calibration_bin *bin, size_t bins)
{
    double n = count(bin, bins), sum = 0;

    for (size_t b = 0; b < bins; b++)
        sum += fabs(bin[b].correct - bin[b].prob);
    return n > 0 ? sum / n : NAN;
}

double calibration_ece(const struct calibration *c)
{
    return calibration_bins_ece(c->bin, CALIBRATION_BINS);
}

/* ---- the interval ---- */

/*
 * What is measured, and samples of the bins' noise: see calibration.h.  Of
 * each bin: mean of (right - prob), and sd of one row.  Of each bin in each
 * sample: its share of the rows, and the noise of that mean times the share.
 */
struct ece_model {
    size_t bins, draws;
    double ece;
    double *gap, *sd;       /* [bins] */
    double *share, *noise;  /* [draws][bins] */
    double *weight, *count; /* [bins] */
};

static void model_bins(struct ece_model *m, const struct calibration_bin *bins)
{
    for (size_t b = 0; b < m->bins; b++) {
        const struct calibration_bin *bin = &bins[b];
        double p, squares;

        m->weight[b] = bin->n;
        m->gap[b] = m->sd[b] = 0;
        if (!(bin->n > 0))
            continue;
        p = bin->prob / bin->n;
        m->gap[b] = (bin->correct - bin->prob) / bin->n;
        squares = bin->square - bin->n * m->gap[b] * m->gap[b];
        m->sd[b] = sqrt((fmax(squares, 0) + p * (1 - p)) / bin->n);
    }
}

static void model_draw(struct ece_model *m, double n, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, RNG_BOOTSTRAP);
    for (size_t d = 0; d < m->draws; d++) {
        double *share = m->share + d * m->bins, *noise = m->noise + d * m->bins;

        draw_multinomial(&rng, m->weight, m->bins, n, n, m->count);
        for (size_t b = 0; b < m->bins; b++) {
            share[b] = m->count[b] / n;
            noise[b] = m->count[b] > 0
                           ? share[b] * m->sd[b] * rng_normal(&rng) /
                                 sqrt(m->count[b])
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
        const double *share = m->share + d * m->bins;
        const double *noise = m->noise + d * m->bins;
        double ece = 0;

        for (size_t b = 0; b < m->bins; b++)
            ece += fabs(scale * share[b] * m->gap[b] + noise[b]);
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
static double furthest_accuracy(const struct calibration_bin *bin, size_t bins,
                                double n)
{
    double prob = 0, correct = 0;
    struct interval accuracy;

    for (size_t b = 0; b < bins; b++) {
        prob += bin[b].prob / n;
        correct += bin[b].correct;
    }
    accuracy = wilson(correct, n);
    return fmax(prob - accuracy.low, accuracy.high - prob);
}

struct interval calibration_bins_interval(const struct calibration_bin *bin,
                                          size_t bins, size_t draws,
                                          uint64_t seed)
{
    struct ece_model m = {.bins = bins, .draws = draws};
    double n = count(bin, bins), *room;
    struct interval result;

    m.ece = calibration_bins_ece(bin, bins);
    if (draws == 0 || isnan(m.ece))
        return interval_unknown();
    room = mem_alloc(2 * draws + 4, bins * sizeof(*room));
    m.gap = room;
    m.sd = m.gap + bins;
    m.weight = m.sd + bins;
    m.count = m.weight + bins;
    m.share = m.count + bins;
    m.noise = m.share + draws * bins;
    model_bins(&m, bin);
    model_draw(&m, n, seed);
    result.low = ece_at_quantile(&m, .975);
    result.high = ece_at_quantile(&m, .025);
    result.high =
        fmax(result.high, fmax(m.ece, furthest_accuracy(bin, bins, n)));
    free(room);
    return result;
}

struct interval calibration_ece_interval(const struct calibration *c,
                                         size_t draws, uint64_t seed)
{
    return calibration_bins_interval(c->bin, CALIBRATION_BINS, draws, seed);
}
