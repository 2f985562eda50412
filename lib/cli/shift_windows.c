#include "cli/shift_windows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "cli/report.h"

enum { LEAST_ROWS = 50 }; /* of the first window */

/* ---- sides ---- */

/* The first moment of a year. */
static uint64_t year_begins(int year)
{
    char text[32];
    uint64_t time = 0;

    snprintf(text, sizeof(text), "%04d-01-01", year);
    date_parse(text, strlen(text), &time);
    return time;
}

/* A number, or of a date its year with what has passed of it. */
static bool read_time(const char *cell, size_t len, double *value)
{
    uint64_t time, begin;
    int year;

    if (num_parse(cell, len, value))
        return isfinite(*value);
    if (!date_parse(cell, len, &time))
        return false;
    year = (int)strtol(cell, NULL, 10); /* up to the first dash */
    begin = year_begins(year);
    *value = year;
    if (time > begin && year < 9999)
        *value += fmin((double)(time - begin) /
                           (double)(year_begins(year + 1) - begin),
                       1 - 1e-9);
    return true;
}

static size_t window_of(struct shift_windows *w, const char *cell, size_t len,
                        struct err *err)
{
    char quoted[ERR_QUOTE_SIZE], name[NUM_SIZE];
    double value;
    size_t side;

    if (!read_time(cell, len, &value)) {
        err_set(err, ERR_DATA, "neither a number nor a date: %s",
                err_quote(quoted, sizeof(quoted), cell, len));
        return ROUTE_BAD;
    }
    value = floor(value / w->width) * w->width;
    num_format(name, value);
    side = dict_add(&w->names, name, strlen(name));
    w->start = mem_grow(w->start, &w->capacity, side + 1, sizeof(*w->start));
    w->start[side] = value;
    return side;
}

size_t shift_windows_side(void *context, const char *cell, size_t len,
                          struct err *err)
{
    struct shift_windows *w = context;

    if (!len) {
        w->without++;
        return ROUTE_OUT;
    }
    return w->width > 0 ? window_of(w, cell, len, err)
                        : dict_add(&w->names, cell, len);
}

void shift_windows_release(struct shift_windows *w)
{
    dict_release(&w->names);
    free(w->start);
}

/* ---- pairs ---- */

static void add_pair(struct shift_pairs *p, size_t a, size_t b,
                     const char *name)
{
    p->at = mem_grow(p->at, &p->capacity, p->n + 1, sizeof(*p->at));
    p->at[p->n++] = (struct shift_pair){a, b, mem_strdup(name)};
}

static size_t side_named(const struct shift_windows *w, const char *name,
                         const char *pair)
{
    size_t side = dict_find(&w->names, name, strlen(name));

    if (side == DICT_NONE)
        report_usage("--pairs '%s': no row has '%s'", pair, name);
    return side;
}

static void add_asked(const struct shift_windows *w, const struct list *pairs,
                      struct shift_pairs *to)
{
    for (size_t i = 0; i < pairs->n; i++) {
        char *a = mem_strdup(pairs->items[i]), *b = strchr(a, ':');
        if (!b || b == a || !b[1])
            report_usage("--pairs: '%s' is not like train:val",
                         pairs->items[i]);
        *b++ = '\0';
        add_pair(to, side_named(w, a, pairs->items[i]),
                 side_named(w, b, pairs->items[i]), pairs->items[i]);
        free(a);
    }
}

static void add_parts(const struct shift_windows *w,
                      const struct profile_sides *sides, struct shift_pairs *to)
{
    size_t reference = dict_find(&w->names, "train", 5);

    if (reference == DICT_NONE) {
        reference = 0;
        for (size_t i = 1; i < sides->n; i++)
            if (sides->at[i].rows > sides->at[reference].rows)
                reference = i;
        report_note("the reference is '%s', the largest (--pairs says which)",
                    w->names.text[reference]);
    }
    for (size_t i = 0; i < sides->n; i++)
        if (i != reference)
            add_pair(to, reference, i, w->names.text[i]);
}

/* Windows in the order of time. */
static size_t *in_order(const struct shift_windows *w)
{
    size_t n = w->names.count, *order = mem_alloc(n + 1, sizeof(*order));

    for (size_t i = 0; i < n; i++) {
        size_t k = i;
        for (; k > 0 && w->start[order[k - 1]] > w->start[i]; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    return order;
}

static void add_windows(const struct shift_windows *w,
                        const struct profile_sides *sides, bool previous,
                        struct shift_pairs *to)
{
    size_t *order = in_order(w), first = 0, n = w->names.count;

    while (first + 1 < n && sides->at[order[first]].rows < LEAST_ROWS)
        first++;
    if (first)
        report_note("windows before %s have fewer than %d rows: left out",
                    w->names.text[order[first]], LEAST_ROWS);
    for (size_t i = first + 1; i < n; i++)
        add_pair(to, order[previous ? i - 1 : first], order[i],
                 w->names.text[order[i]]);
    if (!previous)
        report_note("the reference is the window %s",
                    w->names.text[order[first]]);
    free(order);
}

void shift_windows_pairs(const struct shift_windows *w,
                         const struct profile_sides *sides,
                         const struct shift_args *o, struct shift_pairs *pairs)
{
    if (w->without)
        report_note("%zu row%s without '%s' left out", w->without,
                    plural(w->without), o->by);
    if (o->pairs.n)
        add_asked(w, &o->pairs, pairs);
    else if (w->width > 0)
        add_windows(w, sides, o->previous, pairs);
    else if (sides->n)
        add_parts(w, sides, pairs);
    if (!pairs->n)
        report_bad("", "nothing to compare: all rows have the same '%s'",
                   o->by);
}

void shift_pairs_release(struct shift_pairs *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->at[i].name);
    free(p->at);
}
