#include "stats/learning_curve.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/draw.h"

enum { REWEIGHTINGS = 3 };

/* ---- one sample ---- */

/* What is drawn from, and what was drawn. */
struct sampler {
    const struct learning_data *data;
    enum learning_of of;
    double rows;   /* of this draw */
    double *wrong; /* [n_models] of them */
    double *train; /* [n_models] error on the training rows */
    size_t *times; /* [n_replicas] of this draw */
    struct rng rng;
};

static void sampler_init(struct sampler *s, const struct learning_data *data,
                         enum learning_of of, uint64_t seed)
{
    memset(s, 0, sizeof(*s));
    s->data = data;
    s->of = of;
    s->wrong = mem_alloc(data->n_models, sizeof(*s->wrong));
    s->train = mem_zalloc(data->n_models, sizeof(*s->train));
    s->times = mem_alloc(data->n_replicas, sizeof(*s->times));
    rng_init(&s->rng, seed, RNG_BOOTSTRAP);
}

static void sampler_release(struct sampler *s)
{
    free(s->wrong);
    free(s->train);
    free(s->times);
}

static void clear_units(struct sampler *s)
{
    memset(s->wrong, 0, s->data->n_models * sizeof(*s->wrong));
    s->rows = 0;
}

static void add_unit(struct sampler *s, size_t unit)
{
    size_t n = s->data->n_models;
    const float *wrong = s->data->wrong + unit * n;

    for (size_t m = 0; m < n; m++)
        s->wrong[m] += (double)wrong[m];
    s->rows += s->data->rows[unit];
}

/* The mean over the replicas taken, of every size; a size that has none of
 * them takes all of its own. */
static void mean_by_size(const struct sampler *s, double *y)
{
    const struct learning_data *d = s->data;

    for (size_t k = 0; k < d->n_sizes; k++) {
        double taken = 0, sum = 0, all = 0, sum_all = 0;
        for (size_t m = 0; m < d->n_models; m++) {
            double times, value = s->wrong[m] / s->rows - s->train[m];
            if (d->size_of[m] != k)
                continue;
            times = (double)s->times[d->replica_of[m]];
            taken += times;
            sum += times * value;
            all++;
            sum_all += value;
        }
        y[k] = taken > 0 ? sum / taken : sum_all / all;
    }
}

/* The sample itself. */
static void measure(struct sampler *s, double *y)
{
    const struct learning_data *d = s->data;

    clear_units(s);
    for (size_t u = 0; u < d->n_units; u++)
        add_unit(s, u);
    for (size_t r = 0; r < d->n_replicas; r++)
        s->times[r] = 1;
    if (s->of == LEARNING_GAP)
        for (size_t m = 0; m < d->n_models; m++)
            s->train[m] = d->train_wrong[m] / d->train_rows[m];
    mean_by_size(s, y);
}

/* Training errors: one deviation for all replicas of a size. */
static void draw_train(struct sampler *s)
{
    const struct learning_data *d = s->data;

    for (size_t k = 0; k < d->n_sizes; k++) {
        double wrong = 0, rows = 0, models = 0, drawn;
        for (size_t m = 0; m < d->n_models; m++)
            if (d->size_of[m] == k) {
                wrong += d->train_wrong[m];
                rows += d->train_rows[m];
                models++;
            }
        drawn = draw_binomial(&s->rng, wrong / rows, round(rows / models)) /
                round(rows / models);
        for (size_t m = 0; m < d->n_models; m++)
            if (d->size_of[m] == k)
                s->train[m] = d->train_wrong[m] / d->train_rows[m] + drawn -
                              wrong / rows;
    }
}

/* A bootstrap sample of rows and replicas. */
static void draw(struct sampler *s, double *y)
{
    const struct learning_data *d = s->data;

    clear_units(s);
    for (size_t u = 0; u < d->n_units; u++)
        add_unit(s, (size_t)rng_below(&s->rng, d->n_units));
    for (size_t r = 0; r < d->n_replicas; r++)
        s->times[r] = d->n_replicas == 1;
    for (size_t r = 1; r < d->n_replicas; r++)
        s->times[rng_below(&s->rng, d->n_replicas)]++;
    if (s->of == LEARNING_GAP)
        draw_train(s);
    mean_by_size(s, y);
}

/* ---- weights ---- */

/* The variance between replicas of one size, pooled; 0 without replicas. */
static double between_replicas(const struct sampler *s, const double *y)
{
    const struct learning_data *d = s->data;
    double squares = 0, freedom = 0;

    for (size_t k = 0; k < d->n_sizes; k++) {
        double models = 0;
        for (size_t m = 0; m < d->n_models; m++)
            if (d->size_of[m] == k) {
                double off = s->wrong[m] / s->rows - s->train[m] - y[k];
                squares += off * off;
                models++;
            }
        freedom += models - 1;
    }
    return freedom > 0 ? squares / freedom : 0;
}

static void weigh(const struct sampler *s, double between,
                  const double *expected, double *weight)
{
    const struct learning_data *d = s->data;

    for (size_t k = 0; k < d->n_sizes; k++) {
        double models = 0, rows = s->rows + 2;
        double p = (fabs(expected[k]) * s->rows + 1) / rows; /* never 0 */
        for (size_t m = 0; m < d->n_models; m++)
            models += d->size_of[m] == k;
        p = fmin(p, 1 - 1 / rows);
        weight[k] = 1 / (p * (1 - p) / s->rows + between / models);
    }
}

/* Weights go by what is fitted: an error that chance made small would weigh
 * more than one that chance made large. */
static void fit(struct learning_curve *curve, const struct sampler *s,
                const struct power_law_fitter *fitter, double *weight)
{
    double between = between_replicas(s, curve->measured);

    weigh(s, between, curve->measured, weight);
    for (int i = 0; i < REWEIGHTINGS; i++) {
        double expected[LEARNING_SIZES];
        curve->law = power_law_fitter_fit(fitter, curve->measured, weight);
        for (size_t k = 0; k < curve->n_sizes; k++)
            expected[k] = power_law_at(&curve->law, curve->size[k]);
        weigh(s, between, expected, weight);
    }
}

/* ---- curves ---- */

/* Wilson's interval for as many rows as would give this variance. */
static struct interval effective_wilson(double p, double variance, double rows)
{
    double n = variance > 0 && p > 0 && p < 1 ? p * (1 - p) / variance : rows;

    return wilson(p * n, n);
}

static struct interval interval_of(const struct learning_curve *curve,
                                   enum learning_of of, size_t k, double *draws)
{
    double mean = 0, squares = 0;

    if (of == LEARNING_GAP)
        return interval_from_draws(draws, LEARNING_DRAWS);
    for (size_t i = 0; i < LEARNING_DRAWS; i++)
        mean += draws[i] / LEARNING_DRAWS;
    for (size_t i = 0; i < LEARNING_DRAWS; i++)
        squares += (draws[i] - mean) * (draws[i] - mean);
    return effective_wilson(curve->measured[k], squares / (LEARNING_DRAWS - 1),
                            curve->n_rows);
}

static struct interval of_laws(const struct learning_curve *curve,
                               double (*value)(const struct power_law *))
{
    double draws[LEARNING_DRAWS];

    for (size_t i = 0; i < LEARNING_DRAWS; i++)
        draws[i] = value(&curve->draw[i]);
    return interval_from_draws(draws, LEARNING_DRAWS);
}

static double law_a(const struct power_law *law)
{
    return law->a;
}

static double law_b(const struct power_law *law)
{
    return law->b;
}

static double law_c(const struct power_law *law)
{
    return law->c;
}

/* Rows that a model got wrong. */
static double mean_wrong(const struct sampler *s)
{
    double sum = 0;

    for (size_t m = 0; m < s->data->n_models; m++)
        sum += s->wrong[m];
    return sum / (double)s->data->n_models;
}

void learning_curve_init(struct learning_curve *curve,
                         const struct learning_data *data, enum learning_of of,
                         uint64_t seed)
{
    double *drawn = mem_alloc(data->n_sizes * LEARNING_DRAWS, sizeof(*drawn));
    double weight[LEARNING_SIZES], y[LEARNING_SIZES];
    struct power_law_fitter *fitter = NULL;
    struct sampler s;

    assert(data->n_sizes >= 1 && data->n_sizes <= LEARNING_SIZES);
    memset(curve, 0, sizeof(*curve));
    curve->n_sizes = data->n_sizes;
    memcpy(curve->size, data->size, data->n_sizes * sizeof(*data->size));
    curve->draw = mem_zalloc(LEARNING_DRAWS, sizeof(*curve->draw));
    sampler_init(&s, data, of, seed);
    measure(&s, curve->measured);
    curve->n_rows = s.rows;
    curve->few_wrong = mean_wrong(&s) < LEARNING_LEAST_WRONG;
    curve->has_law = data->n_sizes >= LEARNING_LEAST_SIZES && !curve->few_wrong;
    if (curve->has_law) {
        fitter = power_law_fitter_new(data->size, data->n_sizes);
        fit(curve, &s, fitter, weight);
    }
    for (size_t i = 0; i < LEARNING_DRAWS; i++) {
        draw(&s, y);
        for (size_t k = 0; k < data->n_sizes; k++)
            drawn[k * LEARNING_DRAWS + i] = y[k];
        if (curve->has_law)
            curve->draw[i] = power_law_fitter_fit(fitter, y, weight);
    }
    for (size_t k = 0; k < data->n_sizes; k++)
        curve->ci[k] = interval_of(curve, of, k, drawn + k * LEARNING_DRAWS);
    curve->a = of_laws(curve, law_a);
    curve->b = of_laws(curve, law_b);
    curve->c = of_laws(curve, law_c);
    power_law_fitter_free(fitter);
    sampler_release(&s);
    free(drawn);
}

void learning_curve_release(struct learning_curve *curve)
{
    free(curve->draw);
    memset(curve, 0, sizeof(*curve));
}

struct interval learning_curve_band(const struct learning_curve *curve,
                                    double n)
{
    double draws[LEARNING_DRAWS];

    if (!curve->has_law)
        return interval_unknown();
    for (size_t i = 0; i < LEARNING_DRAWS; i++)
        draws[i] = power_law_at(&curve->draw[i], n);
    return interval_from_draws(draws, LEARNING_DRAWS);
}

struct interval learning_curve_gain(const struct learning_curve *curve,
                                    double n)
{
    double largest = curve->size[curve->n_sizes - 1], draws[LEARNING_DRAWS];

    if (!curve->has_law)
        return interval_unknown();
    for (size_t i = 0; i < LEARNING_DRAWS; i++)
        draws[i] = power_law_at(&curve->draw[i], largest) -
                   power_law_at(&curve->draw[i], n);
    return interval_from_draws(draws, LEARNING_DRAWS);
}

/* ---- rows needed ---- */

/* Rows at which the law is down to the goal; inf: never. */
static double rows_at(const struct power_law *law, double goal)
{
    if (law->a >= goal)
        return law->b > 0 || law->a > goal ? INFINITY : 1;
    return law->b > 0 ? pow(law->b / (goal - law->a), 1 / law->c) : 1;
}

/* The interval of rows: what lies beyond the reach is put at its end first, so
 * that a percentile never lies between a number and inf. */
static struct interval rows_interval(double *draws, double most)
{
    struct interval ci;

    for (size_t i = 0; i < LEARNING_DRAWS; i++)
        draws[i] = ceil(fmax(fmin(draws[i], most), 1));
    ci = interval_from_draws(draws, LEARNING_DRAWS);
    ci.low = ceil(ci.low);
    ci.high = ci.high < most ? ceil(ci.high) : INFINITY;
    return ci;
}

static struct learning_need need(const struct learning_curve *curve,
                                 double goal, double *draws)
{
    double most = LEARNING_REACH * curve->size[curve->n_sizes - 1];
    double rows = rows_at(&curve->law, goal);
    struct learning_need out = {LEARNING_FOUND, NAN,
                                rows_interval(draws, most)};

    if (rows <= curve->size[0]) {
        out.answer = LEARNING_REACHED;
        out.rows = curve->size[0];
    } else if (rows <= most) {
        out.rows = ceil(rows);
    } else {
        out.answer = curve->law.a >= goal ? LEARNING_NEVER : LEARNING_BEYOND;
        out.ci.high = INFINITY;
    }
    return out;
}

static struct learning_need no_law(const struct learning_curve *curve)
{
    return (struct learning_need){curve->few_wrong ? LEARNING_FEW_WRONG
                                                   : LEARNING_FEW_SIZES,
                                  NAN, interval_unknown()};
}

struct learning_need learning_curve_need(const struct learning_curve *curve,
                                         double goal)
{
    double draws[LEARNING_DRAWS];

    if (!curve->has_law)
        return no_law(curve);
    for (size_t i = 0; i < LEARNING_DRAWS; i++)
        draws[i] = rows_at(&curve->draw[i], goal);
    return need(curve, goal, draws);
}

struct learning_need learning_curve_halve(const struct learning_curve *curve)
{
    double largest = curve->size[curve->n_sizes - 1], draws[LEARNING_DRAWS];

    if (!curve->has_law)
        return no_law(curve);
    for (size_t i = 0; i < LEARNING_DRAWS; i++)
        draws[i] = rows_at(&curve->draw[i],
                           power_law_at(&curve->draw[i], largest) / 2);
    return need(curve, power_law_at(&curve->law, largest) / 2, draws);
}
