/*
 * hash_set: a set of 64-bit hashes (base/hash.h), to count distinct values or
 * to know them again in 16 bytes each.  Two values are taken for one with
 * probability 2^-64 a pair.
 */
#ifndef BASE_HASH_SET_H
#define BASE_HASH_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is a valid empty set. */
struct hash_set {
    uint64_t *slots; /* [n_slots] 0 where free */
    size_t n_slots, count;
};

bool hash_set_add(struct hash_set *set, uint64_t hash); /* was it new? */
bool hash_set_has(const struct hash_set *set, uint64_t hash);
void hash_set_release(struct hash_set *set);

#endif
