/*
 * comparison_rows: is one classifier better than another on the same rows?
 *
 *     metric,a,b,difference,low,high,p_value,p_adjusted,test,better,worse,n,
 *         model_a,model_b
 *
 * The first file, a, is the one the others are compared with, each by itself.
 * a and b are the metric's values; difference = b - a with its 95 % interval;
 * better and worse count the rows that only b gets right, and only a.
 *
 *   test            of
 *   mcnemar_exact   error; interval: Newcombe's for pairs
 *   mcnemar_mid_p   the same
 *   permutation     all others, and error with groups; interval: bootstrap
 *   equivalence     error (Tango's score) and means (Student's t): the p-value
 *                   of a difference as large as the margin
 *
 * p_adjusted is Holm's, over the models, within a metric and test.  The tests
 * themselves: stats/paired.h.
 */
#ifndef STREAM_COMPARISON_ROWS_H
#define STREAM_COMPARISON_ROWS_H

#include "csv/rows.h"
#include "stream/joined.h"
#include "stream/metric_kind.h"

struct comparison_options {
    enum metric_kind kinds[METRIC_KINDS]; /* [n_kinds] in this order; none:
                                             all that the columns allow */
    size_t n_kinds;
    double margin; /* 0: no equivalence */
    uint64_t seed;
};

/* For gates: the key columns, and the one that is meant. */
#define COMPARISON_KEYS "model_b,metric,test"
#define COMPARISON_VALUE "difference"

/*
 * Notes say of each model in words what the errors (or else the first metric)
 * came to.  An error where a metric that was asked for needs a column that is
 * not there.
 */
int comparison_rows(const struct joined *joined,
                    const struct comparison_options *options, struct rows *rows,
                    struct buf *notes, struct err *err);

#endif
