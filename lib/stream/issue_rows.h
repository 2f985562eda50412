/*
 * issue_rows: the rows whose label is likely to be wrong.
 *
 *     id,label,suggested,score,prob_label,prob_suggested[,kept columns]
 *
 * The most doubtful row first.  See stats/label_issues.h for the method, and
 * stats/label_noise.h for how many of the rows are truly wrong.
 */
#ifndef STREAM_ISSUE_ROWS_H
#define STREAM_ISSUE_ROWS_H

#include "stats/label_issues.h"
#include "stream/prediction_table.h"

struct issue_options {
    enum label_prune prune;
    enum label_score score;
    bool out_of_fold; /* take rows of split train as well */
};

/* The words for --prune and --score, each list ends in NULL. */
extern const char *const issue_prune_names[], *const issue_score_names[];

/*
 * Two passes, rarely three.  Needs p: columns, and probabilities of a model
 * that has not seen the row: rows of split `train` without a fold are an error
 * unless the options say otherwise.  Rows whose label has no p: column are left
 * out and counted.  Memory: that of label_issues, and the cells to be shown of
 * each row that the model contradicts.
 */
extern const struct prediction_table issue_table;

#endif
