/*
 * lattice_paths: how far apart the distribution functions of two samples get by
 * chance.
 */
#ifndef STATS_LATTICE_PATHS_H
#define STATS_LATTICE_PATHS_H

#include <stddef.h>
#include <stdint.h>

/*
 * A random order of n numbers of one sample and m of another is a path from
 * (0, 0) to (n, m); at step s, with i of the first and j = s - i of the second
 * behind, |i m - j n| is n m times the distance of the two distribution
 * functions.  Returns the probability that this is `far` or more at one of the
 * steps with looked[s], s < n + m (those at which a group of equal numbers
 * ends): the exact p-value of Kolmogorov and Smirnov's test, with ties
 * (Schröer & Trenkler 1995, Computational Statistics & Data Analysis 20:185).
 *
 * It adds up what leaves, so that small probabilities are as good as large
 * ones.  n, m >= 1, n m < 2^62 / (n + m).  Costs some .5 ns for each (s, i)
 * that is not far: 2 n m of them times the distance, where there are few ties,
 * and n m at most.
 */
double paths_reach(size_t n, size_t m, int64_t far,
                   const unsigned char *looked);

#endif
