/*
 * domain_features: rows of a table as vectors in which two sets of rows may
 * differ, whatever the columns are.
 *
 * Nothing in them knows of the sets: what they are made from is all rows
 * together, so that a test by permuting the rows' sets is exact.
 *
 * The first features are of one column each: its values (domain_values.h),
 * whether it is missing, its levels, and the n-grams of texts (or tokens) by
 * the root of their share, the rarer the heavier.  The others are of pairs:
 * squares of values, and products of values and levels, so that what only two
 * columns together give away is seen.  What is common has a place of its own;
 * the rest share some by hash and sign.  All are centred; those of pairs have
 * a deviation of .5.
 */
#ifndef ANALYSIS_DOMAIN_FEATURES_H
#define ANALYSIS_DOMAIN_FEATURES_H

#include "table/table.h"

struct domain_features;

/*
 * From rows row[n] of the table; neither is copied.  only: a column of the
 * schema, which then has more places and no pairs but squares; SIZE_MAX for
 * all.
 */
struct domain_features *domain_features_new(const struct table *table,
                                            const size_t *row, size_t n,
                                            size_t only, uint64_t seed);
void domain_features_free(struct domain_features *features);

/* Features of a row, and how many of them come first: of one column each. */
size_t domain_features_width(const struct domain_features *features);
size_t domain_features_first(const struct domain_features *features);

/* Whether a column of the schema takes part. */
bool domain_features_has(const struct domain_features *features, size_t column);

/* Any row of the table: writes out[width].  For any thread. */
void domain_features_of(const struct domain_features *features, size_t row,
                        float *out);

/*
 * The i-th of the rows they were made from, with the cell of a column of the
 * schema taken from the j-th (SIZE_MAX: from no other).
 */
void domain_features_mixed(const struct domain_features *features, size_t i,
                           size_t column, size_t j, float *out);

#endif
