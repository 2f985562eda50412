/*
 * agreement: do predictions go with the labels, as they stand, in another order
 * of the rows, or by other names of the classes?
 */
#ifndef STATS_AGREEMENT_H
#define STATS_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

/*
 * right: rows in which both are the same; expected, sd: the same if the labels
 * stood in random order, which are exact (n_k rows of label k, m_k predictions
 * of it):
 *
 *     expected = S / n,  S = sum of n_k m_k
 *     sd² = (S² + n² S - n sum of n_k m_k (n_k + m_k)) / (n² (n - 1))
 *
 * (Everitt 1968, British Journal of Mathematical and Statistical Psychology
 * 21:97).  z = (right - expected) / sd, NaN where no order could be told from
 * another.  largest: the rows of the most frequent label.
 */
struct agreement {
    double n, right, expected, sd, z, largest;
};

/* label[n], pred[n] < classes. */
struct agreement agreement_of(const uint32_t *label, const uint32_t *pred,
                              size_t n, size_t classes);

/*
 * P(X >= k) and P(X <= k) of a binomial distribution, k of n, rate p in
 * [0, 1]; whole numbers.
 */
double binomial_at_least(double k, double n, double p);
double binomial_at_most(double k, double n, double p);

/*
 * Another order of the predictions that fits better: that of row i stands at
 * i + offset (|offset| <= ORDER_FAR), or at the other end.  share, best: right
 * rows as they stand, and in that order, of the n that both have; z: McNemar's,
 * (b - c) / sqrt(b + c), b rows right only in that order, c only as they stand.
 * found: z >= 5, which among all orders happens by chance to less than one
 * series of rows in 10^4, .03 more right, and .4 of the error gone that naming
 * the largest label would make.
 */
enum { ORDER_FAR = 50, ORDER_LEAST = 40 };
struct pred_order {
    bool found, reversed;
    long offset;
    double share, best, z, n;
};

/* n < ORDER_LEAST: nothing is found. */
struct pred_order pred_order_find(const uint32_t *label, const uint32_t *pred,
                                  size_t n, size_t classes);

/*
 * Other names for the classes: what is predicted as k is label to[k], a
 * permutation, chosen on every other row as the one with the most right
 * (Kuhn's assignment problem), and judged on the rest: n of them, share right
 * as they are and best with the other names; p: McNemar's, one-sided.  found: p
 * < .001, .05 more right, of the rows whose prediction gets another name at
 * least half, and .45 of the error gone that naming the largest label would
 * make (one that is not trained has some names that fit better than others,
 * too), and more than half of the classes that get another name are then mostly
 * right.
 */
struct pred_names {
    bool found;
    double n, share, best, p, renamed;
};

enum { NAMES_MOST = 300 };

/* to[classes]; classes <= NAMES_MOST, else nothing is found. */
struct pred_names pred_names_find(const uint32_t *label, const uint32_t *pred,
                                  size_t n, size_t classes, size_t *to);

/*
 * The assignment of rows to columns with the largest sum of gain[n][n], finite:
 * to[row] = column (Kuhn 1955; with potentials, O(n^3)).
 */
void best_assignment(const double *gain, size_t n, size_t *to);

#endif
