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
 * n_source, n_target: rows that they are of.
 */
struct shift_shares {
    size_t classes;
    const double *joint, *prior, *seen;
    double n_source, n_target;
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

/* label_shift_fit's arguments, and what it found so far. */
struct shift_problem {
    const struct class_probs *source, *target;
    const size_t *labelled; /* [n_labelled] rows of the source */
    size_t n_labelled, classes;
    const struct class_calibration *calibration;
    double *hard, *soft;           /* [classes][classes]: joint of either */
    double *hard_seen, *soft_seen; /* [classes] */
    double *prior;
};

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
