/*
 * row_sets: two sets of rows of a table, column by column: are they of one
 * distribution?
 *
 *   number     Kolmogorov and Smirnov (stats/ks.h); effect: D; value:
 *              Wasserstein's distance in deviations of the first set
 *   missing    homogeneity of missing and not; effect: difference of the shares
 *   category   homogeneity (stats/contingency.h) of the 200 commonest levels
 *              and the rest; effect: total variation beyond that of chance
 *   text       as a number: how many words and pairs of words
 *   sequence   as numbers: how many steps, and the mean of each value
 *   image      as a number: its mean pixel
 *   all of it  a linear probe of the rows' sketches (analysis/table_sketch.h)
 *              told which set they are in; effect: AUROC - .5 of rows held out;
 *              of 30 rows and more in each set
 */
#ifndef ANALYSIS_ROW_SETS_H
#define ANALYSIS_ROW_SETS_H

#include <stdbool.h>

#include "table/table.h"

enum row_sets_kind {
    SETS_NUMBER,
    SETS_MISSING,
    SETS_CATEGORY,
    SETS_TEXT,
    SETS_STEPS,
    SETS_PIXELS,
    SETS_ALL
};

struct row_sets_result {
    enum row_sets_kind kind;
    const char *column; /* of the schema, or NULL */
    size_t part;        /* for the caller … */
    bool meant;         /* … and so is this: to differ */
    double value, effect, p, p_adjusted, n, m;
};

/* Rows of the table, in rising order. */
struct row_set {
    size_t *row, n;
};

struct row_sets_results {
    struct row_sets_result *at; /* owned */
    size_t n, capacity;
};

/*
 * Adds the results of b against a.  Where D is below SETS_FLOOR, p is that of
 * Kolmogorov's limit, which is too large where values tie.
 */
#define SETS_FLOOR .1
void row_sets_compare(const struct table *table, const struct row_set *a,
                      const struct row_set *b, uint64_t seed,
                      struct row_sets_results *results);

#endif
