#include "base/float_sort.h"

#include <string.h>

enum { DIGITS = 3, DIGIT_BITS = 11, RADIX = 1 << DIGIT_BITS, FEW = 64 };

/* Bits that are in the order of the floats: negative ones count backwards. */
static inline uint32_t key_of(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits ^ ((0 - (bits >> 31)) | 0x80000000u);
}

static inline float float_of(uint32_t key)
{
    float value;

    key ^= ((key >> 31) - 1) | 0x80000000u;
    memcpy(&value, &key, sizeof(value));
    return value;
}

static inline uint32_t load(const float *at)
{
    uint32_t bits;

    memcpy(&bits, at, sizeof(bits));
    return bits;
}

static inline size_t digit(uint32_t key, int d)
{
    return key >> (d * DIGIT_BITS) & (RADIX - 1);
}

static void insert_all(float *value, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        float v = value[i];
        uint32_t key = key_of(v);
        size_t k = i;
        for (; k > 0 && key_of(value[k - 1]) > key; k--)
            value[k] = value[k - 1];
        value[k] = v;
    }
}

/* place[d][x]: where the first key whose digit d is x goes. */
static void find_places(const float *value, size_t n,
                        size_t place[DIGITS][RADIX])
{
    memset(place, 0, DIGITS * sizeof(*place));
    for (size_t i = 0; i < n; i++) {
        uint32_t key = key_of(value[i]);
        for (int d = 0; d < DIGITS; d++)
            place[d][digit(key, d)]++;
    }
    for (int d = 0; d < DIGITS; d++) {
        size_t at = 0;
        for (size_t x = 0; x < RADIX; x++) {
            size_t here = place[d][x];
            place[d][x] = at;
            at += here;
        }
    }
}

/* Between the first pass and the last `value` holds keys. */
void float_sort(float *value, uint32_t *scratch, size_t n)
{
    size_t place[DIGITS][RADIX];

    if (n <= FEW) {
        insert_all(value, n);
        return;
    }
    find_places(value, n, place);
    for (size_t i = 0; i < n; i++) {
        uint32_t key = key_of(value[i]);
        scratch[place[0][digit(key, 0)]++] = key;
    }
    for (size_t i = 0; i < n; i++)
        memcpy(&value[place[1][digit(scratch[i], 1)]++], &scratch[i],
               sizeof(*value));
    for (size_t i = 0; i < n; i++) {
        uint32_t key = load(&value[i]);
        scratch[place[2][digit(key, 2)]++] = key;
    }
    for (size_t i = 0; i < n; i++)
        value[i] = float_of(scratch[i]);
}
