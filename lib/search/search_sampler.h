/*
 * search_sampler: which configuration to try next.
 *
 *   manual   the configurations that were given, one after the other
 *   grid     all combinations of a few values of each parameter
 *   random   uniform (Bergstra & Bengio 2012)
 *   sobol    a scrambled Sobol sequence: uniform, and evenly so
 *   coarse   coarse to fine: random, in rounds, each in the part of the space
 *            where the best of all so far lie
 *   tpe      tree-structured Parzen estimator (Bergstra 2011)
 *   gp       a Gaussian process and the expected improvement
 *
 * A proposal depends on nothing but the space, the options, the history and the
 * trial's number: a search that was interrupted goes on as it would have.
 */
#ifndef SEARCH_SEARCH_SAMPLER_H
#define SEARCH_SEARCH_SAMPLER_H

#include <stdint.h>

#include "search/history.h"

enum search_method {
    METHOD_MANUAL,
    METHOD_GRID,
    METHOD_RANDOM,
    METHOD_SOBOL,
    METHOD_COARSE,
    METHOD_TPE,
    METHOD_GP
};
enum { SEARCH_METHODS = METHOD_GP + 1 };

struct sampler_options {
    enum search_method method;
    uint64_t seed;
    size_t trials;               /* planned, for grid and coarse; at least 1 */
    const struct history *given; /* manual: what to try */
};

struct search_sampler;

/* Options are copied, `given` and the space stay the caller's. */
struct search_sampler *sampler_new(const struct space *space,
                                   const struct sampler_options *options,
                                   struct err *err);
void sampler_free(struct search_sampler *sampler); /* NULL is fine */

/* Configurations there are: SIZE_MAX but for manual and grid. */
size_t sampler_most(const struct search_sampler *sampler);

/*
 * value[space->n] of trial `number` < sampler_most, from 0.  The history has
 * the trials before it, those that run included.
 */
void sampler_propose(struct search_sampler *sampler,
                     const struct history *history, size_t number,
                     double *value);

/* "manual", "grid", …, and back (-1 for another word). */
const char *search_method_name(enum search_method method);
int search_method_parse(const char *word, enum search_method *method);

#endif
