/*
 * fit: from a table to trained models: which rows are for what, one model or
 * one for each fold.
 */
#ifndef MODEL_FIT_H
#define MODEL_FIT_H

#include "model/model.h"

/* What to train. */
struct fit_options {
    struct net_spec net; /* kind, embedding, hidden, dropout */
    struct train_options training;
    struct list on;      /* parts to train on; empty: train, or with folds all
                            but test */
    const char *stop_on; /* NULL: testval, else val, else a tenth; "none" */
    size_t folds;        /* 0: one model */
    bool all_rows;       /* folds take `test` rows too */
};

/*
 * The rows of one fit.  part is what a row without a split column is called
 * in predictions: "train" or "val".
 */
struct fit_plan {
    size_t *fit, *stop; /* [n_fit], [n_stop], in file order */
    size_t n_fit, n_stop;
    const char *stop_name; /* "val", "testval", …; NULL without stopping rows */
    uint32_t *class_of;    /* [labels of the table] class, or LABEL_NONE */
    struct list classes;   /* of the rows to train on, sorted */
    size_t unlabelled;     /* rows left out for want of a label */
    size_t strangers;      /* stopping rows whose label training lacks */
};

/*
 * Divides the rows.  The classes are those of the rows to train on.  Errors:
 * no such part, no labelled rows, a single class.
 */
int fit_plan(struct fit_plan *plan, const struct table *table,
             const struct fit_options *options, struct err *err);
/*
 * Adds a line for classes that differ only in blanks around them or in case:
 * as a rule they are one.
 */
void fit_note_classes(const struct fit_plan *plan, struct buf *notes);

/* Whether the data has a split column. */
bool fit_has_split(const struct table *table);
void fit_plan_release(struct fit_plan *plan);

/*
 * Trains one model.  It takes over *schema, which is empty afterwards and
 * which the table must not be used with again, but for predictions by
 * this model's encoder (table->schema is set to the model's).
 */
int fit_model(struct model *model, struct schema *schema, struct table *table,
              const struct fit_plan *plan, const struct fit_options *options,
              epoch_fn *told, void *context, struct err *err);

/* Told after every epoch of every fold, one thread at a time. */
typedef void fold_fn(void *context, size_t fold, const struct epoch *epoch);

/*
 * Trains options->folds models, each on the rows of the others' folds (with a
 * tenth of them to decide when to stop), in parallel.  fold[row] is the fold
 * (from 1) that row is held out in, 0 for rows in none; prob[rows][classes]
 * gets each row's out-of-fold probabilities; best[folds] the epochs kept.
 */
int fit_folds(const struct table *table, const struct fit_plan *plan,
              const struct fit_options *options, uint32_t *fold, float *prob,
              size_t *best, fold_fn *told, void *context, struct err *err);

#endif
