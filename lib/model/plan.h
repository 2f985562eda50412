/*
 * plan: what is to be trained, and which rows are for what.
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "csv/list.h"
#include "nn/adapt.h"
#include "table/table.h"

enum { TRAIN_SIZES = 64 }; /* most of them */
enum replica_by { REPLICA_SEED, REPLICA_BOOTSTRAP };

struct checkpoint;
struct train_hooks;

/* What goes on around a training. */
struct run_watch {
    bool keeps;                    /* there will be a checkpoint */
    struct checkpoint *checkpoint; /* model/checkpoint.h; NULL: none */
    size_t every;       /* epochs between two states; 0: a second or an epoch,
                           whichever is longer */
    bool (*stop)(void); /* whether to come to an end, asked after every epoch
                           of every run and before it begins, by any thread */
};

/* What to train. */
struct fit_options {
    struct hyper hyper;
    uint64_t seed;
    struct list on;      /* parts to train on; empty: train, or with folds all
                            but test */
    const char *stop_on; /* NULL: testval, else val, else a tenth; "none" */
    size_t folds;        /* 0: one model */
    bool all_rows;       /* folds take `test` rows too */
    size_t replicas;     /* 0: one model */
    enum replica_by replica_by;
    struct list train_sizes; /* "10%" or "500" of the rows to train on */
    const char *init_from;   /* a model or other safetensors; NULL: none */
    struct list freeze;      /* prefixes of parameters that stay as they are */
    struct adaptation adaptation;    /* to rows without labels; {0}: none */
    const struct run_watch *watch;   /* NULL: none */
    const struct train_hooks *hooks; /* of a test (nn/hooks.h); NULL */
};

/* Models that are trained: folds x replicas x training sizes. */
size_t fit_models(const struct fit_options *options);

/*
 * The rows.  Those to train on and those that decide when to stop; with folds
 * or smaller training sets, runs.h divides `fit` further.
 */
struct fit_plan {
    size_t *fit, *stop; /* [n_fit], [n_stop], in file order */
    size_t n_fit, n_stop;
    const char *stop_name; /* "val", "testval", …; NULL without stopping rows */
    bool stop_drawn;       /* they are a tenth of the rows to train on */
    uint32_t *class_of;    /* [labels of the table] class, or LABEL_NONE */
    struct list classes;   /* of the rows to train on, sorted */
    size_t unlabelled;     /* rows left out for want of a label */
    size_t strangers;      /* stopping rows whose label training lacks */
};

/*
 * Divides the rows.  The classes are those of the rows to train on.  Errors:
 * no such part, no labelled rows, a single class.
 */
int plan_rows(struct fit_plan *plan, const struct table *table,
              const struct fit_options *options, struct err *err);
void plan_release(struct fit_plan *plan);

/*
 * Adds a line for classes that differ only in blanks around them or in case
 * (as a rule they are one), for rows without a label, for stopping rows
 * whose label training lacks, and for a last batch of one row that is
 * normalised.
 */
void plan_notes(const struct fit_plan *plan, const struct fit_options *options,
                struct buf *notes);

/* Whether the data has a split column. */
bool plan_has_split(const struct table *table);

/*
 * Moves a seeded, stratified tenth of fit[0..*n_fit) to stop, which has room
 * for it, keeping the order.
 */
void plan_take_tenth(const struct table *table, size_t *fit, size_t *n_fit,
                     size_t *stop, size_t *n_stop, uint64_t seed);

#endif
