/* Any bytes as two IDX files; the first two say where the second begins. */
#include "memory_file.h"

#include "table/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct memory_file images, labels;
    size_t first = len < 2 ? 0 : ((size_t)bytes[0] << 8 | bytes[1]) % (len - 1);
    struct err err = {0};
    struct image image;
    struct idx *idx;
    unsigned label;
    size_t n = 0;

    if (len < 2)
        return 0;
    idx = idx_open(memory_file(&images, bytes + 2, first),
                   memory_file(&labels, bytes + 2 + first, len - 2 - first),
                   &err);
    if (!idx)
        return err.kind == ERR_NONE ? abort(), 0 : 0;
    while (idx_next(idx, &image, &label, &err) == 1)
        n++;
    if (n > idx_count(idx) || (n < idx_count(idx) && err.kind == ERR_NONE))
        abort();
    idx_close(idx);
    return 0;
}
