#include "stats/apportion.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

/*
 * Shares become whole numbers of units, so that quotas, remainders and ties
 * are exact: in doubles 10 x .1 is not always 1.
 */
static const double most_units = 1e12;

__extension__ typedef unsigned __int128 wide;

struct weights {
    size_t parts;
    uint64_t *weight; /* [parts] */
    uint64_t sum;
};

/* The least power of ten that makes every share whole (.8 .1 .1 -> 8 1 1), or
 * else the scale on which they add up to most_units. */
static double unit_scale(const double *share, size_t parts, double total)
{
    for (double scale = 1; total * scale <= most_units; scale *= 10) {
        size_t whole = 0;

        for (size_t j = 0; j < parts; j++) {
            double x = share[j] * scale;

            whole += fabs(x - nearbyint(x)) <= 4 * DBL_EPSILON * x;
        }
        if (whole == parts)
            return scale;
    }
    return most_units / total;
}

static void weights_init(struct weights *w, const double *share, size_t parts)
{
    double total = 0, scale;

    for (size_t j = 0; j < parts; j++) {
        assert(share[j] >= 0);
        total += share[j];
    }
    assert(parts > 0 && total > 0 && isfinite(total));
    scale = unit_scale(share, parts, total);
    w->parts = parts;
    w->weight = mem_alloc(parts, sizeof *w->weight);
    w->sum = 0;
    for (size_t j = 0; j < parts; j++) {
        w->weight[j] = (uint64_t)llround(share[j] * scale);
        w->sum += w->weight[j];
    }
}

/* The floor of each quota to count, the remainder in units to rest; returns
 * the rows left over. */
static size_t quotas(const struct weights *w, size_t n, size_t *count,
                     uint64_t *rest)
{
    size_t left = n;

    for (size_t j = 0; j < w->parts; j++) {
        wide product = (wide)n * w->weight[j];

        count[j] = (size_t)(product / w->sum);
        rest[j] = (uint64_t)(product % w->sum);
        left -= count[j];
    }
    return left;
}

struct remainder {
    uint64_t rest;
    size_t at;
};

static int largest_first(const void *a, const void *b)
{
    const struct remainder *x = a, *y = b;

    if (x->rest != y->rest)
        return x->rest > y->rest ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static struct remainder *in_order(const uint64_t *rest, size_t n)
{
    struct remainder *order = mem_alloc(n, sizeof *order);

    for (size_t i = 0; i < n; i++)
        order[i] = (struct remainder){rest[i], i};
    qsort(order, n, sizeof *order, largest_first);
    return order;
}

static void largest_remainder(const struct weights *w, size_t n, size_t *count)
{
    uint64_t *rest = mem_alloc(w->parts, sizeof *rest);
    size_t left = quotas(w, n, count, rest);
    struct remainder *order = in_order(rest, w->parts);

    for (size_t i = 0; i < left; i++)
        count[order[i].at]++;
    free(order);
    free(rest);
}

void apportion(size_t n, const double *share, size_t parts, size_t *count)
{
    struct weights w;

    weights_init(&w, share, parts);
    largest_remainder(&w, n, count);
    free(w.weight);
}

/*
 * The rounding under way.  given[strata][parts]: this cell has one row above
 * its floor.  open[strata]: rows of the stratum not yet given to a part;
 * need[parts]: rows that the part still has to get.
 */
struct rounding {
    size_t strata, parts;
    uint64_t *rest;
    unsigned char *given;
    size_t *open, *need;
    bool whole_too;      /* a cell whose quota is whole may get a row as well */
    unsigned char *seen; /* [parts]: where the search for a path has been */
};

static void rounding_init(struct rounding *r, const struct weights *w,
                          const size_t *stratum_n, size_t strata, size_t *count)
{
    size_t total = 0, parts = w->parts;

    r->strata = strata;
    r->parts = parts;
    r->rest = mem_alloc(strata * parts, sizeof *r->rest);
    r->given = mem_zalloc(strata * parts, 1);
    r->open = mem_alloc(strata, sizeof *r->open);
    r->need = mem_alloc(parts, sizeof *r->need);
    r->seen = mem_alloc(parts, 1);
    r->whole_too = false;
    for (size_t i = 0; i < strata; i++) {
        r->open[i] =
            quotas(w, stratum_n[i], count + i * parts, r->rest + i * parts);
        total += stratum_n[i];
    }
    largest_remainder(w, total, r->need);
    for (size_t i = 0; i < strata * parts; i++)
        r->need[i % parts] -= count[i];
}

static void rounding_release(struct rounding *r)
{
    free(r->rest);
    free(r->given);
    free(r->open);
    free(r->need);
    free(r->seen);
}

static bool can_give(const struct rounding *r, size_t cell)
{
    return !r->given[cell] && (r->whole_too || r->rest[cell] > 0);
}

static void give_largest_first(struct rounding *r)
{
    struct remainder *order = in_order(r->rest, r->strata * r->parts);

    for (size_t i = 0; i < r->strata * r->parts; i++) {
        size_t cell = order[i].at;
        size_t *open = &r->open[cell / r->parts];
        size_t *need = &r->need[cell % r->parts];

        if (*open > 0 && *need > 0 && can_give(r, cell)) {
            r->given[cell] = 1;
            --*open;
            --*need;
        }
    }
    free(order);
}

/*
 * Gives one row of the stratum to some part, moving rows of other strata from
 * part to part where that makes room.  Each part is entered once, so that the
 * recursion is no deeper than there are parts.
 */
static bool augment(struct rounding *r, size_t stratum)
{
    for (size_t j = 0; j < r->parts; j++) {
        size_t cell = stratum * r->parts + j;
        bool found = r->need[j] > 0;

        if (r->seen[j] || !can_give(r, cell))
            continue;
        r->seen[j] = 1;
        if (found)
            r->need[j]--;
        for (size_t i = 0; i < r->strata && !found; i++) {
            found = r->given[i * r->parts + j] && augment(r, i);
            if (found)
                r->given[i * r->parts + j] = 0;
        }
        if (found) {
            r->given[cell] = 1;
            return true;
        }
    }
    return false;
}

static void give_along_paths(struct rounding *r, bool whole_too)
{
    bool more = true;

    r->whole_too = whole_too;
    for (size_t i = 0; i < r->strata; i++, more = true)
        while (r->open[i] > 0 && more) {
            for (size_t j = 0; j < r->parts; j++)
                r->seen[j] = 0;
            more = augment(r, i);
            if (more)
                r->open[i]--;
        }
}

/* What no path could place: the totals come first. */
static void give_anyway(struct rounding *r, size_t *count)
{
    for (size_t i = 0; i < r->strata; i++)
        for (size_t j = 0; j < r->parts; j++)
            for (; r->open[i] > 0 && r->need[j] > 0; r->need[j]--) {
                count[i * r->parts + j]++;
                r->open[i]--;
            }
}

void apportion_strata(const size_t *stratum_n, size_t strata,
                      const double *share, size_t parts, size_t *count)
{
    struct rounding r;
    struct weights w;

    assert(strata <= SIZE_MAX / parts);
    weights_init(&w, share, parts);
    rounding_init(&r, &w, stratum_n, strata, count);
    give_largest_first(&r);
    give_along_paths(&r, false);
    give_along_paths(&r, true);
    give_anyway(&r, count);
    for (size_t i = 0; i < strata * parts; i++)
        count[i] += r.given[i];
    rounding_release(&r);
    free(w.weight);
}

/* ---- nested ---- */

/* Row k of a stratum of n rows: its rank is (2 k + 1) / (2 n). */
struct ranked {
    size_t k, n, stratum;
};

static int lowest_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    wide left = (wide)(2 * x->k + 1) * y->n,
         right = (wide)(2 * y->k + 1) * x->n;

    if (left != right)
        return left < right ? -1 : 1;
    return (x->stratum > y->stratum) - (x->stratum < y->stratum);
}

/* How many rows of n have a rank of at most below / total. */
static size_t ranks_below(size_t n, size_t below, size_t total)
{
    if (below >= total)
        return n;
    return (size_t)(((wide)2 * n * below / total + 1) / 2);
}

/* Takes the `left` lowest ranks from count[i] up to most[i]. */
static void take_lowest(size_t left, const size_t *stratum_n, size_t strata,
                        const size_t *most, size_t *count)
{
    struct ranked *next;
    size_t n = 0;

    for (size_t i = 0; i < strata; i++)
        n += most[i] - count[i];
    next = mem_alloc(n, sizeof *next);
    n = 0;
    for (size_t i = 0; i < strata; i++)
        for (size_t k = count[i]; k < most[i]; k++)
            next[n++] = (struct ranked){k, stratum_n[i], i};
    qsort(next, n, sizeof *next, lowest_first);
    for (size_t i = 0; i < left; i++)
        count[next[i].stratum]++;
    free(next);
}

/*
 * Rounding moves each count by 1/2 at most: the ranks up to (n - strata) /
 * total are too few, those up to (n + strata) / total enough.
 */
void apportion_nested(size_t n, const size_t *stratum_n, size_t strata,
                      size_t *count)
{
    size_t *most = mem_alloc(strata, sizeof *most), total = 0, left = n;

    for (size_t i = 0; i < strata; i++)
        total += stratum_n[i];
    assert(n <= total);
    for (size_t i = 0; i < strata; i++) {
        count[i] = n > strata ? ranks_below(stratum_n[i], n - strata, total)
                              : 0;
        most[i] = ranks_below(stratum_n[i], n + strata, total);
        left -= count[i];
    }
    take_lowest(left, stratum_n, strata, most, count);
    free(most);
}
