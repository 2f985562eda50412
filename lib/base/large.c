#include "base/large.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"

enum { LARGE_PAGE = 1 << 21 };

void *large_alloc(size_t count, size_t size)
{
    size_t bytes = count * size;
    void *block = NULL;

    if (bytes / LARGE_PAGE > 0 && bytes / size == count)
        block = aligned_alloc(LARGE_PAGE, (bytes + LARGE_PAGE - 1) /
                                              LARGE_PAGE * LARGE_PAGE);
    if (!block)
        return mem_alloc(count, size);
    madvise(block, bytes, MADV_HUGEPAGE);
    return block;
}
