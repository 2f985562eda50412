/*
 * train_prepare: the last moment before a training.
 */
#ifndef CLI_TRAIN_PREPARE_H
#define CLI_TRAIN_PREPARE_H

#include "cli/train_args.h"

/* Notes of what would be trained (train_describe). */
void train_foresee(const struct train_args *options, const struct table *table,
                   const struct fit_plan *plan);

/*
 * Sees that memory and threads are there, opens the checkpoint, and takes
 * signals as a wish; reports what is wrong and exits.
 */
void train_prepare(struct train_args *options, const struct table *table,
                   const struct fit_plan *plan);

#endif
