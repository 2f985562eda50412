/*
 * model: a trained network with all that is needed to predict from raw rows:
 * columns and their types, what the encoder learned, the classes, and how it
 * was trained (assay-model(5)).
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdint.h>

#include "csv/rows.h"
#include "nn/net.h"
#include "table/encoder.h"

/*
 * Owns everything in it.  encoder.schema points to schema, so a model is not
 * to be copied or moved once its encoder is there.
 */
struct model {
    struct schema schema;
    struct encoder encoder;
    struct list classes; /* sorted; the network's outputs */
    struct net *net;     /* with its hyperparameters, in net->spec */
    uint64_t seed;
    size_t best_epoch;
    size_t n_target;        /* rows without labels it was adapted to; 0: none */
    double adapt_weight;    /* (nn/adapt.h) */
    struct rows curve;      /* epoch,split,loss,error */
    uint64_t *fingerprints; /* [n_fingerprints] rows trained on, rising */
    size_t n_fingerprints;
};

/* Writes the file's bytes; the caller commits or fails the output. */
int model_write(struct model *model, struct output *out, struct err *err);

/* model_write to a file, aside and renamed. */
int model_save(struct model *model, const char *path, struct err *err);

/* Fills *model; a file that is damaged or of a newer format is an error. */
int model_load(struct model *model, const char *path, struct err *err);

/* The same from a file that has been read already. */
struct tensors;
int model_from_tensors(struct model *model, const struct tensors *tensors,
                       const char *path, struct err *err);

void model_release(struct model *model);

/*
 * Adds the warning that n of `rows` rows of a split were trained on, where the
 * split is one that should not have been.
 */
void model_note_leak(struct buf *notes, const char *split, size_t n,
                     size_t rows);

/* What the network reads, by the encoder. */
struct net_input model_input(const struct encoder *encoder);

/* Puts the fingerprints in order, once all are there. */
void model_sort_rows(struct model *model);

/* Whether a row with this fingerprint was trained on. */
bool model_has_row(const struct model *model, uint64_t fingerprint);

/*
 * An empty table for the reader's rows, whose dictionaries are the model's:
 * labels in the order of its classes, levels as it knows them.
 */
int model_table(struct model *model, struct table *table,
                const struct csv_reader *reader, struct err *err);

#endif
