/*
 * confusion: the confusion matrix of a classifier and what follows from it.
 *
 * A stream of predictions is added row by row; memory is n_classes² doubles,
 * whatever the number of rows.
 *
 *     struct confusion c;
 *     struct interval i;
 *
 *     confusion_init(&c, 3);
 *     confusion_add(&c, label, pred, 1.0);
 *     i = confusion_bootstrap(&c, sums_macro_f1, 1000, seed);
 *     confusion_release(&c);
 *
 * A class occurs when it is the label or the prediction of some row.  Classes
 * that do not occur change no metric, so that a reader that discovers classes
 * as it goes may make room ahead (by doubling) and keep its own number of them.
 */
#ifndef STATS_CONFUSION_H
#define STATS_CONFUSION_H

#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

/*
 * Invariant: count is [n_classes][n_classes], row-major, label first:
 * count[label * n_classes + pred] is the (weighted) number of rows, >= 0.
 * The matrix owns count.
 */
struct confusion {
    size_t n_classes;
    double *count;
};

/* All counts zero.  n_classes may be 0.  Pair with confusion_release. */
void confusion_init(struct confusion *c, size_t n_classes);
void confusion_release(struct confusion *c);

/*
 * Makes room for n_classes classes and keeps the counts; does nothing when
 * there is room already.  Copies the matrix: cost n_classes².
 */
void confusion_grow(struct confusion *c, size_t n_classes);

/* Adds a row.  label and pred are below n_classes; weight >= 0, 1 as a rule. */
void confusion_add(struct confusion *c, size_t label, size_t pred,
                   double weight);

/* Adds a row, making room (by doubling) for a class that is new. */
void confusion_weigh(struct confusion *c, size_t label, size_t pred,
                     double weight);

/* The same of weight 1. */
void confusion_count(struct confusion *c, size_t label, size_t pred);

/*
 * The scores of one class k against the rest.  With TP, FP, FN its true
 * positives, false positives and false negatives:
 *
 *     n = TP + FN (rows with that label), predicted = TP + FP
 *     precision = TP / predicted, recall = TP / n
 *     f1 = 2 TP / (2 TP + FP + FN)
 *
 * A ratio with denominator 0 is NaN, and its interval is [0, 1].  Precision
 * and recall have Wilson's interval.  So has F1, by way of the Jaccard index
 * J = TP / (TP + FP + FN): among the rows that are of the class or were called
 * so, J is a plain rate; Wilson's ends of J are mapped by F1 = 2 J / (1 + J),
 * which grows with J and hence keeps the coverage.
 */
struct class_scores {
    double n, predicted, precision, recall, f1;
    struct interval precision_ci, recall_ci, f1_ci;
};

void confusion_class(const struct confusion *c, size_t k,
                     struct class_scores *out);

/* The sum of all counts: the number of rows when all weights are 1. */
double confusion_total(const struct confusion *c);

/* Metrics, in [0, 1]; NaN when there are no rows. */

/* The share of rows off the diagonal.  Wilson's interval is the one for it. */
double confusion_error(const struct confusion *c);

/*
 * The mean of F1 over the classes that occur as label or prediction, an F1
 * without true positives counting 0: scikit-learn's f1_score(average='macro',
 * zero_division=0).
 */
double confusion_macro_f1(const struct confusion *c);

/*
 * 1 - the mean recall over the classes that occur as label: 1 - scikit-learn's
 * balanced_accuracy_score.
 */
double confusion_balanced_error(const struct confusion *c);

/*
 * What these metrics are made of: of each class, the rows that are of it and
 * called so, that are of it, and that are called so; [n_classes] each.
 */
struct class_sums {
    size_t n_classes;
    double *hits, *labels, *preds;
};

typedef double sums_metric(const struct class_sums *sums);

/* The three metrics above as functions of the sums. */
double sums_error(const struct class_sums *sums);
double sums_macro_f1(const struct class_sums *sums);
double sums_balanced_error(const struct class_sums *sums);

/*
 * The percentile interval of a metric from `draws` bootstrap samples of the
 * rows (Efron 1979).  Rows in one cell of the matrix are alike, so resampling
 * rows is drawing the cells from a multinomial distribution with the counts as
 * weights, exactly; the cost is that of draws x nonzero cells plus the metric,
 * however many rows there are (about .15 us a cell and draw: 1000 draws take
 * 14 s for 80,000 nonzero cells, a millisecond or so for ten).  Counts must be
 * whole numbers of rows (weights of 1).  The same seed gives the same interval.
 * NaN without rows or draws.
 *
 * Measured for macro F1 (4 classes, 300 rows, 600 simulated data sets): the
 * interval holds the true value in .935 of them with classes of equal size, in
 * .912 when the smallest has 3 % of the rows.  Of a class with a handful of
 * rows a sample can hold none, but never an error that was not seen.
 */
struct interval confusion_bootstrap(const struct confusion *c,
                                    sums_metric *metric, size_t draws,
                                    uint64_t seed);

/* The same of several metrics from the same samples: out[n_metrics]. */
void confusion_bootstrap_all(const struct confusion *c,
                             sums_metric *const *metrics, size_t n_metrics,
                             size_t draws, uint64_t seed, struct interval *out);

#endif
