/*
 * sobol: points that fill a cube evenly, in an order that depends on a seed.
 */
#ifndef STATS_SOBOL_H
#define STATS_SOBOL_H

#include <stddef.h>

#include "base/rng.h"

/*
 * GSL's Sobol points (Antonov & Saleev 1979, with the direction numbers of
 * Bratley & Fox 1988), the one at zero before them, scrambled: the digits of
 * each coordinate are multiplied by a random lower triangular matrix and
 * shifted (Matoušek 1998).  Each point alone is then uniform, and yet one of
 * each 2^k points that are 2^k aligned lies in each 2^-k of each coordinate.
 */
struct sobol;

/* Coordinates beyond these are uniform, each point by itself. */
enum { SOBOL_MOST = 40 };

/* The order is drawn from rng. */
struct sobol *sobol_new(size_t width, struct rng *rng);
void sobol_free(struct sobol *sobol); /* NULL is fine */

/*
 * out[width], each in (0, 1): point `index` < 2^30, from 0.  Points one after
 * the other take no time, others that of all those before them.
 */
void sobol_point(struct sobol *sobol, size_t index, double *out);

#endif
