/*
 * dependence: do labels go with inputs in any way that some thousand rows could
 * show?
 *
 * For where a linear probe (stats/probe.h) finds nothing.  Looked at are
 *   scatter     how far apart the classes' means are, over columns that are
 *               linear in the inputs and over others (random features):
 *               sum of n_k |mean_k - mean|² (Anderson 2001, Austral Ecology
 *               26:32); many weak columns add up
 *   neighbours  how often the 1, 5, 15 nearest rows have the row's label, more
 *               or less often than by chance (Schilling 1986, JASA 81:799)
 *   products    the pair of columns whose product is furthest from the same
 *               mean in all classes: exclusive or, among columns that say
 *               nothing by themselves
 * against the same with the labels in random order.  The largest of them, in
 * standard deviations, is compared with the largest of each of 999 such orders,
 * so that the p-value is that of all of them together.
 */
#ifndef STATS_DEPENDENCE_H
#define STATS_DEPENDENCE_H

#include <stddef.h>
#include <stdint.h>

enum { DEPENDENCE_ROWS = 2000, DEPENDENCE_COLUMNS = 40 };

/* p: of all; z: the largest; by: where that was. */
struct dependence {
    double p, z;
    const char *by; /* "scatter", "neighbours", "products" */
};

/*
 * x[n][width], of which the first `linear` columns are linear in the inputs;
 * label[n] < classes, or UINT32_MAX for rows to be left out.  Up to 2,000 rows
 * are looked at, drawn at random; products only of up to 40 columns that are
 * not constant.  p is 1 where there are fewer than 20 rows or one class.  The
 * same seed gives the same answer.
 *
 * Labels in random order, 600 times each with 200 rows of 2 and of 40 columns
 * and 60 of 12, 150 times with 1,000 of 5, 2 to 10 classes: p <= .01 in .7 to
 * 1.2 %, p <= .05 in 4.2 to 5.3 %.
 */
struct dependence dependence_test(const float *x, size_t n, size_t width,
                                  size_t linear, const uint32_t *label,
                                  size_t classes, uint64_t seed);

#endif
