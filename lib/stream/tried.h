/*
 * tried: what has been tried already, for advice that does not repeat it.
 *
 * A plain struct, so that advice needs to know of no network: lib/model fills
 * it from a model file or from rows of hyperparameters (model/tried_read.h).
 */
#ifndef STREAM_TRIED_H
#define STREAM_TRIED_H

#include <stdbool.h>
#include <stddef.h>

#include "csv/list.h"

enum tried_input { TRIED_UNKNOWN, TRIED_ROW, TRIED_IMAGE, TRIED_SEQUENCE };

/*
 * One hyperparameter that the network has: its value, whether that is not the
 * default, and over several trials the lowest and the highest value (NaN for
 * what is no number).
 */
struct tried_value {
    char *name, *value; /* "weight_decay", "0.001"; owned */
    bool changed;
    double low, high;
};

/* {0}: nothing is known.  Counts that are 0 and names that are NULL are not
 * known. */
struct tried {
    char *net; /* "mlp"; NULL: nothing is known of the network */
    struct tried_value *values;
    size_t n_values, capacity;
    size_t trials; /* rows of hyperparameters that were read */

    char *model; /* the model file */
    char *label;
    struct list features; /* columns it reads */
    char *columns;        /* further options that say what columns are:
                             " --shape 8x8x1"; NULL: none */
    enum tried_input input;
    bool texts; /* a feature is text */
    size_t epochs_run, best_epoch;
    double learned; /* values in the network */
    double rows;    /* that they were learned from */
};

void tried_add(struct tried *tried, const char *name, const char *value,
               bool changed);

/* Its value, or NULL where the network does not have it. */
const struct tried_value *tried_find(const struct tried *tried,
                                     const char *name);

/* The highest value that was tried, as a number; NaN: does not have it. */
double tried_number(const struct tried *tried, const char *name);

void tried_release(struct tried *tried);

#endif
