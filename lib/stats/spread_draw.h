/*
 * spread_draw: a sample with unequal probabilities that is spread over an
 * order.
 */
#ifndef STATS_SPREAD_DRAW_H
#define STATS_SPREAD_DRAW_H

#include <stddef.h>
#include <stdint.h>

/*
 * Draws `take` <= n of n things, each with a probability in proportion to
 * weight[i] > 0, or 1 where that would be above it: systematic sampling (Madow
 * 1949, Annals of Mathematical Statistics 20:333), which takes of every stretch
 * of the order as many as its probabilities add up to, to within one.  Writes
 * them to chosen[take], ascending.  One random number, of `seed`.
 */
void spread_draw(const double *weight, size_t n, size_t take, uint64_t seed,
                 size_t *chosen);

#endif
