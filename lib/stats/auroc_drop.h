/*
 * auroc_drop: by how much a second score of the same rows tells two sets apart
 * less well.
 */
#ifndef STATS_AUROC_DROP_H
#define STATS_AUROC_DROP_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/interval.h"

/*
 * The placement of each row: of a positive one the share of negative rows that
 * score lower, of a negative one the share of positive rows that score higher;
 * ties count half.  score[n] without NaN; both sides present.  Adds
 * factor times it to place[n].
 */
void auroc_placements(const float *score, const bool *positive, size_t n,
                      double factor, double *place);

/*
 * The AUROC of placements a less that of b, with the interval of DeLong, DeLong
 * & Clarke-Pearson 1988 (Biometrics 44:837) for scores of the same rows.
 */
double auroc_drop(const double *a, const double *b, const bool *positive,
                  size_t n, struct interval *ci);

/*
 * The interval of an AUROC with DeLong's variance when the scores are
 * cross-fitted: the folds judge each other by the same pairs of rows, so that
 * with scores that are nothing but noise the variance is twice DeLong's.
 * noise: the share of noise in the scores, in [0, 1].  On the logit scale.
 */
struct interval auroc_interval_fitted(double area, double variance,
                                      double noise);

#endif
