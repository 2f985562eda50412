/*
 * pack: numbers and bytes one behind the other, and back, as this machine has
 * them in memory; for files that the machine which wrote them reads.
 */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

void pack_count(struct buf *to, uint64_t value);
void pack_double(struct buf *to, double value);

/* The length, then the bytes. */
void pack_bytes(struct buf *to, const void *bytes, size_t len);

/*
 * What is left of packed bytes.  Reading beyond the end, or bytes of another
 * length than wanted, sets `failed`, after which everything reads as zero.
 */
struct unpack {
    const char *at;
    size_t left;
    bool failed;
};

uint64_t unpack_count(struct unpack *from);
double unpack_double(struct unpack *from);

/* Exactly len packed bytes into `to`. */
void unpack_into(struct unpack *from, void *to, size_t len);

/* A view of packed bytes, "" where it fails. */
const char *unpack_view(struct unpack *from, size_t *len);

#endif
