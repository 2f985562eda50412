/*
 * domain_values: whatever can be measured of a row as numbers, on one scale.
 *
 * Each becomes the normal quantile of its rank among the rows this was made
 * from (of equal values: the middle of their ranks), so that neither units nor
 * far values matter; missing ones are NaN.
 *
 *   number    itself
 *   text      how many words
 *   sequence  of each channel the mean, deviation, first and last value, mean
 *             absolute step, drift and echo (analysis/sequence_traits.h), and
 *             how many steps
 *   image     the mean of each cell of a grid of 8 x 8, channel by channel
 */
#ifndef ANALYSIS_DOMAIN_VALUES_H
#define ANALYSIS_DOMAIN_VALUES_H

#include "table/table.h"

struct domain_values;

/* From rows row[n] of the table, which is not copied; only: a column of the
 * schema, or SIZE_MAX for all. */
struct domain_values *domain_values_new(const struct table *table,
                                        const size_t *row, size_t n,
                                        size_t only);
void domain_values_free(struct domain_values *values);

/* How many values a row has, and whose column of the schema the v-th is. */
size_t domain_values_count(const struct domain_values *values);
size_t domain_values_column(const struct domain_values *values, size_t v);

/* Of any row of the table: writes out[count].  For any thread. */
void domain_values_of(const struct domain_values *values, size_t row,
                      float *out);

#endif
