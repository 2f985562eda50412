#include <string.h>

#include "table/image_codec.h"

enum { TAG_ORIENTATION = 0x112, TYPE_SHORT = 3, ENTRY = 12 };

static size_t number(const uint8_t *at, int bytes, bool little)
{
    size_t value = 0;

    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[little ? bytes - 1 - i : i];
    return value;
}

int exif_orientation(const uint8_t *bytes, size_t len)
{
    bool little = len >= 8 && bytes[0] == 'I';
    size_t at, n;

    if (len < 8 ||
        (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
        return 1;
    at = number(bytes + 4, 4, little);
    if (at > len - 2)
        return 1;
    n = number(bytes + at, 2, little);
    for (at += 2; n > 0 && at + ENTRY <= len; n--, at += ENTRY) {
        size_t value = number(bytes + at + 8, 2, little);
        if (number(bytes + at, 2, little) == TAG_ORIENTATION &&
            number(bytes + at + 2, 2, little) == TYPE_SHORT)
            return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
