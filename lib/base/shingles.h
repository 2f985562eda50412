/*
 * shingles: a text as the set of its runs of five characters.
 *
 * How alike two texts are is the Jaccard similarity of their sets
 * (stats/minhash.h).
 */
#ifndef BASE_SHINGLES_H
#define BASE_SHINGLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { SHINGLE = 5 }; /* characters */

/* hash[n] of the shingles; {0} is empty. */
struct shingles {
    uint64_t *hash;
    size_t n, capacity;
    struct buf padded;
};

void shingles_release(struct shingles *s);

/*
 * Those of a UTF-8 text, a blank put before it, in the order of the text and
 * doubles included; one of the whole text where it is shorter than one.
 */
void shingles_of(struct shingles *s, const char *text, size_t len);

/* Makes them a set: sorted, each once. */
void shingles_make_set(struct shingles *s);

#endif
