/*
 * shift_judge: two profiles held against each other: what has changed, does it
 * matter?
 *
 * One `verdict`; `harm`, the expected change of the error, where there are
 * predictions; one finding a column (or class, or whatever an item of a profile
 * is), and of all together.  p-values are adjusted for their number
 * (Benjamini & Hochberg).  Statuses:
 *
 *     fail       p_adjusted < .05, and the effect is at least `limit`
 *     warn       p_adjusted < .05, but the effect is small
 *     undecided  what is known of a sketch leaves it open
 *     ok         else
 */
#ifndef ANALYSIS_SHIFT_JUDGE_H
#define ANALYSIS_SHIFT_JUDGE_H

#include "analysis/profile_frame.h"
#include "stream/finding.h"

/*
 * name: which sides these are ("val", "1920"), in front of every subject; ""
 * for none.  tolerate: how many errors more in a row are no harm, a share.
 */
struct shift_question {
    const struct profile_frame *frame;
    const struct profile *reference, *current;
    const char *name;
    double tolerate;
    uint64_t seed;
};

#define SHIFT_LEVEL .05
#define SHIFT_TOLERATED .02

/* Adds the findings. */
int shift_judge(const struct shift_question *question,
                struct findings *findings, struct err *err);

#endif
