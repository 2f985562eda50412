/*
 * label_shift: how the mix of classes has changed, from predictions alone.
 *
 * Assumes that each class looks as it did, p(x | y) unchanged.  With C_ij the
 * joint share of (predicted i, label j) among labelled source rows and mu_i the
 * share predicted i among target rows, the weights w_j = target share / source
 * share of class j solve C w = mu (Lipton, Wang & Smola 2018, ICML: BBSE, of
 * predicted classes or, soft, of mean probabilities; Azizzadenesheli et al.
 * 2019, ICLR: RLLS, w - 1 by ridge), or come from expectation and maximisation
 * of the target shares over calibrated probabilities (Saerens, Latinne &
 * Decaestecker 2002, Neural Computation 14:21).
 */
#ifndef STATS_LABEL_SHIFT_H
#define STATS_LABEL_SHIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

enum label_shift_method {
    LABEL_SHIFT_BBSE_HARD,
    LABEL_SHIFT_BBSE_SOFT,
    LABEL_SHIFT_RLLS,
    LABEL_SHIFT_EM,
    LABEL_SHIFT_METHODS
};

/* "bbse-hard", "bbse-soft", "rlls", "em"; and back (-1). */
const char *label_shift_method_name(enum label_shift_method method);
int label_shift_method_parse(const char *word, enum label_shift_method *method);

/* p[n][classes], rows that sum to 1; label[n] < classes, or UINT32_MAX where
 * unknown (NULL: all are); such source rows are left out. */
struct class_probs {
    const float *p;
    const uint32_t *label;
    size_t n;
};

/*
 * By itself, the method is BBSE-hard where predictions tell the classes apart
 * (condition up to 2: nothing else is as safe where probabilities are off);
 * else RLLS where classes do not look as they did (misfit_p below
 * LABEL_SHIFT_MISFIT) or probabilities stay miscalibrated, else EM.
 *
 * Root mean squared error of the shares, 100 pairs of samples of normal classes
 * each, shares of the target random; miscalibrated: correlated values that the
 * probabilities take for independent ones.
 *
 *     classes, rows, accuracy                  hard  soft  RLLS    EM   chosen
 *     3, 500 + 200, .80                        .062  .053  .054  .049   .055
 *     3, 500 + 200, .60                        .123  .095  .100  .092   .089
 *     3, 500 + 200, .61, miscalibrated         .126  .103  .106  .119   .117
 *     10, 2,000 + 500, .85                     .019  .017  .018  .016   .017
 *     10, 2,000 + 500, .54                     .070  .042  .036  .033   .033
 *     10, 2,000 + 500, .40, rare classes       .112  .090  .069  .037   .044
 *     10, 2,000 + 500, .57, miscalibrated      .050  .042  .035  .048   .036
 */
#define LABEL_SHIFT_MISFIT .01
struct label_shift_options {
    bool chosen;                    /* by the caller: method … */
    enum label_shift_method method; /* … else by conditioning */
    size_t draws;                   /* of the bootstrap; 0: 1,000 */
    uint64_t seed;
};

/*
 * source, target [classes]: shares; target is estimated.  weight: at least 0;
 * 1 for a class without source rows, which `absent` counts.  condition: of
 * P(predicted i | label j), C with each column over its sum, which is not worse
 * for a class that is merely rare (hard, or soft for what uses it): the ratio
 * of its largest to its smallest singular value.  singular: so large that
 * predictions hardly tell some of the classes apart.  unpredicted: classes with
 * source rows that no target row is predicted as.
 *
 * temperature, bias[classes] (NULL: none): that EM and its corrected
 * probabilities use (stats/class_calibration.h).  reason: why this method,
 * valid for ever.  p: whether the target's predictions are of another mix at
 * all (homogeneity of predicted classes, stats/contingency.h).  misfit_p: of a
 * test of what is assumed: where it is small, no mix of classes that look as
 * they did makes the target's predictions, and weights are rough (NaN: too few
 * rows to say); misfit: the share of target rows that such a mix has elsewhere.
 */
struct label_shift {
    enum label_shift_method method;
    const char *reason;
    size_t classes, absent, unpredicted;
    double *source, *target, *weight;
    struct interval *target_ci, *weight_ci;
    double condition, temperature, p, misfit_p, misfit;
    double *bias;
    bool singular;
    double n_source, n_target;
};

/*
 * Owns what it points to.  Intervals: percentiles of a bootstrap of source and
 * target rows (with EM, of the calibration too), and not narrower than Wilson's
 * would be had the target's labels been seen.  What they do not hold is the
 * assumption.  Of shares, measured coverage over six of the situations above
 * (300 to 1,000 shares each, 200 draws): BBSE-hard .92 to .95, BBSE-soft .93 to
 * .96, RLLS .89 to .96, EM .92 to .95, and .89 where probabilities stay
 * miscalibrated; as chosen .91 to .95.
 *
 * Takes, while it runs, 4 classes bytes a row of the source, and with EM as
 * much of the target.
 */
void label_shift_fit(struct label_shift *fit, const struct class_probs *source,
                     const struct class_probs *target, size_t classes,
                     const struct label_shift_options *options);
void label_shift_release(struct label_shift *fit);

/* p[classes] to the probabilities under the target's mix, proportional to
 * weight * p (tempered where the method is EM).  Where all of p is on classes
 * of weight 0 that says nothing, and p stays as it was (but tempered). */
void label_shift_correct(const struct label_shift *fit, float *p);

#endif
