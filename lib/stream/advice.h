/*
 * advice: what to try next (Tobin, "Troubleshooting Deep Neural Networks"):
 * the steps for the largest gap that is beyond noise, in the lecture's order,
 * each with a command.
 *
 * Advice that knows the case: a step that was taken already is worded as the
 * next stronger one and moved behind those that were not; what cannot be done
 * (no column is left over, the network has no dropout) is left out; commands
 * go on from what was tried.
 */
#ifndef STREAM_ADVICE_H
#define STREAM_ADVICE_H

#include "csv/rows.h"
#include "stats/gaps.h"
#include "stats/learning_curve.h"
#include "stream/tried.h"

/* What is known besides the gaps.  NULL: not known. */
struct advice_case {
    const struct tried *tried;
    const struct learning_curve *error, *gap; /* of predictions by size */
    const char *predictions;                  /* their file */
};

/*
 * Adds the `next` rows to a table of sources.  Where no gap is beyond noise
 * they say what that means: that the goal is reached, or all that is left is
 * within noise of it, or how many rows it would take to tell.  `known` may be
 * NULL.
 */
void advice_rows(struct rows *rows, const struct gaps *gaps, double goal,
                 const struct split_errors part[SPLIT_COUNT],
                 const struct advice_case *known);

/* The same for a learning curve: whether more data is the way.  gap may be
 * empty, goal and known NULL. */
void advice_learning(struct rows *rows, const struct learning_curve *error,
                     const struct learning_curve *gap, const double *goal,
                     const struct advice_case *known);

#endif
