/*
 * hash_index: 64-bit hashes numbered 0, 1, … in the order they were first
 * seen: rows that are met again, in 16 to 32 bytes each, their text not kept.
 * Two texts are taken for one with probability 2^-64 a pair.
 */
#ifndef BASE_HASH_INDEX_H
#define BASE_HASH_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* {0} is a valid empty index. */
struct hash_index {
    uint64_t *hash; /* [count] */
    size_t count, capacity;
    uint32_t *slots; /* [n_slots] number + 1, 0 where free */
    size_t n_slots;
    size_t last; /* number found last: rows often come in the same order */
};

/* The number of the hash; it is new where that is what count was before.  At
 * most 2^32 - 2 of them. */
size_t hash_index_add(struct hash_index *index, uint64_t hash);
void hash_index_release(struct hash_index *index);

#endif
