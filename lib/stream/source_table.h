/*
 * source_table: where the error comes from, counted from predictions.
 */
#ifndef STREAM_SOURCE_TABLE_H
#define STREAM_SOURCE_TABLE_H

#include "stats/gaps.h"
#include "stream/advice.h"
#include "stream/goal.h"
#include "stream/part_rows.h"
#include "stream/prediction_table.h"
#include "stream/set_scores.h"

/*
 * goal: on the metric's own scale, a macro F1 of .9 being an error of .1; 0
 * error where neither it nor `from` is given, and marked as assumed.  tuned, or
 * trial_log (a file): val was chosen as the best of that many trials.
 */
struct source_options {
    double goal;
    bool has_goal;
    struct goal_options from;
    struct score_options score;
    size_t tuned; /* 0: not said */
    const char *trial_log;
    struct part_options parts;
    uint64_t seed;
    const struct advice_case *known; /* for the advice; NULL: nothing */
};

/*
 * The rows of stream/source.h, with those of stream/part_rows.h in front of the
 * advice; options: struct source_options, which must outlive the sums.  Of
 * models with training sets of several sizes those with the largest make the
 * gaps, and all of them the number that stands in the advice on more data.
 */
extern const struct prediction_table source_table;

/* Its parts row by row (stream/by_row.h); the same options. */
extern const struct prediction_table by_row_table;

/* Whether the rows may have to be read twice. */
bool source_table_reread(const struct source_options *options);

/*
 * The same rows from the errors of the splits, without predictions.  Options
 * that need these are an error.
 */
int source_table_rows(struct rows *rows, const struct source_options *options,
                      const struct split_errors part[SPLIT_COUNT],
                      struct buf *notes, struct err *err);

#endif
