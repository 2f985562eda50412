/*
 * anova_parts: the exact parts of a sum of trees: functional_anova's formulas.
 */
#ifndef STATS_ANOVA_PARTS_H
#define STATS_ANOVA_PARTS_H

#include "stats/tree_boxes.h"

/*
 * [d][d]: on the diagonal that of a feature, above it that of a pair; total:
 * that of all of them and of higher orders.
 */
struct parts {
    double total, *at;
};

/* The variances. */
void parts_variance(struct parts *parts, const struct boxes *boxes,
                    const struct box_space *space);

/*
 * The parts at x[d], NaN where a feature means nothing: of those with such a
 * feature nothing is said.
 */
void parts_at(struct parts *parts, const struct boxes *boxes,
              const struct box_space *space, const double *x);

/* The mean of the function. */
double parts_mean(const struct boxes *boxes);

#endif
