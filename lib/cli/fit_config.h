/*
 * fit_config: --config: hyperparameters as a row of a CSV, such as
 * `tune --best` writes.
 */
#ifndef CLI_FIT_CONFIG_H
#define CLI_FIT_CONFIG_H

#include "csv/list.h"
#include "nn/hyper.h"

/* {0} is empty. */
struct fit_config {
    const char *path;          /* as given; NULL: no --config */
    const char *net;           /* of the column `net`, or NULL */
    const char *hyper[HYPERS]; /* cells by place in hyper_table, or NULL */
    size_t field[HYPERS];
    long line;
    struct list cells; /* owns the texts */
};

/*
 * Reads config->path ("-" is standard input): one row, of which the columns
 * with names of hyperparameters count, and `net`.  Errors: another number of
 * rows; no column of that kind; one twice (learning_rate, learning-rate); no
 * such network.
 */
int fit_config_read(struct fit_config *config, struct err *err);

/* Adds file, line and column of a hyperparameter to err.  Returns -1. */
int fit_config_blame(const struct fit_config *config,
                     const struct hyper_entry *entry, struct err *err);

void fit_config_release(struct fit_config *config);

#endif
