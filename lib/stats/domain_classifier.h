/*
 * domain_classifier: a linear classifier of two sets of rows, cross-fitted, so
 * that every row has a score from rows it is not among.
 *
 * Logistic regression with a ridge, both sets counting the same, by Böhning &
 * Lindsay's (1988, Annals of the Institute of Statistical Mathematics 40:641)
 * steps, whose matrix is made once: the first step from nothing is Fisher's
 * discriminant, and more of them go to the maximum.
 */
#ifndef STATS_DOMAIN_CLASSIFIER_H
#define STATS_DOMAIN_CLASSIFIER_H

#include "stats/domain_permutation.h"

enum { DOMAIN_FOLDS = 5 };

/*
 * weight[fold][width], intercept[fold]: of the classifier that was not fitted
 * to that fold's rows; the fold and score of each row.
 */
struct domain_classifier {
    size_t n, width;
    uint8_t *fold; /* [n] */
    float *score;  /* [n] a log odds, higher for current */
    float *weight; /* [DOMAIN_FOLDS][width] */
    double intercept[DOMAIN_FOLDS];
};

/*
 * by_chance: which columns a fold's classifier uses is what was the least
 * likely, by these, of the rows that are fitted to: the first, all, or only
 * those whose d² / variance is beyond .95 of the largest by chance, and the
 * largest.  NULL: all.  At least DOMAIN_FOLDS rows a set; steps >= 1.
 */
struct domain_fit {
    double ridge; /* times the columns' mean variance */
    const struct domain_shape *by_chance;
    size_t steps;
    uint64_t seed;
};

void domain_classify(const struct domain_rows *rows,
                     const struct domain_fit *fit,
                     struct domain_classifier *classifier);
void domain_classifier_release(struct domain_classifier *classifier);

/* Of a row x[width] by the classifier of a fold, or DOMAIN_FOLDS: the mean. */
float domain_score(const struct domain_classifier *classifier, size_t fold,
                   const float *x);

#endif
