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

#include "csv/rows.h"
#include "stream/prediction.h"

/* {0} is empty. */
struct coverage_rows {
    float *confidence;
    unsigned char *correct;
    uint32_t *split;
    size_t left_out; /* rows without a label or a probability */
    size_t n, capacity, correct_capacity, split_capacity;
};

/* Adds the reader's current row if it has a label and a probability. */
void coverage_add(struct coverage_rows *sums,
                  const struct prediction_reader *from);

/*
 * The rows: the curve at up to 20 thresholds or, with a goal, the one with
 * the largest coverage whose error is at most *goal with 95 % confidence
 * (coverage 0 if there is none).  `all`: use every row added.  Notes say what
 * was looked at.
 */
int coverage_finish(struct coverage_rows *sums,
                    const struct prediction_reader *from, bool all,
                    const double *goal, struct rows *rows, struct buf *notes,
                    struct err *err);

/* The last of the rows as `name,value`, for gates: coverage>=.5. */
void coverage_gate_rows(const struct rows *rows, struct rows *gates);
void coverage_release(struct coverage_rows *sums);

#endif
