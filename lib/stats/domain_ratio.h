/*
 * domain_ratio: from the scores of a classifier of two sets to how much
 * likelier a row is in the one than in the other.
 *
 * With both sets counting the same, P(1 | x) / P(0 | x) is the ratio of the
 * densities (Bickel, Brückner & Scheffer 2009, JMLR 10:2137); scores of rows
 * that were not fitted to become log odds by logistic calibration (Platt 1999).
 */
#ifndef STATS_DOMAIN_RATIO_H
#define STATS_DOMAIN_RATIO_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The log odds are intercept + slope score; slope >= 0: scores that tell
 * nothing, or the wrong thing, give no weights.  log_loss: of the rows, ln 2
 * where nothing is told.
 */
struct domain_ratio {
    double slope, intercept, log_loss;
};

/* score[n] finite; both sets present. */
struct domain_ratio domain_ratio_fit(const float *score, const bool *current,
                                     size_t n);

/* The weights that are larger than those of this share of the rows are cut to
 * the largest of these. */
#define DOMAIN_CLIP .999

/* clip: the largest weight, with mean 1; clipped: rows that had more;
 * effective: (sum w)² / sum w² (Kish 1965); covered: the mean ratio before
 * clipping, at most 1: the share of the other set where this one has rows, as
 * sum over x of p0(x) p1(x) / p0(x) is p1 of where p0 > 0. */
struct domain_clip {
    double clip, effective, covered;
    size_t clipped;
};

/* exp of the log odds of score[n], clipped, with mean 1: writes weight[n],
 * which may be score. */
struct domain_clip domain_ratio_weights(const struct domain_ratio *ratio,
                                        const float *score, size_t n,
                                        float *weight);

#endif
