/*
 * halving: which trial to train further (ASHA: Li et al. 2020, "A system for
 * massively parallel hyperparameter tuning").
 *
 * All trials are trained for a few epochs, to the first rung; one of each `eta`
 * that have come to a rung, the best of them, goes on to the next, and so to
 * the end.  Rungs are at min, min eta, min eta^2, … epochs below max; the last
 * one is the end of the training, at most max epochs.
 */
#ifndef SEARCH_HALVING_H
#define SEARCH_HALVING_H

#include <stdbool.h>
#include <stddef.h>

enum { RUNGS_MOST = 24 };

/* min >= 1, eta >= 2; rungs[0, n) rise.  {0}: none, all are trained at once. */
struct halving {
    size_t eta, n;
    size_t rungs[RUNGS_MOST];
};

void halving_init(struct halving *halving, size_t min, size_t max, size_t eta);

/*
 * How far a trial came: objectives at rungs [0, rungs), infinite where it
 * failed, and losses, which decide between equal objectives (NaN: none).
 * `over`: it has ended by itself and will be no other at the rungs
 * above; `runs`: it is on its way to the next rung.
 */
struct climb {
    size_t rungs;
    double objective[RUNGS_MOST], loss[RUNGS_MOST];
    bool over, runs;
};

/*
 * The trial to train on to its next rung, or SIZE_MAX: looked for from the top,
 * among those of a rung's best that are not promoted yet, the best one.
 * `last`: no trial will begin any more, so that at least one of each rung goes
 * on.
 */
size_t halving_promote(const struct halving *halving,
                       const struct climb *climbs, size_t n, bool last);

/*
 * Lets trials that are over rise where they would be promoted; to be called
 * after every change, so that it depends on nothing but their order.
 */
void halving_settle(const struct halving *halving, struct climb *climbs,
                    size_t n, bool last);

#endif
