#include "table/encoder_forms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"

#define MOST_DEVIATIONS 1e6

enum { PARALLEL_WORK = 1 << 15, BYTE_VALUES = 256 };
enum { TOKEN_ROWS = 2, TOKEN_UNKNOWN = 0, TOKEN_BETWEEN = 1 };

float encoder_standardised(float x, float mean, float scale)
{
    double z = ((double)x - (double)mean) * (double)scale;

    if (isnan(x))
        return 0;
    return (float)(z < -MOST_DEVIATIONS  ? -MOST_DEVIATIONS
                   : z > MOST_DEVIATIONS ? MOST_DEVIATIONS
                                         : z);
}

/* ---- images ---- */

void image_fit(struct encoder *e, const struct table *t, const size_t *rows,
               size_t n)
{
    float low = 0, high = t->images ? BYTE_VALUES - 1
                          : n       ? t->numbers[rows[0] * t->n_numbers]
                                    : 0;

    for (size_t i = 0; i < n; i++) {
        const float *x = t->numbers + rows[i] * t->n_numbers;
        for (size_t k = 0; k < t->n_numbers; k++) {
            low = x[k] < low ? x[k] : low;
            high = x[k] > high ? x[k] : high;
        }
    }
    e->pixel_low = low;
    e->pixel_high = high;
}

static float bounded(float x)
{
    const float most = (float)MOST_DEVIATIONS;

    return x < -most ? -most : x > most ? most : x;
}

/*
 * One channel of an image: ((x - low) / range - mean) / std.  Divisions give
 * the largest pixel exactly 1, and cost less than the memory they work on.
 */
SIMD_CLONES static void scale_channel(const float *restrict x,
                                      float *restrict y, size_t n,
                                      size_t channels, float low, float range,
                                      float mean, float std)
{
    if (channels == 1) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = bounded(((x[i] - low) / range - mean) / std);
    } else {
        for (size_t i = 0; i < n; i += channels)
            y[i] = bounded(((x[i] - low) / range - mean) / std);
    }
}

/* What channel c of a row of numbers becomes. */
static void encode_channel(const struct encoder *e, size_t c, const float *x,
                           float *y, size_t n, size_t channels)
{
    const struct schema *s = e->schema;
    float range = e->pixel_high - e->pixel_low;
    bool has = c < s->n_pixel_stats;

    if (!(range > 0))
        range = INFINITY; /* nothing was learned: all pixels are 0 */
    scale_channel(x, y, n, channels, e->pixel_low, range,
                  has ? (float)s->pixel_mean[c] : 0,
                  has ? (float)s->pixel_std[c] : 1);
}

/* Bytes of files: each value of a channel is encoded once. */
static void encode_files(const struct encoder *e, const struct table *t,
                         const size_t *rows, struct batch *b)
{
    float *code = mem_alloc(e->channels * BYTE_VALUES, sizeof(*code)),
          bytes[BYTE_VALUES];

    for (size_t v = 0; v < BYTE_VALUES; v++)
        bytes[v] = (float)v;
    for (size_t c = 0; c < e->channels; c++)
        encode_channel(e, c, bytes, code + c * BYTE_VALUES, BYTE_VALUES, 1);
#pragma omp parallel if (b->n * b->n_dense > PARALLEL_WORK)
    {
        uint8_t *room = mem_alloc(b->n_dense, 1);
#pragma omp for schedule(static)
        for (size_t i = 0; i < b->n; i++) {
            const uint8_t *x = image_rows_pixels(t->images, rows[i], room);
            float *y = b->dense + i * b->n_dense;
            for (size_t k = 0; k < b->n_dense; k += e->channels)
                for (size_t c = 0; c < e->channels; c++)
                    y[k + c] = code[c * BYTE_VALUES + x[k + c]];
        }
        free(room);
    }
    free(code);
}

void image_encode(const struct encoder *e, const struct table *t,
                  const size_t *rows, struct batch *b)
{
    if (t->images) {
        encode_files(e, t, rows, b);
        return;
    }
#pragma omp parallel for schedule(static) if (b->n * b->n_dense > PARALLEL_WORK)
    for (size_t i = 0; i < b->n; i++) {
        const float *x = t->numbers + rows[i] * t->n_numbers;
        float *y = b->dense + i * b->n_dense;
        for (size_t c = 0; c < e->channels; c++)
            encode_channel(e, c, x + c, y + c, e->n_dense - c, e->channels);
    }
}

/* ---- steps ---- */

/* The steps of a row; their number. */
static size_t row_steps(const struct encoder *e, const struct table *t,
                        size_t row, const float **value)
{
    const struct sequences *s = &t->sequences;

    if (e->schema->n_shape) {
        *value = t->numbers + row * t->n_numbers;
        return e->schema->shape[0];
    }
    *value = s->value + s->start[row] * s->width;
    return s->start[row + 1] - s->start[row];
}

struct value_sums {
    double mean, squares, seen;
};

static void add_value(struct value_sums *sums, double x)
{
    double delta = x - sums->mean;

    if (isnan(x))
        return;
    sums->mean += delta / ++sums->seen;
    sums->squares += delta * (x - sums->mean);
}

void steps_fit(struct encoder *e, const struct table *t, const size_t *rows,
               size_t n)
{
    struct value_sums *sums = mem_zalloc(e->n_step, sizeof(*sums));

    for (size_t i = 0; i < n; i++) {
        const float *x;
        size_t steps = row_steps(e, t, rows[i], &x);
        for (; steps > 0; steps--, x += e->n_step)
            for (size_t k = 0; k < e->n_step; k++)
                add_value(&sums[k], (double)x[k]);
    }
    for (size_t k = 0; k < e->n_step; k++) {
        const struct value_sums *v = &sums[k];
        e->step_mean[k] = (float)v->mean;
        e->step_scale[k] = v->squares > 0 ? (float)sqrt(v->seen / v->squares)
                                          : 0;
    }
    free(sums);
}

static void find_longest(struct batch *b)
{
    b->steps = 1;
    for (size_t i = 0; i < b->n; i++)
        if (b->length[i] > b->steps)
            b->steps = b->length[i];
}

static void encode_steps(const struct encoder *e, const float *x, size_t steps,
                         float *y)
{
    for (; steps > 0; steps--, x += e->n_step, y += e->n_step)
        for (size_t k = 0; k < e->n_step; k++)
            y[k] =
                encoder_standardised(x[k], e->step_mean[k], e->step_scale[k]);
}

void steps_encode(const struct encoder *e, const struct table *t,
                  const size_t *rows, struct batch *b)
{
    const float *x = NULL;
    size_t size;

    for (size_t i = 0; i < b->n; i++)
        b->length[i] = (uint32_t)row_steps(e, t, rows[i], &x);
    find_longest(b);
    size = b->steps * e->n_step;
    if (b->padded * size > b->step_capacity) {
        free(b->step);
        b->step_capacity = b->padded * size;
        b->step = mem_aligned(b->step_capacity, sizeof(*b->step));
    }
    for (size_t i = 0; i < b->padded; i++) {
        float *y = b->step + i * size;
        size_t steps = i < b->n ? row_steps(e, t, rows[i], &x) : 0;
        encode_steps(e, x, steps, y);
        memset(y + steps * e->n_step, 0,
               (b->steps - steps) * e->n_step * sizeof(*y));
    }
}

/* ---- tokens ---- */

size_t tokens_first(const struct schema *schema)
{
    size_t texts = 0;

    for (size_t i = 0; i < schema->n; i++)
        texts += schema->columns[i].role == ROLE_FEATURE &&
                 schema->columns[i].type == TYPE_TEXT;
    return texts > 1 ? TOKEN_BETWEEN + 1 : TOKEN_UNKNOWN + 1;
}

/* Rows that have each token, by its number in the table. */
static uint32_t *count_rows(const struct tokens *t, const size_t *rows,
                            size_t n)
{
    uint32_t *count = mem_zalloc(t->dict.count, sizeof(*count));
    size_t *last = mem_zalloc(t->dict.count, sizeof(*last)); /* i + 1 */

    for (size_t i = 0; i < n; i++)
        for (size_t k = t->start[rows[i]]; k < t->start[rows[i] + 1]; k++) {
            uint32_t token = t->token[k];
            if (token >= t->dict.count || last[token] == i + 1)
                continue;
            last[token] = i + 1;
            count[token]++;
        }
    free(last);
    return count;
}

void tokens_fit(struct encoder *e, const struct table *table,
                const size_t *rows, size_t n)
{
    const struct dict *dict = &table->tokens.dict;
    uint32_t *count = count_rows(&table->tokens, rows, n);
    size_t *order = mem_alloc(dict->count, sizeof(*order));

    dict_sorted(dict, order);
    for (size_t i = 0; i < dict->count; i++)
        if (count[order[i]] >= TOKEN_ROWS)
            dict_add(&e->vocabulary, dict->text[order[i]], dict->len[order[i]]);
    free(count);
    free(order);
}

void tokens_bind(struct encoder *e, const struct table *table)
{
    const struct dict *dict = &table->tokens.dict;
    size_t first = tokens_first(e->schema);

    free(e->token_map);
    e->n_token_map = dict->count;
    e->token_map = mem_alloc(dict->count, sizeof(*e->token_map));
    for (size_t i = 0; i < dict->count; i++) {
        size_t at = dict_find(&e->vocabulary, dict->text[i], dict->len[i]);
        e->token_map[i] = at == DICT_NONE ? TOKEN_UNKNOWN
                                          : (uint32_t)(at + first);
    }
}

static uint32_t token_number(const struct encoder *e, uint32_t token)
{
    if (token == TOKEN_SEPARATOR)
        return TOKEN_BETWEEN;
    return token < e->n_token_map ? e->token_map[token] : TOKEN_UNKNOWN;
}

void tokens_encode(const struct encoder *e, const struct table *table,
                   const size_t *rows, struct batch *b)
{
    const struct tokens *t = &table->tokens;

    for (size_t i = 0; i < b->n; i++)
        b->length[i] = (uint32_t)(t->start[rows[i] + 1] - t->start[rows[i]]);
    find_longest(b);
    if (b->padded * b->steps > b->token_capacity) {
        free(b->token);
        b->token_capacity = b->padded * b->steps;
        b->token = mem_aligned(b->token_capacity, sizeof(*b->token));
    }
    for (size_t i = 0; i < b->padded; i++) {
        uint32_t *to = b->token + i * b->steps;
        size_t used = i < b->n ? b->length[i] : 0;
        for (size_t k = 0; k < used; k++)
            to[k] = token_number(e, t->token[t->start[rows[i]] + k]);
        for (size_t k = used; k < b->steps; k++)
            to[k] = TOKEN_NONE;
    }
}
