#include "stats/select.h"

#include <string.h>

#include "base/hash.h"

static const uint64_t SIGN = UINT64_C(1) << 63;

static void swap(uint64_t *a, uint64_t *b)
{
    uint64_t kept = *a;

    *a = *b;
    *b = kept;
}

/*
 * Three ways: [0, *below) are lower than the pivot, [*below, *end) equal to it.
 */
static void divide(uint64_t *v, size_t n, uint64_t pivot, size_t *below,
                   size_t *end)
{
    size_t low = 0, high = n, i = 0;

    while (i < high)
        if (v[i] < pivot)
            swap(&v[i++], &v[low++]);
        else if (v[i] > pivot)
            swap(&v[i], &v[--high]);
        else
            i++;
    *below = low;
    *end = high;
}

uint64_t select_lowest(uint64_t *v, size_t n, size_t k)
{
    for (uint64_t draw = n;;) {
        size_t below, end;
        uint64_t pivot;
        draw = hash_finish(draw + 1);
        pivot = v[draw % n];
        divide(v, n, pivot, &below, &end);
        if (k >= below && k < end)
            return pivot;
        if (k < below) {
            n = below;
        } else {
            v += end;
            n -= end;
            k -= end;
        }
    }
}

uint64_t select_key(double value)
{
    uint64_t bits;

    value += 0.0; /* -0 becomes 0 */
    memcpy(&bits, &value, sizeof bits);
    return bits & SIGN ? ~bits : bits | SIGN;
}

double select_value(uint64_t key)
{
    uint64_t bits = key & SIGN ? key ^ SIGN : ~key;
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}
