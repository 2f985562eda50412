#include "stats/group_apportion.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

enum {
    MOST_STEPS = 50000000, /* cells looked at */
    MOST_STARTS = 20,
    STARTS_BELOW = 1000, /* groups that are tried from several starts */
    PARTNERS = 32        /* of each group, for changing places */
};

/* A gain that is no rounding error. */
static const double LEAST_GAIN = 1e-9;

/*
 * Parts under way.  over[part][class] is n - s N and weight 1 / (s N), 0 for a
 * class without rows; the last class of a part stands for all of its rows.
 */
struct search {
    const struct group_counts *groups;
    size_t parts, stride;
    double *over, *weight;
    uint32_t *part;
    size_t *size, *order, n_free; /* order: of the free groups */
    struct rng rng;
    size_t steps;
};

static size_t size_of(const struct group_counts *g, size_t group)
{
    size_t sum = 0;

    for (size_t i = g->start[group]; i < g->start[group + 1]; i++)
        sum += g->count[i];
    return sum;
}

/* How the sum changes where k rows come to a cell, or leave it (k < 0). */
static double change(const struct search *s, size_t cell, double k)
{
    return k * (2 * s->over[cell] + k) * s->weight[cell];
}

static double change_of(struct search *s, size_t group, size_t part,
                        double sign)
{
    const struct group_counts *g = s->groups;
    size_t base = part * s->stride;
    double sum = change(s, base + g->classes, sign * (double)s->size[group]);

    for (size_t i = g->start[group]; i < g->start[group + 1]; i++)
        sum += change(s, base + g->class[i], sign * (double)g -> count[i]);
    s->steps += 1 + g->start[group + 1] - g->start[group];
    return sum;
}

/* Moves the rows in (1) or out (-1); returns how the sum changed. */
static double shift(struct search *s, size_t group, size_t part, double sign)
{
    const struct group_counts *g = s->groups;
    double *over = s->over + part * s->stride;
    double sum = change_of(s, group, part, sign);

    for (size_t i = g->start[group]; i < g->start[group + 1]; i++)
        over[g->class[i]] += sign * (double)g->count[i];
    over[g->classes] += sign * (double)s->size[group];
    return sum;
}

/* ---- targets ---- */

static double *class_totals(const struct group_counts *g, size_t parts,
                            const uint32_t *part)
{
    double *total = mem_zalloc(g->classes + 1, sizeof *total);

    for (size_t group = 0; group < g->n; group++) {
        if (part[group] != GROUP_FREE && part[group] >= parts)
            continue;
        for (size_t i = g->start[group]; i < g->start[group + 1]; i++) {
            total[g->class[i]] += g->count[i];
            total[g->classes] += g->count[i];
        }
    }
    return total;
}

static void set_targets(struct search *s, const double *share)
{
    const struct group_counts *g = s->groups;
    double *total = class_totals(g, s->parts, s->part), sum = 0, present = 0;

    for (size_t p = 0; p < s->parts; p++)
        sum += share[p];
    for (size_t c = 0; c < g->classes; c++)
        present += total[c] > 0;
    for (size_t cell = 0; cell < s->parts * s->stride; cell++) {
        size_t class = cell % s->stride;
        double target = share[cell / s->stride] / sum * total[class];

        s->over[cell] = -target;
        s->weight[cell] = target > 0 ? 1 / target : 0;
        if (class == g->classes)
            s->weight[cell] *= present;
    }
    free(total);
}

static void search_init(struct search *s, const struct group_counts *groups,
                        const double *share, size_t parts, uint32_t *part)
{
    memset(s, 0, sizeof *s);
    s->groups = groups;
    s->parts = parts;
    s->stride = groups->classes + 1;
    s->over = mem_alloc(parts * s->stride, sizeof *s->over);
    s->weight = mem_alloc(parts * s->stride, sizeof *s->weight);
    s->part = part;
    s->size = mem_alloc(groups->n, sizeof *s->size);
    s->order = mem_alloc(groups->n, sizeof *s->order);
    set_targets(s, share);
    for (size_t group = 0; group < groups->n; group++) {
        s->size[group] = size_of(groups, group);
        if (part[group] == GROUP_FREE)
            s->order[s->n_free++] = group;
        else if (part[group] < parts)
            shift(s, group, part[group], 1);
    }
}

static void search_release(struct search *s)
{
    free(s->over);
    free(s->weight);
    free(s->size);
    free(s->order);
}

static double objective(const struct search *s)
{
    double sum = 0;

    for (size_t cell = 0; cell < s->parts * s->stride; cell++)
        sum += s->over[cell] * s->over[cell] * s->weight[cell];
    return sum;
}

/* ---- the first assignment ---- */

struct sized {
    size_t size, at, group;
};

static int larger_first(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;

    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The free groups in a seeded order, with by_size largest first. */
static void put_in_order(struct search *s, bool by_size)
{
    struct sized *all = mem_alloc(s->n_free, sizeof *all);

    rng_shuffle(&s->rng, s->order, s->n_free);
    for (size_t i = 0; i < s->n_free; i++)
        all[i] = (struct sized){s->size[s->order[i]], i, s->order[i]};
    if (by_size)
        qsort(all, s->n_free, sizeof *all, larger_first);
    for (size_t i = 0; i < s->n_free; i++)
        s->order[i] = all[i].group;
    free(all);
}

static size_t best_part(struct search *s, size_t group)
{
    size_t best = 0;
    double least = INFINITY;

    for (size_t p = 0; p < s->parts; p++) {
        double sum = change_of(s, group, p, 1);
        if (sum < least - LEAST_GAIN) {
            least = sum;
            best = p;
        }
    }
    return best;
}

static void place_all(struct search *s)
{
    for (size_t i = 0; i < s->n_free; i++) {
        size_t group = s->order[i], part = best_part(s, group);

        s->part[group] = (uint32_t)part;
        shift(s, group, part, 1);
    }
}

static void take_all(struct search *s)
{
    for (size_t i = 0; i < s->n_free; i++) {
        shift(s, s->order[i], s->part[s->order[i]], -1);
        s->part[s->order[i]] = GROUP_FREE;
    }
}

/* ---- improvement ---- */

static bool move_groups(struct search *s)
{
    bool moved = false;

    for (size_t i = 0; i < s->n_free && s->steps < MOST_STEPS; i++) {
        size_t group = s->order[i], from = s->part[group], to;
        double gain = shift(s, group, from, -1);

        to = best_part(s, group);
        if (gain + change_of(s, group, to, 1) > -LEAST_GAIN)
            to = from;
        s->part[group] = (uint32_t)to;
        shift(s, group, to, 1);
        moved |= to != from;
    }
    return moved;
}

static bool change_places(struct search *s, size_t a, size_t b)
{
    size_t of_a = s->part[a], of_b = s->part[b];
    double sum;

    if (of_a == of_b)
        return false;
    sum = shift(s, a, of_a, -1) + shift(s, b, of_b, -1);
    sum += shift(s, a, of_b, 1) + shift(s, b, of_a, 1);
    if (sum < -LEAST_GAIN) {
        s->part[a] = (uint32_t)of_b;
        s->part[b] = (uint32_t)of_a;
        return true;
    }
    shift(s, a, of_b, -1);
    shift(s, b, of_a, -1);
    shift(s, a, of_a, 1);
    shift(s, b, of_b, 1);
    return false;
}

static bool change_pairs(struct search *s)
{
    bool all = s->n_free <= 2 * PARTNERS, changed = false;
    size_t partners = all ? s->n_free : PARTNERS;

    for (size_t i = 0; i < s->n_free; i++)
        for (size_t j = 0; j < partners && s->steps < MOST_STEPS; j++) {
            size_t with = all ? j : rng_below(&s->rng, s->n_free);
            changed |= change_places(s, s->order[i], s->order[with]);
        }
    return changed;
}

static void improve(struct search *s)
{
    bool changed = true;

    while (changed && s->steps < MOST_STEPS) {
        while (move_groups(s))
            ;
        changed = change_pairs(s);
    }
}

/* ---- all of it ---- */

static void search_from(struct search *s, bool by_size)
{
    put_in_order(s, by_size);
    place_all(s);
    improve(s);
}

void group_apportion(const struct group_counts *groups, const double *share,
                     size_t parts, uint64_t seed, uint32_t *part)
{
    uint32_t *best;
    struct search s;
    double least;
    size_t starts = 1;

    if (!groups->n)
        return;
    best = mem_alloc(groups->n, sizeof *best);
    search_init(&s, groups, share, parts, part);
    rng_init(&s.rng, seed, RNG_PARTITION);
    search_from(&s, true);
    least = objective(&s);
    memcpy(best, part, groups->n * sizeof *best);
    if (s.n_free < STARTS_BELOW)
        starts = MOST_STARTS;
    for (size_t i = 1; i < starts && s.steps < MOST_STEPS; i++) {
        double sum;
        take_all(&s);
        search_from(&s, false);
        sum = objective(&s);
        if (sum < least - LEAST_GAIN) {
            least = sum;
            memcpy(best, part, groups->n * sizeof *best);
        }
    }
    memcpy(part, best, groups->n * sizeof *best);
    free(best);
    search_release(&s);
}

double group_objective(const struct group_counts *groups, const double *share,
                       size_t parts, const uint32_t *part)
{
    uint32_t *kept = mem_alloc(groups->n, sizeof *kept);
    struct search s;
    double sum;

    memcpy(kept, part, groups->n * sizeof *kept);
    search_init(&s, groups, share, parts, kept);
    sum = objective(&s);
    search_release(&s);
    free(kept);
    return sum;
}

struct group_imbalance group_imbalance(const struct group_counts *g,
                                       size_t parts, const uint32_t *part)
{
    double *whole = class_totals(g, parts, part), all = whole[g->classes];
    size_t stride = g->classes + 1;
    double *n = mem_zalloc(parts * stride, sizeof *n);
    struct group_imbalance worst = {0, 0, 0};

    for (size_t group = 0; group < g->n; group++)
        for (size_t i = g->start[group];
             part[group] < parts && i < g->start[group + 1]; i++) {
            n[part[group] * stride + g->class[i]] += g->count[i];
            n[part[group] * stride + g->classes] += g->count[i];
        }
    for (size_t cell = 0; cell < parts * stride; cell++) {
        double size = n[cell / stride * stride + g->classes];
        double apart =
            size > 0 ? fabs(n[cell] / size - whole[cell % stride] / all) : 0;
        if (apart > worst.difference + LEAST_GAIN)
            worst =
                (struct group_imbalance){apart, cell % stride, cell / stride};
    }
    free(n);
    free(whole);
    return worst;
}
