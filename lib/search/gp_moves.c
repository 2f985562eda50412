#include "search/gp_moves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/descent.h"
#include "stats/expected_improvement.h"

/* Places looked at all over the space; and near each of the BEST points that
 * were tried.  Of either half of REFINED go on uphill. */
enum { EVEN = 300, NEAR = 40, BEST = 4, REFINED = 4, ROUNDS = 3, STEPS = 25 };

struct seeker {
    const struct space *space;
    struct gp *gp;
    const double *tried; /* [n][space->n] */
    size_t n;
    double lowest; /* mean where it was tried: to be improved on */
    double noise;  /* standard deviation of one trial */
    struct rng *rng;
};

/* A place in the unit cube, also for what means nothing there. */
struct spot {
    double unit[SPACE_MOST];
    double score;
};

void gp_kinds(const struct space *space, enum gp_kind *kind)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct dimension *p = &space->items[i];
        kind[i] = p->kind == DIMENSION_CHOICE   ? GP_CHOICE
                  : p->parent == DIMENSION_NONE ? GP_NUMBER
                                                : GP_OPTIONAL;
    }
}

void gp_place(const struct space *space, const double *value, double *x)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct dimension *p = &space->items[i];
        x[i] = isnan(value[i])               ? NAN
               : p->kind == DIMENSION_CHOICE ? value[i]
                                             : dimension_to_unit(p, value[i]);
    }
}

/* ---- how good a place is ---- */

static bool was_tried(const struct seeker *s, const double *x)
{
    size_t d = s->space->n;

    for (size_t i = 0; i < s->n; i++) {
        const double *other = s->tried + i * d;
        size_t k = 0;
        while (k < d && (x[k] == other[k] || (isnan(x[k]) && isnan(other[k]))))
            k++;
        if (k == d)
            return true;
    }
    return false;
}

static double improvement(const struct seeker *s, struct gp_guess g,
                          double *by_mean, double *by_deviation)
{
    return log_expected_improvement(
        &(struct improvement_at){g.mean, sqrt(g.variance), s->lowest, s->noise},
        by_mean, by_deviation);
}

static void judge(const struct seeker *s, struct spot *spot)
{
    double value[SPACE_MOST], x[SPACE_MOST], unused;

    space_from_unit(s->space, spot->unit, value);
    gp_place(s->space, value, x);
    spot->score = was_tried(s, x)
                      ? -INFINITY
                      : improvement(s, gp_predict(s->gp, x), &unused, &unused);
}

/* ---- places to start from ---- */

static void anywhere(const struct seeker *s, struct spot *spot)
{
    for (size_t i = 0; i < s->space->n; i++)
        spot->unit[i] = rng_uniform(s->rng);
}

/* The unit cube's place of a point that was tried. */
static void recall(const struct seeker *s, size_t i, struct spot *spot)
{
    const double *x = s->tried + i * s->space->n;

    anywhere(s, spot);
    for (size_t k = 0; k < s->space->n; k++)
        if (!isnan(x[k]))
            spot->unit[k] = s->space->items[k].kind == DIMENSION_CHOICE
                                ? dimension_to_unit(&s->space->items[k], x[k])
                                : x[k];
}

static double inside(double u)
{
    return fmin(fmax(u, 0), 1);
}

/* Moves some coordinates, at least one. */
static void stir(const struct seeker *s, struct spot *spot)
{
    static const double far[] = {.2, .06, .02, .006};
    size_t d = s->space->n, sure = rng_below(s->rng, d);
    double sd = far[rng_below(s->rng, 4)];
    double chance = fmax(2 / (double)d, .3);

    for (size_t i = 0; i < d; i++) {
        const struct dimension *p = &s->space->items[i];
        if (i != sure && rng_uniform(s->rng) > chance)
            continue;
        if (p->kind == DIMENSION_CHOICE)
            spot->unit[i] = rng_uniform(s->rng);
        else
            spot->unit[i] = inside(spot->unit[i] +
                                   rng_normal(s->rng) *
                                       (p->kind == DIMENSION_INT
                                            ? fmax(sd, 1 / dimension_count(p))
                                            : sd));
    }
}

/* ---- uphill ---- */

/* A slide moves the numbers that mean something, as if whole ones were real;
 * u = sin(angle)^2 keeps them in the cube. */
struct slide {
    const struct seeker *s;
    double x[SPACE_MOST];
    size_t moving[SPACE_MOST], n;
};

static double badness(const double *angle, double *gradient, void *context)
{
    struct slide *m = context;
    double mean_slope[SPACE_MOST], variance_slope[SPACE_MOST], by_mean,
        by_deviation, value;
    struct gp_guess g;

    for (size_t k = 0; k < m->n; k++)
        m->x[m->moving[k]] = pow(sin(angle[k]), 2);
    g = gp_predict_slope(m->s->gp, m->x, mean_slope, variance_slope);
    value = -improvement(m->s, g, &by_mean, &by_deviation);
    for (size_t k = 0; k < m->n; k++) {
        size_t i = m->moving[k];
        gradient[k] = -(by_mean * mean_slope[i] + by_deviation *
                                                      variance_slope[i] /
                                                      (2 * sqrt(g.variance))) *
                      sin(2 * angle[k]);
    }
    return value;
}

static void slide(const struct seeker *s, struct spot *spot)
{
    static const double EDGE = 1e-3;
    struct slide m = {.s = s};
    struct spot next = *spot;
    double value[SPACE_MOST], angle[SPACE_MOST];

    space_from_unit(s->space, spot->unit, value);
    gp_place(s->space, value, m.x);
    for (size_t i = 0; i < s->space->n; i++)
        if (s->space->items[i].kind != DIMENSION_CHOICE && !isnan(m.x[i])) {
            angle[m.n] = asin(sqrt(fmin(fmax(m.x[i], EDGE), 1 - EDGE)));
            m.moving[m.n++] = i;
        }
    if (m.n == 0)
        return;
    descend(&(struct descent){badness, &m, m.n, .02, STEPS}, angle);
    for (size_t k = 0; k < m.n; k++)
        next.unit[m.moving[k]] = pow(sin(angle[k]), 2);
    judge(s, &next);
    if (next.score > spot->score)
        *spot = next;
}

static bool hop_to(const struct seeker *s, struct spot *spot, size_t i,
                   double value)
{
    struct spot next = *spot;

    next.unit[i] = dimension_to_unit(&s->space->items[i], value);
    judge(s, &next);
    if (next.score <= spot->score)
        return false;
    *spot = next;
    return true;
}

/* Other choices, and whole numbers beside these. */
static bool hop(const struct seeker *s, struct spot *spot)
{
    enum { MOST_CHOICES = 16 };
    bool moved = false;

    for (size_t i = 0; i < s->space->n; i++) {
        const struct dimension *p = &s->space->items[i];
        double now = dimension_from_unit(p, spot->unit[i]),
               n = dimension_count(p);
        if (p->kind == DIMENSION_CHOICE && n <= MOST_CHOICES)
            for (double other = 0; other < n; other++)
                moved |= other != now && hop_to(s, spot, i, other);
        else if (p->kind == DIMENSION_INT)
            for (double other = now - 1; other <= now + 1; other += 2)
                moved |= other >= p->low && other <= p->high &&
                         hop_to(s, spot, i, other);
    }
    return moved;
}

static void refine(const struct seeker *s, struct spot *spot)
{
    for (int i = 0; i < ROUNDS; i++) {
        slide(s, spot);
        if (!hop(s, spot))
            return;
    }
}

/* ---- the search ---- */

/* Keeps the best `most` spots, the best of them first. */
static void keep(struct spot *best, size_t most, const struct spot *spot)
{
    size_t at = most;

    while (at > 0 && spot->score > best[at - 1].score)
        at--;
    if (at == most)
        return;
    memmove(&best[at + 1], &best[at], (most - 1 - at) * sizeof(*best));
    best[at] = *spot;
}

/* Those of n with the smallest mean, first. */
static size_t lowest_few(const double *mean, size_t n, size_t *few, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        size_t at = count < most ? count++ : most;
        for (; at > 0 && mean[i] < mean[few[at - 1]]; at--)
            if (at < most)
                few[at] = few[at - 1];
        if (at < most)
            few[at] = i;
    }
    return count;
}

static void spots_init(const struct seeker *s, struct spot *spot, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        anywhere(s, &spot[i]);
        spot[i].score = -INFINITY;
    }
}

void gp_search(const struct space *space, struct gp *gp, const double *tried,
               size_t n, struct rng *rng, double *value)
{
    struct seeker s = {space, gp, tried, n, 0, sqrt(gp_noise(gp)), rng};
    struct spot best[REFINED], spot;
    size_t few[BEST], count;
    double *mean = mem_alloc(n + 1, sizeof(*mean));

    gp_fitted(gp, mean);
    count = lowest_few(mean, n, few, BEST);
    s.lowest = mean[few[0]];
    spots_init(&s, best, REFINED);
    for (int i = 0; i < EVEN; i++) {
        anywhere(&s, &spot);
        judge(&s, &spot);
        keep(best, REFINED / 2, &spot);
    }
    for (size_t i = 0; i < count; i++)
        for (int j = 0; j < NEAR; j++) {
            recall(&s, few[i], &spot);
            stir(&s, &spot);
            judge(&s, &spot);
            keep(best + REFINED / 2, REFINED - REFINED / 2, &spot);
        }
    spot = best[0];
    for (size_t i = 0; i < REFINED; i++) {
        refine(&s, &best[i]);
        if (best[i].score > spot.score)
            spot = best[i];
    }
    space_from_unit(space, spot.unit, value);
    free(mean);
}
