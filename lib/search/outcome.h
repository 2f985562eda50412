/*
 * outcome: what became of a trial, or of a part of one.
 */
#ifndef SEARCH_OUTCOME_H
#define SEARCH_OUTCOME_H

#include <stddef.h>

#include "base/buf.h"

enum outcome_state {
    OUTCOME_RUNG,   /* trained as long as was asked, could go on */
    OUTCOME_DONE,   /* trained to its end */
    OUTCOME_PRUNED, /* given up: its note is a word that says why */
    OUTCOME_FAILED, /* its note says why */
    OUTCOME_CUT     /* interrupted: it counts as not begun */
};

/*
 * The objective is to be made small; NaN is not known.  per_row: for each
 * validation row, in the order of the file, '1' where it is classified wrong,
 * else '0', of the epoch that the objective is of; empty where there is no such
 * thing.  {0} is empty.
 */
struct outcome {
    enum outcome_state state;
    double objective, val_error, val_loss;
    size_t epochs_run;
    struct buf note, per_row;
};

#endif
