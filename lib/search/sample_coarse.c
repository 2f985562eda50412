/*
 * Rounds of as many trials each: the first is random, and each later one
 * searches half as much of each number's range as the one before, about the
 * numbers of one of the best two trials of all so far.  That is drawn for each
 * trial, so that numbers stay with the choices they were found with; a choice
 * is drawn anew ever more seldom.
 */
#include <math.h>
#include <stdlib.h>

#include "search/methods.h"

enum { ROUNDS_MOST = 5, ROUND_LEAST = 10 /* trials */, BEST = 2, TRIES = 20 };
static const double ANEW = .8; /* a choice, where all of the range is */

/* From 0; as few as one where the trials are few. */
static size_t round_of(size_t number, size_t trials)
{
    size_t rounds = trials / ROUND_LEAST, length;

    if (rounds > ROUNDS_MOST)
        rounds = ROUNDS_MOST;
    if (rounds < 2)
        return 0;
    length = (trials + rounds - 1) / rounds;
    return number / length < rounds ? number / length : rounds - 1;
}

/* In the part of the unit interval of that width about `centre`. */
static double draw_near(double centre, double width, double u)
{
    double low = fmax(centre - width / 2, 0);
    double high = fmin(centre + width / 2, 1);

    return low + (high - low) * u;
}

static double draw(const struct dimension *p, double centre, double width,
                   struct rng *rng)
{
    double u = rng_uniform(rng), anew = rng_uniform(rng);

    if (isnan(centre))
        return dimension_from_unit(p, u);
    if (p->kind == DIMENSION_CHOICE)
        return anew < ANEW * width ? dimension_from_unit(p, u) : centre;
    return dimension_from_unit(
        p, draw_near(dimension_to_unit(p, centre), width, u));
}

static void draw_about(const struct space *space, const double *centre,
                       double width, struct rng *rng, double *value)
{
    for (size_t i = 0; i < space->n; i++)
        value[i] = space_active(space, value, i)
                       ? draw(&space->items[i], centre[i], width, rng)
                       : NAN;
}

static void propose(struct search_sampler *s, const struct history *h,
                    size_t number, double *value)
{
    size_t round = round_of(number, s->options.trials);
    size_t best = history_done(h) < BEST ? history_done(h) : BEST, *rank;
    struct rng rng;

    sampler_stream(s, number, &rng);
    if (round == 0 || best == 0) {
        sample_uniform(s->space, &rng, value);
        return;
    }
    rank = history_rank(h);
    for (int i = 0; i == 0 || (i < TRIES && history_has(h, value)); i++) {
        size_t centre = rank[rng_below(&rng, best)];
        /* where most has been tried, ever more of the range */
        double width = fmin(1, pow(.5, (double)round) * (1 + i));
        draw_about(s->space, history_value(h, centre), width, &rng, value);
    }
    free(rank);
}

const struct method method_coarse = {.propose = propose};
