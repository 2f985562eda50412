/*
 * row_vectors: rows of a table as short vectors on a scale that is given, for
 * sums that can be added over many tables (stats/mean_features.h).
 *
 * Numbers are (x - centre) * scale, cut to [-8, 8]; missing ones are 0, with a
 * sign of their own; categories are one-hot, texts their n-grams at length 1.
 * All are added up in ROW_VECTOR places by hash of column and level, and sign,
 * so that a level has its place whatever else there is.
 */
#ifndef ANALYSIS_ROW_VECTORS_H
#define ANALYSIS_ROW_VECTORS_H

#include "table/table.h"

enum { ROW_VECTOR = 64 };

/* [numbers of the table] each.  scale is a power of two, so that sets of rows
 * that are alike have the same. */
struct row_scale {
    float *centre, *scale;
};

/* Of the rows of a table: centre 0 where |mean| is below a deviation; scale 0
 * of a constant. */
void row_scale_of(struct row_scale *scale, const struct table *table);
void row_scale_release(struct row_scale *scale);

/* Rows row[n]: writes x[n][ROW_VECTOR].  May be called by several threads. */
void row_vectors(const struct table *table, const struct row_scale *scale,
                 const size_t *row, size_t n, float *x);

#endif
