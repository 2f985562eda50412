/*
 * outside_checks: what can be seen of anybody's training from outside, from the
 * log of its losses and from its predictions.
 *
 * Each adds its findings, also those that are ok.  A test fails at p < .001 and
 * warns at p < .01, and only where what it found matters.
 */
#ifndef ANALYSIS_OUTSIDE_CHECKS_H
#define ANALYSIS_OUTSIDE_CHECKS_H

#include "analysis/predicted.h"
#include "stream/finding.h"
#include "stream/training_log.h"

/*
 * The log of one or several runs; assay-check(1) says what each check means.
 * classes: how many there are, 0 where it is not known.  Of several runs with
 * one trouble there are at most ten rows, the worst first, and its advice says
 * how many there are.
 */
void check_curve(const struct training_log *log, size_t classes,
                 struct findings *findings);

/*
 * Labels and predictions, of any classifier.  Where the names of classes or the
 * order of rows are at fault, nothing is said of what follows from it.
 */
void check_predictions(const struct predicted *predicted,
                       struct findings *findings);

#endif
