#include "stats/expected_error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/class_calibration.h"
#include "stats/label_shift_parts.h"
#include "stats/row_blocks.h"

/* Temperatures at which confidence is known, GRID standard errors of the
 * temperature to either side of it, and between them on straight lines. */
enum { DRAWS = 1000, GRID = 4, POINTS = 2 * GRID + 1 };

static struct expected_error cannot_be_told(void)
{
    return (struct expected_error){estimate_none(), estimate_none(), NAN,
                                   interval_unknown(), 0};
}

static void take_change(struct expected_error *e, double covariance)
{
    e->change = e->current.value - e->reference.value;
    e->change_ci = estimate_difference(&e->current, &e->reference, covariance);
}

/* ---- by confidence ---- */

struct confidence {
    const struct class_probs *reference, *current;
    size_t classes;
    size_t *labelled; /* [n_labelled] rows of the reference */
    size_t n_labelled;
    struct class_calibration calibration;
    double step;                      /* of ln inverse between points */
    struct row_blocks known, unknown; /* rows, wrong, moved; rows, [POINTS] */
};

static void find_labelled(struct confidence *c)
{
    const struct class_probs *r = c->reference;

    c->labelled = mem_alloc(r->n + 1, sizeof(*c->labelled));
    for (size_t i = 0; r->label && i < r->n; i++)
        if (r->label[i] < c->classes)
            c->labelled[c->n_labelled++] = i;
}

static void add_known(void *confidence, size_t i, double *sum)
{
    struct confidence *c = confidence;
    size_t row = c->labelled[i], label = c->reference->label[row];
    const float *p = c->reference->p + row * c->classes;
    double moved = 0;

    if (c->calibration.parameters)
        class_calibration_influence(&c->calibration, p, label, &moved);
    sum[0]++;
    sum[1] += shift_predicted(p, c->classes) != label;
    sum[2] += moved;
    sum[3] += moved * moved;
}

/* The probability of the predicted class, at every point. */
static void add_unknown(void *confidence, size_t row, double *sum)
{
    struct confidence *c = confidence;
    float *p = mem_alloc(c->classes, sizeof(*p));
    struct class_calibration at = c->calibration;

    sum[0]++;
    for (int i = 0; i < POINTS; i++) {
        at.inverse = c->calibration.inverse * exp((i - GRID) * c->step);
        class_calibration_apply(&at, c->current->p + row * c->classes, p);
        sum[1 + i] += (double)p[shift_predicted(p, c->classes)];
    }
    free(p);
}

/* The expected error from sums of current rows, ln inverse having moved. */
static double error_at(const struct confidence *c, const double *sum,
                       double moved)
{
    double x = GRID, low;
    int i;

    if (c->step > 0)
        x = fmax(0, fmin(2 * GRID, GRID + moved / c->step));
    i = x < 2 * GRID ? (int)x : 2 * GRID - 1;
    low = sum[1 + i];
    return 1 - (low + (x - i) * (sum[2 + i] - low)) / sum[0];
}

static void fill(struct confidence *c, uint64_t seed)
{
    double all[4] = {0};

    row_blocks_init(&c->known, c->n_labelled, 4, seed, add_known, c);
    row_blocks_total(&c->known, all);
    c->step = sqrt(all[3]);
    row_blocks_init(&c->unknown, c->current->n, 1 + POINTS, seed + 1,
                    add_unknown, c);
}

/* Writes both errors of each draw. */
static void draw(const struct confidence *c, uint64_t seed, double *reference,
                 double *current)
{
    struct rng rng;

    rng_init(&rng, seed, RNG_BOOTSTRAP);
    for (size_t d = 0; d < DRAWS; d++) {
        double known[4], unknown[1 + POINTS];
        row_blocks_draw(&c->known, &rng, known);
        row_blocks_draw(&c->unknown, &rng, unknown);
        reference[d] = known[1] / known[0];
        current[d] = error_at(c, unknown, known[2]);
    }
}

static double covariance_of(const double *x, const double *y)
{
    double mean_x = 0, mean_y = 0, sum = 0;

    for (size_t d = 0; d < DRAWS; d++) {
        mean_x += x[d] / DRAWS;
        mean_y += y[d] / DRAWS;
    }
    for (size_t d = 0; d < DRAWS; d++)
        sum += (x[d] - mean_x) * (y[d] - mean_y);
    return sum / (DRAWS - 1);
}

static struct expected_error tell(const struct confidence *c, uint64_t seed)
{
    struct expected_error e = cannot_be_told();
    double *reference = mem_alloc(2 * DRAWS, sizeof(*reference));
    double *current = reference + DRAWS;
    double known[4], unknown[1 + POINTS], covariance;

    row_blocks_total(&c->known, known);
    row_blocks_total(&c->unknown, unknown);
    draw(c, seed, reference, current);
    covariance = covariance_of(reference, current);
    e.effective = unknown[0];
    e.reference = estimate_rate(known[1], known[0]);
    e.current = (struct estimate){error_at(c, unknown, 0), unknown[0],
                                  covariance_of(current, current), true,
                                  interval_from_draws(current, DRAWS)};
    if (!c->calibration.parameters) {
        e.current.ci.low = 0;
        e.current.ci.high = fmin(1, e.current.ci.high + e.reference.ci.high);
    }
    take_change(&e, covariance);
    free(reference);
    return e;
}

struct expected_error
expected_by_confidence(const struct class_probs *reference,
                       const struct class_probs *current, size_t classes,
                       uint64_t seed)
{
    struct confidence c = {
        .reference = reference, .current = current, .classes = classes};
    struct expected_error e = cannot_be_told();

    find_labelled(&c);
    if (c.n_labelled && current->n) {
        class_calibration_fit(&c.calibration, reference->p, reference->label,
                              reference->n, classes, false);
        fill(&c, seed);
        e = tell(&c, seed);
        row_blocks_release(&c.known);
        row_blocks_release(&c.unknown);
        class_calibration_release(&c.calibration);
    }
    free(c.labelled);
    return e;
}

/* ---- by weights ---- */

struct weighted {
    double n, wrong, weight, weight2, weight_wrong;
};

static struct weighted sum_weights(const float *wrong, const float *weight,
                                   size_t n)
{
    struct weighted s = {0};

    for (size_t i = 0; i < n; i++) {
        double w = (double)weight[i];
        if (isnan(wrong[i]))
            continue;
        s.n++;
        s.wrong += (double)wrong[i];
        s.weight += w;
        s.weight2 += w * w;
        s.weight_wrong += w * (double)wrong[i];
    }
    return s;
}

struct expected_error expected_by_weights(const float *wrong,
                                          const float *weight, size_t n)
{
    struct weighted s = sum_weights(wrong, weight, n);
    struct expected_error e = cannot_be_told();
    double value, mean, variance = 0, covariance = 0, rows;

    if (!(s.weight > 0))
        return e;
    value = s.weight_wrong / s.weight;
    mean = s.wrong / s.n;
    for (size_t i = 0; i < n; i++) {
        double off;
        if (isnan(wrong[i]))
            continue;
        off = (double)weight[i] * ((double)wrong[i] - value) / s.weight;
        variance += off * off;
        covariance += off * ((double)wrong[i] - mean) / s.n;
    }
    e.effective = rows = s.weight * s.weight / s.weight2;
    if (variance > 0)
        rows = fmin(rows, value * (1 - value) / variance);
    e.reference = estimate_rate(s.wrong, s.n);
    e.current = (struct estimate){value, s.n, variance, true,
                                  wilson(value * rows, rows)};
    take_change(&e, covariance);
    return e;
}

/* ---- with labels ---- */

struct expected_error expected_realised(double k_reference, double n_reference,
                                        double k_current, double n_current)
{
    struct expected_error e = cannot_be_told();

    if (!(n_reference > 0 && n_current > 0))
        return e;
    e.reference = estimate_rate(k_reference, n_reference);
    e.current = estimate_rate(k_current, n_current);
    e.change = e.current.value - e.reference.value;
    e.change_ci = newcombe(k_current, n_current, k_reference, n_reference);
    e.effective = n_current;
    return e;
}
