/*
 * row_vectors: rows of a table as short vectors on a scale that is given, for
 * sums that can be added over many tables (stats/mean_features.h).
 *
 * Numbers are (x - centre) * scale, cut to [-8, 8]; missing ones are 0, with a
 * sign of their own; categories are one-hot, texts their n-grams at length 1
 * (roots of their counts), tokens a bag of them at about length 1, pixels of
 * images numbers of one scale.  All are added up in ROW_VECTOR places by hash
 * of column and level, and sign, so that a level has its place whatever else
 * there is.  More than ROW_VECTOR numbers or pixels are made smaller, so that a
 * row stays about as long.  Sequences are left out.
 */
#ifndef ANALYSIS_ROW_VECTORS_H
#define ANALYSIS_ROW_VECTORS_H

#include "table/table.h"

enum { ROW_VECTOR = 64 };

/* [numbers of the table] each, of numbers as they stand there (column.shift
 * taken off).  scale is a power of two and centre a multiple of 2 / scale, so
 * that sets of rows that are alike have the same. */
struct row_scale {
    float *centre, *scale;
};

/*
 * Of the rows of a table (of many about 50,000, evenly spaced): 1 / scale is
 * the deviation, by the middle nine tenths where these differ, centre the
 * median, 0 where that is below a deviation; scale 0 of a constant, and of a
 * column without numbers.
 */
void row_scale_of(struct row_scale *scale, const struct table *table);
void row_scale_release(struct row_scale *scale);

/*
 * Rows row[n]: writes x[n][ROW_VECTOR].  May be called by several threads.
 * The order of columns does not matter.
 */
void row_vectors(const struct table *table, const struct row_scale *scale,
                 const size_t *row, size_t n, float *x);

#endif
