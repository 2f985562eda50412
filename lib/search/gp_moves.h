/*
 * gp_moves: where the improvement is expected to be greatest.
 */
#ifndef SEARCH_GP_MOVES_H
#define SEARCH_GP_MOVES_H

#include "base/rng.h"
#include "search/space.h"
#include "stats/gaussian_process.h"

/* kind[space->n] */
void gp_kinds(const struct space *space, enum gp_kind *kind);

/* x[space->n] of a configuration: what gaussian_process.h knows. */
void gp_place(const struct space *space, const double *value, double *x);

/*
 * value[space->n] of the greatest expected improvement on the lowest mean at a
 * point that was tried: those of gp, tried[n][space->n], n >= 1.  None of those
 * again if it is to be avoided.
 */
void gp_search(const struct space *space, struct gp *gp, const double *tried,
               size_t n, struct rng *rng, double *value);

#endif
