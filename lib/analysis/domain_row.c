/* The features of a row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/domain_layout.h"
#include "base/hash.h"
#include "base/mem.h"

static uint32_t level_of(const struct domain_features *f, size_t c, size_t row)
{
    const struct table *t = f->table;

    return t->levels[row * t->n_categories + f->category[c]];
}

size_t domain_level(const struct domain_features *f, size_t c, size_t row)
{
    size_t level = level_of(f, c, row),
           all = f->table->dicts[f->category[c]].count;

    return level < all ? level : all;
}

struct domain_bag domain_bag(const struct domain_features *f, size_t b,
                             size_t row)
{
    const struct table *t = f->table;

    if (t->n_texts) {
        const struct ngrams *g = &t->texts[f->bag[b]];
        size_t from = g->start[row];
        return (struct domain_bag){g->bucket + from, g->count + from,
                                   g->start[row + 1] - from};
    }
    return (struct domain_bag){t->tokens.token + t->tokens.start[row], NULL,
                               t->tokens.start[row + 1] - t->tokens.start[row]};
}

size_t domain_bag_things(const struct domain_features *f)
{
    return f->table->n_texts ? NGRAM_BUCKETS : f->table->tokens.dict.count + 1;
}

size_t domain_thing(const struct domain_bag *bag, size_t e, size_t things)
{
    return bag->thing[e] < things - 1 || bag->count ? bag->thing[e]
                                                    : things - 1;
}

/* Where the parts of a row come from: all but one column from `row`. */
struct mixture {
    const float *value; /* [n_values], mixed already */
    size_t row, column, other;
};

static size_t row_for(const struct mixture *m, size_t column)
{
    return m->column == column ? m->other : m->row;
}

static void add_values(const struct domain_features *f, const struct mixture *m,
                       float *out)
{
    for (size_t v = 0; v < f->n_values; v++) {
        if (!isnan(m->value[v]))
            out[f->spot[v].slot] += m->value[v] * f->spot[v].weight;
        else if (f->missing_slot[v] != NO_SLOT)
            out[f->missing_slot[v]] += f->missing_weight[v];
    }
}

static void add_bags(const struct domain_features *f, const struct mixture *m,
                     float *out)
{
    size_t things = f->n_bags ? domain_bag_things(f) : 0;

    for (size_t b = 0; b < f->n_bags; b++) {
        struct domain_bag bag = domain_bag(f, b, row_for(m, f->bag_column[b]));
        float length = 0;
        for (size_t e = 0; e < bag.n; e++)
            length += bag.count ? bag.count[e] : 1;
        for (size_t e = 0; e < bag.n; e++) {
            struct domain_place p = f->gram[b][domain_thing(&bag, e, things)];
            float share = (bag.count ? bag.count[e] : 1) / length;
            out[p.slot] += 3 * p.weight * sqrtf(share);
        }
    }
}

/* A member of a pair: its value, and a number that stands for its level; 0 of
 * what has none. */
struct member {
    float value;
    uint64_t key;
};

static struct member member_of(const struct domain_features *f,
                               const struct mixture *m, size_t which)
{
    size_t c = which - f->n_values, level;

    if (which < f->n_values)
        return (struct member){isnan(m->value[which]) ? 0 : m->value[which], 0};
    level = domain_level(f, c, row_for(m, f->category_column[c]));
    return (struct member){fabsf(f->level[c][level].weight),
                           hash_bytes(&level, sizeof(level)) | 1};
}

/* The k-th pair with these levels: all bits good. */
static uint64_t mix(size_t k, uint64_t a, uint64_t b)
{
    uint64_t x = (a + k) * 0xff51afd7ed558ccdu ^ (b << 1);

    x = (x ^ x >> 32) * 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 29;
}

static void add_pairs(const struct domain_features *f,
                      const struct member *member, float *out)
{
    for (size_t k = 0; k < f->n_pairs; k++) {
        struct member a = member[f->pairs[k].a], b = member[f->pairs[k].b];
        size_t slot = k % f->pair_slots;
        float product = a.value * b.value;
        if (a.key || b.key) {
            uint64_t hash = mix(k, a.key, b.key);
            slot = (hash & UINT32_MAX) * f->pair_slots >> 32;
            product = hash >> 63 ? product : -product;
        }
        out[f->first + slot] += product;
    }
}

static void add_levels(const struct domain_features *f, const struct mixture *m,
                       float *out)
{
    for (size_t c = 0; c < f->n_categories; c++) {
        size_t level = domain_level(f, c, row_for(m, f->category_column[c]));
        out[f->level[c][level].slot] += f->level[c][level].weight;
    }
}

static void write_row(const struct domain_features *f, const struct mixture *m,
                      float *out)
{
    size_t all = f->n_values + f->n_categories;
    struct member *member = mem_alloc(all, sizeof(*member));

    memset(out, 0, f->width * sizeof(*out));
    add_values(f, m, out);
    for (size_t i = 0; i < all; i++)
        member[i] = member_of(f, m, i);
    add_levels(f, m, out);
    add_bags(f, m, out);
    add_pairs(f, member, out);
    for (size_t k = 0; k < f->width; k++)
        out[k] = (out[k] - f->centre[k]) * f->scale[k];
    free(member);
}

void domain_features_of(const struct domain_features *f, size_t row, float *out)
{
    float *value = mem_alloc(f->n_values, sizeof(*value));
    struct mixture m = {value, row, SIZE_MAX, row};

    domain_values_of(f->values, row, value);
    write_row(f, &m, out);
    free(value);
}

void domain_features_mixed(const struct domain_features *f, size_t i,
                           size_t column, size_t j, float *out)
{
    const float *own = f->value + i * f->n_values;
    float *value;
    struct mixture m = {own, f->row[i], column,
                        column == SIZE_MAX ? 0 : f->row[j]};

    if (column == SIZE_MAX) {
        write_row(f, &m, out);
        return;
    }
    value = mem_alloc(f->n_values, sizeof(*value));
    for (size_t v = 0; v < f->n_values; v++)
        value[v] = f->value_column[v] == column ? f->value[j * f->n_values + v]
                                                : own[v];
    m.value = value;
    write_row(f, &m, out);
    free(value);
}
