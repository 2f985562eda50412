/*
 * setup_options: the option table of a tool that fits a network: columns, the
 * network, its hyperparameters (nn/hyper.h), which rows.
 */
#ifndef CLI_SETUP_OPTIONS_H
#define CLI_SETUP_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

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
    KEY_CONFIG,
    KEY_INIT_FROM,
    KEY_FREEZE,
    KEY_STOP_ON,
    KEY_ON,
    KEY_SETUP_END,  /* the tool's own begin here … */
    KEY_HYPER = 512 /* … and end here: + the place in hyper_table */
};

/*
 * The whole table, with the tool's own options before and after (each ends in
 * {0}; groups above 5 are free); it lives as long as the program.  `brief`, or
 * NULL: what the help says of --net; it shows that and columns only, the others
 * are taken all the same.
 */
struct argp_option *setup_options(const struct argp_option *before,
                                  const struct argp_option *after,
                                  const char *brief);

/* "learning-rate" of learning_rate; owned by the caller. */
char *setup_option_name(const struct hyper_entry *entry);

#endif
