/*
 * train_options: the option table of `assay train`: its own options and one
 * for each hyperparameter (nn/hyper.h).
 */
#ifndef CLI_TRAIN_OPTIONS_H
#define CLI_TRAIN_OPTIONS_H

#include <argp.h>

#include "cli/column_args.h"
#include "nn/hyper.h"

enum {
    KEY_NGRAMS = KEY_COLUMNS_END,
    KEY_TOKENS,
    KEY_MAX_STEPS,
    KEY_SHAPE,
    KEY_SEQUENCE,
    KEY_ROOT,
    KEY_PIXEL_MEAN,
    KEY_PIXEL_STD,
    KEY_NET,
    KEY_INIT_FROM,
    KEY_FREEZE,
    KEY_STOP_ON,
    KEY_ON,
    KEY_FOLDS,
    KEY_ALL_ROWS,
    KEY_REPLICAS,
    KEY_REPLICA_BY,
    KEY_TRAIN_SIZES,
    KEY_LR_RANGE,
    KEY_PREDICT,
    KEY_PROBS,
    KEY_KEEP,
    KEY_CURVE,
    KEY_EXPLAIN,
    KEY_LIST,
    KEY_CHECKPOINT,
    KEY_EVERY,
    KEY_TIME_LIMIT,
    KEY_HYPER = 512 /* + the place in hyper_table */
};

/* The whole table, which lives as long as the program. */
struct argp_option *train_options(void);

/* "learning-rate" of learning_rate; owned by the caller. */
char *train_option_name(const struct hyper_entry *entry);

#endif
