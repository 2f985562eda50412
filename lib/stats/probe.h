/*
 * probe: what can a linear model tell of the labels from the inputs?
 *
 * A ridge regression of the classes (one column each, 1 for the row's own) on
 * the inputs, fitted to one half of the rows and applied to the other (even
 * rows and odd ones).  The inputs are factored once; labels may then be tried
 * in any order (probe_try) at little cost.
 */
#ifndef STATS_PROBE_H
#define STATS_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe;

/*
 * x[n][width], row-major, finite; not copied, and to be kept as long as the
 * probe.  n >= 4.  Columns are centred; the ridge is .3 of their mean
 * variance.  Cost n width² / 2, and 32 width² bytes.
 */
struct probe *probe_new(const float *x, size_t n, size_t width);
void probe_free(struct probe *probe);

/*
 * Fits to label[n] (< classes, or PROBE_NONE for rows to be left out of the
 * fit) and writes score[n][classes]: of every row, from the half it is not in.
 * Higher for likelier classes; a score is about P(class | row) less the class's
 * share.  Any number of threads gives the same bits.
 */
#define PROBE_NONE UINT32_MAX
void probe_fit(const struct probe *probe, const uint32_t *label, size_t classes,
               float *score);

/*
 * Do the labels go with the scores?  Over the rows [begin, end) with a label:
 *
 *     T = sum of score[row][label[row]]
 *
 * and its mean and variance if the same labels stood in random order, which are
 * exact (Hoeffding 1951, Annals of Mathematical Statistics 22:558): with b the
 * scores a[i][j] = score[i][label[j]], row and column means taken off,
 * variance = sum b² / (n - 1).  z is (T - mean) / standard deviation, near
 * normal where labels mean nothing; NaN where no order could be told from
 * another (one class, or equal scores).
 */
struct association {
    double n, sum, mean, sd, z;
};
struct association probe_association(const float *score, const uint32_t *label,
                                     size_t classes, size_t begin, size_t end);

/*
 * The same of all rows, with scores of probe_fit to these labels.  Then the
 * halves judge each other by the same pairs of rows, and their sums go
 * together; so sd is the sum of theirs, which no dependence can exceed.
 * Labels in random order, 3,000 times each with 200 rows of 2 and of 40
 * columns, 60 of 12, 1,000 of 5, and random features of them, 2 to 10 classes:
 * z > 2.33 in .4 to .8 %, z > 3.1 in .03 to .1 %.
 */
struct association probe_association_of_all(const float *score,
                                            const uint32_t *label,
                                            size_t classes, size_t n);

/*
 * What probe_fit and probe_association_of_all would say (sum less its mean is
 * in `sum`), without scores: n width + 6 classes width² multiply-adds.  Exact
 * where all rows have a label; else rows without one are taken to be spread as
 * the others.  With `quick` so are the rows of either half, at a third of the
 * cost: good for finding the best of many.  May be called by several threads at
 * a time.
 */
struct association probe_try(const struct probe *probe, const uint32_t *label,
                             size_t classes, bool quick);

#endif
