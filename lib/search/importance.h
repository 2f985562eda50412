/*
 * importance: which hyperparameters mattered, from the trials of a search.
 *
 * By stats/functional_anova.h over the space that was searched, on the scales
 * on which it was (all orders of magnitude alike where log).  Trials that
 * failed or were pruned have no objective and are left out.
 *
 * A learning rate at which training breaks down is worse by so much that it
 * would own all variance, and say nothing of how good ones differ.  So
 * objectives are cut at what the better half of the space reaches (what is
 * worse counts as that), as PED-ANOVA looks at the better part alone (Watanabe,
 * Bansal & Hutter 2023, IJCAI).  Half of the space, not of the trials, most of
 * which are in good places where a method learns: boosted trees, grown on the
 * ranks of objectives, predict the rank that half of the space is below.
 *
 * Measured (means of 10 searches): 100 random trials of a bowl, in which the
 * logarithm of the learning rate has .94 of this variance, the width .02 and
 * the activation .03.  With half of the space that was found whether nothing
 * breaks, objectives above a learning rate are .9, or anything up to 1e6 (.940,
 * .939, .937 [.76, .98]); with all of it .990, 1.000 and .977 [.30, 1], in the
 * last two nothing else above .02; with a quarter there was too little to tell
 * apart, .81 [.22, .97].  With four of five trials near the best learning rate,
 * half of the space gave .74 [.26, .96]: where few have been, the half is not
 * known well.
 */
#ifndef SEARCH_IMPORTANCE_H
#define SEARCH_IMPORTANCE_H

#include "csv/rows.h"
#include "search/history.h"

enum { IMPORTANCE_TRIALS = 10 }; /* finished ones, at least */

#define IMPORTANCE_COLUMNS "parameter,other,importance,low,high,expected"
#define MARGINAL_COLUMNS "value,objective,low,high"

/* better: the share of the space that is told apart, in (0, 1]; 1: all. */
struct importance_options {
    double better;
    uint64_t seed;
};

/* .5, and seed 1. */
struct importance_options importance_options(void);

/*
 * Fills `rows`, which it initialises (released by the caller on success).  The
 * parameters, largest importance first, then pairs (`other`), likewise.
 * importance: the share of the variance, [low, high] its 95 % interval: one
 * that begins at 0 is no more than chance.  A parameter of which one value was
 * tried has empty cells, and no pairs; nor have two that never mean something
 * together.  Where trees explain nothing of the trials, importances are empty
 * and intervals 0 to 1.
 *
 * Of a parameter that means something only for some values of another, its
 * effect where it does, weighed by how much of the space that is.
 *
 * expected[space->n]: a word for each parameter, of what is expected of it, or
 * NULL.
 *
 * Errors: fewer than IMPORTANCE_TRIALS finished trials; all as good; nothing
 * searched; a choice among more than 64.
 */
int importance_rows(struct rows *rows, const struct history *history,
                    const char *const *expected,
                    const struct importance_options *options, struct err *err);

/*
 * Fills `rows` likewise with the mean objective, cut as above, over all other
 * parameters, for values of parameter i < space->n: all of them, or some 33
 * that are evenly spread on its scale.  [low, high]: its band, of which
 * stats/functional_anova.h says how often it holds.  Errors: as above, and
 * where one value was tried.
 */
int marginal_rows(struct rows *rows, const struct history *history, size_t i,
                  const struct importance_options *options, struct err *err);

#endif
