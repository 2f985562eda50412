/*
 * gp_moves: where the improvement is expected to be greatest.
 *
 * Looked for at random places and near the best that were tried; from the best
 * of these by descent over the numbers (whole ones as if they were real, then
 * rounded), and by trying every other choice and the neighbours of whole
 * numbers.  It is always judged where a trial would be, whole numbers rounded
 * (Garrido-Merchan & Hernandez-Lobato 2020, Neurocomputing 380:20).
 *
 * Measured with sample_gp.c, median regret, seeds that nothing was chosen by.
 * Branin's function, 50 trials, 50 seeds: .00005, 48 of them below .001 (random
 * .58); with noise of standard deviation 2, at the point of the lowest mean,
 * .13 (random 1.20).  Hartmann's of six numbers, 100 trials, 160 seeds: 101
 * below .001, the others in its second valley, .119 (random 1.3).  Which it is,
 * the start decides: neither other priors nor more points to start with nor
 * targets beyond the best changed it, and starting anew where nothing is gained
 * cost more on other functions.  Much the same with four trials at a time.
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
