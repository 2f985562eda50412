/*
 * curve: the learning curve of a training run.
 *
 *     epoch,split,loss,error,learning_rate,grad_norm,update_ratio,dead,warning
 *         [,fold]
 *
 * Each epoch gives a row for `train` (the running loss and error of its
 * batches) and one for the split that decides when to stop.
 */
#ifndef STREAM_CURVE_H
#define STREAM_CURVE_H

#include "csv/rows.h"

/* One row; NaN is an empty cell; fold below 0 leaves the column out. */
struct curve_row {
    size_t epoch;
    const char *split;
    double loss, error, learning_rate, grad_norm, update_ratio, dead;
    const char *warning; /* "" as a rule */
    int fold;
};

void curve_init(struct rows *rows, int folds);
void curve_add(struct rows *rows, const struct curve_row *row);

#endif
