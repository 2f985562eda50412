#include "stream/learning_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

/* One row; what does not belong to its kind is left empty. */
struct cells {
    double size, error, fitted, value, n;
    struct interval ci, band;
    const char *kind, *name, *note;
};

static const struct cells empty = {.size = NAN,
                                   .error = NAN,
                                   .fitted = NAN,
                                   .value = NAN,
                                   .n = NAN,
                                   .ci = {NAN, NAN},
                                   .band = {NAN, NAN},
                                   .kind = "",
                                   .name = "",
                                   .note = ""};

/* Ten digits: what lies below is rounding, not measurement. */
static double tidy(double value)
{
    return isfinite(value) ? num_round(value, 10) : value;
}

static void add_cells(struct rows *rows, const struct cells *c)
{
    rows_number(rows, c->size);
    rows_number(rows, tidy(c->error));
    rows_number(rows, tidy(c->ci.low));
    rows_number(rows, tidy(c->ci.high));
    rows_number(rows, tidy(c->fitted));
    rows_number(rows, tidy(c->band.low));
    rows_number(rows, tidy(c->band.high));
    rows_text(rows, c->kind);
    rows_text(rows, c->name);
    rows_text(rows, "");
    rows_number(rows, tidy(c->value));
    rows_number(rows, c->n);
    rows_text(rows, c->note);
}

static void add_size(struct rows *rows, const struct learning_curve *curve,
                     double size, struct cells cells)
{
    char name[NUM_SIZE];

    num_format(name, size);
    cells.kind = "size";
    cells.name = name;
    cells.size = size;
    if (curve->has_law) {
        cells.fitted = power_law_at(&curve->law, size);
        cells.band = learning_curve_band(curve, size);
    }
    add_cells(rows, &cells);
}

static void add_sizes(struct rows *rows, const struct learning_curve *curve)
{
    double largest = curve->size[curve->n_sizes - 1];

    for (size_t k = 0; k < curve->n_sizes; k++) {
        struct cells cells = empty;
        cells.error = curve->measured[k];
        cells.ci = curve->ci[k];
        cells.n = curve->n_rows;
        add_size(rows, curve, curve->size[k], cells);
    }
    for (int times = 2; curve->has_law && times <= LEARNING_REACH; times *= 2) {
        struct cells cells = empty;
        cells.note = "beyond what was measured";
        add_size(rows, curve, times * largest, cells);
    }
}

static void add_parameter(struct rows *rows, const char *name, double value,
                          struct interval ci, const char *note)
{
    struct cells cells = empty;

    cells.kind = "curve";
    cells.name = name;
    cells.value = value;
    cells.ci = ci;
    cells.note = note;
    add_cells(rows, &cells);
}

static void add_law(struct rows *rows, const struct learning_curve *curve)
{
    const char *flat = curve->law.b > 0 ? "" : "no slope is seen";

    if (!curve->has_law)
        return;
    add_parameter(rows, "asymptote", curve->law.a, curve->a, "");
    add_parameter(rows, "exponent", curve->law.c, curve->c, flat);
    add_parameter(rows, "coefficient", curve->law.b, curve->b, flat);
}

/* What the answer means, in words. */
static void say(char *note, size_t size, const struct learning_need *need,
                const struct learning_curve *curve, const char *what)
{
    double largest = curve->size[curve->n_sizes - 1];
    double most = LEARNING_REACH * largest;

    switch (need->answer) {
    case LEARNING_FOUND:
        snprintf(
            note, size, "%.0f %s than the largest size%s",
            fabs(need->rows - largest), need->rows > largest ? "more" : "fewer",
            isinf(need->ci.high) ? "; it may take more than can be told" : "");
        break;
    case LEARNING_REACHED:
        snprintf(note, size, "the smallest size is enough");
        break;
    case LEARNING_BEYOND:
        snprintf(note, size,
                 "no answer: beyond %d times the largest size (%.0f rows)",
                 LEARNING_REACH, most);
        break;
    case LEARNING_NEVER:
        snprintf(note, size, "no answer: the curve levels off above %s", what);
        break;
    case LEARNING_FEW_WRONG:
        snprintf(note, size, "no answer: fewer than %d held-out rows are wrong",
                 LEARNING_LEAST_WRONG);
        break;
    case LEARNING_FEW_SIZES:
        snprintf(note, size, "no answer: fewer than %d training sizes",
                 LEARNING_LEAST_SIZES);
        break;
    }
}

static void add_need(struct rows *rows, const char *name,
                     const struct learning_need *need,
                     const struct learning_curve *curve, const char *what)
{
    struct cells cells = empty;
    char note[160];

    say(note, sizeof(note), need, curve, what);
    cells.kind = "rows";
    cells.name = name;
    cells.value = need->rows;
    cells.ci = need->ci;
    cells.note = note;
    add_cells(rows, &cells);
}

static void add_needs(struct rows *rows, const struct learning_options *o,
                      const struct learning_curve *error,
                      const struct learning_curve *gap)
{
    struct learning_need need;

    if (o->has_goal) {
        need = learning_curve_need(error, o->goal);
        add_need(rows, "goal", &need, error, "the goal");
    }
    if (gap->n_sizes) {
        need = learning_curve_halve(gap);
        add_need(rows, "halve_overfitting", &need, gap, "half the gap");
    }
}

/* The advice stands in a table of sources: its cells, in these columns. */
static void add_next(struct rows *rows, const struct learning_options *o,
                     const struct learning_curve *error,
                     const struct learning_curve *gap)
{
    struct rows next;
    size_t value, note;

    rows_init(&next, "kind,name,class,value,low,high,n,note");
    advice_learning(&next, error, gap, o->has_goal ? &o->goal : NULL, o->known);
    value = rows_find(&next, "value");
    note = rows_find(&next, "note");
    for (size_t r = 0; r < rows_n(&next); r++) {
        struct cells cells = empty;
        cells.kind = "next";
        cells.value = strtod(rows_cell(&next, r, value), NULL);
        cells.note = rows_cell(&next, r, note);
        add_cells(rows, &cells);
    }
    rows_release(&next);
}

static int rows_of(void *sums, const struct prediction_reader *from,
                   struct rows *rows, struct buf *notes, struct err *err)
{
    const struct learning_options *o = learning_options_of(sums);
    struct learning_curve error, gap;

    if (o->on && prediction_check_on(from, o->on, err) != 0)
        return -1;
    if (learning_curves(sums, &error, &gap, notes, err) != 0)
        return -1;
    rows_init(rows, "train_size,error,low,high,fitted,band_low,band_high,"
                    "kind,name,class,value,n,note");
    add_sizes(rows, &error);
    add_law(rows, &error);
    add_needs(rows, o, &error, &gap);
    add_next(rows, o, &error, &gap);
    learning_curve_release(&error);
    learning_curve_release(&gap);
    return 0;
}

const struct prediction_table learning_table = {
    "kind,name", "value", learning_begin, learning_add,
    NULL,        rows_of, NULL,           learning_end};
