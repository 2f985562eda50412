/*
 * tree_boxes: a tree as the boxes of the unit cube in which it is constant.
 *
 * The cube has a side for each feature, of which a choice takes as much as any
 * other.  A feature may mean something only for some choices of another, its
 * parent; elsewhere it is missing in the data, and the tree knows that as a
 * side of its own.  In the cube it has a place there too, on which nothing
 * depends: so the sides are independent, as a decomposition of variance needs
 * them, and a leaf becomes one box or a few.
 */
#ifndef STATS_TREE_BOXES_H
#define STATS_TREE_BOXES_H

#include "stats/regression_forest.h"

#define BOX_NONE SIZE_MAX
enum { BOX_FEATURES = 64 };

/* Parents stand before their children, and are choices. */
struct box_condition {
    size_t parent; /* BOX_NONE: it always means something */
    uint64_t when; /* the choices of the parent for which it does */
};

/* d features, 1 to BOX_FEATURES.  Owns nothing. */
struct box_space {
    const struct forest_feature *features;  /* [d] */
    const struct box_condition *conditions; /* [d] */
    size_t d;
};

/* A stretch of a number, or a set of choices, and its share of the side. */
struct box_side {
    double low, high, share;
    uint64_t choices;
};

/*
 * n boxes; side[n][d], value[n].  Bit f of bound[i]: box i does not take all
 * of side f.  {0} is empty.
 */
struct boxes {
    struct box_side *side;
    double *value;
    uint64_t *bound;
    size_t d, n, capacity;
};

void boxes_release(struct boxes *boxes);

/*
 * Adds the boxes of a tree: disjoint, and together the cube.  Those of several
 * trees stand for the sum of these.  boxes.d is set.
 */
void boxes_add_tree(struct boxes *boxes, const struct tree *tree,
                    const struct box_space *space);

/*
 * Bits of all choices of feature f, and of those of which `only` lets through.
 */
uint64_t box_choices(const struct box_space *space, size_t f);

/*
 * The part of the cube in which choices are among only[d] (those of numbers
 * are not looked at), as a cube of its own.  Replaces what was in `part`.
 */
void boxes_within(struct boxes *part, const struct boxes *boxes,
                  const struct box_space *space, const uint64_t *only);

/* Volume of box i; that of what two boxes share of a side. */
double box_volume(const struct boxes *boxes, size_t i);

static inline const struct box_side *box_side(const struct boxes *boxes,
                                              size_t i, size_t f)
{
    return boxes->side + i * boxes->d + f;
}

/* Whether a side holds a value (a choice, or a number in [0, 1]). */
bool box_holds(const struct box_side *side, const struct forest_feature *f,
               double x);

#endif
