/*
 * Candidates are drawn from the density of the best trials, and the one where
 * that is largest over the density of the others is proposed: all parameters at
 * once, so that what is best of one may depend on another.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/methods.h"
#include "stats/parzen.h"

enum { BEGIN = 10, CANDIDATES = 24, GOOD_MOST = 25 };
enum { DRAWS = 4 * CANDIDATES }; /* at most, to find new ones */
static const double GOOD = .15, NARROWEST = .01;

/*
 * What is known: the trials as points, in the order of their objectives, and
 * two densities, of the best of them and of all others.  A point has numbers in
 * the unit interval, the indices of choices, and NaN for what means nothing.
 */
struct known {
    const struct space *space;
    struct history points;
    struct parzen_axis axis[SPACE_MOST];
    struct parzen *good, *bad;
};

static int start(struct search_sampler *s, struct err *err)
{
    (void)err;
    s->state = sampler_sobol(s);
    return 0;
}

static void release(struct search_sampler *s)
{
    sobol_free(s->state);
}

/* ---- the two densities ---- */

/* Trials that came to an end, good or bad. */
static size_t settled(const struct history *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->n; i++)
        n += isnan(h->objective[i]) == 0;
    return n;
}

static size_t count_good(const struct history *h)
{
    size_t good = (size_t)ceil(GOOD * (double)settled(h));
    size_t done = history_done(h);

    good = good < GOOD_MOST ? good : GOOD_MOST;
    return good < done ? good : done;
}

static void to_point(const struct space *space, const double *value,
                     double *point)
{
    for (size_t j = 0; j < space->n; j++) {
        const struct dimension *p = &space->items[j];
        point[j] = isnan(value[j]) || p->kind == DIMENSION_CHOICE
                       ? value[j]
                       : dimension_to_unit(p, value[j]);
    }
}

/* A kernel is no narrower than half of a whole number's interval. */
static void set_axes(const struct space *space, struct parzen_axis *axis)
{
    for (size_t j = 0; j < space->n; j++) {
        double count = dimension_count(&space->items[j]);
        bool choice = space->items[j].kind == DIMENSION_CHOICE;
        axis[j].choices = choice ? (size_t)count : 0;
        axis[j].least = count > 0 ? fmax(NARROWEST, .5 / count) : NARROWEST;
    }
}

/* The best counts most: weights g, g - 1, ..., 1 of g good ones. */
static void learn(const struct history *h, struct known *k)
{
    size_t good = count_good(h), *rank = history_rank(h);
    double point[SPACE_MOST], weight[GOOD_MOST];

    k->space = h->space;
    k->points = (struct history){.space = h->space};
    for (size_t i = 0; i < h->n; i++) {
        to_point(h->space, history_value(h, rank[i]), point);
        history_add(&k->points, point, h->objective[rank[i]]);
    }
    for (size_t i = 0; i < good; i++)
        weight[i] = (double)(good - i);
    set_axes(h->space, k->axis);
    k->good = parzen_new(k->axis, h->space->n, k->points.value, weight, good);
    k->bad = parzen_new(k->axis, h->space->n,
                        k->points.value + good * h->space->n, NULL,
                        h->n - good);
    free(rank);
}

static void forget(struct known *k)
{
    parzen_free(k->good);
    parzen_free(k->bad);
    history_release(&k->points);
}

/* ---- a proposal ---- */

/*
 * Makes a drawn point one that a configuration has.  Reals are not rounded yet:
 * that takes longer than all the rest.
 */
static void settle(const struct space *space, double *point)
{
    for (size_t j = 0; j < space->n; j++) {
        const struct dimension *p = &space->items[j];
        if (!space_active(space, point, j))
            point[j] = NAN;
        else if (p->kind == DIMENSION_INT)
            point[j] = dimension_to_unit(p, dimension_from_unit(p, point[j]));
    }
}

static void to_value(const struct space *space, const double *point,
                     double *value)
{
    for (size_t j = 0; j < space->n; j++) {
        const struct dimension *p = &space->items[j];
        value[j] = isnan(point[j]) || p->kind == DIMENSION_CHOICE
                       ? point[j]
                       : dimension_from_unit(p, point[j]);
    }
}

/* A point near good trials; from the draw DRAWS on, any. */
static void draw(const struct known *k, struct rng *rng, int draws,
                 double *point)
{
    if (draws < DRAWS)
        parzen_draw(k->good, rng, point);
    else
        for (size_t j = 0; j < k->space->n; j++)
            point[j] = k->axis[j].choices
                           ? (double)rng_below(rng, k->axis[j].choices)
                           : rng_uniform(rng);
    settle(k->space, point);
}

/*
 * The best of some candidates that were not tried yet: of those near good
 * trials, or of any, where there are no such; in the end, one that was.
 */
static void choose(struct known *k, struct rng *rng, double *best)
{
    size_t bytes = k->space->n * sizeof(*best);
    double point[SPACE_MOST], most = -INFINITY;
    int found = 0;

    for (int i = 0; i < 2 * DRAWS && found < CANDIDATES; i++) {
        double gain;
        if (i == DRAWS && found > 0)
            break;
        draw(k, rng, i, point);
        if (i == 0)
            memcpy(best, point, bytes);
        if (history_has(&k->points, point))
            continue;
        found++;
        gain = parzen_log(k->good, point) - parzen_log(k->bad, point);
        if (gain > most) {
            most = gain;
            memcpy(best, point, bytes);
        }
    }
}

static void propose(struct search_sampler *s, const struct history *h,
                    size_t number, double *value)
{
    struct known known;
    double point[SPACE_MOST];
    struct rng rng;

    if (settled(h) < BEGIN || !history_done(h)) {
        sobol_point(s->state, number, point);
        space_from_unit(s->space, point, value);
        return;
    }
    sampler_stream(s, number, &rng);
    learn(h, &known);
    choose(&known, &rng, point);
    to_value(s->space, point, value);
    forget(&known);
}

const struct method method_tpe = {start, propose, release};
