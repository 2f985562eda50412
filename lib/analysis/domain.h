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

/* One column's share: how much the AUROC drops when its cells are shuffled. */
struct domain_column {
    size_t column; /* of the schema */
    double drop;
    struct interval ci;
};

/*
 * p: of a classifier two-sample test (Lopez-Paz & Oquab 2017, ICLR); test says
 * which.  auroc, accuracy: of rows not fitted to.  detectable: the auroc - .5
 * that so many rows would have shown with probability .8 at p < .05.
 * score[a + b]: of the rows of the first set, then of the second; higher for
 * rows that look like the second.
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
 * the classifier after calibration, of rows it was not fitted to; clipped and
 * scaled to mean 1.  effective: (sum w)² / sum w².  covered: the share of the
 * current rows where the reference has rows, too (stats/domain_ratio.h).
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
