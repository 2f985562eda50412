#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/features.h"
#include "base/float_sort.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/far_values.h"

enum { NAMED_ROWS = 3 };

/* With less left of the others' deviation they are all but one number. */
static const double SQUEEZED = .01;

/* Room for one column. */
struct outlier_work {
    const struct table *table;
    float *value;      /* [n] */
    uint32_t *scratch; /* [n] */
    struct grid grid;
    struct findings found;
};

static void add_value(struct buf *out, double value)
{
    char text[NUM_SIZE];

    num_format(text, value);
    buf_add_text(out, text);
}

static void add_rows(const struct table *t, const struct feature *f,
                     const struct far_end *end, bool high, struct buf *out)
{
    size_t named = 0;

    buf_printf(out, "row%s", plural(end->n));
    for (size_t i = 0; i < t->n && named < NAMED_ROWS; i++) {
        double x = (double)t->numbers[i * t->n_numbers + f->place];
        if (high ? x >= end->nearest : x <= end->nearest)
            buf_printf(out, "%s %zu", named++ ? "," : "", i + 1);
    }
    if (end->n > named)
        buf_printf(out, ", ... (%zu)", end->n);
}

static void add_end(struct outlier_work *w, const struct feature *f,
                    const struct far_end *end, bool high, double squeeze)
{
    double value = feature_value(f, end->value),
           edge = feature_value(f, end->edge);
    struct finding o =
        finding_of("outliers", f->column->name,
                   squeeze < SQUEEZED ? FINDING_FAIL : FINDING_WARN);
    struct buf advice = {0};

    if (!end->n || grid_has(&w->grid, value))
        return;
    add_rows(w->table, f, end, high, &advice);
    buf_printf(&advice, ": %s is ", high ? "the highest" : "the lowest");
    add_value(&advice, value);
    buf_printf(&advice, ", of the others ");
    add_value(&advice, edge);
    if (end->code) {
        buf_add_text(&advice, "; if it means 'not known': --missing ");
        add_value(&advice, value);
    } else {
        buf_add_text(&advice, "; a slip, or another unit?");
    }
    o.value = value;
    o.limit = edge;
    o.effect = end->reach;
    o.n_current = (double)end->n;
    o.test = end->code ? "one number, repeated, with a gap; effect: its width, "
                         "in what the others reach from their median"
                       : "gap to the others; effect: its width, in what they "
                         "reach from their median";
    o.advice = advice.data;
    findings_add(&w->found, &o);
    buf_release(&advice);
}

static void look_at(struct outlier_work *w, const struct feature *f)
{
    const struct table *t = w->table;
    struct far_values far;
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++) {
        float x = t->numbers[i * t->n_numbers + f->place];
        if (!isnan(x))
            w->value[n++] = x;
    }
    float_sort(w->value, w->scratch, n);
    far = far_values_find(w->value, n, f->column->shift);
    add_end(w, f, &far.high, true, far.squeeze);
    add_end(w, f, &far.low, false, far.squeeze);
}

void check_outliers(const struct table *t, struct findings *findings)
{
    struct finding ok = finding_of("outliers", "all columns", FINDING_OK);
    struct outlier_work w = {.table = t};
    struct features all;

    features_init(&all, t);
    if (all.n && t->n_numbers) {
        w.value = mem_alloc(t->n, sizeof(*w.value));
        w.scratch = mem_alloc(t->n, sizeof(*w.scratch));
        w.grid = features_grid(&all);
        for (size_t i = 0; i < all.n; i++)
            if (all.at[i].column->type == TYPE_NUMBER)
                look_at(&w, &all.at[i]);
        ok.value = 0;
        ok.n_current = (double)t->n;
        ok.test = "numbers far from the others";
        findings_add_worst(findings, &w.found, "columns", &ok);
        free(w.value);
        free(w.scratch);
    }
    features_release(&all);
}
