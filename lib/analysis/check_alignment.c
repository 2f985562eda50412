#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/row_orders.h"
#include "analysis/sketch_sight.h"
#include "analysis/table_sketch.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/alignment.h"
#include "stats/dependence.h"
#include "stats/interval.h"

enum {
    MOST_ROWS = 20000,
    PLACES = 20,
    LEAST_ROWS = 40,
    SOME_ROWS = 100, /* so few tell little, */
    MANY_ROWS = 500  /* so many enough */
};

static const double INFORMATIVE = 3.1;
static const double SURE = .001, IN_DOUBT = .01; /* p of dependence */

/* The rows that are looked at, with a label and a sketch each. */
struct looked_at {
    const struct table *table;
    size_t n, *row; /* [n] */
    uint32_t *label;
    float *x; /* [n][SKETCH_WIDTH] */
    struct row_orders *orders;
    uint64_t seed;
};

static void choose_rows(struct looked_at *l)
{
    const struct table *t = l->table;
    bool all = t->n <= MOST_ROWS;
    size_t each = MOST_ROWS / PLACES;

    l->n = all ? t->n : MOST_ROWS;
    l->row = mem_alloc(l->n, sizeof(*l->row));
    l->label = mem_alloc(l->n, sizeof(*l->label));
    for (size_t i = 0; i < l->n; i++) {
        l->row[i] = all ? i : i / each * (t->n / PLACES) + i % each;
        l->label[i] = t->labelled[l->row[i]] ? t->label[l->row[i]] : PROBE_NONE;
        if (l->label[i] == LABEL_NONE)
            l->label[i] = PROBE_NONE;
    }
}

static void look(struct looked_at *l, struct csv_reader *data)
{
    choose_rows(l);
    l->x = mem_alloc(l->n * SKETCH_WIDTH, sizeof(*l->x));
    table_sketch(l->table, l->row, l->n, l->seed, l->x);
    l->orders = row_orders_new(l->table, data, l->row, l->n);
}

static void looked_at_release(struct looked_at *l)
{
    row_orders_free(l->orders);
    free(l->x);
    free(l->row);
    free(l->label);
}

/* ---- labels in another order ---- */

static void say_order(const struct looked_at *l,
                      const struct label_order *order, struct buf *out)
{
    long by = labs(order->offset);

    switch (order->kind) {
    case ORDER_OFFSET:
        buf_printf(out,
                   "the label of a row stands %ld row%s %s it: move the labels "
                   "%s, or join them by key: assay pair",
                   by, plural((size_t)by),
                   order->offset > 0 ? "below" : "above",
                   order->offset > 0 ? "up" : "down");
        break;
    case ORDER_REVERSED:
        buf_add_text(out, "the labels are in reverse order: turn them round, "
                          "or join them by key: assay pair");
        break;
    case ORDER_KNOWN:
        row_orders_say(l->orders, order->index, out);
        break;
    case ORDER_GIVEN:
        break;
    }
}

/* Whether labels come one after the other as if sorted, in some rows. */
static bool labels_are_sorted(const struct looked_at *l, size_t begin,
                              size_t end)
{
    double *count = mem_zalloc(l->table->labels.count, sizeof(*count));
    double n = 0, runs = 0, alike = 0;
    uint32_t last = PROBE_NONE;

    for (size_t i = begin; i < end; i++) {
        if (l->label[i] == PROBE_NONE)
            continue;
        n++;
        count[l->label[i]]++;
        runs += l->label[i] != last;
        last = l->label[i];
    }
    for (size_t k = 0; k < l->table->labels.count; k++)
        alike += count[k] * count[k] / fmax(n * n, 1);
    free(count);
    return runs < .2 * n * (1 - alike);
}

/* A finding about the stretch, whose texts are the caller's. */
static struct finding about(const struct looked_at *l, const struct stretch *s,
                            struct buf *subject)
{
    struct finding f = finding_of("alignment", "", FINDING_FAIL);

    if (s->begin == 0 && s->end == l->n)
        buf_add_text(subject, "all rows");
    else
        buf_printf(subject, "rows %zu-%zu", l->row[s->begin] + 1,
                   l->row[s->end - 1] + 1);
    f.subject = subject->data;
    f.value = s->given.z;
    f.limit = INFORMATIVE;
    f.p = isnan(s->given.z) ? NAN : normal_upper_tail(s->given.z);
    f.effect = s->best.z;
    f.test = "labels told from other rows, z as they stand; effect: z in the "
             "best order";
    f.n_current = s->given.n;
    return f;
}

/* Sorted labels go with any input by which rows are sorted, too. */
static bool sorted_apart(const struct looked_at *l, const struct stretch *s)
{
    return (s->order.kind == ORDER_GIVEN ||
            (s->order.kind == ORDER_KNOWN &&
             row_orders_by_input(l->orders, s->order.index))) &&
           labels_are_sorted(l, s->begin, s->end);
}

static void add_stretch(const struct looked_at *l, const struct stretch *s,
                        struct findings *findings)
{
    struct buf subject = {0}, advice = {0};
    struct finding f = about(l, s, &subject);

    if (sorted_apart(l, s))
        buf_add_text(&advice,
                     "the labels are in sorted order, what they belong to is "
                     "not: sorted apart? join them by key: assay pair");
    else if (s->order.kind != ORDER_GIVEN)
        say_order(l, &s->order, &advice);
    else if (s->other_kind)
        buf_printf(&advice,
                   "these rows are of another kind (%.0f %% of them and of the "
                   "others are told apart), and what goes for the others' "
                   "labels does not for theirs: another source, or labels of "
                   "other rows? look at some",
                   100 * s->unlike);
    else
        buf_add_text(&advice,
                     "other rows' labels tell nothing of these, in no order "
                     "tried: listed in two orders? join them by key: assay "
                     "pair");
    if (s->order.kind == ORDER_GIVEN && s->other_kind)
        f.status = FINDING_UNDECIDED;
    f.advice = advice.data;
    findings_add(findings, &f);
    buf_release(&subject);
    buf_release(&advice);
}

/* ---- labels that no order makes fit ---- */

/* Rows, or so many as classes of one size would need to tell as much. */
static double telling_rows(const struct alignment *a)
{
    return fmin(a->all.n, 2 * a->all.n * (1 - a->prior));
}

static void say_nothing_found(const struct looked_at *l,
                              const struct alignment *a, bool sees,
                              enum finding_status status, struct buf *out)
{
    buf_printf(out,
               "the inputs tell nothing of the labels, as they stand and in "
               "%zu other orders: ",
               a->tried);
    if (labels_are_sorted(l, 0, l->n))
        buf_add_text(out, "they are in sorted order: sorted apart from what "
                          "they belong to? join them by key: assay pair");
    else if (status != FINDING_UNDECIDED)
        buf_add_text(out, "were inputs and labels listed in two orders? join "
                          "them by key: assay pair");
    else if (sees || telling_rows(a) < SOME_ROWS)
        buf_add_text(out, "with so few rows that may be chance; compare with "
                          "the largest class: assay train --net majority");
    else
        buf_add_text(out, "labels of other rows, or a rule of many columns or "
                          "steps at once; compare with the largest class: "
                          "assay train --net majority");
}

/* Neither the probe nor anything else. */
static void add_nothing_found(const struct looked_at *l,
                              const struct alignment *a,
                              const struct dependence *d,
                              struct findings *findings)
{
    bool sees = sketch_sees(l->table, l->row, l->n, l->x, l->seed);
    struct finding f = finding_of("alignment", "all rows", FINDING_FAIL);
    double n = telling_rows(a);
    struct buf advice = {0};

    if (n < SOME_ROWS || !sees || d->p <= IN_DOUBT)
        f.status = FINDING_UNDECIDED;
    else if (n < MANY_ROWS)
        f.status = FINDING_WARN;
    say_nothing_found(l, a, sees, f.status, &advice);
    f.value = d->z;
    f.limit = SURE;
    f.p = d->p;
    f.effect = a->all.z;
    f.test = "class means, nearest rows, products of columns, in 999 random "
             "orders: the largest in deviations; effect: linear probe, z";
    f.n_current = a->all.n;
    f.advice = advice.data;
    findings_add(findings, &f);
    buf_release(&advice);
}

static void add_found(const struct alignment *a, const struct dependence *d,
                      struct findings *findings)
{
    struct finding f = finding_of("alignment", "all rows", FINDING_OK);
    struct buf test = {0};

    buf_printf(&test,
               "%s, in 999 random orders: in deviations; effect: linear probe, "
               "z",
               d->by);
    f.value = d->z;
    f.p = d->p;
    f.limit = SURE;
    f.effect = a->all.z;
    f.test = test.data;
    f.n_current = a->all.n;
    findings_add(findings, &f);
    buf_release(&test);
}

/* The linear probe finds nothing, and no order that is better. */
static void look_closer(const struct looked_at *l, const struct alignment *a,
                        struct findings *findings)
{
    struct dependence d;

    if (a->by_place) {
        add_stretch(l, &a->stretch[0], findings);
        return;
    }
    d = dependence_test(l->x, l->n, SKETCH_WIDTH, SKETCH_SUMS, l->label,
                        l->table->labels.count, l->seed);
    if (d.p <= SURE && !labels_are_sorted(l, 0, l->n))
        add_found(a, &d, findings);
    else
        add_nothing_found(l, a, &d, findings);
}

static void add_ok(const struct alignment *a, struct findings *findings)
{
    struct finding f = finding_of("alignment", "all rows", FINDING_OK);

    f.value = a->all.z;
    f.limit = INFORMATIVE;
    f.p = normal_upper_tail(a->all.z);
    f.effect = a->share - a->prior;
    f.test = "labels told from other rows, z; effect: share right less that of "
             "the largest class";
    f.n_current = a->all.n;
    findings_add(findings, &f);
}

static void add_too_few(const struct table *t, struct findings *findings)
{
    struct finding f = finding_of("alignment", "all rows", FINDING_UNDECIDED);

    f.value = f.n_current = (double)t->n;
    f.limit = LEAST_ROWS;
    f.test = "rows";
    f.advice = "so few rows tell nothing of their order: compare some with "
               "their source by eye";
    findings_add(findings, &f);
}

int check_alignment(const struct table *t, struct csv_reader *data,
                    uint64_t seed, struct findings *findings, struct err *err)
{
    struct looked_at l = {.table = t, .seed = seed};
    struct known_orders known;
    struct alignment a;
    int failed;

    if (t->labels.count < 2)
        return 0;
    if (t->n < LEAST_ROWS) {
        add_too_few(t, findings);
        return 0;
    }
    look(&l, data);
    known = row_orders_known(l.orders);
    alignment_test(l.x, l.n, SKETCH_WIDTH, l.label, t->labels.count, &known,
                   &a);
    if (a.informative && !a.n_stretches)
        add_ok(&a, findings);
    else if (!a.informative && a.stretch[0].order.kind == ORDER_GIVEN)
        look_closer(&l, &a, findings);
    else
        for (size_t i = 0; i < a.n_stretches; i++)
            add_stretch(&l, &a.stretch[i], findings);
    failed = row_orders_failed(l.orders, err);
    looked_at_release(&l);
    return failed;
}
