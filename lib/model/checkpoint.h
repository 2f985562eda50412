/*
 * checkpoint: the state of a training on disk, so that one that was killed
 * goes on where it was.
 *
 * A training of one model is the file PATH.  One of many models is PATH, which
 * says what is trained, and PATH.1, PATH.2, … for each model that has begun:
 * what a model has learned is written when it has learned more, and never
 * again once it is over, however many there are.  Files are written aside
 * (PATH.part), forced to disk and renamed.
 *
 * Every file begins with what the training is: version, options, data.  A file
 * of another training is refused, and so is one whose checksum is wrong.
 *
 *   "assay checkpoint 1\n"
 *   base/pack.h: items, each as bytes "NAME=VALUE"; number of models; number
 *   of this model, from 1 (0: PATH of many models); the state as bytes
 *   8 bytes: checksum of all before
 *
 * While a checkpoint is open, PATH is locked (flock): a second run of the same
 * command, say from cron, is refused.
 */
#ifndef MODEL_CHECKPOINT_H
#define MODEL_CHECKPOINT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "csv/list.h"

struct checkpoint;

/* What a training is: items "NAME=VALUE", in the order they are compared. */
struct checkpoint_identity {
    struct list items;
    size_t n_models;
};

/*
 * Opens PATH where it is there, else begins it, and removes what a former
 * training left in PATH.1 and so on.  The identity is looked at while the
 * checkpoint is open.  An item called "--seed" is an option in the error that
 * names it; "rows" and "version" are counted and named; any other is "other
 * NAME".
 */
struct checkpoint *checkpoint_open(const char *path,
                                   const struct checkpoint_identity *identity,
                                   struct err *err);

/* The state of a model [0, n_models) is added to *state; nothing: none. */
int checkpoint_read(struct checkpoint *checkpoint, size_t model,
                    struct buf *state, struct err *err);

/* From one thread at a time. */
int checkpoint_write(struct checkpoint *checkpoint, size_t model,
                     const struct buf *state, struct err *err);

/* Whether PATH was there when it was opened. */
bool checkpoint_found(const struct checkpoint *checkpoint);

size_t checkpoint_models(const struct checkpoint *checkpoint);

/* Closes it, with `remove` its files are gone; NULL is fine. */
void checkpoint_close(struct checkpoint *checkpoint, bool remove);

#endif
