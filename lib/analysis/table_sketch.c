#include "analysis/table_sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "stats/random_features.h"

/* What a value stands for: a kind of thing, which of them, and a level. */
enum source { FROM_NUMBER, FROM_MISSING, FROM_LEVEL, FROM_NGRAM, FROM_PIXEL };

static void add(float *sums, enum source source, size_t which, size_t level,
                double value)
{
    size_t name[3] = {source, which, level};
    uint64_t hash = hash_bytes(name, sizeof(name));

    sums[hash % SKETCH_SUMS] += (float)(hash >> 63 ? value : -value);
}

/* Mean and 1 / deviation of a column over the rows; 0 where it is constant. */
struct scale {
    double mean, factor;
};

static struct scale *find_scales(const struct table *t, const size_t *row,
                                 size_t n)
{
    struct scale *scale = mem_zalloc(t->n_numbers, sizeof(*scale));
    double *count = mem_zalloc(3 * t->n_numbers, sizeof(*count));
    double *sum = count + t->n_numbers, *square = sum + t->n_numbers;

    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < t->n_numbers; c++) {
            double x = (double)t->numbers[row[i] * t->n_numbers + c];
            if (isnan(x))
                continue;
            count[c]++;
            sum[c] += x;
            square[c] += x * x;
        }
    for (size_t c = 0; c < t->n_numbers; c++) {
        double mean = sum[c] / fmax(count[c], 1);
        double variance = square[c] / fmax(count[c], 1) - mean * mean;
        bool flat = !(variance > 1e-12 * (mean * mean + 1e-30));
        scale[c] = (struct scale){mean, flat ? 0 : 1 / sqrt(variance)};
    }
    free(count);
    return scale;
}

/* Far values count as eight deviations. */
static void add_numbers(const struct table *t, size_t row,
                        const struct scale *scale, float *sums)
{
    for (size_t c = 0; c < t->n_numbers; c++) {
        double x = (double)t->numbers[row * t->n_numbers + c];
        if (isnan(x))
            add(sums, FROM_MISSING, c, 0, 1);
        else
            add(sums, FROM_NUMBER, c, 0,
                fmin(fmax((x - scale[c].mean) * scale[c].factor, -8), 8));
    }
}

static void add_texts(const struct table *t, size_t row, float *sums)
{
    for (size_t c = 0; c < t->n_texts; c++) {
        const struct ngrams *g = &t->texts[c];
        double length = 0;
        for (size_t e = g->start[row]; e < g->start[row + 1]; e++)
            length += (double)g->count[e];
        for (size_t e = g->start[row]; e < g->start[row + 1]; e++)
            add(sums, FROM_NGRAM, c, g->bucket[e],
                3 * sqrt((double)g->count[e] / length));
    }
}

static void add_pixels(const struct table *t, size_t row, uint8_t *room,
                       float *sums)
{
    const size_t *shape = t->schema->shape;
    size_t n = shape[0] * shape[1] * shape[2];
    const uint8_t *pixel = image_rows_pixels(t->images, row, room);

    for (size_t i = 0; i < n; i++)
        add(sums, FROM_PIXEL, i, 0, (double)pixel[i] / 64 - 2);
}

static void sum_row(const struct table *t, size_t row,
                    const struct scale *scale, uint8_t *room, float *sums)
{
    memset(sums, 0, SKETCH_SUMS * sizeof(*sums));
    add_numbers(t, row, scale, sums);
    for (size_t c = 0; c < t->n_categories; c++)
        add(sums, FROM_LEVEL, c, t->levels[row * t->n_categories + c], 1.5);
    add_texts(t, row, sums);
    if (t->images)
        add_pixels(t, row, room, sums);
}

/* Threads own rows. */
void table_sketch(const struct table *t, const size_t *row, size_t n,
                  uint64_t seed, float *x)
{
    size_t pixels = t->images ? t->schema->shape[0] * t->schema->shape[1] *
                                    t->schema->shape[2]
                              : 0;
    struct scale *scale = find_scales(t, row, n);
    float *sums = mem_alloc(n * SKETCH_SUMS, sizeof(*sums));
    struct random_features *bent;

#pragma omp parallel
    {
        uint8_t *room = mem_alloc(pixels, 1);
#pragma omp for schedule(static)
        for (size_t i = 0; i < n; i++)
            sum_row(t, row[i], scale, room, sums + i * SKETCH_SUMS);
        free(room);
    }
    bent = random_features_new(sums, n, SKETCH_SUMS, SKETCH_BENT, seed);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) {
        memcpy(x + i * SKETCH_WIDTH, sums + i * SKETCH_SUMS,
               SKETCH_SUMS * sizeof(*x));
        random_features_of(bent, sums + i * SKETCH_SUMS,
                           x + i * SKETCH_WIDTH + SKETCH_SUMS);
    }
    random_features_free(bent);
    free(sums);
    free(scale);
}
