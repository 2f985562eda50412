#include "stats/tree_boxes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * What a node of the tree lets through: sides of what is present, and in bit f
 * of `missing` whether feature f may be missing.
 */
struct region {
    struct box_side side[BOX_FEATURES];
    uint64_t missing;
};

static uint64_t bit(size_t f)
{
    return (uint64_t)1 << f;
}

/* A region has room for more features than there are. */
static void copy_region(struct region *to, const struct region *from, size_t d)
{
    memcpy(to->side, from->side, d * sizeof(*to->side));
    to->missing = from->missing;
}

void boxes_release(struct boxes *boxes)
{
    free(boxes->side);
    free(boxes->value);
    free(boxes->bound);
    *boxes = (struct boxes){0};
}

uint64_t box_choices(const struct box_space *space, size_t f)
{
    size_t n = space->features[f].choices;

    return n < FOREST_CHOICES ? bit(n) - 1 : ~(uint64_t)0;
}

static struct box_side whole_side(const struct box_space *space, size_t f)
{
    return (struct box_side){0, 1, 1, box_choices(space, f)};
}

/* Adds a box whose shares and bounds are still to be set. */
static struct box_side *add_box(struct boxes *b, const struct box_side *side,
                                double value)
{
    size_t before = b->capacity;

    b->value = mem_grow(b->value, &b->capacity, b->n + 1, sizeof(*b->value));
    if (b->capacity != before) {
        b->side = mem_resize(b->side, b->capacity * b->d, sizeof(*b->side));
        b->bound = mem_resize(b->bound, b->capacity, sizeof(*b->bound));
    }
    memmove(b->side + b->n * b->d, side, b->d * sizeof(*side));
    b->value[b->n] = value;
    return b->side + b->n++ * b->d;
}

/* Shares of the sides; false where the box is empty. */
static bool measure(struct box_side *side, const struct box_space *space,
                    uint64_t *bound)
{
    *bound = 0;
    for (size_t f = 0; f < space->d; f++) {
        size_t choices = space->features[f].choices;
        if (choices)
            side[f].share = (double)__builtin_popcountll(side[f].choices) /
                            (double)choices;
        else
            side[f].share = fmax(0, side[f].high - side[f].low);
        if (side[f].share <= 0)
            return false;
        if (side[f].share < 1)
            *bound |= bit(f);
    }
    return true;
}

/* ---- features that do not always mean something ---- */

/*
 * Of which features a leaf asks whether they mean something: those that it
 * looks at, and the parents of such.
 */
static uint64_t asked(const struct region *r, const struct box_space *space)
{
    uint64_t asked = 0;

    for (size_t f = space->d; f-- > 0;) {
        const struct box_side *side = &r->side[f];
        bool whole = space->features[f].choices
                         ? side->choices == box_choices(space, f)
                         : side->low <= 0 && side->high >= 1;
        if (!whole || !(r->missing >> f & 1))
            asked |= bit(f);
        if (asked >> f & 1 && space->conditions[f].parent != BOX_NONE)
            asked |= bit(space->conditions[f].parent);
    }
    return asked;
}

/*
 * Adds what of region r has features f and later as it has them; those before
 * are settled: bit by bit `means` says which mean something.
 */
static void settle(struct boxes *b, const struct box_space *space,
                   const struct region *r, uint64_t asks, uint64_t means,
                   size_t f, double value)
{
    struct region part;
    size_t parent;
    uint64_t when;

    while (f < space->d &&
           (space->conditions[f].parent == BOX_NONE || !(asks >> f & 1)))
        means |= bit(f++);
    if (f == space->d) {
        struct box_side *side = add_box(b, r->side, value);
        if (!measure(side, space, &b->bound[b->n - 1]))
            b->n--;
        return;
    }
    parent = space->conditions[f].parent;
    when = means >> parent & 1 ? space->conditions[f].when : 0;
    copy_region(&part, r, space->d);
    part.side[parent].choices &= when;
    if (part.side[parent].choices)
        settle(b, space, &part, asks, means | bit(f), f + 1, value);
    copy_region(&part, r, space->d);
    part.side[parent].choices &= ~when;
    part.side[f] = whole_side(space, f);
    if (part.side[parent].choices && r->missing >> f & 1)
        settle(b, space, &part, asks, means, f + 1, value);
}

/* ---- trees ---- */

static void go_left(struct region *r, const struct tree_node *node,
                    const struct box_space *space)
{
    struct box_side *side = &r->side[node->feature];

    if (space->features[node->feature].choices)
        side->choices &= node->choices;
    else
        side->high = fmin(side->high, node->cut);
    if (!node->missing_left)
        r->missing &= ~bit(node->feature);
}

static void go_right(struct region *r, const struct tree_node *node,
                     const struct box_space *space)
{
    struct box_side *side = &r->side[node->feature];

    if (space->features[node->feature].choices)
        side->choices &= ~node->choices;
    else
        side->low = fmax(side->low, node->cut);
    if (node->missing_left)
        r->missing &= ~bit(node->feature);
}

void boxes_add_tree(struct boxes *b, const struct tree *tree,
                    const struct box_space *space)
{
    struct region *region = mem_alloc(tree->n, sizeof(*region));

    b->d = space->d;
    for (size_t f = 0; f < space->d; f++)
        region[0].side[f] = whole_side(space, f);
    region[0].missing = ~(uint64_t)0;
    for (size_t i = 0; i < tree->n; i++) {
        const struct tree_node *node = &tree->nodes[i];
        if (!node->left) {
            settle(b, space, &region[i], asked(&region[i], space), 0, 0,
                   node->value);
            continue;
        }
        copy_region(&region[node->left], &region[i], space->d);
        copy_region(&region[node->left + 1], &region[i], space->d);
        go_left(&region[node->left], node, space);
        go_right(&region[node->left + 1], node, space);
    }
    free(region);
}

/* ---- parts of the cube ---- */

void boxes_within(struct boxes *part, const struct boxes *boxes,
                  const struct box_space *space, const uint64_t *only)
{
    part->d = boxes->d;
    part->n = 0;
    for (size_t i = 0; i < boxes->n; i++) {
        struct box_side *side =
            add_box(part, box_side(boxes, i, 0), boxes->value[i]);
        uint64_t bound = boxes->bound[i];
        double all = 1;
        for (size_t f = 0; f < space->d; f++) {
            if (!space->features[f].choices || only[f] == box_choices(space, f))
                continue;
            side[f].choices &= only[f];
            side[f].share = (double)__builtin_popcountll(side[f].choices) /
                            (double)__builtin_popcountll(only[f]);
            bound = side[f].share < 1 ? bound | bit(f) : bound & ~bit(f);
            all *= side[f].share;
        }
        part->bound[part->n - 1] = bound;
        if (all == 0)
            part->n--;
    }
}

double box_volume(const struct boxes *boxes, size_t i)
{
    double volume = 1;

    for (size_t f = 0; f < boxes->d; f++)
        volume *= box_side(boxes, i, f)->share;
    return volume;
}

bool box_holds(const struct box_side *side, const struct forest_feature *f,
               double x)
{
    if (f->choices)
        return side->choices >> (size_t)x & 1;
    return (x > side->low || side->low <= 0) && x <= side->high;
}
