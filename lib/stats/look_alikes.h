/*
 * look_alikes: which of a few sets a set is like, asked for many.
 *
 * Sets are sorted arrays of distinct 64-bit hashes, one of several kinds; sets
 * of different kinds are never alike.  Two are alike when their Jaccard
 * similarity is at least a threshold t.  The answer is exact.
 *
 * If J(A, B) >= t, the two share at least t |A| elements; so they share one
 * among the first |A| - ceil(t |A|) + 1 of A and as many of B, in any one order
 * of all elements (Chaudhuri, Ganti & Kaushik 2006; Bayardo, Ma & Srikant 2007,
 * "Scaling up all pairs similarity search").  With the rarest first, an index
 * of these prefixes gives few candidates, which are compared in full.
 *
 *     struct look_alikes alikes = {0};
 *     look_alikes_add(&alikes, kind, set, n);      each set
 *     look_alikes_index(&alikes, .8);
 *     n = look_alikes_find(&alikes, kind, set, n, &found);
 */
#ifndef STATS_LOOK_ALIKES_H
#define STATS_LOOK_ALIKES_H

#include <stddef.h>
#include <stdint.h>

struct look_alike_set; /* one of them */
struct look_alike_slot;
struct look_alike_rank;

/* Some 100 bytes an element. */
struct look_alikes {
    struct look_alike_set *sets; /* [n], in the order they were added */
    size_t n, capacity;
    uint64_t *elements; /* of all sets, one after the other */
    size_t n_elements, element_capacity;
    struct look_alike_slot *slots; /* [n_slots] of the elements */
    size_t n_slots;
    uint32_t *postings; /* sets, by element of their prefix */
    double similarity;
    uint32_t *found; /* [n] what look_alikes_find gives */
    size_t asked;
    struct look_alike_rank *prefix; /* room to order a set in */
    size_t prefix_capacity;
};

void look_alikes_release(struct look_alikes *alikes);

/* The next set, n > 0 elements. */
void look_alikes_add(struct look_alikes *alikes, uint64_t kind,
                     const uint64_t *set, size_t n);

/* After the last one; 0 < similarity <= 1. */
void look_alikes_index(struct look_alikes *alikes, double similarity);

/*
 * The sets that are like this one, n > 0 elements: how many, and their numbers
 * in *found, which is valid until the next call.
 */
size_t look_alikes_find(struct look_alikes *alikes, uint64_t kind,
                        const uint64_t *set, size_t n, const uint32_t **found);

#endif
