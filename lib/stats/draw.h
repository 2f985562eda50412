/*
 * draw: random counts, for the bootstraps in stats.
 */
#ifndef STATS_DRAW_H
#define STATS_DRAW_H

#include <stddef.h>

#include "base/rng.h"

/*
 * How many of n independent trials with probability p succeed; exact, in time
 * that does not grow with n.  p is taken into [0, 1].
 */
double draw_binomial(struct rng *rng, double p, double n);

/*
 * How many of `take` things, taken at random from `total` of which `marked` are
 * marked, are marked.  Whole numbers; take and marked <= total.  By inversion
 * from the mode: time grows with the standard deviation.
 */
double draw_hypergeometric(struct rng *rng, double marked, double total,
                           double take);

/*
 * n trials (a whole number) over `cells` with probabilities weight[cells] /
 * total, where total is the sum of the weights: writes out[cells], whose sum
 * is n.
 */
void draw_multinomial(struct rng *rng, const double *weight, size_t cells,
                      double total, double n, double *out);

/* Chi-square with df > 0 degrees of freedom. */
double draw_chi_square(struct rng *rng, double df);

/*
 * A cell of many, again and again, with probability weight / sum of weights, in
 * time that does not grow with their number (Walker 1977).  weight[cells] >= 0,
 * some > 0.
 */
struct draw_table;
struct draw_table *draw_table_new(const double *weight, size_t cells);
size_t draw_table_cell(const struct draw_table *table, struct rng *rng);
void draw_table_free(struct draw_table *table);

#endif
