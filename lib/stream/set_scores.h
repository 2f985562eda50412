/*
 * set_scores: one metric of several sets of rows, with intervals and with the
 * covariance of sets that share groups, counted from predictions.
 */
#ifndef STREAM_SET_SCORES_H
#define STREAM_SET_SCORES_H

#include "stats/score.h"
#include "stream/metric_kind.h"
#include "stream/row_units.h"

/* How rows are scored.  Names of columns, NULL: none; not owned. */
struct score_options {
    enum metric_kind metric;
    const char *weight, *group;
};

enum { MOST_SETS = CLUSTER_SETS };

/*
 * Memory: see stats/score.h and, with groups, 64 to 128 bytes a group and set.
 * second: the second pass, which macro_f1 and balanced_error need for groups.
 */
struct set_scores {
    enum metric_kind metric;
    struct row_units units;
    struct score set[MOST_SETS];
    struct clusters clusters;
    struct row_unit unit; /* of the row added last */
    bool second;
};

/*
 * Empty sums.  Columns that the metric needs but are not there are an error
 * that names them.
 */
int set_scores_open(struct set_scores *s, const struct score_options *options,
                    const struct prediction_reader *from, struct err *err);
void set_scores_release(struct set_scores *s);

/* Adds the reader's current row, one with a label, to a set < MOST_SETS. */
int set_scores_add(struct set_scores *s, const struct prediction_reader *from,
                   unsigned set, struct err *err);

/* Adds a row of that label and prediction, for metrics made of them. */
void set_scores_count(struct set_scores *s, const struct row_unit *unit,
                      unsigned set, size_t label, size_t pred);

/* After a pass: whether the same rows are to be added once more. */
bool set_scores_again(struct set_scores *s);

/* After the last pass: the estimate of a set, NaN where it has no rows. */
struct estimate set_scores_estimate(const struct set_scores *s, unsigned set);

/* The covariance of two sets' estimates: 0 but where they share groups. */
double set_scores_covariance(const struct set_scores *s, unsigned a,
                             unsigned b);

/* Whether rows of that metric with groups are read twice. */
bool set_scores_reread(enum metric_kind metric);

#endif
