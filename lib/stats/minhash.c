#include "stats/minhash.h"

#include <math.h>
#include <stdbool.h>

#include "base/hash.h"

static const double MOST_MISSED = 1e-3;

/* Of the binomial distribution: bands that agree, from `least` on. */
double minhash_chance(struct minhash shape, double similarity)
{
    double agree = pow(similarity, (double)shape.rows), fewer = 0;
    double exactly = pow(1 - agree, (double)shape.bands);

    if (agree >= 1)
        return 1;
    for (size_t i = 0; i < shape.least; i++) {
        fewer += exactly;
        exactly *= (double)(shape.bands - i) / (double)(i + 1) * agree /
                   (1 - agree);
    }
    return 1 - fewer;
}

static bool is_enough(struct minhash shape, double similarity)
{
    return 1 - minhash_chance(shape, similarity) < MOST_MISSED;
}

struct minhash minhash_for(double similarity)
{
    struct minhash best = {MINHASH_VALUES, 1, 1}, shape = best;

    for (shape.rows = 2; shape.rows <= 16; shape.rows++) {
        shape.bands = MINHASH_VALUES / shape.rows;
        if (is_enough(shape, similarity))
            best = shape;
    }
    for (shape = best; shape.least <= shape.bands; shape.least++)
        if (is_enough(shape, similarity))
            best = shape;
    return best;
}

/*
 * Value i of an element is the upper half of (2 m + 1) x + c, with m and c the
 * finished hashes of 2 i and 2 i + 1 (Dietzfelbinger 1996).
 */
static void smallest_values(const uint64_t *set, size_t n, size_t values,
                            uint32_t *smallest)
{
    uint64_t factor[MINHASH_VALUES], offset[MINHASH_VALUES];

    for (size_t i = 0; i < values; i++) {
        factor[i] = 2 * hash_finish(2 * i + 1) + 1;
        offset[i] = hash_finish(2 * i + 2);
        smallest[i] = UINT32_MAX;
    }
    for (size_t j = 0; j < n; j++) {
        uint64_t x = hash_finish(set[j]);
        for (size_t i = 0; i < values; i++) {
            uint32_t value = (uint32_t)((factor[i] * x + offset[i]) >> 32);
            smallest[i] = value < smallest[i] ? value : smallest[i];
        }
    }
}

void minhash_bands(struct minhash shape, const uint64_t *set, size_t n,
                   uint64_t key, uint32_t *band)
{
    uint32_t smallest[MINHASH_VALUES];

    smallest_values(set, n, shape.bands * shape.rows, smallest);
    for (size_t b = 0; b < shape.bands; b++) {
        uint64_t hash = hash_add(HASH_START, &key, sizeof key);
        hash = hash_add(hash, smallest + b * shape.rows,
                        shape.rows * sizeof *smallest);
        band[b] = (uint32_t)(hash_finish(hash) >> 32);
    }
}

double minhash_jaccard(const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
    size_t i = 0, j = 0, both = 0;

    while (i < n && j < m) {
        bool equal = a[i] == b[j];
        both += equal;
        if (a[i] < b[j]) {
            i++;
        } else {
            j++;
            i += equal;
        }
    }
    return n + m ? (double)both / (double)(n + m - both) : 1;
}
