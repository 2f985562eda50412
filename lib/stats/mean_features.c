#include "stats/mean_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/simd.h"

enum {
    DIRECTIONS = MEAN_FEATURES / 2,
    BLOCK = 128, /* rows whose sums are floats */
    TILE = 4     /* rows, or features, at a time */
};

struct feature_map {
    size_t width;
    float *direction; /* [width][DIRECTIONS] in quarters of a turn */
};

struct feature_map *feature_map_new(size_t width, uint64_t seed)
{
    struct feature_map *map = mem_alloc(1, sizeof(*map));
    double quarter = M_2_PI / sqrt((double)width / 2);
    struct rng rng;

    *map = (struct feature_map){width, NULL};
    map->direction = mem_aligned(width * DIRECTIONS, sizeof(float));
    rng_init(&rng, seed, RNG_FEATURES);
    for (size_t i = 0; i < width * DIRECTIONS; i++)
        map->direction[i] = (float)(quarter * rng_normal(&rng));
    return map;
}

void feature_map_free(struct feature_map *map)
{
    if (!map)
        return;
    free(map->direction);
    free(map);
}

/* ---- sums ---- */

/* How far TILE rows are along every direction. */
static inline void turns_of(const float *direction, size_t width,
                            const float *x, float turns[TILE][DIRECTIONS])
{
    float sum[TILE][DIRECTIONS] = {{0}};

    for (size_t c = 0; c < width; c++)
        for (size_t r = 0; r < TILE; r++) {
            float value = x[r * width + c];
#pragma omp simd
            for (size_t k = 0; k < DIRECTIONS; k++)
                sum[r][k] += value * direction[c * DIRECTIONS + k];
        }
    memcpy(turns, sum, sizeof(sum));
}

/*
 * cos and sin of t quarter turns, |t| < 2^22: those of the rest by their Taylor
 * series (errors below 2e-7), which change places in odd quarters.
 */
static inline void cos_sin(float t, float *cosine, float *sine)
{
    const float round = 0x1.8p23f; /* adding it leaves the quarter below */
    float shifted = t + round, r = (t - (shifted - round)) * (float)M_PI_2;
    float s = r * r, c, swap;
    uint32_t quarter;

    memcpy(&quarter, &shifted, sizeof(quarter));
    c = 1 + s * (-1.f / 2 + s * (1.f / 24 + s * (-1.f / 720 + s / 40320)));
    s = r + r * s * (-1.f / 6 + s * (1.f / 120 - s / 5040));
    swap = quarter & 1 ? c : s;
    c = quarter & 1 ? s : c;
    *sine = quarter & 2 ? -swap : swap;
    *cosine = (quarter + 1) & 2 ? -c : c;
}

/* f[TILE][MEAN_FEATURES] */
SIMD_CLONES static void features_of(const float *direction, size_t width,
                                    const float *x, float *f)
{
    float turns[TILE][DIRECTIONS];

    turns_of(direction, width, x, turns);
    for (size_t r = 0; r < TILE; r++) {
#pragma omp simd
        for (size_t k = 0; k < DIRECTIONS; k++)
            cos_sin(turns[r][k], &f[r * MEAN_FEATURES + k],
                    &f[r * MEAN_FEATURES + DIRECTIONS + k]);
    }
}

/* Adds the products of features first to first + TILE with all. */
SIMD_CLONES static void add_products(const float *f, size_t n, size_t first,
                                     float *out)
{
    float sum[TILE][MEAN_FEATURES] = {{0}};

    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < TILE; i++) {
            float value = f[r * MEAN_FEATURES + first + i];
#pragma omp simd
            for (size_t k = 0; k < MEAN_FEATURES; k++)
                sum[i][k] += value * f[r * MEAN_FEATURES + k];
        }
    memcpy(out, sum, sizeof(sum));
}

SIMD_CLONES static void add_block(struct feature_sums *sums, const float *f,
                                  size_t n)
{
    float part[TILE * MEAN_FEATURES], sum[MEAN_FEATURES] = {0};

    for (size_t r = 0; r < n; r++)
#pragma omp simd
        for (size_t k = 0; k < MEAN_FEATURES; k++)
            sum[k] += f[r * MEAN_FEATURES + k];
    for (size_t k = 0; k < MEAN_FEATURES; k++)
        sums->sum[k] += (double)sum[k];
    for (size_t first = 0; first < MEAN_FEATURES; first += TILE) {
        add_products(f, n, first, part);
        for (size_t i = 0; i < TILE; i++) {
            size_t row = first + i;
            double *product = sums->product + row * (row + 1) / 2;
            for (size_t k = 0; k <= row; k++)
                product[k] += (double)part[i * MEAN_FEATURES + k];
        }
    }
    sums->n += (double)n;
}

void feature_sums_add(struct feature_sums *sums, const struct feature_map *map,
                      const float *x, size_t n)
{
    float *f = mem_aligned(BLOCK * MEAN_FEATURES, sizeof(*f));
    float *last = mem_zalloc(TILE * map->width, sizeof(*last));

    for (size_t begin = 0; begin < n; begin += BLOCK) {
        size_t rows = n - begin < BLOCK ? n - begin : BLOCK, r = 0;
        const float *from = x + begin * map->width;
        for (; r + TILE <= rows; r += TILE)
            features_of(map->direction, map->width, from + r * map->width,
                        f + r * MEAN_FEATURES);
        if (r < rows) {
            memcpy(last, from + r * map->width,
                   (rows - r) * map->width * sizeof(*last));
            features_of(map->direction, map->width, last,
                        f + r * MEAN_FEATURES);
        }
        add_block(sums, f, rows);
    }
    free(last);
    free(f);
}

void feature_sums_merge(struct feature_sums *sums,
                        const struct feature_sums *other)
{
    sums->n += other->n;
    for (size_t i = 0; i < MEAN_FEATURES; i++)
        sums->sum[i] += other->sum[i];
    for (size_t i = 0; i < MEAN_FEATURES * (MEAN_FEATURES + 1) / 2; i++)
        sums->product[i] += other->product[i];
}
