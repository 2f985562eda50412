#include "stats/paired.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

/* What each group (or row) adds to the difference: its sum and its rows. */
struct parts {
    size_t n;
    double *sum, *rows; /* rows: NULL where each is one */
    double mean;        /* of all rows */
};

static void parts_init(struct parts *p, const double *a, const double *b,
                       size_t n, struct paired_groups groups)
{
    p->n = groups.of ? groups.n_groups : n;
    p->sum = mem_zalloc(p->n, sizeof *p->sum);
    p->rows = groups.of ? mem_zalloc(p->n, sizeof *p->rows) : NULL;
    p->mean = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = groups.of ? groups.of[i] : i;
        p->sum[at] += b[i] - a[i];
        if (p->rows)
            p->rows[at]++;
    }
    for (size_t i = 0; i < p->n; i++)
        p->mean += p->sum[i];
    p->mean /= (double)n;
}

static void parts_release(struct parts *p)
{
    free(p->sum);
    free(p->rows);
}

/* Of the mean, by the parts' departures from it; NaN below two of them. */
static double standard_error(const struct parts *p, size_t n)
{
    double sum = 0, parts = (double)p->n;

    for (size_t i = 0; i < p->n; i++) {
        double off = p->sum[i] - p->mean * (p->rows ? p->rows[i] : 1);
        sum += off * off;
    }
    return parts >= 2 ? sqrt(sum * parts / (parts - 1)) / (double)n : NAN;
}

double paired_mean_equivalence(const double *a, const double *b, size_t n,
                               struct paired_groups groups, double margin)
{
    struct parts p;
    double error, freedom, distance;

    parts_init(&p, a, b, n, groups);
    error = standard_error(&p, n);
    freedom = (double)p.n - 1;
    distance = margin - fabs(p.mean);
    parts_release(&p);
    if (isnan(error) || !isfinite(p.mean))
        return NAN;
    if (error == 0)
        return distance > 0 ? 0 : 1;
    return gsl_cdf_tdist_Q(distance / error, freedom);
}

/* ---- resampling ---- */

enum { MOST_PARTS = 20000 };

/*
 * Rows that are too many to be drawn one by one, dealt out at random: resampled
 * by the hands, whose sums vary as those of the rows do.  To be freed.
 */
static uint32_t *deal(size_t n, uint64_t seed)
{
    uint32_t *of = mem_alloc(n, sizeof *of);
    size_t *order = mem_alloc(n, sizeof *order);
    struct rng rng;

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    rng_init(&rng, seed, RNG_EXCHANGE);
    rng_shuffle(&rng, order, n);
    for (size_t i = 0; i < n; i++)
        of[order[i]] = (uint32_t)(i % MOST_PARTS);
    free(order);
    return of;
}

static double drawn_mean(const struct parts *p, struct rng *rng)
{
    double sum = 0, rows = 0;

    for (size_t i = 0; i < p->n; i++) {
        size_t at = (size_t)(rng_uniform(rng) * (double)p->n);
        sum += p->sum[at];
        rows += p->rows ? p->rows[at] : 1;
    }
    return sum / rows;
}

/* The sum of those parts whose sign is to be turned. */
static double tossed_sum(const struct parts *p, struct rng *rng)
{
    double sum[4] = {0};

    for (size_t i = 0; i < p->n; i += 64) {
        uint64_t coins = rng_next(rng);
        size_t n = p->n - i < 64 ? p->n - i : 64;
        for (size_t k = 0; k < n; k++)
            sum[k % 4] += (double)(coins >> k & 1) * p->sum[i + k];
    }
    return sum[0] + sum[1] + (sum[2] + sum[3]);
}

static struct interval bootstrap(const struct parts *p, uint64_t seed)
{
    double value[PAIRED_DRAWS];

#pragma omp parallel for schedule(dynamic, 16)
    for (uint64_t d = 0; d < PAIRED_DRAWS; d++) {
        struct rng rng;
        rng_init(&rng, seed, RNG_BOOTSTRAP + ((d + 1) << 8));
        value[d] = drawn_mean(p, &rng);
    }
    return interval_from_draws_at(value, PAIRED_DRAWS,
                                  interval_tail((double)p->n));
}

static double toss(const struct parts *p, uint64_t seed)
{
    double value[PAIRED_EXCHANGES], total = 0, all = 0;

    for (size_t i = 0; i < p->n; i++) {
        total += p->sum[i];
        all += fabs(p->sum[i]);
    }
#pragma omp parallel for schedule(dynamic, 16)
    for (uint64_t d = 0; d < PAIRED_EXCHANGES; d++) {
        struct rng rng;
        rng_init(&rng, seed, RNG_EXCHANGE + ((d + 1) << 8));
        value[d] = total - 2 * tossed_sum(p, &rng);
    }
    return paired_p_value(value, total, 1e-12 * all);
}

static double mean_of(const double *value, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += value[i];
    return sum / (double)n;
}

void paired_means(const double *a, const double *b, size_t n,
                  struct paired_groups groups, uint64_t seed,
                  struct paired_score *out)
{
    uint32_t *dealt = NULL;
    struct parts p;

    *out = (struct paired_score){mean_of(a, n), mean_of(b, n),
                                 interval_unknown(), NAN};
    if (!isfinite(out->a) || !isfinite(out->b))
        return;
    if (!groups.of && n > MOST_PARTS)
        groups = (struct paired_groups){dealt = deal(n, seed), MOST_PARTS};
    parts_init(&p, a, b, n, groups);
    out->ci = p.n < 2 ? interval_unknown() : bootstrap(&p, seed);
    out->p_value = toss(&p, seed);
    parts_release(&p);
    free(dealt);
}
