/*
 * hash_rows: base/hash.h over several runs of bytes side by side, which takes
 * hardly longer than one: each step of a hash waits for the one before.
 */
#ifndef BASE_HASH_ROWS_H
#define BASE_HASH_ROWS_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_ROWS = 8 };

/* state[i] = hash_add(state[i], bytes[i], len[i]) for i < HASH_ROWS. */
void hash_rows_add(uint64_t state[HASH_ROWS],
                   const char *const bytes[HASH_ROWS],
                   const size_t len[HASH_ROWS]);

#endif
