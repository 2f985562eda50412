/*
 * score: one metric of one set of rows, with weights and groups, and its
 * interval.
 *
 *     score_init(&s, SCORE_RATE, weighted);
 *     for each row:
 *         score_add(&s, label, pred, value, weight);
 *     score_close(&s);
 *     e = score_estimate(&s, NULL);
 *     score_release(&s);
 *
 * With groups of rows that are alike, clusters (clusters.h) are fed besides:
 * for rates and means in the same pass with score_share, for the others in a
 * second pass after score_close; and score_estimate takes their sums.
 *
 * Intervals.  A bounded score is a mean of proportions (proportions.h):
 *
 *     rate      of one: wrong rows among n
 *     balanced  of the classes: wrong rows among those with that label
 *     macro F1  of the classes: 1 - F1 = (FN + FP) / b, b = 2 TP + FN + FP,
 *               whose variance by the delta method is that of a proportion
 *               among b / (1 + (FN + FP) / b) rows; as the classes share their
 *               wrong rows, these numbers are divided by the ratio of the
 *               variance of the sum to the sum of the variances (2 where there
 *               is no wrong row)
 *
 * Weights: the numbers of rows are those of an equal-weight sample, n = (sum
 * w)² / sum w² in all (Kish 1965).  That supposes that weights and errors have
 * nothing to do with each other.  So the variance is computed by linearisation,
 * sum of w² r², too, and n is divided by the ratio of the two; of the ratio a
 * few errors tell little, so it is the mean of what `events` wrong rows say and
 * of a 1 that counts for two.
 *
 * Groups: the same, with the variance (G / (G - 1)) sum of (sum of w r)² over G
 * groups; the ratio is drawn, with the weight of half a wrong group, to that of
 * rows that are all alike within a group; and n is multiplied by (z / t(G -
 * 1))² (Korn & Graubard 1998, Survey Methodology 24:193).  So 0 errors in 40
 * groups are as good as 0 errors in 40 rows, not in 1000.
 *
 * Means (log loss, Brier): estimate_mean_interval, not below 0, with the
 * variance and third cumulant by linearisation and n - 1 or G - 1 degrees of
 * freedom.
 */
#ifndef STATS_SCORE_H
#define STATS_SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/clusters.h"
#include "stats/confusion.h"
#include "stats/estimate.h"

enum score_kind { SCORE_RATE, SCORE_MEAN, SCORE_MACRO_F1, SCORE_BALANCED };

/* Weights, the mean of values under them, squares and cubes about it. */
struct weighted_moments {
    double weight, mean, m2, m3;
};

/*
 * Sums of the rows.  SCORE_MACRO_F1 and SCORE_BALANCED hold one or, with
 * weights, two matrices of classes² doubles; the others nothing more.
 */
struct score {
    enum score_kind kind;
    bool weighted;
    double n, weight, weight2;     /* rows; sums of w and of w² */
    double n_wrong, wrong, wrong2; /* the same of wrong rows */
    double n_infinite;             /* values that are inf */
    struct weighted_moments value, value2, value3; /* under w, w², w³ */
    struct confusion count, square;                /* of w and of w² */
    double *labels, *both, *bad; /* [n_classes] after score_close */
    double occurring;            /* classes */
};

void score_init(struct score *s, enum score_kind kind, bool weighted);
void score_release(struct score *s);

/*
 * A row: its label and prediction, or for SCORE_MEAN its value (finite or inf);
 * weight >= 0, 1 where the score is not weighted.
 */
void score_add(struct score *s, size_t label, size_t pred, double value,
               double weight);

/* After the last row. */
void score_close(struct score *s);

/*
 * What a row has in its group's sum of clusters.h, to be added with its weight:
 * of rates and means w times the value, at any time; of the others its
 * influence on the score, after score_close.
 */
double score_share(const struct score *s, size_t label, size_t pred,
                   double value, double weight);

/* What clusters_sum is to take for the mean: the value, or 0. */
double score_centre(const struct score *s);

/* The score as a loss (1 - macro F1); NaN without rows. */
double score_value(const struct score *s);

/* groups: clusters_sum of this set, or NULL where rows are independent. */
struct estimate score_estimate(const struct score *s,
                               const struct cluster_sums *groups);

#endif
