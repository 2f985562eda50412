/*
 * hash_count: how many different 64-bit hashes there are.
 *
 * As base/hash_set.h, in 16 bytes a hash, but they go in some at a time, so
 * that the memory for one is on its way while others are looked at: for
 * millions of them.
 */
#ifndef BASE_HASH_COUNT_H
#define BASE_HASH_COUNT_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_PENDING = 128 };

/* {0} is empty. */
struct hash_count {
    uint64_t *slots; /* [n_slots] 0 where free, mapped */
    size_t n_slots, count;
    size_t n_pending;
    uint64_t pending[HASH_PENDING];
};

/*
 * A hash of the bytes for this purpose: fast, and of no lasting meaning.  Two
 * texts have the same one with probability 2^-64 or so.
 */
uint64_t hash_quick(const void *bytes, size_t len);

void hash_count_flush(struct hash_count *hashes);

static inline void hash_count_add(struct hash_count *hashes, uint64_t hash)
{
    hashes->pending[hashes->n_pending++] = hash ? hash : 1;
    if (hashes->n_pending == HASH_PENDING)
        hash_count_flush(hashes);
}

/* The number of different ones; after hash_count_flush. */
static inline size_t hash_count_of(const struct hash_count *hashes)
{
    return hashes->count;
}

void hash_count_release(struct hash_count *hashes);

#endif
