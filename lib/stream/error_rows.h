/*
 * error_rows: which classes are taken for which, and how well each is told.
 *
 *     pairs    label,pred,count,rate,low,high,share,reverse_count,ids
 *     matrix   label, then a column a class
 *     classes  class,n,predicted,precision,precision_low,precision_high,
 *              recall,recall_low,recall_high,f1,f1_low,f1_high
 *
 * rate is the share of the label's rows that went to pred (Wilson), share that
 * of all errors, ids the first few rows, separated by blanks.
 */
#ifndef STREAM_ERROR_ROWS_H
#define STREAM_ERROR_ROWS_H

#include "csv/rows.h"
#include "stats/confusion.h"
#include "stream/prediction.h"

/* The first ids of the wrong rows of one pair. */
struct pair_ids {
    size_t label, pred;
    struct buf ids;
    size_t n;
};

/* {0} is empty.  Grows with the classes and pairs, not with the rows. */
struct error_sums {
    struct confusion confusion;
    struct pair_ids *pairs;
    size_t n_pairs, capacity;
    size_t *slots; /* hash of the pair -> number + 1 */
    size_t n_slots;
    size_t rows, errors;
};

/* Adds the reader's current row (one with a label). */
void error_add(struct error_sums *sums, const struct prediction_reader *from);
void error_release(struct error_sums *sums);

/* Most frequent first. */
void pair_rows(struct rows *rows, const struct error_sums *sums,
               const struct prediction_reader *from);

/* `label,pred,count,rate,share` of all pairs of classes, for gates. */
void pair_gate_rows(struct rows *rows, const struct error_sums *sums,
                    const struct prediction_reader *from);

/* Classes in sorted order. */
void matrix_rows(struct rows *rows, const struct error_sums *sums,
                 const struct prediction_reader *from);
void class_rows(struct rows *rows, const struct error_sums *sums,
                const struct prediction_reader *from);

#endif
