#include "analysis/domain_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/domain_layout.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"

enum {
    VALUE_SLOTS = 96,
    MISSING_SLOTS = 32,
    LEVEL_SLOTS = 128,
    RARE_SLOTS = 16,
    BAG_SLOTS = 192,
    ONLY_SLOTS = 384, /* of one text alone */
    BAG_SHARED = 32,
    PAIR_SLOTS = 192,
    MOST_PAIRS = 400
};

static const float PAIR_SPREAD = .5F;

/* ---- which columns ---- */

static void take_columns(struct domain_features *f)
{
    const struct table *t = f->table;
    size_t categories = 0, texts = 0, columns = t->schema->n;

    f->category = mem_alloc(columns, sizeof(*f->category));
    f->category_column = mem_alloc(columns, sizeof(*f->category));
    f->bag = mem_alloc(columns, sizeof(*f->bag));
    f->bag_column = mem_alloc(columns, sizeof(*f->bag));
    for (size_t c = 0; c < columns; c++) {
        const struct column *column = &t->schema->columns[c];
        bool wanted = f->only == SIZE_MAX || f->only == c;
        if (column->role != ROLE_FEATURE)
            continue;
        if (column->type == TYPE_CATEGORY && categories++ < t->n_categories &&
            wanted) {
            f->category_column[f->n_categories] = c;
            f->category[f->n_categories++] = categories - 1;
        }
        if (column->type == TYPE_TEXT && wanted &&
            (texts < t->n_texts || (t->tokens.n && !f->n_bags))) {
            f->bag_column[f->n_bags] = c;
            f->bag[f->n_bags++] = texts;
        }
        texts += column->type == TYPE_TEXT;
    }
}

bool domain_features_has(const struct domain_features *f, size_t column)
{
    bool has = false;

    for (size_t v = 0; v < f->n_values; v++)
        has |= f->value_column[v] == column;
    for (size_t c = 0; c < f->n_categories; c++)
        has |= f->category_column[c] == column;
    for (size_t b = 0; b < f->n_bags; b++)
        has |= f->bag_column[b] == column;
    return has;
}

/* ---- places of values ---- */

static void take_values(struct domain_features *f)
{
    f->values = domain_values_new(f->table, f->row, f->n, f->only);
    f->n_values = domain_values_count(f->values);
    f->value = mem_alloc(f->n * f->n_values, sizeof(*f->value));
    f->value_column = mem_alloc(f->n_values, sizeof(*f->value_column));
    for (size_t v = 0; v < f->n_values; v++)
        f->value_column[v] = domain_values_column(f->values, v);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < f->n; i++)
        domain_values_of(f->values, f->row[i], f->value + i * f->n_values);
}

static size_t place_values(struct domain_features *f, size_t slot)
{
    size_t n = f->n_values, slots = n < VALUE_SLOTS ? n : VALUE_SLOTS;

    f->spot = mem_alloc(n, sizeof(*f->spot));
    for (size_t v = 0; v < n; v++) {
        uint64_t hash = hash_bytes(&v, sizeof(v));
        float weight = sqrtf((float)slots / (float)n);
        f->spot[v] =
            n <= slots ? (struct domain_place){(uint16_t)(slot + v), 1}
                       : (struct domain_place){(uint16_t)(slot + hash % slots),
                                               hash >> 63 ? weight : -weight};
    }
    return slot + slots;
}

/* The values of a sequence or an image are missing together: the first of a
 * column speaks for them. */
static size_t place_missing(struct domain_features *f, size_t slot)
{
    size_t used = 0;

    f->missing_slot = mem_alloc(f->n_values, sizeof(*f->missing_slot));
    f->missing_weight = mem_alloc(f->n_values, sizeof(*f->missing_weight));
    for (size_t v = 0; v < f->n_values; v++) {
        size_t missing = 0;
        for (size_t i = 0; i < f->n; i++)
            missing += isnan(f->value[i * f->n_values + v]) != 0;
        f->missing_slot[v] = NO_SLOT;
        f->missing_weight[v] = domain_weight((double)missing / (double)f->n);
        if (missing && !(v && f->value_column[v] == f->value_column[v - 1]))
            f->missing_slot[v] = (uint32_t)(slot + used++ % MISSING_SLOTS);
    }
    return slot + (used < MISSING_SLOTS ? used : MISSING_SLOTS);
}

/* ---- places of levels, n-grams, tokens ---- */

static size_t place_levels(struct domain_features *f, size_t slot)
{
    struct domain_things *things = mem_zalloc(f->n_categories, sizeof(*things));
    uint32_t **rows = mem_zalloc(f->n_categories, sizeof(*rows));

    f->level = mem_zalloc(f->n_categories, sizeof(*f->level));
    for (size_t c = 0; c < f->n_categories; c++) {
        size_t all = f->table->dicts[f->category[c]].count + 1;
        rows[c] = mem_zalloc(all, sizeof(**rows));
        f->level[c] = mem_alloc(all, sizeof(**f->level));
        for (size_t i = 0; i < f->n; i++)
            rows[c][domain_level(f, c, f->row[i])]++;
        things[c] = (struct domain_things){all, rows[c], NULL, f->level[c]};
    }
    slot = domain_places(things, f->n_categories, f->n, slot, LEVEL_SLOTS,
                         RARE_SLOTS);
    for (size_t c = 0; c < f->n_categories; c++)
        free(rows[c]);
    free(rows);
    free(things);
    return slot;
}

/* In how many rows each is.  seen: the last row, plus 1. */
static void count_bag(const struct domain_features *f, size_t b, uint32_t *rows)
{
    size_t things = domain_bag_things(f),
           *seen = mem_zalloc(things, sizeof(*seen));

    for (size_t i = 0; i < f->n; i++) {
        struct domain_bag bag = domain_bag(f, b, f->row[i]);
        for (size_t e = 0; e < bag.n; e++) {
            size_t thing = domain_thing(&bag, e, things);
            rows[thing] += seen[thing] != i + 1;
            seen[thing] = i + 1;
        }
    }
    free(seen);
}

static size_t place_grams(struct domain_features *f, size_t slot)
{
    size_t n = f->n_bags, all = n ? domain_bag_things(f) : 0;
    struct domain_things *things = mem_zalloc(n, sizeof(*things));
    uint32_t *rows = mem_zalloc(n * all, sizeof(*rows));
    bool *second = mem_zalloc(all, sizeof(*second));

    for (size_t i = NGRAM_GROUP; i < all && f->table->n_texts; i++)
        second[i] = true;
    f->gram = mem_zalloc(n, sizeof(*f->gram));
    for (size_t b = 0; b < n; b++) {
        f->gram[b] = mem_alloc(all, sizeof(**f->gram));
        count_bag(f, b, rows + b * all);
        things[b] =
            (struct domain_things){all, rows + b * all, second, f->gram[b]};
    }
    if (n)
        slot = domain_places(things, n, f->n, slot,
                             f->only == SIZE_MAX ? BAG_SLOTS : ONLY_SLOTS,
                             BAG_SHARED);
    free(things);
    free(rows);
    free(second);
    return slot;
}

/* ---- pairs ---- */

static void list_pairs(struct domain_features *f)
{
    size_t v = f->n_values, all = v + f->n_categories;
    size_t most = v + all * (all - 1) / 2;
    struct rng rng;

    f->pairs =
        mem_alloc(most < MOST_PAIRS ? most : MOST_PAIRS, sizeof(*f->pairs));
    rng_init(&rng, f->seed, RNG_FEATURES);
    for (size_t a = 0; a < v && a < MOST_PAIRS / 2; a++)
        f->pairs[f->n_pairs++] = (struct domain_pair){a, a};
    if (most <= MOST_PAIRS) {
        for (size_t a = 0; a < all; a++)
            for (size_t b = a + 1; b < all; b++)
                f->pairs[f->n_pairs++] = (struct domain_pair){a, b};
    } else {
        while (f->n_pairs < MOST_PAIRS) {
            size_t a = rng_below(&rng, all), b = rng_below(&rng, all);
            if (a != b)
                f->pairs[f->n_pairs++] =
                    (struct domain_pair){a < b ? a : b, a < b ? b : a};
        }
    }
    f->pair_slots = f->n_categories == 0 && f->n_pairs < PAIR_SLOTS
                        ? f->n_pairs
                        : PAIR_SLOTS;
    if (f->n_pairs == 0)
        f->pair_slots = 0;
}

/* ---- centre and scale ---- */

/* Threads own pieces of a fixed number of rows. */
static void take_moments(struct domain_features *f)
{
    enum { PIECE = 256 };
    size_t w = f->width, pieces = (f->n + PIECE - 1) / PIECE;
    double *sums = mem_zalloc(pieces * 2 * w, sizeof(*sums));

#pragma omp parallel for schedule(dynamic, 1)
    for (size_t p = 0; p < pieces; p++) {
        float *x = mem_alloc(w, sizeof(*x));
        double *sum = sums + p * 2 * w, *squares = sum + w;
        for (size_t i = p * PIECE; i < f->n && i < (p + 1) * PIECE; i++) {
            domain_features_mixed(f, i, SIZE_MAX, 0, x);
            for (size_t k = 0; k < w; k++) {
                sum[k] += (double)x[k];
                squares[k] += (double)x[k] * (double)x[k];
            }
        }
        free(x);
    }
    for (size_t p = 1; p < pieces; p++)
        for (size_t k = 0; k < 2 * w; k++)
            sums[k] += sums[p * 2 * w + k];
    for (size_t k = 0; k < w; k++) {
        double mean = sums[k] / (double)f->n,
               variance = sums[w + k] / (double)f->n - mean * mean;
        f->centre[k] = (float)mean;
        if (k >= f->first)
            f->scale[k] = variance > 1e-9 ? PAIR_SPREAD / (float)sqrt(variance)
                                          : 0;
    }
    free(sums);
}

struct domain_features *domain_features_new(const struct table *table,
                                            const size_t *row, size_t n,
                                            size_t only, uint64_t seed)
{
    struct domain_features *f = mem_zalloc(1, sizeof(*f));
    size_t slot = 0;

    f->table = table;
    f->row = row;
    f->n = n;
    f->only = only;
    f->seed = seed;
    take_columns(f);
    take_values(f);
    slot = place_values(f, slot);
    slot = place_missing(f, slot);
    slot = place_levels(f, slot);
    f->first = place_grams(f, slot);
    list_pairs(f);
    f->width = f->first + f->pair_slots;
    f->centre = mem_zalloc(f->width, sizeof(*f->centre));
    f->scale = mem_alloc(f->width, sizeof(*f->scale));
    for (size_t k = 0; k < f->width; k++)
        f->scale[k] = 1;
    take_moments(f);
    return f;
}

void domain_features_free(struct domain_features *f)
{
    if (!f)
        return;
    domain_values_free(f->values);
    for (size_t c = 0; c < f->n_categories; c++)
        free(f->level[c]);
    for (size_t b = 0; b < f->n_bags; b++)
        free(f->gram[b]);
    free(f->value);
    free(f->value_column);
    free(f->spot);
    free(f->missing_slot);
    free(f->missing_weight);
    free(f->category);
    free(f->category_column);
    free(f->level);
    free(f->bag);
    free(f->bag_column);
    free(f->gram);
    free(f->pairs);
    free(f->centre);
    free(f->scale);
    free(f);
}

size_t domain_features_width(const struct domain_features *f)
{
    return f->width;
}

size_t domain_features_first(const struct domain_features *f)
{
    return f->first;
}
