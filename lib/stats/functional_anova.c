#include "stats/functional_anova.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/anova_parts.h"

enum { FOLDS = 10, DRAWS = 50, FITS = 10, MOST_ROWS = 1000, NONE = 0 };

/* The choices that let the features of some effects mean something. */
struct group {
    uint64_t only[BOX_FEATURES];
    double share; /* of the cube */
};

struct effect {
    size_t a, b, group;
};

/*
 * width: the effects and the whole, which stands last.  What a fold finds in
 * its trees is in found[FOLDS][width]; what a row corrects is in
 * correct[n][width], and the square of what is left of it in left[n].
 */
struct work {
    struct box_space space;
    struct forest_data rows; /* y less its mean */
    struct forest_order *order;
    struct boost_options boost;
    struct effect *effects;
    struct group *groups;
    size_t n_groups, width, folds;
    size_t *fold; /* [n] */
    double *y, *found, *correct, *left;
};

/* ---- effects ---- */

/* Leaves the choices for which feature f means something. */
static void let_mean(struct group *g, const struct box_space *space, size_t f)
{
    for (const struct box_condition *c = space->conditions;
         c[f].parent != BOX_NONE; f = c[f].parent)
        g->only[c[f].parent] &= c[f].when;
}

static struct group group_of(const struct box_space *space, size_t a, size_t b)
{
    struct group g = {.share = 1};

    for (size_t f = 0; f < space->d; f++)
        g.only[f] = box_choices(space, f);
    if (a != BOX_NONE)
        let_mean(&g, space, a);
    if (b != BOX_NONE)
        let_mean(&g, space, b);
    for (size_t f = 0; f < space->d; f++)
        if (space->features[f].choices)
            g.share *= (double)__builtin_popcountll(g.only[f]) /
                       (double)space->features[f].choices;
    return g;
}

/* The number of the group, or BOX_NONE where it holds nothing. */
static size_t find_group(struct work *w, size_t a, size_t b)
{
    struct group g = group_of(&w->space, a, b);
    size_t i = 0;

    if (g.share <= 0)
        return BOX_NONE;
    while (i < w->n_groups &&
           memcmp(w->groups[i].only, g.only, sizeof(g.only)) != 0)
        i++;
    if (i == w->n_groups) {
        w->groups = mem_resize(w->groups, i + 1, sizeof(g));
        w->groups[w->n_groups++] = g;
    }
    return i;
}

static void add_effect(struct work *w, size_t a, size_t b)
{
    struct effect effect = {a, b, find_group(w, a, b)};

    if (effect.group != BOX_NONE)
        w->effects[w->width++] = effect;
}

/* Group NONE is all of the cube. */
static void find_effects(struct work *w)
{
    size_t d = w->space.d;

    find_group(w, BOX_NONE, BOX_NONE);
    w->effects = mem_alloc(d * (d + 1) / 2 + 1, sizeof(*w->effects));
    for (size_t a = 0; a < d; a++)
        add_effect(w, a, BOX_NONE);
    for (size_t a = 0; a < d; a++)
        for (size_t b = a + 1; b < d; b++)
            add_effect(w, a, b);
    w->effects[w->width++] = (struct effect){BOX_NONE, BOX_NONE, NONE};
}

/* ---- trees ---- */

struct boost_options anova_boost(size_t rows)
{
    struct boost_options boost = {60, .15, .7, {4, 2}};

    if ((double)rows * boost.share > MOST_ROWS)
        boost.share = MOST_ROWS / (double)rows;
    return boost;
}

static void work_init(struct work *w, const struct anova_data *data)
{
    size_t n = data->rows.n;
    double mean = 0;

    memset(w, 0, sizeof(*w));
    w->space =
        (struct box_space){data->rows.features, data->conditions, data->rows.d};
    w->rows = data->rows;
    w->boost = anova_boost(n);
    w->y = mem_alloc(n, sizeof(*w->y));
    for (size_t i = 0; i < n; i++)
        mean += data->rows.y[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        w->y[i] = data->rows.y[i] - mean;
    w->rows.y = w->y;
    w->order = forest_order_new(&w->rows);
}

static void work_release(struct work *w)
{
    forest_order_free(w->order);
    free(w->effects);
    free(w->groups);
    free(w->fold);
    free(w->y);
    free(w->found);
    free(w->correct);
    free(w->left);
}

static void grow_boxes(struct boxes *boxes, const struct work *w,
                       const double *weight, struct rng *rng)
{
    struct forest forest = {0};

    forest_boost(&forest, &w->rows, w->order, weight, &w->boost, rng);
    boxes->d = w->space.d;
    for (size_t t = 0; t < forest.n; t++)
        boxes_add_tree(boxes, &forest.trees[t], &w->space);
    forest_release(&forest);
}

/* ---- folds ---- */

static bool is_within(const struct group *g, const struct box_space *space,
                      const double *x)
{
    for (size_t f = 0; f < space->d; f++)
        if (space->features[f].choices && g->only[f] != box_choices(space, f) &&
            (isnan(x[f]) || !(g->only[f] >> (size_t)x[f] & 1)))
            return false;
    return true;
}

static double part_of(const struct parts *parts, const struct effect *e,
                      size_t d)
{
    if (e->a == BOX_NONE)
        return parts->total;
    return parts->at[e->a * d + (e->b == BOX_NONE ? e->a : e->b)];
}

/* Adds `scale` times the parts of the effects of a group. */
static void add_group(double *out, const struct work *w, size_t group,
                      const struct parts *parts, double scale)
{
    for (size_t e = 0; e < w->width; e++)
        if (w->effects[e].group == group)
            out[e] += scale * part_of(parts, &w->effects[e], w->space.d);
}

/* What the rows of a fold say of trees that have not seen them. */
static void correct_group(struct work *w, size_t fold, size_t group,
                          const struct boxes *boxes, struct parts *parts)
{
    double mean = parts_mean(boxes);

    for (size_t i = 0; i < w->rows.n; i++) {
        const double *x = w->rows.x + i * w->space.d;
        if (w->fold[i] != fold || !is_within(&w->groups[group], &w->space, x))
            continue;
        parts_at(parts, boxes, &w->space, x);
        if (group == NONE)
            w->left[i] = w->y[i] - mean - parts->total;
        add_group(w->correct + i * w->width, w, group, parts, 2 * w->left[i]);
    }
}

static void work_fold(struct work *w, size_t fold, uint64_t seed)
{
    size_t n = w->rows.n, d = w->space.d;
    double *weight = mem_alloc(n, sizeof(*weight));
    struct parts parts = {0, mem_alloc(d * d, sizeof(double))};
    struct boxes all = {0}, within = {0};
    struct rng rng;

    rng_init(&rng, seed, RNG_IMPORTANCE);
    for (size_t i = 0; i < n; i++)
        weight[i] = w->fold[i] != fold;
    grow_boxes(&all, w, weight, &rng);
    for (size_t g = 0; g < w->n_groups; g++) {
        boxes_within(&within, &all, &w->space, w->groups[g].only);
        parts_variance(&parts, &within, &w->space);
        add_group(w->found + fold * w->width, w, g, &parts, w->groups[g].share);
        correct_group(w, fold, g, &within, &parts);
    }
    boxes_release(&all);
    boxes_release(&within);
    free(parts.at);
    free(weight);
}

static void draw_folds(struct work *w, struct rng *rng)
{
    size_t n = w->rows.n, *rows = mem_alloc(n, sizeof(*rows));

    w->folds = n < FOLDS ? n : FOLDS;
    w->fold = mem_alloc(n, sizeof(*w->fold));
    for (size_t i = 0; i < n; i++)
        rows[i] = i;
    rng_shuffle(rng, rows, n);
    for (size_t i = 0; i < n; i++)
        w->fold[rows[i]] = i % w->folds;
    free(rows);
}

static void work_folds(struct work *w, uint64_t seed)
{
    uint64_t seeds[FOLDS];
    struct rng rng;

    rng_init(&rng, seed, RNG_IMPORTANCE);
    draw_folds(w, &rng);
    for (size_t k = 0; k < w->folds; k++)
        seeds[k] = rng_next(&rng);
    w->found = mem_zalloc(w->folds * w->width, sizeof(*w->found));
    w->correct = mem_zalloc(w->rows.n * w->width, sizeof(*w->correct));
    w->left = mem_zalloc(w->rows.n, sizeof(*w->left));
#pragma omp parallel for schedule(static, 1)
    for (size_t k = 0; k < w->folds; k++)
        work_fold(w, k, seeds[k]);
}

/* ---- shares ---- */

static double mean_correction(const struct work *w, size_t e)
{
    double sum = 0;

    for (size_t i = 0; i < w->rows.n; i++)
        sum += w->correct[i * w->width + e];
    return sum / (double)w->rows.n;
}

static double variance_of(const struct work *w, size_t e)
{
    double sum = 0;

    for (size_t k = 0; k < w->folds; k++)
        sum += w->found[k * w->width + e];
    return sum / (double)w->folds + mean_correction(w, e);
}

/* The covariance of two of the variances. */
static double covariance(const struct work *w, size_t e, size_t f)
{
    double n = (double)w->rows.n, sum = 0;
    double mean_e = mean_correction(w, e), mean_f = mean_correction(w, f);

    for (size_t i = 0; i < w->rows.n; i++)
        sum += (w->correct[i * w->width + e] - mean_e) *
               (w->correct[i * w->width + f] - mean_f);
    return sum / (n * (n - 1));
}

/* Fieller's interval of part / whole, all of [0, 1] where it has no end. */
static struct interval ratio_interval(double part, double whole, double pp,
                                      double pw, double ww)
{
    double z = normal_quantile(.975);
    double a = whole * whole - z * z * ww, b = part * whole - z * z * pw;
    double c = part * part - z * z * pp, root = sqrt(fmax(0, b * b - a * c));

    if (!(a > 0 && whole > 0))
        return (struct interval){0, 1};
    return (struct interval){fmin(1, fmax(0, (b - root) / a)),
                             fmax(0, fmin(1, (b + root) / a))};
}

/* The square of an upper end of the root, but half as much again at most. */
static double stretch(double share, double high)
{
    double up = high - share;

    return up > 0 ? fmin(1, high + up * up / (4 * fmax(share, up / 2))) : high;
}

static void find_shares(struct anova *anova, const struct work *w)
{
    size_t all = w->width - 1;
    double whole = variance_of(w, all), unexplained = 0;
    double ww = covariance(w, all, all);

    for (size_t i = 0; i < w->rows.n; i++)
        unexplained += w->left[i] * w->left[i] / (double)w->rows.n;
    anova->explained = whole > 0 ? whole / (whole + unexplained) : 0;
    for (size_t e = 0; e < all; e++) {
        double part = fmax(0, variance_of(w, e));
        struct anova_share *s = &anova->shares[anova->n++];
        s->a = w->effects[e].a;
        s->b = w->effects[e].b;
        s->share = whole > 0 ? fmin(1, part / whole) : NAN;
        s->ci = ratio_interval(part, whole, covariance(w, e, e),
                               covariance(w, e, all), ww);
        s->ci.low *= anova->explained;
        s->ci.high = stretch(s->share, s->ci.high);
    }
}

void functional_anova(struct anova *anova, const struct anova_data *data,
                      uint64_t seed)
{
    struct work w;

    work_init(&w, data);
    find_effects(&w);
    work_folds(&w, seed);
    anova->n = 0;
    anova->shares = mem_alloc(w.width, sizeof(*anova->shares));
    find_shares(anova, &w);
    work_release(&w);
}

void anova_release(struct anova *anova)
{
    free(anova->shares);
    *anova = (struct anova){0};
}

/* ---- a curve ---- */

/* From rows drawn with replacement, or from all. */
static void draw_curve(const struct work *w, size_t a, const double *at,
                       size_t n, bool drawn, uint64_t seed, double *curve)
{
    const struct box_space *space = &w->space;
    struct group group = group_of(space, a, BOX_NONE);
    double *weight = mem_zalloc(w->rows.n, sizeof(*weight));
    struct boxes all = {0}, within = {0};
    struct rng rng;

    rng_init(&rng, seed, RNG_IMPORTANCE);
    for (size_t i = 0; i < w->rows.n; i++)
        weight[drawn ? rng_below(&rng, w->rows.n) : i]++;
    grow_boxes(&all, w, weight, &rng);
    boxes_within(&within, &all, space, group.only);
    memset(curve, 0, n * sizeof(*curve));
    for (size_t b = 0; b < within.n; b++) {
        const struct box_side *side = box_side(&within, b, a);
        double value = within.value[b] * box_volume(&within, b) / side->share;
        for (size_t i = 0; i < n; i++)
            if (box_holds(side, &space->features[a], at[i]))
                curve[i] += value;
    }
    boxes_release(&all);
    boxes_release(&within);
    free(weight);
}

/* The mean of n numbers that are `step` apart. */
static double mean_of(const double *values, size_t n, size_t step)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i * step];
    return sum / (double)n;
}

/*
 * One place of curve[DRAWS + FITS][n]; shift: from y less its mean to y.  Rows
 * drawn with replacement are fewer: what they smooth away beyond what all rows
 * do tells how much these do.
 */
static void find_band(const double *curve, size_t n, double shift, double *mean,
                      struct interval *band)
{
    double drawn = mean_of(curve, DRAWS, n), squares = 0, half;
    double fit = mean_of(curve + DRAWS * n, FITS, n), bias = fit - drawn;

    for (size_t k = 0; k < DRAWS; k++)
        squares += (curve[k * n] - drawn) * (curve[k * n] - drawn);
    half = normal_quantile(.975) *
           sqrt(squares / (DRAWS - 1) + 2 * bias * bias);
    *mean = fit + shift;
    *band = (struct interval){*mean - half, *mean + half};
}

void functional_marginal(const struct anova_data *data, size_t a,
                         const double *at, size_t n, uint64_t seed,
                         double *mean, struct interval *band)
{
    double *curve = mem_alloc((DRAWS + FITS) * n, sizeof(*curve));
    uint64_t seeds[DRAWS + FITS];
    struct work w;
    struct rng rng;

    work_init(&w, data);
    rng_init(&rng, seed, RNG_IMPORTANCE);
    for (size_t k = 0; k < DRAWS + FITS; k++)
        seeds[k] = rng_next(&rng);
#pragma omp parallel for schedule(static, 1)
    for (size_t k = 0; k < DRAWS + FITS; k++)
        draw_curve(&w, a, at, n, k < DRAWS, seeds[k], curve + k * n);
    for (size_t i = 0; i < n; i++)
        find_band(curve + i, n, data->rows.y[0] - w.y[0], &mean[i], &band[i]);
    free(curve);
    work_release(&w);
}
