/*
 * domain: which of two sets is a row from?  What can tell them apart is what
 * has shifted, in any number of columns at once.
 *
 * A classifier of reference (0) and current (1) rows is fitted to the rows of a
 * table and judged on rows it has not seen (cross-fitting).
 */
#ifndef ANALYSIS_DOMAIN_H
#define ANALYSIS_DOMAIN_H

#include "analysis/row_sets.h"
#include "stats/interval.h"

#define DOMAIN_ALL SIZE_MAX

enum { DOMAIN_LEAST = 30 }; /* rows of a set, for anything to be said */

/*
 * One column's share: how much the AUROC drops when its cells are shuffled
 * among all rows, without fitting again.  Columns that say the same share what
 * they tell: each of two copies drops about half, and none of many may drop
 * far; of two that only their correlation gives away each drops all of it.
 */
struct domain_column {
    size_t column; /* of the schema */
    double drop;
    struct interval ci;
};

/*
 * p: of a classifier two-sample test (Lopez-Paz & Oquab 2017, ICLR) by
 * permutation (stats/domain_permutation.h); test says which.  auroc, accuracy:
 * of rows not fitted to, accuracy being the mean of the shares of either set
 * told right.  detectable: the auroc - .5 that so many rows would have shown
 * with probability .8 at p < .05.  score[a + b]: of the rows of the first set,
 * then of the second; higher for rows that look like the second.
 *
 * Of more than 20,000 rows in a set so many are looked at; all have scores.
 *
 * Measured by tests/bench/domain_rates.c, sets without a difference, 150 to
 * 1,200 runs each: p < .05 in .048 (50 against 2,000 rows of 20 Cauchy
 * columns), .043 (50, levels), .045 (50, titles), .051 (100 against 100,
 * normal), .048 (100, correlated), .060 (200, normal), .047 and .062 (2,000,
 * normal), .052 (2,000, levels), .043 and .073
 * (2,000, titles), .028 (500, mixed).  The interval held .5 in
 * .92 to .99 of them; with differences it held what the same classifiers reach
 * with thousands of new rows in .90 to 1.  Found at p < .05 with 2,000 rows a
 * side: .75 of shifts by .15 deviations of one of 20 columns (that is where
 * detectable, .034, is; the mean auroc - .5 is .029) and all of .2; all of
 * correlations of .5 turned to -.5; .70 of shares of a level from .10 to .14 in
 * 20 columns of levels, .98 to .16; .90 of shares of a word from .02 to .05.
 * With 50 against 2,000 rows: .28 of shifts by .5 deviations.  CPU for
 * 2,000 + 2,000 rows: .19 s of 20 numbers, .35 s of 20 categories; for 20,000 +
 * 20,000 rows .64 and 1.0 s.
 */
struct domain_test {
    double auroc, accuracy, p, detectable;
    struct interval auroc_ci;
    const char *test;
    float *score;                  /* owned */
    struct domain_column *columns; /* [n_columns], the largest drop first */
    size_t n_columns;
};

/*
 * only: a column of the schema, DOMAIN_ALL for all.  Fewer than 30 rows in a
 * set: p is NaN and nothing else is there.
 */
void domain_compare(const struct table *table, const struct row_set *reference,
                    const struct row_set *current, size_t only, uint64_t seed,
                    struct domain_test *test);
void domain_test_release(struct domain_test *test);

/*
 * Importance weights of the reference rows: how much likelier such a row is
 * among the current ones, P(1 | x) / P(0 | x) with the sets at equal size, by
 * the classifier after calibration, of rows it was not fitted to; clipped at
 * their quantile .999 and scaled to mean 1 (stats/domain_ratio.h).  effective:
 * (sum w)² / sum w².  covered: the share of the current rows where the
 * reference has rows, too.  Fewer than 30 rows in a set: all are 1, auroc NaN.
 *
 * Measured where the ratio is known, 2,000 rows a side, column 0 of 5 normal
 * ones: moved by 1 deviation, its weighted mean is .980 (.984 with the true
 * weights, target 1.009), effective .393 of the rows (.383 true); by .5, .503
 * (.496, .509); with 1.3 times the deviation, the weighted mean square
 * is 1.58 (1.65, 1.68), with .7, .488 (.490, .488); without a shift effective
 * is .999 and more.  Clipped at .99 in their place the first is .927.
 */
struct domain_weights {
    float *weight; /* [reference rows], owned */
    double effective, clip, covered;
    size_t clipped;
    double auroc; /* what the classifier could tell: .5 is nothing */
    double p;     /* of that, as domain_compare's */
};

void domain_weigh(const struct table *table, const struct row_set *reference,
                  const struct row_set *current, uint64_t seed,
                  struct domain_weights *weights);
void domain_weights_release(struct domain_weights *weights);

#endif
