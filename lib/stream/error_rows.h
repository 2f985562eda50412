/*
 * error_rows: which classes are taken for which, and how well each is told.
 *
 *     pairs    label,pred,count,rate,low,high,share,reverse_count,ids
 *     matrix   label, then a column a class
 *     classes  class,n,predicted,precision,precision_low,precision_high,
 *              recall,recall_low,recall_high,f1,f1_low,f1_high
 *
 * rate is the share of the label's rows that went to pred (Wilson), share that
 * of all errors, ids the first few rows, separated by blanks.  A cell of the
 * matrix is a count; normalised, it is the count's share of its row or of its
 * column, empty where that has no rows.
 */
#ifndef STREAM_ERROR_ROWS_H
#define STREAM_ERROR_ROWS_H

#include "stream/prediction_table.h"

/* Most frequent first.  Sums grow with classes and pairs, not with rows. */
extern const struct prediction_table pair_table;

enum normalise { NORMALISE_NONE, NORMALISE_ROW, NORMALISE_COLUMN };

struct matrix_options {
    enum normalise normalise;
};

/* Classes in sorted order.  The matrix has options; NULL: counts. */
extern const struct prediction_table matrix_table;
extern const struct prediction_table class_table;

#endif
