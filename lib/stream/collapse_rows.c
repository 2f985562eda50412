#include "stream/collapse_rows.h"

#include <stdlib.h>

#include "base/mem.h"

/* A pair of classes: fewer, and the plan is made for these rows alone. */
enum { FEW_ROWS = 10 };

struct collapse_sums {
    struct confusion confusion;
    enum collapse_by by;
};

static void *begin(const void *options, const struct prediction_reader *r,
                   struct err *err)
{
    struct collapse_sums *s = mem_zalloc(1, sizeof(*s));

    s->by = *(const enum collapse_by *)options;
    (void)r;
    (void)err;
    return s;
}

static int add(void *sums, const struct prediction_reader *r, struct err *err)
{
    struct collapse_sums *s = sums;

    (void)err;
    confusion_count(&s->confusion, r->row.label, r->row.pred);
    return 0;
}

static void end(void *sums)
{
    struct collapse_sums *s = sums;

    if (s)
        confusion_release(&s->confusion);
    free(s);
}

/* The matrix may have more classes than there are names: none of their rows. */
static size_t *places(const struct confusion *c, const struct dict *names)
{
    size_t *order = mem_alloc(names->count, sizeof(*order)),
           *place = mem_zalloc(c->n_classes + names->count, sizeof(*place));

    dict_sorted(names, order);
    for (size_t i = 0; i < names->count; i++)
        place[order[i]] = i;
    free(order);
    return place;
}

static void add_merge(struct rows *rows, size_t step, const struct merge *m,
                      double n, const struct dict *names)
{
    struct interval ci = wilson(m->errors_after, n);

    rows_count(rows, step);
    rows_text(rows, names->text[m->class]);
    rows_text(rows, names->text[m->into]);
    rows_number(rows, m->errors_before / n);
    rows_number(rows, m->errors_after / n);
    rows_number(rows, ci.low);
    rows_number(rows, ci.high);
    rows_number(rows, m->bits_lost);
}

static size_t count_classes(const struct confusion *c)
{
    size_t n = 0;

    for (size_t a = 0; a < c->n_classes; a++) {
        double seen = 0;
        for (size_t b = 0; b < c->n_classes; b++)
            seen += c->count[a * c->n_classes + b] +
                    c->count[b * c->n_classes + a];
        n += seen > 0;
    }
    return n;
}

static void note_plan(const struct confusion *c, size_t merges,
                      struct buf *notes)
{
    size_t classes = count_classes(c);
    double pairs = (double)(classes * classes);

    buf_printf(notes, "the labels say %.4g bits%s\n", collapse_bits(c),
               merges ? "" : "; no merge would lower the error");
    if (merges && confusion_total(c) < FEW_ROWS * pairs)
        buf_printf(notes,
                   "warning: few rows for %zu classes: the error of new rows "
                   "is higher than the plan says (judge it on others)\n",
                   classes);
}

static int make_rows(void *sums, const struct prediction_reader *r,
                     struct rows *rows, struct buf *notes, struct err *err)
{
    const struct collapse_sums *s = sums;
    const struct confusion *c = &s->confusion;
    size_t *place = places(c, &r->classes), n;
    struct merge *plan = mem_alloc(c->n_classes, sizeof(*plan));

    rows_init(rows,
              "step,class,into,error_before,error_after,low,high,bits_lost");
    n = collapse_plan(c, place, s->by, plan);
    for (size_t i = 0; i < n; i++)
        add_merge(rows, i + 1, &plan[i], confusion_total(c), &r->classes);
    note_plan(c, n, notes);
    free(plan);
    free(place);
    (void)err;
    return 0;
}

const struct prediction_table collapse_table = {
    "step", "error_after", begin, add, NULL, make_rows, NULL, end};
