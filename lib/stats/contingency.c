#include "stats/contingency.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/draw.h"
#include "stats/moments.h"

enum { CLEAR = 20 }; /* so many larger ones, and p is known well enough */

static const double LEAST_EXPECTED = 5;

/* A table with the sums of its sets and levels. */
struct table {
    size_t sets, levels;
    double *count; /* [sets][levels] */
    double *set, *level, total;
};

static double cell(const struct table *t, size_t set, size_t level)
{
    return t->count[set * t->levels + level];
}

/* The sets and levels that have rows. */
static void table_init(struct table *t, const double *count, size_t sets,
                       size_t levels)
{
    double *of_set = mem_zalloc(sets, sizeof(*of_set));
    double *of_level = mem_zalloc(levels, sizeof(*of_level));
    size_t n = 0;

    for (size_t i = 0; i < sets * levels; i++) {
        of_set[i / levels] += count[i];
        of_level[i % levels] += count[i];
    }
    *t = (struct table){.set = of_set, .level = of_level};
    t->count = mem_alloc(sets * levels, sizeof(*t->count));
    for (size_t i = 0; i < sets * levels; i++)
        if (of_set[i / levels] > 0 && of_level[i % levels] > 0)
            t->count[n++] = count[i];
    for (size_t i = 0; i < levels; i++)
        if (of_level[i] > 0)
            of_level[t->levels++] = of_level[i];
    for (size_t i = 0; i < sets; i++)
        if (of_set[i] > 0) {
            t->total += of_set[i];
            of_set[t->sets++] = of_set[i];
        }
}

static void table_release(struct table *t)
{
    free(t->count);
    free(t->set);
    free(t->level);
}

static double chi_square(const struct table *t, double *least)
{
    double sum = 0;

    *least = INFINITY;
    for (size_t i = 0; i < t->sets; i++)
        for (size_t j = 0; j < t->levels; j++) {
            double expected = t->set[i] * t->level[j] / t->total;
            double off = cell(t, i, j) - expected;
            *least = fmin(*least, expected);
            sum += off * off / expected;
        }
    return sum;
}

/* Another table with the same sums, as if the rows had been shuffled. */
static void redraw(struct table *t, double *left, struct rng *rng)
{
    for (size_t j = 0; j < t->levels; j++)
        left[j] = t->level[j];
    for (size_t i = 0; i < t->sets; i++) {
        double take = t->set[i], rest = 0;
        for (size_t j = 0; j < t->levels; j++)
            rest += left[j];
        for (size_t j = 0; j < t->levels; j++) {
            double n = draw_hypergeometric(rng, left[j], rest, take);
            t->count[i * t->levels + j] = n;
            rest -= left[j];
            left[j] -= n;
            take -= n;
        }
    }
}

/* The upper tail of the gamma distribution with these moments. */
static double tail_beyond(const struct moments *drawn, double chi2)
{
    double mean = moments_mean(drawn), variance = moments_variance(drawn);

    return variance > 0
               ? gsl_cdf_gamma_Q(chi2, mean * mean / variance, variance / mean)
               : 1;
}

static double permuted_p(struct table *t, double chi2, size_t draws,
                         uint64_t seed, size_t *made)
{
    double *left = mem_alloc(t->levels, sizeof(*left)), least, drawn;
    struct moments all = {0};
    size_t larger = 0, n = 0;
    struct rng rng;

    rng_init(&rng, seed, RNG_PERMUTATION);
    while (n < draws && larger < CLEAR) {
        redraw(t, left, &rng);
        n++;
        drawn = chi_square(t, &least);
        moments_add(&all, drawn);
        larger += drawn >= chi2 * (1 - 1e-12);
    }
    free(left);
    *made = n;
    if (larger == 0)
        return fmin(tail_beyond(&all, chi2), 1 / (1 + (double)n));
    return larger == CLEAR ? CLEAR / (double)n
                           : (1 + (double)larger) / (1 + (double)n);
}

struct homogeneity homogeneity_test(const double *count, size_t sets,
                                    size_t levels, size_t draws, uint64_t seed)
{
    struct homogeneity h = {.p = 1};
    struct table t;
    double least;

    table_init(&t, count, sets, levels);
    if (t.sets >= 2 && t.levels >= 2) {
        double side = (double)(t.sets < t.levels ? t.sets : t.levels) - 1;
        h.chi2 = chi_square(&t, &least);
        h.df = (double)((t.sets - 1) * (t.levels - 1));
        h.cramers_v = sqrt(h.chi2 / (t.total * side));
        h.permuted = least < LEAST_EXPECTED && draws;
        h.p = h.permuted ? permuted_p(&t, h.chi2, draws, seed, &h.draws)
                         : gsl_cdf_chisq_Q(h.chi2, h.df);
    }
    table_release(&t);
    return h;
}

struct homogeneity fit_test(const double *count, const double *expected,
                            size_t levels)
{
    struct homogeneity h = {.df = (double)levels - 1};
    double total = 0;

    for (size_t j = 0; j < levels; j++) {
        double off = count[j] - expected[j];
        h.chi2 += off * off / expected[j];
        total += count[j];
    }
    h.p = levels > 1 ? gsl_cdf_chisq_Q(h.chi2, h.df) : 1;
    h.cramers_v = levels > 1 ? sqrt(h.chi2 / (total * h.df)) : 0;
    return h;
}

/* ---- distances ---- */

double total_variation(const double *p, const double *q, size_t levels)
{
    double sum = 0;

    for (size_t j = 0; j < levels; j++)
        sum += fabs(p[j] - q[j]);
    return sum / 2;
}

double largest_difference(const double *p, const double *q, size_t levels)
{
    double most = 0;

    for (size_t j = 0; j < levels; j++)
        most = fmax(most, fabs(p[j] - q[j]));
    return most;
}

double hellinger(const double *p, const double *q, size_t levels)
{
    double sum = 0;

    for (size_t j = 0; j < levels; j++) {
        double off = sqrt(p[j]) - sqrt(q[j]);
        sum += off * off;
    }
    return sqrt(sum / 2);
}

double kullback_leibler(const double *p, const double *q, size_t levels)
{
    double sum = 0;

    for (size_t j = 0; j < levels; j++)
        sum += p[j] > 0 ? p[j] * log(p[j] / q[j]) : 0;
    return sum;
}

double stability_index(const double *p, const double *q, size_t levels)
{
    return kullback_leibler(p, q, levels) + kullback_leibler(q, p, levels);
}

double jensen_shannon(const double *p, const double *q, size_t levels)
{
    double sum = 0;

    for (size_t j = 0; j < levels; j++) {
        double mean = (p[j] + q[j]) / 2;
        sum += p[j] > 0 ? p[j] * log(p[j] / mean) : 0;
        sum += q[j] > 0 ? q[j] * log(q[j] / mean) : 0;
    }
    return sum / 2;
}
