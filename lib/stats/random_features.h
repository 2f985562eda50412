/*
 * random_features: a kernel's eyes for linear methods.
 *
 * cos(w x + b) of many random directions w and phases b: their products are
 * about those of the Gaussian kernel exp(-|x - y|² / 2 s²) (Rahimi & Recht
 * 2007, NIPS), so that what is linear in them bends as it needs to.
 */
#ifndef STATS_RANDOM_FEATURES_H
#define STATS_RANDOM_FEATURES_H

#include <stddef.h>
#include <stdint.h>

struct random_features;

/*
 * For rows of x[n][width] (row-major, finite, of about one scale; n >= 1).  s
 * is half the median distance of up to 1,000 random pairs of rows (1 where it
 * is 0).  The same seed gives the same features.
 */
struct random_features *random_features_new(const float *x, size_t n,
                                            size_t width, size_t features,
                                            uint64_t seed);
void random_features_free(struct random_features *map);

/* The features of a row x[width]: writes out[features], within [-1, 1]. */
void random_features_of(const struct random_features *map, const float *x,
                        float *out);

#endif
