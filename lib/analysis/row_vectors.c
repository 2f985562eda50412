#include "analysis/row_vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_sort.h"
#include "base/hash.h"
#include "base/mem.h"
#include "stats/moments.h"

enum { SCALE_ROWS = 50000 }; /* scales are of about so many */

static const float MOST = 8;
static const double INNER = 3.28970725; /* normal deviations, from .05 to .95 */

/* ---- scales ---- */

/* The deviation of value[n], which is ascending, as a normal distribution with
 * the same middle nine tenths has it, or else as it is. */
static double deviation_of(const float *value, size_t n)
{
    double inner = (double)value[n - 1 - n / 20] - (double)value[n / 20];
    struct moments m = {0};

    if (inner > 0)
        return inner / INNER;
    for (size_t i = 0; i < n; i++)
        moments_add(&m, (double)value[i]);
    return n > 1 ? sqrt(moments_variance(&m)) : 0;
}

static void scale_column(struct row_scale *scale, size_t c, const float *value,
                         size_t n)
{
    double deviation = n ? deviation_of(value, n) : 0;
    int power;

    if (!(deviation > 0))
        return;
    power = (int)round(log2(deviation));
    scale->scale[c] = ldexpf(1, -power);
    scale->centre[c] =
        (float)ldexp(round(ldexp((double)value[n / 2], -power - 1)),
                     power + 1) +
        0.f; /* no -0 */
}

void row_scale_of(struct row_scale *scale, const struct table *t)
{
    size_t columns = t->n_numbers, step = t->n / SCALE_ROWS + 1;
    float *value = mem_alloc(t->n / step + 1, sizeof(*value));
    uint32_t *scratch = mem_alloc(t->n / step + 1, sizeof(*scratch));

    scale->centre = mem_zalloc(columns, sizeof(*scale->centre));
    scale->scale = mem_zalloc(columns, sizeof(*scale->scale));
    for (size_t c = 0; c < columns; c++) {
        size_t n = 0;
        for (size_t i = 0; i < t->n; i += step)
            if (!isnan(t->numbers[i * columns + c]))
                value[n++] = t->numbers[i * columns + c];
        float_sort(value, scratch, n);
        scale_column(scale, c, value, n);
    }
    free(value);
    free(scratch);
}

void row_scale_release(struct row_scale *scale)
{
    free(scale->centre);
    free(scale->scale);
    *scale = (struct row_scale){0};
}

/* ---- vectors ---- */

/* What a value stands for. */
enum source {
    FROM_NUMBER,
    FROM_MISSING,
    FROM_LEVEL,
    FROM_UNSEEN,
    FROM_NGRAM,
    FROM_EMPTY,
    FROM_PIXEL,
    FROM_TOKEN
};

struct place {
    uint32_t at;
    float sign;
};

static struct place place_of(uint64_t hash)
{
    return (struct place){(uint32_t)(hash % ROW_VECTOR), hash >> 63 ? 1 : -1};
}

static void add(float *x, uint64_t hash, float value)
{
    struct place place = place_of(hash);

    x[place.at] += place.sign * value;
}

/* A running hash of a source and the name of the column. */
static uint64_t state_of(enum source source, const char *name)
{
    unsigned char kind = (unsigned char)source;

    return hash_add(hash_add(HASH_START, &kind, 1), name, strlen(name) + 1);
}

/* The names of the features of a type, in the order of the table. */
static const char **names_of(const struct table *t, enum column_type type)
{
    const char **name = mem_alloc(t->schema->n + 1, sizeof(*name));
    size_t n = 0;

    for (size_t i = 0; i < t->schema->n; i++)
        if (t->schema->columns[i].role == ROLE_FEATURE &&
            t->schema->columns[i].type == type)
            name[n++] = t->schema->columns[i].name;
    return name;
}

/* What many values are multiplied with for their sum to be as long as that of
 * ROW_VECTOR of them. */
static float shrink(size_t values)
{
    return values > ROW_VECTOR ? sqrtf(ROW_VECTOR / (float)values) : 1;
}

static void add_numbers(const struct table *t, const struct row_scale *scale,
                        const size_t *row, size_t n, float *x)
{
    const char **name = names_of(t, TYPE_NUMBER);
    struct place *place = mem_alloc(2 * t->n_numbers, sizeof(*place));
    float factor = shrink(t->n_numbers);

    for (size_t c = 0; c < t->n_numbers; c++) {
        place[2 * c] = place_of(hash_finish(state_of(FROM_NUMBER, name[c])));
        place[2 * c + 1] =
            place_of(hash_finish(state_of(FROM_MISSING, name[c])));
        place[2 * c].sign *= factor;
        place[2 * c + 1].sign *= factor;
    }
    for (size_t i = 0; i < n; i++, x += ROW_VECTOR) {
        const float *number = t->numbers + row[i] * t->n_numbers;
        for (size_t c = 0; c < t->n_numbers; c++) {
            float v = (number[c] - scale->centre[c]) * scale->scale[c];
            bool missing = isnan(number[c]);
            const struct place *p = &place[2 * c + missing];
            v = v < -MOST ? -MOST : v > MOST ? MOST : v;
            x[p->at] += p->sign * (missing ? 1 : v);
        }
    }
    free(place);
    free(name);
}

static void add_levels(const struct table *t, const size_t *row, size_t n,
                       float *x)
{
    const char **name = names_of(t, TYPE_CATEGORY);

    for (size_t c = 0; c < t->n_categories; c++) {
        uint64_t state = state_of(FROM_LEVEL, name[c]);
        uint64_t unseen = hash_finish(state_of(FROM_UNSEEN, name[c]));
        for (size_t i = 0; i < n; i++) {
            uint32_t level = t->levels[row[i] * t->n_categories + c];
            add(x + i * ROW_VECTOR,
                level == LEVEL_UNSEEN
                    ? unseen
                    : hash_finish(hash_add(state, t->dicts[c].text[level],
                                           t->dicts[c].len[level])),
                1);
        }
    }
    free(name);
}

static void add_text(const struct ngrams *g, size_t row, uint64_t state,
                     float *x)
{
    float length = 0;

    for (size_t e = g->start[row]; e < g->start[row + 1]; e++)
        length += g->count[e];
    for (size_t e = g->start[row]; e < g->start[row + 1]; e++)
        add(x, hash_finish(hash_add(state, &g->bucket[e], sizeof(*g->bucket))),
            sqrtf(g->count[e] / length));
}

static void add_texts(const struct table *t, const size_t *row, size_t n,
                      float *x)
{
    const char **name = names_of(t, TYPE_TEXT);

    for (size_t c = 0; c < t->n_texts; c++) {
        const struct ngrams *g = &t->texts[c];
        uint64_t state = state_of(FROM_NGRAM, name[c]);
        uint64_t empty = hash_finish(state_of(FROM_EMPTY, name[c]));
        for (size_t i = 0; i < n; i++) {
            add_text(g, row[i], state, x + i * ROW_VECTOR);
            if (g->start[row[i]] == g->start[row[i] + 1])
                add(x + i * ROW_VECTOR, empty, 1);
        }
    }
    free(name);
}

static void add_tokens(const struct tokens *tokens, const size_t *row, size_t n,
                       float *x)
{
    uint64_t state = state_of(FROM_TOKEN, "");

    for (size_t i = 0; i < n; i++, x += ROW_VECTOR) {
        size_t begin = tokens->start[row[i]], end = tokens->start[row[i] + 1];
        float each = 1 / sqrtf((float)(end - begin));
        for (size_t e = begin; e < end; e++) {
            uint32_t k = tokens->token[e];
            if (k < tokens->dict.count)
                add(x,
                    hash_finish(hash_add(state, tokens->dict.text[k],
                                         tokens->dict.len[k])),
                    each);
        }
    }
}

static void add_images(const struct table *t, const size_t *row, size_t n,
                       float *x)
{
    const size_t *shape = t->schema->shape;
    size_t pixels = shape[0] * shape[1] * shape[2];
    struct place *place = mem_alloc(pixels, sizeof(*place));
    uint8_t *room = mem_alloc(pixels, 1);
    uint64_t state = state_of(FROM_PIXEL, "");

    for (size_t k = 0; k < pixels; k++) {
        place[k] = place_of(hash_finish(hash_add(state, &k, sizeof(k))));
        place[k].sign *= shrink(pixels);
    }
    for (size_t i = 0; i < n; i++, x += ROW_VECTOR) {
        const uint8_t *pixel = image_rows_pixels(t->images, row[i], room);
        for (size_t k = 0; k < pixels; k++)
            x[place[k].at] += place[k].sign * ((float)pixel[k] / 64 - 2);
    }
    free(room);
    free(place);
}

void row_vectors(const struct table *t, const struct row_scale *scale,
                 const size_t *row, size_t n, float *x)
{
    memset(x, 0, n * ROW_VECTOR * sizeof(*x));
    if (t->n_numbers)
        add_numbers(t, scale, row, n, x);
    if (t->n_categories)
        add_levels(t, row, n, x);
    if (t->n_texts)
        add_texts(t, row, n, x);
    if (t->tokens.n)
        add_tokens(&t->tokens, row, n, x);
    if (t->images)
        add_images(t, row, n, x);
}
