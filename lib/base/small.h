/*
 * small: whole numbers from 0 to 999 as they are usually written ("0", "17",
 * "255"; not "007", "+1" or "1.0"): pixels, codes and counts, which are most
 * cells of most tables of numbers.
 */
#ifndef BASE_SMALL_H
#define BASE_SMALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SMALL_NUMBERS = 1024 };

/*
 * The value, or SMALL_NUMBERS for anything else.  Four bytes of the text are
 * read, whatever its length.
 */
static inline unsigned small_number(const char *text, size_t len)
{
    static const unsigned least[] = {SMALL_NUMBERS, 0, 10, 100};
    uint32_t digits, value;

    if (len - 1 > 2)
        return SMALL_NUMBERS;
    digits = (uint32_t)(unsigned char)text[0] |
             (uint32_t)(unsigned char)text[1] << 8 |
             (uint32_t)(unsigned char)text[2] << 16 |
             (uint32_t)(unsigned char)text[3] << 24;
    digits = (digits << (32 - 8 * len) | 0x30303030u >> 8 * len) ^ 0x30303030u;
    value = (digits >> 8 & 0xff) * 100 + (digits >> 16 & 0xff) * 10 +
            (digits >> 24);
    return ((digits + 0x76767676u) | digits) & 0x80808080u || value < least[len]
               ? SMALL_NUMBERS
               : value;
}

/*
 * The same of n texts: text + start[i], of start[i + 1] - start[i] - 1 bytes,
 * into value[n].  Whether all are small numbers.
 */
bool small_numbers(const char *text, const uint32_t *start, size_t n,
                   uint16_t *value);

#endif
