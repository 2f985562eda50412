/*
 * parallel: how many threads, and even pieces of work.
 *
 * The rule of the house: threads own outputs, never partial sums, so that
 * results do not depend on how many there are.
 */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Sets the threads of every later region: n if positive, else
 * OMP_NUM_THREADS, else the cores this process may use (CPU affinity and the
 * container's quota, rounded up).  Returns the number.
 */
int parallel_set_threads(int n);

/*
 * Whether so many threads can be started: else an ERR_SYSTEM error.  OpenMP
 * would end the process with words of its own.
 */
int parallel_check(struct err *err);

/*
 * The threads that a region started here would have: 1 inside a region, unless
 * regions are nested (parallel_nest) and this is not inside of two.
 */
int parallel_threads(void);

/* Whether regions inside of regions have threads of their own. */
void parallel_nest(bool nest);

/* Piece `i` of `pieces` even, contiguous pieces of [0, n): [*begin, *end). */
void parallel_piece(size_t n, int pieces, int i, size_t *begin, size_t *end);

#endif
