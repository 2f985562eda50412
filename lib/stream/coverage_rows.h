/*
 * coverage_rows: which share of rows can be decided unattended.
 *
 *     threshold,coverage,error,low,high,n
 *
 * Looks at rows that were not trained on: `test` where there are any, else
 * all but `train`, else all.  Needs prob (or p: columns); 9 bytes a row.
 */
#ifndef STREAM_COVERAGE_ROWS_H
#define STREAM_COVERAGE_ROWS_H

#include <stdbool.h>

#include "stream/prediction_table.h"

/*
 * all: use every row that is added.  Without a goal the table is the curve at
 * up to 20 thresholds, else the one row with the largest coverage whose error
 * is at most the goal with 95 % confidence (coverage 0 if there is none).
 */
struct coverage_options {
    bool all, has_goal;
    double goal; /* 0 to 1 */
};

/*
 * Takes rows without a label too, to count them.  Notes say which rows were
 * looked at.  Gates see the last row, as `name,value`.
 */
extern const struct prediction_table coverage_table;

#endif
