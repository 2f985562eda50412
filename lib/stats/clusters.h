/*
 * clusters: sums by group of rows, for intervals where rows of one group are
 * alike: images of one patient, or one row as several models see it.
 *
 * A group may have rows in several sets (splits); its sums are kept for each of
 * them.  32 bytes a group and set in a table that is between a quarter and a
 * half full: 64 to 128 bytes a group, whatever the number of rows.  Groups are
 * known by a 64-bit hash of which 61 bits count: two are taken for one with a
 * probability of 4e-19 a pair.
 */
#ifndef STATS_CLUSTERS_H
#define STATS_CLUSTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLUSTER_SETS = 7 };

/* {0} is empty. */
struct clusters {
    struct cluster *slots; /* [n_slots] */
    size_t n_slots, count;
};

/* Adds a row of that set < CLUSTER_SETS: its residual or value, its weight. */
void clusters_add(struct clusters *c, uint64_t group, unsigned set,
                  double value, double weight, bool wrong);
void clusters_release(struct clusters *c);

/*
 * Of one set: how many groups, in how many of them a row was wrong, the sum of
 * the squares of the groups' weights, and of (value - mean weight)², and its
 * cube.
 */
struct cluster_sums {
    double groups, wrong, weights2, residuals2, residuals3;
};

struct cluster_sums clusters_sum(const struct clusters *c, unsigned set,
                                 double mean);

/*
 * The sum over the groups in both sets of the products of their residuals,
 * (value - mean weight) in each.
 */
double clusters_product(const struct clusters *c, unsigned a, double mean_a,
                        unsigned b, double mean_b);

#endif
