/*
 * group_apportion: whole groups of rows divided among parts, so that each part
 * has about its share of every class.
 *
 * With n[p][c] rows of class c in part p, N[c] of class c in all, N in all, K
 * classes, and shares s[p] that add up to 1, what is made small is
 *
 *     sum over p, c  (n[p][c] - s[p] N[c])^2 / (s[p] N[c])
 *       + K  sum over p  (n[p] - s[p] N)^2 / (s[p] N),
 *
 * Pearson's chi-square of the table plus K times that of the sizes, so that
 * many rare classes do not pull all of their rows into the largest part.
 *
 * Groups are taken largest first, in a seeded order among equals, each to the
 * part where the sum rises least (what scikit-learn's StratifiedGroupKFold
 * does with folds); then single groups change parts and pairs of groups change
 * places as long as that lowers it.  Few groups are tried from several starts.
 * The work is bounded: about 50 million steps, however many groups there are.
 * To find the least sum is NP-hard (with one class and two parts it is the
 * partition problem), so that the result is good, not proven best.
 */
#ifndef STATS_GROUP_APPORTION_H
#define STATS_GROUP_APPORTION_H

#include <stddef.h>
#include <stdint.h>

/*
 * Group g has count[i] > 0 rows of class[i] for i from start[g] to
 * start[g + 1]; class[i] < classes, each class once in a group.
 */
struct group_counts {
    size_t n, classes;
    const size_t *start;   /* [n + 1] */
    const uint32_t *class; /* [start[n]] */
    const uint32_t *count; /* [start[n]] */
};

#define GROUP_FREE UINT32_MAX

/*
 * Gives every group g with part[g] == GROUP_FREE a part below `parts`.  Other
 * groups keep theirs: those below `parts` count as rows of that part, others
 * are no rows at all here.  share[parts] > 0 need not add up to 1.  The result
 * depends on the arguments only.
 */
void group_apportion(const struct group_counts *groups, const double *share,
                     size_t parts, uint64_t seed, uint32_t *part);

/* What is made small, of parts given in any way. */
double group_objective(const struct group_counts *groups, const double *share,
                       size_t parts, const uint32_t *part);

/*
 * Where a class's share in a part is furthest from its share in the whole:
 * the distance, and which class and part that is.  0 where there are no rows.
 */
struct group_imbalance {
    double difference;
    size_t class, part;
};

struct group_imbalance group_imbalance(const struct group_counts *groups,
                                       size_t parts, const uint32_t *part);

#endif
