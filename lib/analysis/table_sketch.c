#include "analysis/table_sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/sequence_traits.h"
#include "base/hash.h"
#include "base/mem.h"
#include "stats/random_features.h"

/* What a value stands for: a kind of thing, which of them, and a level. */
enum source {
    FROM_NUMBER,
    FROM_MISSING,
    FROM_LEVEL,
    FROM_NGRAM,
    FROM_PIXEL,
    FROM_SEQUENCE,
    FROM_TOKEN,
    FROM_TOKENS
};

/*
 * Rows of a table.  Apart: each column's value comes from another row, and each
 * step of a sequence from a sequence at random.
 */
struct chosen {
    const struct table *table;
    const size_t *row; /* [n] */
    size_t n;
    bool apart;
};

/* The row whose value of a column the i-th has. */
static size_t row_of(const struct chosen *chosen, size_t i, size_t column)
{
    const struct table *t = chosen->table;
    size_t step = chosen->n / (t->n_numbers + t->n_categories + 1);

    return chosen
        ->row[chosen->apart ? (i + column * (step ? step : 1)) % chosen->n : i];
}

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

static struct scale scale_of(double count, double sum, double squares)
{
    double mean = sum / fmax(count, 1);
    double variance = squares / fmax(count, 1) - mean * mean;
    bool flat = !(variance > 1e-12 * (mean * mean + 1e-30));

    return (struct scale){mean, flat ? 0 : 1 / sqrt(variance)};
}

/* Far values count as eight deviations. */
static double scaled(double x, struct scale scale)
{
    return fmin(fmax((x - scale.mean) * scale.factor, -8), 8);
}

static struct scale *scale_numbers(const struct chosen *chosen)
{
    const struct table *t = chosen->table;
    struct scale *scale = mem_zalloc(t->n_numbers, sizeof(*scale));
    double *count = mem_zalloc(3 * t->n_numbers, sizeof(*count));
    double *sum = count + t->n_numbers, *squares = sum + t->n_numbers;

    for (size_t i = 0; i < chosen->n; i++)
        for (size_t c = 0; c < t->n_numbers; c++) {
            double x = (double)t->numbers[chosen->row[i] * t->n_numbers + c];
            if (isnan(x))
                continue;
            count[c]++;
            sum[c] += x;
            squares[c] += x * x;
        }
    for (size_t c = 0; c < t->n_numbers; c++)
        scale[c] = scale_of(count[c], sum[c], squares[c]);
    free(count);
    return scale;
}

static void add_numbers(const struct chosen *chosen, size_t i,
                        const struct scale *scale, float *sums)
{
    const struct table *t = chosen->table;

    for (size_t c = 0; c < t->n_numbers; c++) {
        size_t row = row_of(chosen, i, c);
        double x = (double)t->numbers[row * t->n_numbers + c];
        if (isnan(x))
            add(sums, FROM_MISSING, c, 0, 1);
        else
            add(sums, FROM_NUMBER, c, 0, scaled(x, scale[c]));
    }
}

static void add_levels(const struct chosen *chosen, size_t i, float *sums)
{
    const struct table *t = chosen->table;

    for (size_t c = 0; c < t->n_categories; c++) {
        size_t row = row_of(chosen, i, t->n_numbers + c);
        add(sums, FROM_LEVEL, c, t->levels[row * t->n_categories + c], 1.5);
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

/* ---- sequences ---- */

static size_t count_traits(const struct table *t)
{
    return t->sequences.n ? SEQUENCE_TRAITS * t->sequences.width + 1 : 0;
}

/* The i-th row's steps, in room. */
static size_t list_steps(const struct chosen *chosen, size_t i,
                         const float **step)
{
    const struct sequences *q = &chosen->table->sequences;
    size_t first = q->start[chosen->row[i]],
           n = q->start[chosen->row[i] + 1] - first;

    for (size_t s = 0; s < n; s++) {
        size_t name[2] = {i, s}, at = first + s;
        if (chosen->apart) {
            uint64_t hash = hash_bytes(name, sizeof(name));
            size_t other = chosen->row[hash % chosen->n];
            at = q->start[other] +
                 (hash >> 32) % (q->start[other + 1] - q->start[other]);
        }
        step[s] = q->value + at * q->width;
    }
    return n;
}

/* Of each channel, and the length: out[count_traits]. */
static void all_traits(const struct chosen *chosen, size_t i,
                       const float **step, double *out)
{
    size_t width = chosen->table->sequences.width,
           n = list_steps(chosen, i, step);

    for (size_t c = 0; c < width; c++)
        sequence_traits(step, n, c, out + c * SEQUENCE_TRAITS);
    out[width * SEQUENCE_TRAITS] = (double)n;
}

static bool sequence_missing(const struct table *t, size_t row)
{
    const struct sequences *q = &t->sequences;

    return isnan(q->value[q->start[row] * q->width]);
}

/* Memory of a thread. */
struct room {
    uint8_t *pixels;
    const float **step;
    double *traits;
};

static void room_init(struct room *room, const struct chosen *chosen)
{
    const struct table *t = chosen->table;
    const size_t *shape = t->schema->shape;
    size_t longest = 0;

    for (size_t i = 0; i < chosen->n && t->sequences.n; i++) {
        const size_t *start = t->sequences.start + chosen->row[i];
        longest = start[1] - start[0] > longest ? start[1] - start[0] : longest;
    }
    room->pixels = mem_alloc(t->images ? shape[0] * shape[1] * shape[2] : 0, 1);
    room->step = mem_alloc(longest, sizeof(*room->step));
    room->traits = mem_alloc(count_traits(t), sizeof(*room->traits));
}

static void room_release(struct room *room)
{
    free(room->pixels);
    free(room->step);
    free(room->traits);
}

/* Of sequences as they are. */
static struct scale *scale_traits(const struct chosen *given)
{
    struct chosen chosen = {given->table, given->row, given->n, false};
    size_t n = count_traits(chosen.table);
    struct scale *scale = mem_zalloc(n, sizeof(*scale));
    double *sum = mem_zalloc(2 * n, sizeof(*sum)), *squares = sum + n, rows = 0;
    struct room room;

    room_init(&room, &chosen);
    for (size_t i = 0; i < chosen.n && n; i++) {
        if (sequence_missing(chosen.table, chosen.row[i]))
            continue;
        all_traits(&chosen, i, room.step, room.traits);
        rows++;
        for (size_t c = 0; c < n; c++) {
            sum[c] += room.traits[c];
            squares[c] += room.traits[c] * room.traits[c];
        }
    }
    for (size_t c = 0; c < n; c++)
        scale[c] = scale_of(rows, sum[c], squares[c]);
    room_release(&room);
    free(sum);
    return scale;
}

static void add_sequence(const struct chosen *chosen, size_t i,
                         const struct scale *scale, const struct room *room,
                         float *sums)
{
    size_t n = count_traits(chosen->table);

    if (sequence_missing(chosen->table, chosen->row[i])) {
        add(sums, FROM_MISSING, 0, 1, 1);
        return;
    }
    all_traits(chosen, i, room->step, room->traits);
    for (size_t c = 0; c < n; c++)
        if (!isnan(room->traits[c]))
            add(sums, FROM_SEQUENCE, c, 0, scaled(room->traits[c], scale[c]));
}

/* A bag of tokens and of pairs of neighbours. */
static void add_tokens(const struct table *t, size_t row, float *sums)
{
    const struct tokens *k = &t->tokens;
    size_t begin = k->start[row], end = k->start[row + 1];
    double weight = 3 / sqrt((double)(end - begin));

    for (size_t i = begin; i < end; i++) {
        add(sums, FROM_TOKEN, 0, k->token[i], weight);
        if (i > begin)
            add(sums, FROM_TOKENS, k->token[i - 1], k->token[i], weight);
    }
}

/* ---- rows ---- */

struct scales {
    struct scale *numbers, *traits;
};

static void sum_row(const struct chosen *chosen, size_t i,
                    const struct scales *scales, const struct room *room,
                    float *sums)
{
    const struct table *t = chosen->table;
    size_t row = chosen->row[i];

    memset(sums, 0, SKETCH_SUMS * sizeof(*sums));
    add_numbers(chosen, i, scales->numbers, sums);
    add_levels(chosen, i, sums);
    add_texts(t, row, sums);
    if (t->images)
        add_pixels(t, row, room->pixels, sums);
    if (t->sequences.n)
        add_sequence(chosen, i, scales->traits, room, sums);
    if (t->tokens.n)
        add_tokens(t, row, sums);
}

/* sums[n][SKETCH_SUMS].  Threads own rows. */
static void sum_rows(const struct chosen *chosen, float *sums)
{
    struct scales scales = {scale_numbers(chosen), scale_traits(chosen)};

#pragma omp parallel
    {
        struct room room;
        room_init(&room, chosen);
#pragma omp for schedule(static)
        for (size_t i = 0; i < chosen->n; i++)
            sum_row(chosen, i, &scales, &room, sums + i * SKETCH_SUMS);
        room_release(&room);
    }
    free(scales.numbers);
    free(scales.traits);
}

/* x[n][SKETCH_WIDTH] of the sums, with random features.  Threads own rows. */
static void bend(const float *sums, size_t n, uint64_t seed, float *x)
{
    struct random_features *bent =
        random_features_new(sums, n, SKETCH_SUMS, SKETCH_BENT, seed);

#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) {
        memcpy(x + i * SKETCH_WIDTH, sums + i * SKETCH_SUMS,
               SKETCH_SUMS * sizeof(*x));
        random_features_of(bent, sums + i * SKETCH_SUMS,
                           x + i * SKETCH_WIDTH + SKETCH_SUMS);
    }
    random_features_free(bent);
}

void table_sketch(const struct table *t, const size_t *row, size_t n,
                  uint64_t seed, float *x)
{
    struct chosen chosen = {t, row, n, false};
    float *sums = mem_alloc(n * SKETCH_SUMS, sizeof(*sums));

    sum_rows(&chosen, sums);
    bend(sums, n, seed, x);
    free(sums);
}

void table_sketch_apart(const struct table *t, const size_t *row, size_t n,
                        uint64_t seed, float *x)
{
    struct chosen chosen = {t, row, n, false};
    float *sums = mem_alloc(2 * n * SKETCH_SUMS, sizeof(*sums));

    sum_rows(&chosen, sums);
    chosen.apart = true;
    sum_rows(&chosen, sums + n * SKETCH_SUMS);
    bend(sums, 2 * n, seed, x);
    free(sums);
}
