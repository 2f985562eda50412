/*
 * goal: the error that could be reached, from people or from another system:
 * the error of one person, from the columns of several persons' judgements
 * (stats/annotators.h) or from one column against the label; or the error of
 * another file of predictions.
 */
#ifndef STREAM_GOAL_H
#define STREAM_GOAL_H

#include "csv/list.h"
#include "stats/annotators.h"
#include "stream/set_scores.h"

/* At most one is asked for; all zero: none.  Strings are not owned. */
struct goal_options {
    struct list annotators;        /* columns; an empty cell: did not judge */
    const char *annotator, *from;  /* a column; a file */
    const struct csv_options *csv; /* how the file is read, */
    const struct list *columns;    /* and its --columns */
};

/* Whether a goal is asked for: the option that does, or NULL. */
const char *goal_option(const struct goal_options *options);

struct goal;

/* `set` of the scores will hold the one annotator's.  NULL on an error. */
struct goal *goal_new(const struct goal_options *options,
                      const struct score_options *score, unsigned set,
                      const struct prediction_reader *from, struct err *err);
void goal_free(struct goal *goal); /* NULL is fine */

/*
 * The reader's current row, after set_scores_add.  A row that several models
 * predict is looked at once.
 */
int goal_add(struct goal *goal, struct set_scores *scores,
             const struct prediction_reader *from, struct err *err);

/* The same rows are going to be added once more. */
void goal_again(struct goal *goal);

/* The goal that is asked for, and a note that says where it comes from. */
int goal_finish(struct goal *goal, const struct score_options *score,
                const struct set_scores *scores, struct estimate *estimate,
                struct buf *note, struct err *err);

/*
 * The truth of a row, from three annotators or more.  goal_pattern: how the row
 * added last was judged, a number below 2^32 to be kept for it; SIZE_MAX where
 * nobody judged it, or it was seen before by way of another model.
 * After goal_finish, goal_annotators is what Dawid & Skene's EM found, NULL
 * where it was not asked for; goal_posterior gives P(truth), p[n_classes of
 * goal_annotators], of rows of that pattern; and goal_class is the number in
 * there of a class by its name, SIZE_MAX if it has none.
 */
size_t goal_pattern(const struct goal *goal);
const struct annotators *goal_annotators(const struct goal *goal);
void goal_posterior(const struct goal *goal, size_t pattern, double *p);
size_t goal_class(const struct goal *goal, const char *text, size_t len);

#endif
