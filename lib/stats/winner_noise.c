#include <math.h>

#include "stats/winner_parts.h"

/* The noise is learnt from the best third of the configurations, at most so
 * many, and in standard deviations of a difference not further off. */
enum { NEAR = 10 };
static const double NEAR_REACH = 4;

/* Near 1, differences between configurations would count without end. */
static const double MOST_SHARED = .98;

/* Rows on which both are wrong. */
static double both(const struct ranking *r, size_t a, size_t b)
{
    const uint64_t *x = r->bits + a * r->words, *y = r->bits + b * r->words;
    size_t n = 0;

    for (size_t i = 0; i < r->words; i++)
        n += (size_t)__builtin_popcountll(x[i] & y[i]);
    return (double)n / (double)r->rows;
}

double winner_covariance(const struct ranking *r, size_t a, size_t b)
{
    return (both(r, a, b) - both(r, a, a) * both(r, b, b)) / (double)r->rows;
}

struct mean {
    double sum, n;
};

static void add(struct mean *m, double value)
{
    m->sum += value;
    m->n++;
}

/* Covariances of the runs of two configurations, or of one with itself. */
static void add_pairs(const struct ranking *r, size_t a, size_t b,
                      struct mean *m)
{
    for (size_t i = r->first[a]; i < r->first[a + 1]; i++)
        for (size_t j = a == b ? i + 1 : r->first[b]; j < r->first[b + 1]; j++)
            add(m, winner_covariance(r, r->trial[i], r->trial[j]));
}

static double share(const struct mean *m, double unit, double otherwise)
{
    if (m->n == 0 || !(unit > 0))
        return otherwise;
    return fmin(fmax(m->sum / m->n / unit, 0), MOST_SHARED);
}

static size_t count_near(const struct contest *c, const struct ranking *r,
                         const struct standing *standing)
{
    double best = standing[r->order[0]].mean;
    double far = NEAR_REACH * sqrt(2 * winner_unit(best, c->n_rows));
    size_t third = c->n_configs / 3 + 1, n = 1;

    third = third > NEAR ? NEAR : third < 2 ? 2 : third;
    while (n < third && n < c->n_configs &&
           standing[r->order[n]].mean <= best + far)
        n++;
    return n;
}

static void learn_rows(const struct ranking *r, size_t near,
                       struct winner_noise *noise)
{
    struct mean between = {0}, within = {0};

    for (size_t i = 0; i < near; i++) {
        add_pairs(r, r->order[i], r->order[i], &within);
        for (size_t j = i + 1; j < near; j++)
            add_pairs(r, r->order[i], r->order[j], &between);
    }
    noise->shared = share(&between, noise->unit, 0);
    noise->config =
        fmax(share(&within, noise->unit, noise->shared), noise->shared);
}

double winner_unit(double error, size_t rows)
{
    double n = (double)rows, e = fmin(fmax(error, .5 / n), 1 - .5 / n);

    return e * (1 - e) / n;
}

static double unit(const struct contest *c, const struct ranking *r,
                   const struct standing *standing, size_t near)
{
    struct mean m = {0};

    for (size_t i = 0; i < near; i++)
        add(&m, winner_unit(standing[r->order[i]].mean, c->n_rows));
    return m.sum / m.n;
}

/*
 * The variance of the runs about the mean of their configuration, pooled.  The
 * first run, by which a configuration was chosen to be repeated, is left out
 * where two others are there.
 */
static double pooled(const struct contest *c, const struct ranking *r,
                     double *df)
{
    double squares = 0;

    *df = 0;
    for (size_t k = 0; k < c->n_configs; k++) {
        size_t from = r->first[k], to = r->first[k + 1];
        double n = 0, mean = 0;
        for (size_t i = to - from > 2 ? from + 1 : from; i < to; i++) {
            double d = c->objective[r->trial[i]] - mean;
            mean += d / ++n;
            squares += d * (c->objective[r->trial[i]] - mean);
        }
        *df += n - 1;
    }
    return *df > 0 ? squares / *df : 0;
}

void winner_noise(const struct contest *c, const struct ranking *r,
                  const struct standing *standing, struct winner *w)
{
    struct winner_noise *noise = &w->noise;
    double runs = pooled(c, r, &noise->df);
    bool seeds = noise->df > 0 && isfinite(runs);
    size_t near;

    noise->config = 1;
    if (!seeds)
        runs = noise->df = 0;
    if (c->n_rows == 0) {
        w->method = seeds ? WINNER_SEEDS : WINNER_NONE;
        noise->seeds = runs;
        return;
    }
    near = count_near(c, r, standing);
    noise->unit = unit(c, r, standing, near);
    if (c->wrong) {
        learn_rows(r, near, noise);
        runs = fmax(runs - (1 - noise->config) * noise->unit, 0);
    }
    noise->seeds = runs;
    w->method = c->wrong ? seeds ? WINNER_ROWS_SEEDS : WINNER_ROWS
                : seeds  ? WINNER_RATES_SEEDS
                         : WINNER_RATES;
}
