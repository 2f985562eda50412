/*
 * mean_features: two sets of rows by the means of random features of theirs,
 * the maximum mean discrepancy (Gretton et al. 2012, JMLR 13:723) of a Gaussian
 * kernel (Rahimi & Recht 2007).
 *
 * The features are those of a seed and a width, not of any data: what is summed
 * up in several places can be added.  They come in pairs, cos and sin of the
 * same direction.
 */
#ifndef STATS_MEAN_FEATURES_H
#define STATS_MEAN_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

enum { MEAN_FEATURES = 64 }; /* 32 directions */

struct feature_map; /* of rows x[width] with about unit variance a column */

struct feature_map *feature_map_new(size_t width, uint64_t seed);
void feature_map_free(struct feature_map *map);

/* {0} is empty.  Sums of features, and of their products: the lower triangle,
 * row by row. */
struct feature_sums {
    double n;
    double sum[MEAN_FEATURES];
    double product[MEAN_FEATURES * (MEAN_FEATURES + 1) / 2];
};

/* x[n][width]; a caller with several threads has sums for each piece. */
void feature_sums_add(struct feature_sums *sums, const struct feature_map *map,
                      const float *x, size_t n);
void feature_sums_merge(struct feature_sums *sums,
                        const struct feature_sums *other);

/*
 * mmd2: the squared distance of the means less what chance makes of it
 * (unbiased); effect: its root, 0 where negative, with an interval; p of no
 * difference.  detectable as elsewhere (probability .8 at p < .05).
 */
struct mean_shift {
    double mmd2, effect, p, detectable;
    struct interval ci;
};

/* Fewer than 20 rows on a side: p is NaN. */
struct mean_shift mean_shift_test(const struct feature_sums *reference,
                                  const struct feature_sums *current);

#endif
