#include "analysis/domain_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/sequence_traits.h"
#include "base/float_sort.h"
#include "base/mem.h"
#include "stats/interval.h"

enum { KNOTS = 2048, GRID = 8 };

enum kind { OF_NUMBER, OF_TEXT, OF_SEQUENCE, OF_IMAGE };

/* A kind of things that one column gives, `n` in a row. */
struct source {
    enum kind kind;
    size_t column; /* of the schema */
    size_t which;  /* of the table's numbers or texts */
    size_t first, n;
};

/* Values that stand at even distances in the order of all; none: n is 0. */
struct order {
    float *knot;
    size_t n;
};

struct domain_values {
    const struct table *table;
    struct source *sources;
    size_t n_sources, capacity, n;
    struct order *orders;          /* [n] */
    float quantile[2 * KNOTS + 1]; /* normal, of places / (2 KNOTS) */
};

/* ---- what there is ---- */

static void add_source(struct domain_values *v, enum kind kind, size_t column,
                       size_t which, size_t n)
{
    v->sources = mem_grow(v->sources, &v->capacity, v->n_sources + 1,
                          sizeof(*v->sources));
    v->sources[v->n_sources++] = (struct source){kind, column, which, v->n, n};
    v->n += n;
}

static size_t grid_values(const struct table *t)
{
    return GRID * GRID * t->schema->shape[2];
}

static void find_sources(struct domain_values *v, size_t only)
{
    const struct table *t = v->table;
    size_t numbers = 0, texts = 0;

    for (size_t c = 0; c < t->schema->n; c++) {
        const struct column *column = &t->schema->columns[c];
        bool wanted = only == SIZE_MAX || only == c;
        if (column->role != ROLE_FEATURE)
            continue;
        if (column->type == TYPE_NUMBER && numbers++ < t->n_numbers && wanted)
            add_source(v, OF_NUMBER, c, numbers - 1, 1);
        if (column->type == TYPE_TEXT && texts++ < t->n_texts && wanted)
            add_source(v, OF_TEXT, c, texts - 1, 1);
        if (column->type == TYPE_SEQUENCE && t->sequences.n && wanted)
            add_source(v, OF_SEQUENCE, c, 0,
                       SEQUENCE_TRAITS * t->sequences.width + 1);
        if (column->type == TYPE_IMAGE && t->images && wanted)
            add_source(v, OF_IMAGE, c, 0, grid_values(t));
    }
}

/* ---- of a row ---- */

static void text_value(const struct ngrams *g, size_t row, float *out)
{
    float words = 0;

    for (size_t e = g->start[row]; e < g->start[row + 1]; e++)
        words += g->bucket[e] < NGRAM_GROUP ? g->count[e] : 0;
    *out = words > 0 ? words : NAN;
}

static void sequence_values(const struct sequences *q, size_t row, float *out)
{
    size_t first = q->start[row], n = q->start[row + 1] - first;
    const float **step;
    double trait[SEQUENCE_TRAITS];

    if (isnan(q->value[first * q->width])) {
        for (size_t i = 0; i <= SEQUENCE_TRAITS * q->width; i++)
            out[i] = NAN;
        return;
    }
    step = mem_alloc(n, sizeof(*step));
    for (size_t s = 0; s < n; s++)
        step[s] = q->value + (first + s) * q->width;
    for (size_t c = 0; c < q->width; c++) {
        sequence_traits(step, n, c, trait);
        for (size_t i = 0; i < SEQUENCE_TRAITS; i++)
            *out++ = (float)trait[i];
    }
    *out = (float)n;
    free(step);
}

/* Means of cells; an image smaller than the grid repeats its pixels. */
static void image_values(const struct table *t, size_t row, float *out)
{
    size_t high = t->schema->shape[0], wide = t->schema->shape[1],
           deep = t->schema->shape[2];
    uint8_t *room = mem_alloc(high * wide * deep, 1);
    const uint8_t *pixel = image_rows_pixels(t->images, row, room);

    for (size_t cell = 0; cell < GRID * GRID; cell++) {
        size_t top = cell / GRID * high / GRID,
               left = cell % GRID * wide / GRID,
               bottom = (cell / GRID + 1) * high / GRID,
               right = (cell % GRID + 1) * wide / GRID;
        bottom += bottom == top;
        right += right == left;
        for (size_t d = 0; d < deep; d++) {
            double sum = 0;
            for (size_t y = top; y < bottom; y++)
                for (size_t x = left; x < right; x++)
                    sum += pixel[(y * wide + x) * deep + d];
            *out++ = (float)(sum / (double)((bottom - top) * (right - left)));
        }
    }
    free(room);
}

static void raw_values(const struct domain_values *v, size_t row, float *out)
{
    const struct table *t = v->table;

    for (size_t s = 0; s < v->n_sources; s++) {
        const struct source *from = &v->sources[s];
        float *at = out + from->first;
        switch (from->kind) {
        case OF_NUMBER:
            *at = t->numbers[row * t->n_numbers + from->which];
            break;
        case OF_TEXT:
            text_value(&t->texts[from->which], row, at);
            break;
        case OF_SEQUENCE:
            sequence_values(&t->sequences, row, at);
            break;
        case OF_IMAGE:
            image_values(t, row, at);
            break;
        }
    }
}

/* ---- ranks ---- */

/* The knots of value[n], which is sorted in place. */
static void order_init(struct order *o, float *value, size_t n)
{
    uint32_t *scratch = mem_alloc(n, sizeof(*scratch));

    float_sort(value, scratch, n);
    free(scratch);
    o->n = n < KNOTS ? n : KNOTS;
    o->knot = mem_alloc(o->n, sizeof(*o->knot));
    for (size_t k = 0; k < o->n; k++)
        o->knot[k] = value[(2 * k + 1) * n / (2 * o->n)];
}

static void make_orders(struct domain_values *v, const float *raw, size_t n)
{
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t c = 0; c < v->n; c++) {
        float *value = mem_alloc(n, sizeof(*value));
        size_t there = 0;
        for (size_t i = 0; i < n; i++)
            if (!isnan(raw[i * v->n + c]))
                value[there++] = raw[i * v->n + c];
        order_init(&v->orders[c], value, there);
        free(value);
    }
}

/* How many knots are below x, or with `at` not above it. */
static size_t knots_below(const struct order *o, float x, bool at)
{
    size_t low = 0, high = o->n;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (o->knot[mid] < x || (at && o->knot[mid] == x))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The place in the order, of 2 KNOTS. */
static size_t place_of(const struct order *o, float x)
{
    size_t twice = knots_below(o, x, false) + knots_below(o, x, true);

    return twice * KNOTS / o->n;
}

static float score_of(const struct domain_values *v, size_t c, float x)
{
    const struct order *o = &v->orders[c];

    if (isnan(x) || o->n == 0)
        return NAN;
    return v->quantile[place_of(o, x)];
}

/* ---- all ---- */

/* The ends stand as far out as they do on average of so many. */
static void take_quantiles(struct domain_values *v)
{
    for (size_t i = 0; i <= 2 * KNOTS; i++) {
        double p = ((double)i + .5) / (2 * KNOTS + 1);
        v->quantile[i] = (float)normal_quantile(p);
    }
}

struct domain_values *domain_values_new(const struct table *table,
                                        const size_t *row, size_t n,
                                        size_t only)
{
    struct domain_values *v = mem_zalloc(1, sizeof(*v));
    float *raw;

    v->table = table;
    find_sources(v, only);
    take_quantiles(v);
    v->orders = mem_zalloc(v->n, sizeof(*v->orders));
    raw = mem_alloc(n * v->n, sizeof(*raw));
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++)
        raw_values(v, row[i], raw + i * v->n);
    make_orders(v, raw, n);
    free(raw);
    return v;
}

void domain_values_free(struct domain_values *v)
{
    if (!v)
        return;
    for (size_t c = 0; c < v->n; c++)
        free(v->orders[c].knot);
    free(v->orders);
    free(v->sources);
    free(v);
}

size_t domain_values_count(const struct domain_values *v)
{
    return v->n;
}

size_t domain_values_column(const struct domain_values *v, size_t i)
{
    size_t s = 0;

    while (i >= v->sources[s].first + v->sources[s].n)
        s++;
    return v->sources[s].column;
}

void domain_values_of(const struct domain_values *v, size_t row, float *out)
{
    raw_values(v, row, out);
    for (size_t c = 0; c < v->n; c++)
        out[c] = score_of(v, c, out[c]);
}
