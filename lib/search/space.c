#include "search/space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

enum { DIGITS = 6, DIGITS_MOST = 15 };

void space_release(struct space *space)
{
    for (size_t i = 0; i < space->n; i++) {
        free(space->items[i].name);
        list_release(&space->items[i].choices);
        free(space->items[i].when);
    }
    free(space->items);
    memset(space, 0, sizeof(*space));
}

struct dimension *space_add(struct space *space, const char *name,
                            enum dimension_kind kind)
{
    struct dimension *p;

    space->items =
        mem_resize(space->items, space->n + 1, sizeof(*space->items));
    p = &space->items[space->n++];
    memset(p, 0, sizeof(*p));
    p->name = mem_strdup(name);
    p->kind = kind;
    p->parent = DIMENSION_NONE;
    return p;
}

bool space_is_name(const char *name)
{
    return *name && !name[strcspn(name, " \t\r\n\"',=")];
}

size_t space_find(const struct space *space, const char *name)
{
    for (size_t i = 0; i < space->n; i++)
        if (strcmp(space->items[i].name, name) == 0)
            return i;
    return DIMENSION_NONE;
}

/* ---- conditions ---- */

static size_t choice_of(const struct dimension *p, const char *word)
{
    for (size_t i = 0; i < p->choices.n; i++)
        if (strcmp(p->choices.items[i], word) == 0)
            return i;
    return DIMENSION_NONE;
}

/* Whether parameter i depends on `other`, over however many others. */
static bool depends(const struct space *space, size_t i, size_t other)
{
    for (; i != DIMENSION_NONE; i = space->items[i].parent)
        if (i == other)
            return true;
    return false;
}

/* Moves parameter `from` to the place `to`; parents follow. */
static void move(struct space *space, size_t from, size_t to)
{
    struct dimension moved = space->items[from];

    memmove(&space->items[to + 1], &space->items[to],
            (from - to) * sizeof(moved));
    space->items[to] = moved;
    for (size_t i = 0; i < space->n; i++) {
        size_t *parent = &space->items[i].parent;
        if (*parent == from)
            *parent = to;
        else if (*parent != DIMENSION_NONE && *parent >= to && *parent < from)
            ++*parent;
    }
}

/* Parents first, else as they are. */
static void order(struct space *space)
{
    for (size_t i = 0; i < space->n; i++)
        while (space->items[i].parent != DIMENSION_NONE &&
               space->items[i].parent > i)
            move(space, space->items[i].parent, i);
}

/* Which choices of the parent are among the values; NULL on error. */
static bool *mark_values(const struct dimension *parent, const char *name,
                         const struct list *values, struct err *err)
{
    bool *when = mem_zalloc(parent->choices.n, sizeof(*when));

    for (size_t i = 0; i < values->n; i++) {
        size_t at = choice_of(parent, values->items[i]);
        if (at == DIMENSION_NONE) {
            err_set(err, ERR_USAGE, "'%s' if '%s': it is never '%s'", name,
                    parent->name, values->items[i]);
            free(when);
            return NULL;
        }
        when[at] = true;
    }
    return when;
}

int space_condition(struct space *space, const char *name, const char *other,
                    const struct list *values, struct err *err)
{
    size_t own = space_find(space, name), parent = space_find(space, other);
    bool *when;

    if (own == DIMENSION_NONE)
        return err_set(err, ERR_USAGE, "no parameter '%s'", name);
    if (space->items[own].parent != DIMENSION_NONE)
        return err_set(err, ERR_USAGE, "'%s' has two conditions", name);
    if (parent == DIMENSION_NONE ||
        space->items[parent].kind != DIMENSION_CHOICE)
        return err_set(err, ERR_USAGE, "'%s' if '%s': no such choice", name,
                       other);
    if (depends(space, parent, own))
        return err_set(err, ERR_USAGE, "'%s' depends on itself", name);
    when = mark_values(&space->items[parent], name, values, err);
    if (!when)
        return -1;
    space->items[own].parent = parent;
    space->items[own].when = when;
    order(space);
    return 0;
}

bool space_active(const struct space *space, const double *value, size_t i)
{
    const struct dimension *p = &space->items[i];

    return p->parent == DIMENSION_NONE ||
           (!isnan(value[p->parent]) && p->when[(size_t)value[p->parent]]);
}

/* ---- the unit interval ---- */

double dimension_count(const struct dimension *p)
{
    return p->kind == DIMENSION_CHOICE ? (double)p->choices.n
           : p->kind == DIMENSION_INT  ? p->high - p->low + 1
                                       : 0;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : (x > high ? high : x);
}

/*
 * Six, and as many more as the ends of a narrow range have in common: from 1000
 * to 1001 there are 10^5 steps, as from 1 to 2.
 */
static int digits_of(const struct dimension *p)
{
    double most = fmax(fabs(p->low), fabs(p->high));
    double common = floor(log10(most / (p->high - p->low)));

    return DIGITS + (int)clamp(common, 0, DIGITS_MOST - DIGITS);
}

/* Between two bounds, evenly or by orders of magnitude. */
static double between(const struct dimension *p, double low, double high,
                      double u)
{
    return p->log ? low * pow(high / low, u) : low + (high - low) * u;
}

static double place(const struct dimension *p, double low, double high,
                    double x)
{
    return p->log ? log(x / low) / log(high / low) : (x - low) / (high - low);
}

double dimension_from_unit(const struct dimension *p, double u)
{
    switch (p->kind) {
    case DIMENSION_CHOICE:
        return clamp(floor(u * (double)p->choices.n), 0,
                     (double)p->choices.n - 1);
    case DIMENSION_INT:
        return clamp(floor(between(p, p->low, p->high + 1, u)), p->low,
                     p->high);
    default:
        return clamp(num_round(between(p, p->low, p->high, u), digits_of(p)),
                     p->low, p->high);
    }
}

double dimension_to_unit(const struct dimension *p, double value)
{
    switch (p->kind) {
    case DIMENSION_CHOICE:
        return (value + .5) / (double)p->choices.n;
    case DIMENSION_INT:
        return (place(p, p->low, p->high + 1, value) +
                place(p, p->low, p->high + 1, value + 1)) /
               2;
    default:
        return clamp(place(p, p->low, p->high, value), 0, 1);
    }
}

void space_from_unit(const struct space *space, const double *unit,
                     double *value)
{
    for (size_t i = 0; i < space->n; i++)
        value[i] = space_active(space, value, i)
                       ? dimension_from_unit(&space->items[i], unit[i])
                       : NAN;
}

/* ---- text ---- */

void dimension_format(const struct dimension *p, double value, struct buf *text)
{
    char number[NUM_SIZE];

    if (isnan(value))
        return;
    if (p->kind == DIMENSION_CHOICE) {
        buf_add_text(text, p->choices.items[(size_t)value]);
        return;
    }
    num_format(number, value);
    buf_add_text(text, number);
}

int dimension_parse(const struct dimension *p, const char *text, double *value,
                    struct err *err)
{
    size_t choice;

    *value = NAN;
    if (!*text)
        return 0;
    if (p->kind == DIMENSION_CHOICE) {
        choice = choice_of(p, text);
        if (choice == DIMENSION_NONE)
            return err_set(err, ERR_DATA, "'%s' is none of the choices of '%s'",
                           text, p->name);
        *value = (double)choice;
        return 0;
    }
    if (!num_parse(text, strlen(text), value) ||
        (p->kind == DIMENSION_INT && *value != floor(*value)))
        return err_set(err, ERR_DATA, "'%s': not a %snumber: '%s'", p->name,
                       p->kind == DIMENSION_INT ? "whole " : "", text);
    if (*value < p->low || *value > p->high)
        return err_set(err, ERR_DATA, "'%s': %s is outside of its range",
                       p->name, text);
    return 0;
}
