/*
 * disjoint_sets: which of n things are together (union-find; Tarjan 1975).
 */
#ifndef STATS_DISJOINT_SETS_H
#define STATS_DISJOINT_SETS_H

#include <stddef.h>
#include <stdint.h>

/* {0} is empty.  Invariant: parent[i] <= i, a set's root is its smallest. */
struct disjoint_sets {
    uint32_t *parent; /* [n] */
    size_t n, capacity;
};

/* Adds things that are sets of their own until there are n. */
void disjoint_sets_grow(struct disjoint_sets *sets, size_t n);
void disjoint_sets_release(struct disjoint_sets *sets);

/* The smallest thing of the set that holds i < n. */
uint32_t disjoint_sets_find(struct disjoint_sets *sets, uint32_t i);

/* Makes the sets of a and b one. */
void disjoint_sets_join(struct disjoint_sets *sets, uint32_t a, uint32_t b);

#endif
