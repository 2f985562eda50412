#include "search/halving.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

void halving_init(struct halving *h, size_t min, size_t max, size_t eta)
{
    memset(h, 0, sizeof(*h));
    h->eta = eta;
    for (size_t at = min; at < max && h->n < RUNGS_MOST - 1; at *= eta)
        h->rungs[h->n++] = at;
    h->rungs[h->n++] = max;
}

/* Whether trial a stands before b at a rung. */
static bool before(const struct climb *c, size_t rung, size_t a, size_t b)
{
    double x = c[a].objective[rung], y = c[b].objective[rung];

    if (x == y) {
        x = c[a].loss[rung];
        y = c[b].loss[rung];
    }
    return x < y || (!(y < x) && a < b);
}

static size_t rank_of(const struct climb *c, size_t n, size_t rung, size_t i)
{
    size_t rank = 0;

    for (size_t j = 0; j < n; j++)
        rank += c[j].rungs > rung && before(c, rung, j, i);
    return rank;
}

/* The best of a rung that may go on and has not, of those that are over or
 * not. */
static size_t promote_from(const struct halving *h, const struct climb *c,
                           size_t n, size_t rung, bool over, bool last)
{
    size_t there = 0, room, best = SIZE_MAX;

    for (size_t i = 0; i < n; i++)
        there += c[i].rungs > rung;
    room = there / h->eta;
    if (last && there && !room)
        room = 1;
    for (size_t i = 0; i < n; i++)
        if (c[i].rungs == rung + 1 && !c[i].runs && c[i].over == over &&
            isfinite(c[i].objective[rung]) &&
            (best == SIZE_MAX || before(c, rung, i, best)))
            best = i;
    return best != SIZE_MAX && rank_of(c, n, rung, best) < room ? best
                                                                : SIZE_MAX;
}

/* The last rung is the end: nothing is promoted from it. */
static size_t promote(const struct halving *h, const struct climb *c, size_t n,
                      bool over, bool last)
{
    for (size_t rung = h->n ? h->n - 1 : 0; rung-- > 0;) {
        size_t i = promote_from(h, c, n, rung, over, last);
        if (i != SIZE_MAX)
            return i;
    }
    return SIZE_MAX;
}

size_t halving_promote(const struct halving *h, const struct climb *c, size_t n,
                       bool last)
{
    return promote(h, c, n, false, last);
}

void halving_settle(const struct halving *h, struct climb *c, size_t n,
                    bool last)
{
    size_t i;

    while ((i = promote(h, c, n, true, last)) != SIZE_MAX) {
        c[i].objective[c[i].rungs] = c[i].objective[c[i].rungs - 1];
        c[i].loss[c[i].rungs] = c[i].loss[c[i].rungs - 1];
        c[i].rungs++;
    }
}
