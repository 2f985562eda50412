/*
 * table_sketch: the rows of a table as vectors of one short length, whatever
 * their columns are, for methods that are linear or go by distances.
 *
 * Numbers are standardised (missing: the mean, and a sign of its own),
 * categories are one-hot, texts are their n-grams by the root of their count,
 * pixels are numbers, tokens a bag of themselves and of pairs of neighbours.
 * Of a sequence each channel's mean, deviation, first and last value, mean
 * absolute step, drift (covariance with time) and echo (covariance with the
 * step before) are numbers, and so is its length.  All are added up in
 * SKETCH_SUMS places by hash and sign, which keeps inner products on average
 * (Charikar, Chen & Farach-Colton 2002: count sketch; Weinberger 2009).  Then
 * come SKETCH_BENT random features of these (stats/random_features.h), so that
 * what is linear in the sketch bends.
 */
#ifndef ANALYSIS_TABLE_SKETCH_H
#define ANALYSIS_TABLE_SKETCH_H

#include "table/table.h"

enum { SKETCH_SUMS = 128, SKETCH_BENT = 96, SKETCH_WIDTH = 224 };

/*
 * Rows row[n] of the table: writes x[n][SKETCH_WIDTH].  Means and deviations
 * are those of these rows.  The same seed gives the same sketch.
 */
void table_sketch(const struct table *table, const size_t *row, size_t n,
                  uint64_t seed, float *x);

/*
 * x[2 n][SKETCH_WIDTH]: n rows, and as many whose cells have nothing to do with
 * each other: every number and level is that of another row, and every step of
 * a sequence one from anywhere; texts and images stay whole.  row[n] is to be
 * in random order.
 */
void table_sketch_apart(const struct table *table, const size_t *row, size_t n,
                        uint64_t seed, float *x);

#endif
