#include "table/grouping.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/apportion.h"

void grouping_release(struct grouping *g)
{
    dict_release(&g->names);
    free(g->unit);
    free(g->text);
    free(g->stratum);
    free(g->old);
    free(g->part);
    memset(g, 0, sizeof(*g));
}

/* Column `which` of the rows, made when the first row has a value in it. */
static void put(struct grouping *g, uint32_t **values, int which,
                uint32_t value)
{
    size_t had = g->capacity[which];

    if (!*values && value == GROUPING_NONE)
        return;
    *values =
        mem_grow(*values, &g->capacity[which], g->n + 1, sizeof(**values));
    if (!had)
        memset(*values, 0xff, g->n * sizeof(**values));
    (*values)[g->n] = value;
}

static uint32_t value_of(const uint32_t *values, size_t row)
{
    return values ? values[row] : GROUPING_NONE;
}

int grouping_add(struct grouping *g, const struct grouping_row *row,
                 struct err *err)
{
    uint32_t group = GROUPING_NONE;

    if (g->n >= INT32_MAX)
        return err_set(err, ERR_DATA, "more than %d rows cannot be grouped",
                       INT32_MAX);
    if (row->group)
        group = (uint32_t)dict_add(&g->names, row->group, row->len);
    g->unit = mem_grow(g->unit, &g->capacity[0], g->n + 1, sizeof(*g->unit));
    g->unit[g->n] = group;
    put(g, &g->text, 1, row->text);
    put(g, &g->stratum, 2,
        row->part == GROUPING_NONE ? row->stratum : GROUPING_NONE);
    put(g, &g->old, 3, row->part);
    g->n++;
    return 0;
}

/* ---- units ---- */

/* Groups stand behind the texts: what is connected is one set. */
static void join_groups(struct grouping *g, struct disjoint_sets *sets,
                        size_t n_texts)
{
    disjoint_sets_grow(sets, n_texts + g->names.count);
    for (size_t r = 0; r < g->n; r++) {
        uint32_t text = value_of(g->text, r);
        if (g->unit[r] == GROUPING_NONE)
            continue;
        g->unit[r] += (uint32_t)n_texts;
        if (text != GROUPING_NONE)
            disjoint_sets_join(sets, text, g->unit[r]);
    }
}

/* Numbers the units in the order of their first rows. */
static void number_units(struct grouping *g, struct disjoint_sets *sets)
{
    uint32_t *number = mem_alloc(sets->n, sizeof(*number));

    memset(number, 0xff, sets->n * sizeof(*number));
    for (size_t r = 0; r < g->n; r++) {
        uint32_t at = g->unit[r], *unit;
        if (at == GROUPING_NONE)
            at = value_of(g->text, r);
        if (at == GROUPING_NONE) {
            g->unit[r] = (uint32_t)g->units++;
            continue;
        }
        unit = &number[disjoint_sets_find(sets, at)];
        if (*unit == GROUPING_NONE)
            *unit = (uint32_t)g->units++;
        g->unit[r] = *unit;
    }
    free(number);
}

/* Units follow the rows that have a part. */
static int fix_parts(struct grouping *g, const struct dict *part_names,
                     struct err *err)
{
    int status = 0;

    g->part = mem_alloc(g->units, sizeof(*g->part));
    memset(g->part, 0xff, g->units * sizeof(*g->part));
    for (size_t r = 0; r < g->n && g->old && status == 0; r++) {
        uint32_t old = g->old[r], *part = &g->part[g->unit[r]];
        if (old == GROUPING_NONE)
            continue;
        if (*part != GROUPING_NONE && *part != old)
            status = err_set(err, ERR_DATA,
                             "rows that belong together are in '%s' and in "
                             "'%s' already: start anew with --replace",
                             part_names->text[*part], part_names->text[old]);
        *part = old;
    }
    return status;
}

static void count_free(struct grouping *g)
{
    for (size_t u = 0; u < g->units; u++)
        g->free_units += g->part[u] == GROUPING_NONE;
    for (size_t r = 0; r < g->n; r++)
        g->free_rows += g->part[g->unit[r]] == GROUPING_NONE;
}

int grouping_close(struct grouping *g, struct disjoint_sets *texts,
                   const struct dict *part_names, struct err *err)
{
    struct disjoint_sets none = {0}, *sets = texts ? texts : &none;

    join_groups(g, sets, sets->n);
    number_units(g, sets);
    disjoint_sets_release(&none);
    free(g->text);
    g->text = NULL;
    if (fix_parts(g, part_names, err) != 0)
        return -1;
    count_free(g);
    return 0;
}

/* ---- parts ---- */

/* Counts by unit and stratum, of the rows that have no part. */
struct counts {
    struct group_counts groups;
    size_t *start;
    uint32_t *stratum, *count;
};

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The strata of each unit's rows, units one after the other. */
static void collect_strata(struct grouping *g, struct counts *c)
{
    size_t n = 0;

    c->start = mem_zalloc(g->units + 2, sizeof(*c->start));
    for (size_t r = 0; r < g->n; r++)
        if (value_of(g->stratum, r) != GROUPING_NONE) {
            c->start[g->unit[r] + 2]++;
            n++;
        }
    for (size_t u = 2; u <= g->units; u++)
        c->start[u] += c->start[u - 1];
    c->stratum = mem_alloc(n, sizeof(*c->stratum));
    for (size_t r = 0; r < g->n; r++)
        if (value_of(g->stratum, r) != GROUPING_NONE)
            c->stratum[c->start[g->unit[r] + 1]++] = g->stratum[r];
}

/* Equal strata of a unit become one, with their number. */
static void count_strata(struct grouping *g, struct counts *c)
{
    size_t cells = 0, at = 0;

    c->count = mem_alloc(c->start[g->units], sizeof(*c->count));
    for (size_t u = 0; u < g->units; u++) {
        size_t end = c->start[u + 1], first = cells;
        if (end - at > 1)
            qsort(c->stratum + at, end - at, sizeof(*c->stratum), by_value);
        for (; at < end; at++) {
            bool again = cells > first &&
                         c->stratum[cells - 1] == c->stratum[at];
            if (again) {
                c->count[cells - 1]++;
            } else {
                c->stratum[cells] = c->stratum[at];
                c->count[cells++] = 1;
            }
        }
        c->start[u + 1] = cells;
    }
}

void grouping_assign(struct grouping *g, size_t strata, const double *shares,
                     size_t n_parts, uint64_t seed)
{
    struct counts c = {0};

    collect_strata(g, &c);
    free(g->stratum);
    free(g->old);
    g->stratum = g->old = NULL;
    count_strata(g, &c);
    c.groups =
        (struct group_counts){g->units, strata, c.start, c.stratum, c.count};
    group_apportion(&c.groups, shares, n_parts, seed, g->part);
    g->imbalance = group_imbalance(&c.groups, n_parts, g->part);
    free(c.start);
    free(c.stratum);
    free(c.count);
}

size_t grouping_empty_part(const struct grouping *g, const double *shares,
                           size_t n_parts)
{
    size_t *wanted = mem_alloc(n_parts, sizeof(*wanted)), i = 0;
    bool *has = mem_zalloc(n_parts, sizeof(*has));

    apportion(g->free_rows, shares, n_parts, wanted);
    for (size_t u = 0; u < g->units; u++)
        if (g->part[u] < n_parts)
            has[g->part[u]] = true;
    while (i < n_parts && (has[i] || !wanted[i]))
        i++;
    free(wanted);
    free(has);
    return i;
}

uint32_t grouping_next(struct grouping *g)
{
    return g->next < g->n ? g->part[g->unit[g->next++]] : GROUPING_NONE;
}
