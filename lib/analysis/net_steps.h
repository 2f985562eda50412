/*
 * net_steps: the parts of net_checks, in the order in which they are asked.
 *
 * Each adds its findings.  Those that train return -1 with err where no such
 * network can be made; a loss that is not finite is a finding, not an error.
 */
#ifndef ANALYSIS_NET_STEPS_H
#define ANALYSIS_NET_STEPS_H

#include "analysis/rehearsal.h"

/* What all parts share; `mend` is what to mend before training is looked at,
 * the name of a check that failed, or NULL. */
struct net_state {
    const struct net_subject *subject;
    struct rehearsal_rows rows;
    struct findings *findings;
    const char *mend;
};

/* Adds a finding; one that fails is what is to be mended. */
void net_add(struct net_state *state, const struct finding *finding);

/* net_feed.c: what a step is given, and what prediction makes of it. */
int net_check_feed(struct net_state *state, struct err *err);

/* net_start.c: the network before its first step. */
int net_check_start(struct net_state *state, struct err *err);

/* net_gradient.c: back-propagation against differences. */
int net_check_gradient(struct net_state *state, struct err *err);

/* net_overfit.c: one batch by heart; the learning rate, regularisation. */
int net_check_overfit(struct net_state *state, struct err *err);

/* net_floor.c: capacity, zeroed inputs, majority and linear. */
int net_check_floor(struct net_state *state, struct err *err);

/* net_baseline.c: as fast as an earlier training (subject->baseline). */
int net_check_baseline(struct net_state *state, struct err *err);

#endif
