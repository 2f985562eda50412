/*
 * domain_places: which feature stands for which level, n-gram or token: the
 * commonest have a place of their own, the others share some by hash and sign.
 */
#ifndef ANALYSIS_DOMAIN_PLACES_H
#define ANALYSIS_DOMAIN_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* weight: of what stands there, with its sign. */
struct domain_place {
    uint16_t slot;
    float weight;
};

/* Things of one column, numbered 0 … n - 1, and in how many rows they are. */
struct domain_things {
    size_t n;
    const uint32_t *rows; /* [n] */
    const bool *second;   /* [n] a twentieth as worthy of a place; or NULL */
    struct domain_place *place; /* [n], to be written */
};

/*
 * Gives all things of columns[n_columns] a place from `slot` on: `own` of their
 * own for those in at least 5 of n rows, and `shared` for the rest if there is
 * one.  Returns the slot behind.
 */
size_t domain_places(struct domain_things *columns, size_t n_columns, size_t n,
                     size_t slot, size_t own, size_t shared);

/* The weight of a thing that is in this share of the rows: share^(-1/4), that
 * of .5 % being the most. */
float domain_weight(double share);

#endif
