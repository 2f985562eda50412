/*
 * bias_variance: the loss of several models of the same rows (replicas: other
 * seeds, or training sets drawn anew), split into noise, bias and variance.
 *
 *     loss = noise + bias + net variance,     row by row and exactly
 *
 *     noise         what the best prediction y* would lose
 *     bias          how far the main prediction, on which the replicas agree
 *                   most, is from y*: systematic, also with endless replicas
 *     variance      how far the replicas are from the main prediction: luck
 *     net variance  what that costs: less than nothing where the main
 *                   prediction is wrong and some replica happens to be right
 *
 * What the loss is measured against is t, the truth of a row as a random class
 * that does not depend on the replicas D.  It comes as struct parts_truth: the
 * row's label, or a draw from a distribution q over the classes (of persons'
 * judgements, say), or both: the label is the one draw that was made, and what
 * is best is known from q.  y* is the most probable class of q, the first of
 * equals; the label where there is no q, and then there is no noise.
 *
 * With f_k = P(y_D = k), the share of replicas that say k, and f_t = f_label or
 * the mean of f over q:
 *
 *   Domingos (2000, "A unified bias-variance decomposition", ICML, and AAAI),
 *   0-1 loss.  y_m: the class with the largest f, the first of equals.
 *       bias      B = [y_m != y*]
 *       variance  V = P(y_D != y_m) = 1 - f_m
 *       net       c2 V, c2 = 1 if B = 0, else -P(y_D = y* | y_D != y_m):
 *                 V if B = 0, -f_y* if B = 1
 *       noise     c1 N, N = P(t != y*),
 *                 c1 = P(y_D = y*) - P(y_D = t | t != y*): f_y* - f_t
 *   Proof.  c1 N = N f_y* - sum over k != y* of P(t = k) f_k
 *               = f_y* - sum over all k of P(t = k) f_k = f_y* - f_t;
 *   B + c2 V = 1 - f_y* (B = 0: V, as y_m = y*; B = 1: 1 - f_y*);
 *   the sum is 1 - f_t = P(y_D != t), the loss.
 *   The second factor of c1 is what several classes need (Domingos' theorem
 *   for two classes has 2 P(y_D = y*) - 1).  noise may be negative in a row
 *   where the replicas go with a label that is not y*.
 *
 *   Kohavi & Wolpert (1996, "Bias plus variance decomposition for zero-one
 *   loss functions", ICML), 0-1 loss:
 *       bias      1/2 |q - f|²        q: the label as 0s and a 1 without q
 *       variance  1/2 (1 - |f|²)
 *       noise     1/2 (1 - |q|²) + (q - e).f,   e the label as 0s and a 1, q
 *                 without a label
 *
 *   Brier: squared loss |e - p|² of probabilities.  p_m the mean of p:
 *       bias      |q - p_m|²
 *       variance  mean of |p - p_m|²
 *       noise     1 - |q|² + 2 (q - e).p_m
 *   (Kohavi & Wolpert is half of this, with p all 0 but for the class said.)
 *
 *   Log loss (Heskes 1998, Neural Computation 10:1425).  p_m the geometric mean
 *   of p, divided by its sum Z:
 *       bias      sum of q ln(q / p_m), the label's -ln p_m without q
 *       variance  -ln Z, which is the mean divergence from p_m to the replicas
 *       noise     - sum of q ln q + sum of (q - e) mean ln p
 *   A p of 0 in one replica is 0 in p_m.  Where it is that of the label, loss
 *   and bias are inf; where every class has one, p_m does not exist, and the
 *   variance is inf too.
 *
 * In the last three net variance is variance.  A quadratic bias that R
 * replicas tell of is too large by what their mean still varies: less
 * variance / (R - 1), which goes to the variance, it is unbiased (R > 1); sums
 * are the same.  Domingos' bias has no such correction.
 *
 * mlxtend's bias_variance_decomp, which is often used for 0-1 loss, gives loss,
 * bias and V but no c2, and its three numbers do not add up where a class is
 * missed by the main prediction.
 */
#ifndef STATS_BIAS_VARIANCE_H
#define STATS_BIAS_VARIANCE_H

#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

enum decomposition {
    PARTS_DOMINGOS,
    PARTS_KOHAVI_WOLPERT,
    PARTS_BRIER,
    PARTS_LOG_LOSS
};

/*
 * The last two depend: of Domingos variance_unbiased and variance_biased, the
 * variance V of rows with B = 0 and with B = 1 (as shares of all rows, so that
 * they sum to variance); of the quadratic ones bias_corrected and
 * variance_corrected; of log loss there are none.
 */
enum part {
    PART_LOSS,
    PART_NOISE,
    PART_BIAS,
    PART_VARIANCE,
    PART_NET_VARIANCE,
    PART_EXTRA,
    PART_OTHER_EXTRA,
    PART_COUNT
};

/* "loss", "noise", …; NULL where the decomposition has no such part. */
const char *part_name(enum decomposition decomposition, enum part part);

#define PARTS_NO_LABEL SIZE_MAX

/* label: a class, perhaps one >= classes that nobody predicted, or
 * PARTS_NO_LABEL; chance[classes] sums to 1, or NULL.  One of them is there. */
struct parts_truth {
    size_t label;
    const double *chance;
};

/* One row.  main: the class of the main prediction. */
struct row_parts {
    double value[PART_COUNT];
    size_t main;
};

/* 0-1 loss: votes[classes], how many replicas said each; at least one did. */
void parts_domingos(const double *votes, size_t classes,
                    const struct parts_truth *truth, struct row_parts *out);
void parts_kohavi_wolpert(const double *votes, size_t classes,
                          const struct parts_truth *truth,
                          struct row_parts *out);

/* sum[classes]: of p over replicas; squares: of all p². */
void parts_brier(const double *sum, double squares, double replicas,
                 size_t classes, const struct parts_truth *truth,
                 struct row_parts *out);

/* log_sum[classes]: of ln p over replicas, -inf where a p is 0. */
void parts_log_loss(const double *log_sum, double replicas, size_t classes,
                    const struct parts_truth *truth, struct row_parts *out);

/*
 * Means over rows.  infinite: rows in which a part is inf; without[]: the means
 * over the others, NaN where there are none.  Where one is inf the mean is inf
 * and ci is unknown.
 */
struct parts {
    size_t n, infinite;
    double value[PART_COUNT], without[PART_COUNT];
    struct interval ci[PART_COUNT];
};

/*
 * row[n], n > 0; seed: of the draws.  The intervals are of other rows for these
 * replicas, from 1000 bootstrap draws of rows, and stay within the bounds of
 * the part:
 *   - Domingos: percentiles of the means;
 *   - else studentised (Efron 1982, "The Jackknife, the Bootstrap and Other
 *     Resampling Plans", 10.9): the rows of which a mean is large are few, and
 *     percentiles miss it too often;
 *   - all but log loss: at least Wilson's interval for a rate, of as many rows
 *     as would make a rate so certain, n u (1 - u) / s² with u the mean and s²
 *     the variance on a scale of 0 to 1; of a part that may be negative
 *     Newcombe's for the difference of what is above 0 and what is below.  A
 *     bootstrap knows nothing of rows of which none was seen.
 * How often they held the mean of 400,000 rows of three classes, the smallest
 * and the largest over the parts in percent of 1000 runs (standard error .7;
 * tests/bench/part_coverage.c), noise, with 5 % of labels wrong, apart:
 *
 *     decomposition, replicas, error   50 rows      100 rows     200 rows
 *     Domingos         5   10 %        96 - 99, 99  95 - 97, 98  95 - 97, 97
 *     Domingos        20    5 %        93 - 99, 99  95 - 99, 99  94 - 97, 97
 *     Domingos        10   30 %        94 - 97, 98  93 - 97, 97  95 - 96, 96
 *     Kohavi-Wolpert   5   10 %        96 - 98, 89  96 - 98, 96  96 - 97, 96
 *     Brier            5   10 %        94 - 96, 86  95 - 97, 97  95 - 96, 98
 *     log loss         5   10 %        90 - 96, 84  94 - 95, 96  95 - 96, 98
 *
 * In 50 rows there is no wrong label in one of 13 runs.
 */
void parts_measure(const struct row_parts *row, size_t n,
                   enum decomposition decomposition, uint64_t seed,
                   struct parts *out);

#endif
