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
 *
 * grid: a number has evenly spaced values on its scale, its ends included, and
 * all have about as many, so that there are at most `trials` combinations; all
 * choices are tried.  Parameters count only where they mean something, and no
 * configuration comes twice.  If two values of each number are too many it is
 * an error: part of a grid would leave the rest of the space out without a
 * word.  The last parameter changes fastest.
 *
 * sobol: parameters beyond the 40th (stats/sobol.h) are drawn at random.
 *
 * coarse: a round has `trials` / 5 trials, but 10 at least: below 20 trials
 * there is one, and that is random.
 *
 * tpe: 10 Sobol points, then what is likely among the best 15 % of the trials
 * and not among the others (stats/parzen.h), of all parameters at once: those
 * that failed are bad, and so are those that run, which keeps workers apart.
 * What was tried is proposed again only where nothing new is found.
 *
 * Regret, the best of so many trials less the least value there is: median of
 * 50 seeds, and in how many it is below that of random (tests/bench/regret.c
 * has the functions and writes all of this; mixed has choices and conditions):
 *
 *            Branin, 50     Hartmann-6, 100   mixed, 60       ms a proposal
 *   random   .645           1.288             .049            .002
 *   sobol    .571   .48     1.296   .42       .047    .54     .003
 *   coarse   .036   .93     .144    1         .023    .86     .01
 *   tpe      .014   .98     .140    1         .015    .96     .09
 *   gp       .0001  1       .00002 1         .020    .98     7
 *   Optuna's TPESampler 3.1, and how often it beats Optuna's random:
 *            .158   .80     .235    .96       .022    .86     26
 *
 * The last column is of 200 trials of 6 numbers.
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

/*
 * Options are copied, `given` and the space stay the caller's.  Errors: nothing
 * given to manual; a grid that takes more trials.
 */
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
