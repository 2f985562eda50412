/* Any bytes as an image: an error, or pixels that can all be read. */
#include "memory_file.h"

#include "table/image.h"

enum { MOST = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct image_shape shape = {len % MOST + 1, len / MOST % MOST + 1,
                                len % 2 ? 1 : 3};
    uint8_t out[MOST * MOST * 3];
    struct err err = {0};
    struct image image;
    enum image_result result = image_decode(&image, "fuzz", bytes, len, &err);

    if ((result == IMAGE_GOOD) != (err.kind == ERR_NONE))
        abort();
    if (result == IMAGE_GOOD)
        image_resize(&image, &shape, out);
    image_release(&image);
    return 0;
}
