/*
 * real: the number type of the networks.  Built a second time with
 * NN_DOUBLE for the gradient checks, which need double precision.
 */
#ifndef NN_REAL_H
#define NN_REAL_H

#include <stddef.h>

#ifdef NN_DOUBLE
typedef double real;
#else
typedef float real;
#endif

/* Values of a line of the cache, and of the widest vector. */
enum { LANES = 64 / sizeof(real) };

/* n, or as many more as fill the last line. */
static inline size_t in_lanes(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

#endif
