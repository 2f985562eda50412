/*
 * influence: what one row counts in a metric that is no mean over rows.
 *
 * A function M of the confusion matrix is, to first order, its value plus the
 * mean over the rows of their influence (Hampel 1974, J. Am. Stat. Assoc.
 * 69:383): so its noise is that of a mean, and changes of it can be paired row
 * by row.  A row's influence depends on its label and its prediction alone.
 *
 * All functions write out[label * c->n_classes + pred], of loss, that is, less
 * is better.  The mean over the rows of c is 0, but for the error, where the
 * influence is the loss itself.
 */
#ifndef STATS_INFLUENCE_H
#define STATS_INFLUENCE_H

#include "stats/confusion.h"

/* [label != pred]: the mean is confusion_error, exactly. */
void influence_error(const struct confusion *c, double *out);

/*
 * Of confusion_balanced_error, with n rows, n_k of them of class k, L classes
 * that have any, and recall R: -n / (L n_k) ([pred = k] - R_k), k = label.
 */
void influence_balanced_error(const struct confusion *c, double *out);

/*
 * Of -confusion_macro_f1, with K classes that occur, F_k their F1, and P_k rows
 * called so: the sum over k of
 *
 *     -n / (K (n_k + P_k)) (2 [label = pred = k] - F_k ([label = k] + [pred =
 * k]))
 */
void influence_macro_f1(const struct confusion *c, double *out);

#endif
