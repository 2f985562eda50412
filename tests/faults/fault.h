/*
 * fault: one thing that is wrong with a table or with a training, and which
 * of the findings of `check` name it.
 */
#ifndef FAULTS_FAULT_H
#define FAULTS_FAULT_H

#include "corpus.h"
#include "model/plan.h"
#include "nn/hooks.h"

enum fault_kind {
    FAULT_DATA,     /* in the table: the data checks alone are asked */
    FAULT_TRAINING, /* in the training */
    FAULT_HELD_OUT  /* in the training, and no check was made for it */
};

/* What a fault of the training may turn, and what its hooks remember. */
struct sabotage {
    const struct sample *sample;
    struct hyper hyper; /* of the run */
    struct train_hooks hooks;
    struct rng rng;
    struct memory *memory; /* training_faults.c */
};

struct fault {
    const char *name;
    enum fault_kind kind;
    const char *causes; /* checks that name it, parted by blanks */

    /* Spoils the rows; false: this data cannot have it.  NULL: does not. */
    bool (*spoil)(struct grid *grid, const struct sample *sample,
                  struct rng *rng);

    /* Fills hooks or turns hyper; false: this network cannot have it. */
    bool (*arrange)(struct sabotage *sabotage);

    /* Changes which rows are for what; NULL: does not. */
    void (*replan)(struct fit_plan *plan);
};

/* NULL names at the end. */
extern const struct fault data_faults[], training_faults[];

/* Frees what its hooks remember. */
void sabotage_release(struct sabotage *sabotage);

#endif
