/*
 * hash: one 64-bit hash for n-grams, row fingerprints, dictionaries and
 * --hash splits.  Part of the file formats: its values must never change.
 * FNV-1a over the bytes (Fowler, Noll, Vo), finished with the 64-bit mixer of
 * MurmurHash3 so that low bits are good too.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 0xcbf29ce484222325u

/* Continues the running state over more bytes (start with HASH_START). */
uint64_t hash_add(uint64_t state, const void *bytes, size_t len);

/* The finished value of a running state. */
uint64_t hash_finish(uint64_t state);

/* hash_finish(hash_add(HASH_START, …)). */
uint64_t hash_bytes(const void *bytes, size_t len);

#endif
