/*
 * memory: how much this process has, and may have.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Bytes of this process as the system counts them: 0 where it does not say. */
struct memory_use {
    double resident, peak; /* in memory now, and at most so far */
    double address_space;
};

struct memory_use memory_used(void);

/*
 * Under ulimit -v: what n more threads take of the address space, with what
 * libraries ask for that cannot be told no; and the allocator no longer sets
 * address space aside for each of them.  0 where there is no such limit.
 */
double memory_of_threads(int n);

/*
 * The first limit that `more` bytes beyond what is used would break: address
 * space (ulimit -v), that of the container (cgroup, version 1 or 2), that of
 * the machine.  Its name, "ulimit -v", "the container" or "this machine", with
 * the bytes that are needed in all and those it allows; NULL: there is none.
 */
const char *memory_broken(double more, double *need, double *limit);

#endif
