#include "stats/regression_forest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LEAST_GAIN 1e-12 /* of a node's sum of squares: less is rounding */

/* Order f lists all rows by feature f, those where it is missing last. */
struct forest_order {
    uint32_t *rows; /* [d][n] */
};

/* Weighted rows: their number, weight, and sum of y. */
struct sums {
    size_t n;
    double weight, y;
};

/* Where the rows of a node are, and how many cuts lead to it. */
struct span {
    size_t begin, n, depth;
};

struct split {
    double score, cut;
    uint64_t choices;
    size_t feature;
    bool missing_left;
};

/*
 * A tree that grows.  rows[f][m] are the rows of the tree, node after node, in
 * each node in the order of feature f; span[node] says where.
 */
struct grower {
    const struct forest_data *data;
    const double *weight;
    struct tree_options options;
    struct tree *tree;
    uint32_t *rows, *spare;
    struct span *span;
    size_t m, spans;
    unsigned char *left; /* [n]: where a row goes */
    struct sums all;     /* of the node at hand */
    struct split best;
};

static double x_of(const struct forest_data *data, size_t row, size_t feature)
{
    return data->x[row * data->d + feature];
}

/* ---- order ---- */

struct place {
    double x;
    uint32_t row;
};

static int by_place(const void *a, const void *b)
{
    const struct place *p = a, *q = b;

    if (isnan(p->x) != isnan(q->x))
        return isnan(p->x) ? 1 : -1;
    if (p->x != q->x && !isnan(p->x))
        return p->x < q->x ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

struct forest_order *forest_order_new(const struct forest_data *data)
{
    struct forest_order *order = mem_alloc(1, sizeof(*order));
    struct place *place = mem_alloc(data->n, sizeof(*place));

    order->rows = mem_alloc(data->n * data->d, sizeof(*order->rows));
    for (size_t f = 0; f < data->d; f++) {
        for (size_t i = 0; i < data->n; i++)
            place[i] = (struct place){x_of(data, i, f), (uint32_t)i};
        qsort(place, data->n, sizeof(*place), by_place);
        for (size_t i = 0; i < data->n; i++)
            order->rows[f * data->n + i] = place[i].row;
    }
    free(place);
    return order;
}

void forest_order_free(struct forest_order *order)
{
    if (order)
        free(order->rows);
    free(order);
}

/* ---- sums ---- */

static void add_row(struct sums *sums, const struct grower *g, size_t row)
{
    sums->n++;
    sums->weight += g->weight[row];
    sums->y += g->weight[row] * g->data->y[row];
}

static struct sums together(struct sums a, struct sums b)
{
    return (struct sums){a.n + b.n, a.weight + b.weight, a.y + b.y};
}

/* What is `all` without `part`. */
static struct sums rest(struct sums all, struct sums part)
{
    return (struct sums){all.n - part.n, all.weight - part.weight,
                         all.y - part.y};
}

/* Takes the split if it is better than the best: what it puts left is `left`.
 */
static void consider(struct grower *g, struct sums left, struct split split)
{
    struct sums right = rest(g->all, left);

    if (left.n < g->options.least || right.n < g->options.least)
        return;
    split.score = left.y * left.y / left.weight +
                  right.y * right.y / right.weight;
    if (split.score > g->best.score)
        g->best = split;
}

static bool is_heavier(const struct grower *g, struct sums left)
{
    return 2 * left.weight >= g->all.weight;
}

/* ---- numbers ---- */

/* The step nearest to the middle of a < b that lies between them. */
static double cut_between(const struct forest_feature *f, double a, double b)
{
    double middle = a + (b - a) / 2;
    size_t low = 0, high = f->n_steps;

    if (!f->steps)
        return middle < b ? middle : a;
    while (low < high) {
        size_t at = low + (high - low) / 2;
        if (f->steps[at] < middle)
            low = at + 1;
        else
            high = at;
    }
    if (low == f->n_steps ||
        (low && middle - f->steps[low - 1] < f->steps[low] - middle))
        low--;
    return f->steps[low];
}

static void try_number(struct grower *g, struct span at, size_t f)
{
    const struct forest_data *data = g->data;
    const uint32_t *row = g->rows + f * g->m + at.begin;
    struct sums missing = {0}, left = {0};
    struct split split = {.feature = f};
    size_t n = at.n;

    while (n && isnan(x_of(data, row[n - 1], f)))
        add_row(&missing, g, row[--n]);
    for (size_t i = 0; i < n; i++) {
        double x = x_of(data, row[i], f), next = INFINITY;
        add_row(&left, g, row[i]);
        if (i + 1 < n)
            next = x_of(data, row[i + 1], f);
        if (x == next || (i + 1 == n && !missing.n))
            continue;
        split.cut = i + 1 < n ? cut_between(&data->features[f], x, next) : next;
        split.missing_left = !missing.n && is_heavier(g, left);
        consider(g, left, split);
        split.missing_left = true;
        if (missing.n && i + 1 < n)
            consider(g, together(left, missing), split);
    }
}

/* ---- choices ---- */

struct level {
    struct sums sums;
    size_t choice;
};

static int by_mean(const void *a, const void *b)
{
    const struct level *p = a, *q = b;
    double x = p->sums.y / p->sums.weight, y = q->sums.y / q->sums.weight;

    if (x != y)
        return x < y ? -1 : 1;
    return p->choice < q->choice ? -1 : p->choice > q->choice;
}

/* The levels that rows of the node have; the last choice is missing. */
static size_t find_levels(const struct grower *g, struct span at, size_t f,
                          struct level level[FOREST_CHOICES + 1])
{
    const uint32_t *row = g->rows + f * g->m + at.begin;
    size_t choices = g->data->features[f].choices, n = 0;

    for (size_t c = 0; c <= choices; c++)
        level[c] = (struct level){.choice = c};
    for (size_t i = 0; i < at.n; i++) {
        double x = x_of(g->data, row[i], f);
        add_row(&level[isnan(x) ? choices : (size_t)x].sums, g, row[i]);
    }
    for (size_t c = 0; c <= choices; c++)
        if (level[c].sums.n)
            level[n++] = level[c];
    return n;
}

static uint64_t all_choices(size_t choices)
{
    return choices < FOREST_CHOICES ? ((uint64_t)1 << choices) - 1
                                    : ~(uint64_t)0;
}

static void try_choice(struct grower *g, struct span at, size_t f)
{
    struct level level[FOREST_CHOICES + 1];
    size_t choices = g->data->features[f].choices;
    size_t n = find_levels(g, at, f, level);
    uint64_t unseen = all_choices(choices), seen = 0;
    bool missing = false, missing_left = false;
    struct sums left = {0};

    qsort(level, n, sizeof(*level), by_mean);
    for (size_t i = 0; i < n; i++) {
        missing |= level[i].choice == choices;
        if (level[i].choice < choices)
            unseen &= ~((uint64_t)1 << level[i].choice);
    }
    for (size_t i = 0; i + 1 < n; i++) {
        struct split split = {.feature = f};
        left = together(left, level[i].sums);
        missing_left |= level[i].choice == choices;
        if (level[i].choice < choices)
            seen |= (uint64_t)1 << level[i].choice;
        split.choices = seen | (is_heavier(g, left) ? unseen : 0);
        split.missing_left = missing ? missing_left : is_heavier(g, left);
        consider(g, left, split);
    }
}

/* ---- growing ---- */

static bool goes_left(const struct tree_node *node,
                      const struct forest_feature *f, double x)
{
    if (isnan(x))
        return node->missing_left;
    return f->choices ? node->choices >> (size_t)x & 1 : x <= node->cut;
}

/* Puts the rows that go left in front, in every order. */
static size_t part_rows(struct grower *g, struct span at, size_t node)
{
    const struct tree_node *cut = &g->tree->nodes[node];
    const struct forest_feature *f = &g->data->features[cut->feature];
    size_t first = 0;

    for (size_t i = 0; i < at.n; i++) {
        size_t row = g->rows[at.begin + i];
        g->left[row] = goes_left(cut, f, x_of(g->data, row, cut->feature));
    }
    for (size_t o = 0; o < g->data->d; o++) {
        uint32_t *rows = g->rows + o * g->m + at.begin;
        size_t n_right = 0;
        first = 0;
        for (size_t i = 0; i < at.n; i++)
            if (g->left[rows[i]])
                rows[first++] = rows[i];
            else
                g->spare[n_right++] = rows[i];
        memcpy(rows + first, g->spare, n_right * sizeof(*rows));
    }
    return first;
}

static size_t add_node(struct grower *g, struct span span)
{
    struct tree *t = g->tree;

    t->nodes = mem_grow(t->nodes, &t->capacity, t->n + 1, sizeof(*t->nodes));
    g->span = mem_grow(g->span, &g->spans, t->n + 1, sizeof(*g->span));
    t->nodes[t->n] = (struct tree_node){.left = 0};
    g->span[t->n] = span;
    return t->n++;
}

static void sum_node(struct grower *g, size_t node)
{
    struct span at = g->span[node];

    g->all = (struct sums){0};
    for (size_t i = 0; i < at.n; i++)
        add_row(&g->all, g, g->rows[at.begin + i]);
    g->tree->nodes[node].value = g->all.y / g->all.weight;
}

static bool find_split(struct grower *g, struct span at)
{
    double here = g->all.y * g->all.y / g->all.weight, squares = 0;

    for (size_t i = 0; i < at.n; i++) {
        size_t row = g->rows[at.begin + i];
        squares += g->weight[row] * g->data->y[row] * g->data->y[row];
    }
    g->best = (struct split){.score = here + LEAST_GAIN * squares};
    here = g->best.score;
    for (size_t f = 0; f < g->data->d; f++)
        if (g->data->features[f].choices)
            try_choice(g, at, f);
        else
            try_number(g, at, f);
    return g->best.score > here;
}

static void grow_node(struct grower *g, size_t node)
{
    struct span at = g->span[node];
    struct tree_node *here;
    size_t first;

    sum_node(g, node);
    if (at.depth == g->options.depth || at.n < 2 * g->options.least ||
        !find_split(g, at))
        return;
    here = &g->tree->nodes[node];
    here->feature = g->best.feature;
    here->cut = g->best.cut;
    here->choices = g->best.choices;
    here->missing_left = g->best.missing_left;
    here->left = g->tree->n;
    first = part_rows(g, at, node);
    add_node(g, (struct span){at.begin, first, at.depth + 1});
    add_node(g, (struct span){at.begin + first, at.n - first, at.depth + 1});
}

/* The rows of positive weight, in the order of each feature. */
static void take_rows(struct grower *g, const struct forest_order *order)
{
    size_t n = g->data->n, d = g->data->d;

    for (size_t i = 0; i < n; i++)
        g->m += g->weight[i] > 0;
    g->rows = mem_alloc(g->m * d, sizeof(*g->rows));
    g->spare = mem_alloc(g->m, sizeof(*g->spare));
    for (size_t f = 0; f < d; f++)
        for (size_t i = 0, at = f * g->m; i < n; i++)
            if (g->weight[order->rows[f * n + i]] > 0)
                g->rows[at++] = order->rows[f * n + i];
}

void tree_grow(struct tree *tree, const struct forest_data *data,
               const struct forest_order *order, const double *weight,
               const struct tree_options *options)
{
    struct grower g = {.data = data, .weight = weight, .tree = tree};

    g.options = *options;
    take_rows(&g, order);
    g.left = mem_alloc(data->n, 1);
    tree->n = 0;
    add_node(&g, (struct span){0, g.m, 0});
    for (size_t node = 0; node < tree->n; node++)
        grow_node(&g, node);
    free(g.rows);
    free(g.spare);
    free(g.span);
    free(g.left);
}

double tree_predict(const struct tree *tree, const struct forest_feature *f,
                    const double *x)
{
    const struct tree_node *node = tree->nodes;

    while (node->left)
        node = &tree->nodes[node->left + !goes_left(node, &f[node->feature],
                                                    x[node->feature])];
    return node->value;
}

void tree_release(struct tree *tree)
{
    free(tree->nodes);
    *tree = (struct tree){0};
}

/* ---- forests ---- */

/* The weights of the rows that one tree sees: `take` of the m in rows. */
static void draw_rows(double *some, const double *weight, size_t n,
                      size_t *rows, size_t m, size_t take, struct rng *rng)
{
    memset(some, 0, n * sizeof(*some));
    for (size_t i = 0; i < take; i++) {
        size_t pick = i + (size_t)rng_below(rng, m - i), row = rows[pick];
        rows[pick] = rows[i];
        rows[i] = row;
        some[row] = weight[row];
    }
}

static void shrink(struct tree *tree, double rate)
{
    for (size_t i = 0; i < tree->n; i++)
        tree->nodes[i].value *= rate;
}

void forest_boost(struct forest *forest, const struct forest_data *data,
                  const struct forest_order *order, const double *weight,
                  const struct boost_options *options, struct rng *rng)
{
    double *left = mem_alloc(data->n, sizeof(*left));
    double *some = mem_alloc(data->n, sizeof(*some));
    size_t *rows = mem_alloc(data->n, sizeof(*rows)), m = 0, take;
    struct forest_data rest_of = *data;

    rest_of.y = left;
    memcpy(left, data->y, data->n * sizeof(*left));
    for (size_t i = 0; i < data->n; i++)
        if (weight[i] > 0)
            rows[m++] = i;
    take = (size_t)ceil((double)m * options->share);
    forest->n = options->trees;
    forest->trees = mem_zalloc(forest->n, sizeof(*forest->trees));
    for (size_t t = 0; t < forest->n; t++) {
        struct tree *tree = &forest->trees[t];
        draw_rows(some, weight, data->n, rows, m, take, rng);
        tree_grow(tree, &rest_of, order, some, &options->tree);
        shrink(tree, options->rate);
        for (size_t i = 0; i < m; i++)
            left[rows[i]] -=
                tree_predict(tree, data->features, data->x + rows[i] * data->d);
    }
    free(left);
    free(some);
    free(rows);
}

double forest_predict(const struct forest *forest,
                      const struct forest_feature *f, const double *x)
{
    double sum = 0;

    for (size_t t = 0; t < forest->n; t++)
        sum += tree_predict(&forest->trees[t], f, x);
    return sum;
}

void forest_release(struct forest *forest)
{
    for (size_t t = 0; t < forest->n; t++)
        tree_release(&forest->trees[t]);
    free(forest->trees);
    *forest = (struct forest){0};
}
