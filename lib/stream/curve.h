/*
 * curve: the learning curve of a training run.
 *
 *     epoch,split,loss,error,learning_rate,grad_norm,update_ratio,dead,warning
 *         [,fold][,replica][,train_size]
 *
 * Each epoch gives a row for `train` (the running loss and error of its
 * batches) and one for the split that decides when to stop.
 */
#ifndef STREAM_CURVE_H
#define STREAM_CURVE_H

#include "csv/rows.h"
#include "stream/run_id.h"

/* One row; NaN is an empty cell. */
struct curve_row {
    size_t epoch;
    const char *split;
    double loss, error, learning_rate, grad_norm, update_ratio, dead;
    const char *warning; /* "" as a rule */
    struct run_id run;
};

void curve_init(struct rows *rows, const struct run_columns *run);
void curve_add(struct rows *rows, const struct run_columns *run,
               const struct curve_row *row);

#endif
