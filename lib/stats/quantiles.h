/*
 * quantiles: the distribution of many numbers, all of them or in a sketch.
 *
 * A sketch keeps some numbers, each for a power of two of them (Karnin, Lang &
 * Liberty 2016, FOCS: KLL), in memory that does not grow with how many there
 * were.  With probability 1 - 1e-6 the rank of every number, as a share of how
 * many there are, is off by at most `accuracy`.  Sketches of the same accuracy
 * can be merged in any order.
 */
#ifndef STATS_QUANTILES_H
#define STATS_QUANTILES_H

#include <stddef.h>
#include <stdint.h>

#include "stats/moments.h"

struct quantiles;

/* accuracy: 0 keeps all numbers (4 bytes each), else in [.0001, .1]. */
struct quantiles *quantiles_new(double accuracy, uint64_t seed);
void quantiles_free(struct quantiles *q); /* NULL is fine */

/* x[n] finite; NaN is left out. */
void quantiles_add(struct quantiles *q, const float *x, size_t n);

/* Adds all of `other`, which has the same accuracy. */
void quantiles_merge(struct quantiles *q, const struct quantiles *other);

/*
 * x[n] ascending, each for weight[i] numbers (NULL: 1), `total` in all.
 * rank_error: how far the share of numbers <= x is off at most; 0 where all are
 * kept.  Moments, and the least and the largest number (NaN where there is
 * none), are exact in any case.
 */
struct distribution {
    const float *x;
    const double *weight;
    size_t n;
    double total, rank_error;
    struct moments moments;
    double low, high;
};

/* Valid until the next call with q, which it puts in order. */
struct distribution quantiles_view(struct quantiles *q);

/*
 * What a sketch consists of, for writing it down: level h < levels holds
 * values each for 2^h numbers.  quantiles_restore fills an empty sketch, level
 * by level; then quantiles_set_exact says the moments and the range.
 */
double quantiles_accuracy(const struct quantiles *q);
size_t quantiles_levels(const struct quantiles *q);
const float *quantiles_level(const struct quantiles *q, size_t h, size_t *n);
void quantiles_restore(struct quantiles *q, size_t h, const float *x, size_t n);
void quantiles_set_exact(struct quantiles *q, const struct moments *moments,
                         double low, double high);

#endif
