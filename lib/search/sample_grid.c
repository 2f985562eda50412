/* All combinations, made at the start: they are no more than the trials. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "search/methods.h"

/* The values of a parameter that are combined. */
struct axis {
    size_t n;
    bool full;     /* more of them would be too many */
    double *value; /* [n] */
};

struct grid {
    struct axis axis[SPACE_MOST];
    struct history all;
};

/* Combinations of parameter i and those that depend on it. */
static double below(const struct space *space, const struct grid *g, size_t i)
{
    double sum = 0;

    if (space->items[i].kind != DIMENSION_CHOICE)
        return (double)g->axis[i].n;
    for (size_t c = 0; c < g->axis[i].n; c++) {
        double product = 1;
        for (size_t j = i + 1; j < space->n; j++)
            if (space->items[j].parent == i && space->items[j].when[c])
                product *= below(space, g, j);
        sum += product;
    }
    return sum;
}

static double combinations(const struct space *space, const struct grid *g)
{
    double product = 1;

    for (size_t i = 0; i < space->n; i++)
        if (space->items[i].parent == DIMENSION_NONE)
            product *= below(space, g, i);
    return product;
}

/* The number with the fewest values of those that may have more. */
static size_t next_axis(const struct space *space, const struct grid *g)
{
    size_t best = DIMENSION_NONE;

    for (size_t i = 0; i < space->n; i++)
        if (!g->axis[i].full &&
            (best == DIMENSION_NONE || g->axis[i].n < g->axis[best].n))
            best = i;
    return best;
}

/* One more value of parameter i, where that does not give too many. */
static void refine(const struct space *space, struct grid *g, size_t i,
                   double most)
{
    double count = dimension_count(&space->items[i]);
    struct axis *a = &g->axis[i];

    a->n++;
    a->full = combinations(space, g) > most ||
              (count > 0 && (double)a->n > count);
    a->n -= a->full;
}

/*
 * Evenly spaced places of the unit interval.  Where small whole numbers would
 * come twice, on a logarithmic scale, they are those that follow.
 */
static void place(const struct dimension *p, struct axis *a)
{
    size_t last = a->n - 1, distinct = 0;

    a->value = mem_alloc(a->n, sizeof(*a->value));
    for (size_t k = 0; k <= last; k++) {
        double v = dimension_from_unit(p, last ? (double)k / (double)last : 0);
        if (p->kind == DIMENSION_INT && k > 0)
            v = fmax(v, a->value[distinct - 1] + 1);
        if (p->kind == DIMENSION_INT)
            v = fmin(v, p->high - (double)(last - k));
        if (k == 0 || v != a->value[distinct - 1])
            a->value[distinct++] = v;
    }
    a->n = distinct;
}

static void fill(const struct space *space, struct grid *g, size_t i,
                 double *value)
{
    if (i == space->n) {
        history_add(&g->all, value, NAN);
        return;
    }
    if (!space_active(space, value, i)) {
        value[i] = NAN;
        fill(space, g, i + 1, value);
        return;
    }
    for (size_t k = 0; k < g->axis[i].n; k++) {
        value[i] = g->axis[i].value[k];
        fill(space, g, i + 1, value);
    }
}

static int start(struct search_sampler *s, struct err *err)
{
    const struct space *space = s->space;
    struct grid *g = s->state = mem_zalloc(1, sizeof(*g));
    double value[SPACE_MOST], most = (double)s->options.trials;
    size_t next;

    g->all.space = space;
    for (size_t i = 0; i < space->n; i++) {
        bool choice = space->items[i].kind == DIMENSION_CHOICE;
        g->axis[i].n = choice ? space->items[i].choices.n : 2;
        g->axis[i].full = choice;
    }
    if (combinations(space, g) > most)
        return err_set(err, ERR_USAGE,
                       "the smallest grid, two values of each number, has "
                       "%.0f trials, not %.0f",
                       combinations(space, g), most);
    while ((next = next_axis(space, g)) != DIMENSION_NONE)
        refine(space, g, next, most);
    for (size_t i = 0; i < space->n; i++)
        place(&space->items[i], &g->axis[i]);
    fill(space, g, 0, value);
    s->most = g->all.n;
    return 0;
}

static void propose(struct search_sampler *s, const struct history *history,
                    size_t number, double *value)
{
    const struct grid *g = s->state;

    (void)history;
    for (size_t i = 0; i < s->space->n; i++)
        value[i] = history_value(&g->all, number)[i];
}

static void release(struct search_sampler *s)
{
    struct grid *g = s->state;

    for (size_t i = 0; g && i < s->space->n; i++)
        free(g->axis[i].value);
    if (g)
        history_release(&g->all);
    free(g);
}

const struct method method_grid = {start, propose, release};
