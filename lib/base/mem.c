#include "base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Large blocks are on large pages, of which fewer have to be looked up. */
enum { LINE_BYTES = 64, PAGE_BYTES = 1 << 21, LARGE_BYTES = 1 << 22 };

static const char *program = "assay";

void mem_set_program(const char *name)
{
    program = name;
}

/* One thread ends the process; others that come here wait for that. */
static void be_the_first(void)
{
    static atomic_flag ending = ATOMIC_FLAG_INIT;

    while (atomic_flag_test_and_set(&ending))
        pause();
}

static _Noreturn void out_of_memory(size_t count, size_t size)
{
    be_the_first();
    fprintf(stderr, "%s: out of memory (%zu x %zu bytes)\n", program, count,
            size);
    exit(1);
}

_Noreturn void mem_exhausted(void)
{
    be_the_first();
    fprintf(stderr, "%s: out of memory\n", program);
    exit(1);
}

static size_t checked_bytes(size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 2) / size)
        out_of_memory(count, size);
    return count && size ? count * size : 1;
}

void *mem_alloc(size_t count, size_t size)
{
    void *block = malloc(checked_bytes(count, size));

    if (!block)
        out_of_memory(count, size);
    return block;
}

void *mem_zalloc(size_t count, size_t size)
{
    void *block = calloc(1, checked_bytes(count, size));

    if (!block)
        out_of_memory(count, size);
    return block;
}

void *mem_aligned(size_t count, size_t size)
{
    size_t bytes = checked_bytes(count, size),
           align = bytes < LARGE_BYTES ? LINE_BYTES : PAGE_BYTES;
    void *block;

    bytes = (bytes + align - 1) / align * align;
    block = aligned_alloc(align, bytes);
    if (!block)
        out_of_memory(count, size);
    if (align == PAGE_BYTES)
        madvise(block, bytes, MADV_HUGEPAGE);
    return memset(block, 0, bytes);
}

void *mem_resize(void *block, size_t count, size_t size)
{
    block = realloc(block, checked_bytes(count, size));
    if (!block)
        out_of_memory(count, size);
    return block;
}

void *mem_grow(void *block, size_t *capacity, size_t need, size_t size)
{
    size_t wanted = *capacity ? *capacity : 16;

    if (need <= *capacity)
        return block;
    while (wanted < need)
        wanted *= 2;
    *capacity = wanted;
    return mem_resize(block, wanted, size);
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

char *mem_strndup(const char *text, size_t len)
{
    char *copy = mem_alloc(len + 1, 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
