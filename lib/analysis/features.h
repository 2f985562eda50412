/*
 * features: the columns of a table one by one, whatever their type.
 */
#ifndef ANALYSIS_FEATURES_H
#define ANALYSIS_FEATURES_H

#include "table/table.h"

/* A feature of type number, category or text: the `place` of its type. */
struct feature {
    const struct column *column;
    size_t place;
    uint32_t missing_level; /* of a category, LEVEL_UNSEEN: it has none */
};

/* Invariant: at[n], in the order of the file. */
struct features {
    struct feature *at;
    size_t n;
};

/*
 * Those of a table whose form is row; none where there are pixels or sequences,
 * which have no columns that mean something alone.
 */
void features_init(struct features *features, const struct table *table);
void features_release(struct features *features);

/* Whether the cell is empty, or a missing word, or a text without a word. */
bool feature_missing(const struct table *table, const struct feature *feature,
                     size_t row);

/* One of the table's numbers as it stood in the file, but for the places that a
 * float of its distance from the column's mean does not hold. */
double feature_value(const struct feature *feature, double number);

/*
 * More than 15 columns of numbers of one range, as pixels are: most begin at
 * `low`, none goes beyond `high`, and a quarter reach it.  Where `is` is false
 * there is no such thing.
 */
struct grid {
    bool is;
    double low, high;
};
struct grid features_grid(const struct features *features);
bool grid_has(const struct grid *grid, double value);

#endif
