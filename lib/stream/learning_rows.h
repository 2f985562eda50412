/*
 * learning_rows: the learning curve as a table.
 *
 *     train_size,error,low,high,fitted,band_low,band_high,
 *         kind,name,class,value,n,note
 *
 * kind `size`: a row for each training size, rising, with the error on the
 * held-out rows, what the law says, and its band; then twice and four times the
 * largest, without an error.  The other kinds are as in the sources
 * (stream/source.h), their intervals in low and high:
 *
 *   curve   asymptote, exponent, coefficient: a, c, b of a + b n^-c
 *           (stats/learning_curve.h)
 *   rows    goal, halve_overfitting: the training rows that it takes, in all
 *   next    what to do; value is the rank, the note "ADVICE: COMMAND"
 */
#ifndef STREAM_LEARNING_ROWS_H
#define STREAM_LEARNING_ROWS_H

#include "stream/learning_sums.h"
#include "stream/prediction_table.h"

/* options: struct learning_options. */
extern const struct prediction_table learning_table;

#endif
