/*
 * large: memory for many values, in large pages where the system has them: it
 * takes a page at a time when it is first written to.
 */
#ifndef BASE_LARGE_H
#define BASE_LARGE_H

#include <stddef.h>

/* count x size bytes, not initialised; for free(). */
void *large_alloc(size_t count, size_t size);

#endif
