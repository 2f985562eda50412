/*
 * regression_forest: trees, and forests of them, that predict a number (Breiman
 * 2001, Machine Learning 45:5).
 *
 * A tree cuts one feature at a time, where the weighted sum of squares falls
 * most.  A number is cut halfway between two neighbours; the choices of a
 * feature are put in the order of their means and cut there, which is the best
 * of all ways to part them in two (Fisher 1958, J. Am. Stat. Assoc. 53:789).
 * Rows where a feature is missing go to the side that suits them, or stand
 * alone against all others.  What no row of a node has (a choice, missing) goes
 * to its heavier side.
 */
#ifndef STATS_REGRESSION_FOREST_H
#define STATS_REGRESSION_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

enum { FOREST_CHOICES = 64 };

/*
 * A number in [0, 1], or a choice 0 to choices - 1.  steps[n_steps], rising, is
 * where a number may be cut, between any two values that it takes; NULL:
 * anywhere.
 */
struct forest_feature {
    size_t choices; /* 0: a number; at most FOREST_CHOICES */
    const double *steps;
    size_t n_steps;
};

/* x[n][d], NaN is missing; y[n] is finite; features[d].  Owns nothing. */
struct forest_data {
    const double *x, *y;
    size_t n, d;
    const struct forest_feature *features;
};

struct tree_options {
    size_t depth; /* cuts from the root to a leaf, at most; 0: no cut */
    size_t least; /* rows on either side of one, at least 1 */
};

/*
 * left = 0: a leaf.  Else to node `left` go numbers <= cut, or the choices
 * whose bits are set in `choices`, and missing ones if missing_left; the rest
 * goes to node left + 1.  Children stand behind their parents.
 */
struct tree_node {
    double value, cut;
    uint64_t choices;
    size_t feature, left;
    bool missing_left;
};

struct tree {
    struct tree_node *nodes;
    size_t n, capacity;
};

/* The rows in the order of each feature, sorted once for all trees. */
struct forest_order;

struct forest_order *forest_order_new(const struct forest_data *data);
void forest_order_free(struct forest_order *order);

/*
 * Grows a tree on the rows of positive weight[n], of which there must be one.
 * {0} is an empty tree; one that was grown is replaced, its memory reused.
 */
void tree_grow(struct tree *tree, const struct forest_data *data,
               const struct forest_order *order, const double *weight,
               const struct tree_options *options);
double tree_predict(const struct tree *tree, const struct forest_feature *f,
                    const double *x);
void tree_release(struct tree *tree);

/*
 * Trees of which each is grown on what those before it leave (Friedman 2001,
 * Annals of Statistics 29:1189; on a random part of the rows each: 2002,
 * Computational Statistics & Data Analysis 38:367).  What it predicts is the
 * sum of what its trees do, the rate being in their values.
 */
struct forest {
    struct tree *trees;
    size_t n;
};

struct boost_options {
    size_t trees;
    double rate;  /* of what a tree finds, the share that is kept */
    double share; /* of the rows, for each tree */
    struct tree_options tree;
};

/* As tree_grow.  data.y should have a mean near 0, where the sum begins. */
void forest_boost(struct forest *forest, const struct forest_data *data,
                  const struct forest_order *order, const double *weight,
                  const struct boost_options *options, struct rng *rng);
double forest_predict(const struct forest *forest,
                      const struct forest_feature *f, const double *x);
void forest_release(struct forest *forest);

#endif
