/*
 * curve_judges: the checks of a training log, each of one run (check_curve).
 */
#ifndef ANALYSIS_CURVE_JUDGES_H
#define ANALYSIS_CURVE_JUDGES_H

#include "base/buf.h"
#include "stats/course.h"
#include "stream/finding.h"
#include "stream/training_log.h"

/*
 * A run and the courses of its losses.  guess: what one loses that guesses, ln
 * of the number of classes, and chance: its error; NaN where it is not known.
 */
struct run_view {
    const struct training_log *log;
    const struct log_run *run;
    double guess, chance;
    struct course train, held;
};

enum curve_subject { OF_TRAIN, OF_HELD, OF_BOTH };

/*
 * Fills the finding, which is ok so far, and what to do; leaves its `test` as
 * it is, "", where the run has not what it would look at.
 */
typedef void curve_judge(const struct run_view *v, struct finding *f,
                         struct buf *advice);

struct curve_check {
    const char *name;
    enum curve_subject subject;
    curve_judge *judge;
};

curve_judge judge_held_learning, judge_same_rows, judge_gap, judge_overfitting,
    judge_error;

/* In the order in which they are reported, causes first; ends in {0}. */
extern const struct curve_check curve_checks[];

#endif
