/*
 * history: what a search has seen: configurations and their objectives.
 */
#ifndef SEARCH_HISTORY_H
#define SEARCH_HISTORY_H

#include "search/space.h"

/*
 * Trials in the order of their numbers.  An objective is to be made small; NaN
 * is a trial that runs, infinity one that failed or was pruned.  All were
 * measured after the same training, however long that is.  {0} but for the
 * space is empty.
 */
struct history {
    const struct space *space; /* not owned */
    double *value;             /* [n][space->n] */
    double *objective;         /* [n] */
    size_t n, capacity;
};

/* One more; value[space->n] is copied. */
void history_add(struct history *history, const double *value,
                 double objective);
void history_release(struct history *history);

/* Those that are finite. */
size_t history_done(const struct history *history);

/* Trials from the best to the worst, then all others; [n], to be freed. */
size_t *history_rank(const struct history *history);

/* Whether a configuration is among them. */
bool history_has(const struct history *history, const double *value);

static inline const double *history_value(const struct history *h, size_t i)
{
    return h->value + i * h->space->n;
}

#endif
