/*
 * domain_layout: what domain_features_new lays out, and domain_row.c fills.
 */
#ifndef ANALYSIS_DOMAIN_LAYOUT_H
#define ANALYSIS_DOMAIN_LAYOUT_H

#include "analysis/domain_features.h"
#include "analysis/domain_places.h"
#include "analysis/domain_values.h"

enum { NO_SLOT = 1 << 16 };

/* Two of what there is in a row: values, then categories. */
struct domain_pair {
    size_t a, b;
};

struct domain_features {
    const struct table *table;
    const size_t *row; /* [n] */
    size_t n, only;
    uint64_t seed;

    struct domain_values *values;
    size_t n_values;
    float *value;              /* [n][n_values] of the rows */
    size_t *value_column;      /* [n_values] of the schema */
    struct domain_place *spot; /* [n_values] of a value */
    uint32_t *missing_slot;    /* [n_values] or NO_SLOT */
    float *missing_weight;     /* [n_values] */

    size_t n_categories, *category; /* of the table: those that take part */
    size_t *category_column;        /* [n_categories] of the schema */
    struct domain_place **level;    /* [n_categories][levels] */

    size_t n_bags; /* texts, or 1 for tokens */
    size_t *bag, *bag_column;
    struct domain_place **gram; /* [n_bags][NGRAM_BUCKETS or tokens] */

    struct domain_pair *pairs;
    size_t n_pairs, pair_slots;

    size_t first, width;
    float *centre, *scale; /* [width] */
};

/* The level of category c < n_categories; those that a frozen table does not
 * know stand behind the others. */
size_t domain_level(const struct domain_features *features, size_t c,
                    size_t row);

/* Things of a bag in a row: which, and how often. */
struct domain_bag {
    const uint32_t *thing;
    const float *count; /* NULL: once each */
    size_t n;
};

/* Of bag b < n_bags, and how many things there are. */
struct domain_bag domain_bag(const struct domain_features *features, size_t b,
                             size_t row);
size_t domain_bag_things(const struct domain_features *features);

/* The e-th of the bag; tokens that the dictionary has not are one more. */
size_t domain_thing(const struct domain_bag *bag, size_t e, size_t things);

#endif
