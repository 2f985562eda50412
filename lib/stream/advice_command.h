/*
 * advice_command: the command line that goes with a piece of advice, whole
 * enough to be run: with the label, the features and what was set before.
 */
#ifndef STREAM_ADVICE_COMMAND_H
#define STREAM_ADVICE_COMMAND_H

#include "base/buf.h"
#include "stream/tried.h"

/* A hyperparameter that is to be another; value NULL: its default. */
struct override {
    const char *name, *value;
};

/* Appends " --label NAME"; LABEL where it is not known, nothing where it is
 * `label`, which is found by its name. */
void command_label(struct buf *out, const struct tried *tried);

/*
 * Features are named where there are few.  Appends "assay train --label … --net
 * … --option …" without a file: the columns, the network and its
 * hyperparameters that are not the default, but for the n overrides, which end
 * the line.  An override `net` leaves out what was set for the other network.
 */
void command_train(struct buf *out, const struct tried *tried,
                   const struct override *overrides, size_t n);

#endif
