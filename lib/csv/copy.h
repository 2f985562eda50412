/*
 * copy: text that was unpacked or decoded, kept in memory so that it can be
 * read once more without that work.
 *
 * It is given back piece by piece as it is read.  Only as much is kept as the
 * process may spare: a 24th of the memory it could still have, and 1 GB at
 * most; beyond, nothing is, and the caller has to read its source again.
 */
#ifndef CSV_COPY_H
#define CSV_COPY_H

#include <stdbool.h>
#include <stddef.h>

/* {0} is empty. */
struct copy {
    char **pieces;
    size_t n, capacity;
    size_t last;      /* bytes in the last piece */
    size_t piece, at; /* read up to here */
    bool given_up;    /* it was too much */
};

void copy_add(struct copy *copy, const char *bytes, size_t n);

/* Up to `size` bytes; 0 at the end. */
size_t copy_read(struct copy *copy, char *out, size_t size);

void copy_release(struct copy *copy); /* nothing is kept; {0} again */

#endif
