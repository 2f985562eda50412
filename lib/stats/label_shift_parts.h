/*
 * label_shift_parts: the pieces of label_shift.c: what the methods need to know
 * of either side, the methods, and the bootstrap.
 */
#ifndef STATS_LABEL_SHIFT_PARTS_H
#define STATS_LABEL_SHIFT_PARTS_H

#include "stats/class_calibration.h"
#include "stats/label_shift.h"

/*
 * joint[predicted i][label j]: C, shares of the source rows; prior[classes]:
 * its column sums, 0 of a class without rows; seen[classes]: mu of the target.
 * noise[classes][classes]: what sampling of both sides adds to mu - C 1, its
 * covariance; for RLLS.
 */
struct shift_shares {
    size_t classes;
    const double *joint, *prior, *seen, *noise;
};

/* label_shift_fit's arguments, and what it found so far. */
struct shift_problem {
    const struct class_probs *source, *target;
    const size_t *labelled; /* [n_labelled] rows of the source */
    size_t n_labelled, classes;
    const struct class_calibration *calibration;
    double *hard, *soft;           /* [classes][classes]: joint of either */
    double *hard_seen, *soft_seen; /* [classes] */
    double *prior;
    double
        *mean; /* [classes] of the calibrated source rows, 0 where prior is */
    double *noise; /* shift_noise, by dispersion; NULL: not needed */
    double dispersion;
};

/* weight[classes] by BBSE (either) or RLLS, not clipped; 1 where there is no
 * source row.  Singular: of all that fit as well, the shares of least norm. */
void shift_solve(const struct shift_shares *shares,
                 enum label_shift_method method, double *weight);

/*
 * The ratio of the largest to the smallest singular value of P(predicted i |
 * label j), over the classes that have source rows; inf where the smallest is
 * 0, and 1 where there are fewer than two.
 */
double shift_condition(const struct shift_shares *shares);

/* noise[classes][classes] of mean probabilities, times the dispersion. */
void shift_noise(const struct shift_problem *problem, double *noise);

/* Clips weights at 0 and scales them so that share = weight * prior sums to 1;
 * where that cannot be, share is prior. */
void shift_settle(size_t classes, const double *prior, double *weight,
                  double *share);

/*
 * Expectation and maximisation from weight[classes] on (Saerens 2002, eq. 2.10,
 * in weights), accelerated (Varadhan & Roland 2008, Scandinavian J. Statistics
 * 35:335, SqS3): p[n][classes] calibrated.  Classes of prior 0 are left out.
 * Stops where a step moves no share by more than `precision`.
 */
void shift_em(const float *p, size_t n, size_t classes, const double *prior,
              double precision, double *weight);

/*
 * Is there a mix of the source's classes that explains the target?  Rows are
 * counted by predicted class and by whether its p is above the median of such
 * source rows, cells of fewer than 5 on a side together: twice as many numbers
 * as shares.  Generalised least squares of the target's cells on P(cell |
 * label), shares at least 0, with the covariance of sampling both.
 *
 * p: of chi² with as many degrees of freedom as cells less shares above 0
 * (Hansen 1982, Econometrica 50:1029), NaN where there are none, or more than
 * 300 classes.  share: of target rows that are in other cells than the mix has
 * them, less the mean of what sampling makes of it.  dispersion: where p is
 * below LABEL_SHIFT_MISFIT, chi² over its degrees of freedom, else 1: by how
 * much more than by sampling cells are off.
 *
 * Measured on 1,000 pairs of samples that are such mixes, 3 to 10 classes, 100
 * to 2,000 source and 50 to 5,000 target rows: p < .05 in .034 to .062, p < .01
 * in .011 to .025 (.076 and .018 where 5 of 10 classes are gone).
 */
struct shift_misfit {
    double p, dispersion, share;
};
struct shift_misfit shift_misfit(const struct shift_problem *problem);

/*
 * Are probabilities, calibrated, those of their classes?  Then the mean over
 * rows of (1 where the label is k, else 0, less p_k) p_k is 0 for each class,
 * which neither a temperature nor biases take care of.  p of the class where it
 * is furthest from that (normal), times the classes (Bonferroni).
 */
double shift_calibrated_p(const struct shift_problem *problem);

/*
 * The mean of the labelled source rows' probabilities by a calibration, 0 for
 * classes without such a row; sums to 1.  It is the prior for EM: if
 * probabilities are calibrated, by whatever share of the classes, their mean
 * over rows has the same errors of sampling (Alexandari 2020, section 3.1).
 */
void shift_mean(const struct shift_problem *problem,
                const struct class_calibration *calibration, double *mean);

/* Writes fit->target_ci and weight_ci around fit->target and fit->weight. */
void shift_intervals(const struct shift_problem *problem, size_t draws,
                     uint64_t seed, struct label_shift *fit);

/* The class with the largest probability, the first if several have it. */
static inline size_t shift_predicted(const float *p, size_t classes)
{
    size_t best = 0;

    for (size_t k = 1; k < classes; k++)
        if (p[k] > p[best])
            best = k;
    return best;
}

#endif
