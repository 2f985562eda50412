/*
 * domain_sets: two sets of rows of a table as vectors to be told apart.
 */
#ifndef ANALYSIS_DOMAIN_SETS_H
#define ANALYSIS_DOMAIN_SETS_H

#include "analysis/domain_features.h"
#include "analysis/row_sets.h"
#include "stats/domain_classifier.h"

/* Of a larger set so many are looked at, evenly spread over it. */
enum { DOMAIN_ROWS = 20000 };

/*
 * row[n]: rows of the table that are looked at, count[0] of the first set and
 * then count[1] of the second; rows: their features, in this order.  width 0:
 * no column takes part.
 */
struct domain_sets {
    const struct table *table;
    size_t *row, n, count[2];
    bool *current; /* [n] */
    float *x;      /* [n][width] */
    struct domain_features *features;
    struct domain_rows rows;
};

void domain_sets_init(struct domain_sets *sets, const struct table *table,
                      const struct row_set *reference,
                      const struct row_set *current, size_t only,
                      uint64_t seed);
void domain_sets_release(struct domain_sets *sets);

/*
 * A score of each row of the first set, then of the second (or NULL: of none):
 * by classifiers that were not fitted to it.  To be freed.
 */
float *domain_sets_scores(const struct domain_sets *sets,
                          const struct domain_classifier *classifier,
                          const struct row_set *reference,
                          const struct row_set *current);

#endif
