/*
 * mem: allocation that does not return NULL.
 *
 * When memory is out, or a size overflows, these report one line on standard
 * error and exit with status 1; exit handlers then clean up (cli/report.h).
 * Sizes that come from input are to be checked against a limit by the caller
 * first, as an ordinary error.  Blocks are freed with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* The name that stands in front of the out-of-memory message. */
void mem_set_program(const char *name);

/* Reports that memory is out in a library, which does not say how much. */
_Noreturn void mem_exhausted(void);

/* count x size bytes, not initialised / all zero. */
void *mem_alloc(size_t count, size_t size);
void *mem_zalloc(size_t count, size_t size);

/* Zeroed bytes that start on a 64-byte line (cache line, widest vector). */
void *mem_aligned(size_t count, size_t size);

/* realloc to count x size bytes. */
void *mem_resize(void *block, size_t count, size_t size);

/*
 * Makes room for at least `need` elements: returns block, or a larger copy
 * with *capacity (in elements) at least doubled.
 */
void *mem_grow(void *block, size_t *capacity, size_t need, size_t size);

char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t len); /* adds the final NUL */

#endif
