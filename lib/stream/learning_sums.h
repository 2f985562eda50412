/*
 * learning_sums: what models trained on training sets of several sizes got
 * wrong, from their predictions.
 *
 * Held-out rows are all but those of `train`, or those of options.on; the rows
 * of `train` give the overfitting gap.  Rows are matched by id, and one that
 * not all models have predicted is left out, and counted.  With folds, sizes
 * that differ by a row or 1 % are one.  Memory: a byte a row and model, and
 * the row's id.
 */
#ifndef STREAM_LEARNING_SUMS_H
#define STREAM_LEARNING_SUMS_H

#include "stats/learning_curve.h"
#include "stream/advice.h"
#include "stream/prediction.h"

struct learning_options {
    const struct list *on; /* splits that count as held out; NULL or empty: all
                              but train.  `train` is an error */
    bool has_goal;
    double goal;
    uint64_t seed;
    const struct advice_case *known; /* for the commands; NULL: nothing */
};

/* Whether training sets of a and b rows count as one size: with folds, which
 * share out the rows as evenly as they can, also where a row or 1 % differs. */
bool learning_same_size(const struct prediction_reader *from, size_t a,
                        size_t b);

struct learning_sums;

/*
 * Empty sums; NULL without a column id or train_size.  The three have the
 * shape that prediction_table asks for; options: struct learning_options.
 */
void *learning_begin(const void *options, const struct prediction_reader *from,
                     struct err *err);
int learning_add(void *sums, const struct prediction_reader *from,
                 struct err *err);
void learning_end(void *sums); /* NULL is fine */

/*
 * After the last row: the curves of the error and of the gap, both to be
 * released.  gap is empty (n_sizes 0) where the training rows were not
 * predicted.  -1 without a held-out row that all models have predicted.
 */
int learning_curves(struct learning_sums *sums, struct learning_curve *error,
                    struct learning_curve *gap, struct buf *notes,
                    struct err *err);

/* The options they began with. */
const struct learning_options *
learning_options_of(const struct learning_sums *sums);

#endif
