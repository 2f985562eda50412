/*
 * methods: the samplers behind search_sampler.h, a file each.
 */
#ifndef SEARCH_METHODS_H
#define SEARCH_METHODS_H

#include "base/rng.h"
#include "search/search_sampler.h"
#include "stats/sobol.h"

/* `state` is what a method keeps for itself. */
struct search_sampler {
    const struct space *space;
    struct sampler_options options;
    const struct method *method;
    size_t most;
    void *state;
};

/* start and release may be NULL.  start may set most and state. */
struct method {
    int (*start)(struct search_sampler *sampler, struct err *err);
    void (*propose)(struct search_sampler *sampler,
                    const struct history *history, size_t number,
                    double *value);
    void (*release)(struct search_sampler *sampler);
};

extern const struct method method_manual, method_grid, method_random,
    method_sobol, method_coarse, method_tpe, method_gp;

/* The stream of random numbers of one trial. */
void sampler_stream(const struct search_sampler *sampler, size_t number,
                    struct rng *rng);

/*
 * The Sobol points of the sampler's seed, one for each trial, of as many
 * coordinates as there are parameters; to be freed.
 */
struct sobol *sampler_sobol(const struct search_sampler *sampler);

/* Uniform over the space. */
void sample_uniform(const struct space *space, struct rng *rng, double *value);

#endif
