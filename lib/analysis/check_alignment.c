#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/table_sketch.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/alignment.h"
#include "stats/interval.h"

enum { MOST_ROWS = 20000, PLACES = 20, TELLING_ROWS = 200 };

/* The rows that are looked at, with a label each. */
struct looked_at {
    size_t n, *row; /* [n] */
    uint32_t *label;
};

static void choose_rows(const struct table *t, struct looked_at *l)
{
    bool all = t->n <= MOST_ROWS;
    size_t each = MOST_ROWS / PLACES;

    *l = (struct looked_at){.n = all ? t->n : MOST_ROWS};
    l->row = mem_alloc(l->n, sizeof(*l->row));
    l->label = mem_alloc(l->n, sizeof(*l->label));
    for (size_t i = 0; i < l->n; i++) {
        l->row[i] = all ? i : i / each * (t->n / PLACES) + i % each;
        l->label[i] = t->labelled[l->row[i]] ? t->label[l->row[i]] : PROBE_NONE;
        if (l->label[i] == LABEL_NONE)
            l->label[i] = PROBE_NONE;
    }
}

static void say_order(const struct label_order *order, struct buf *out)
{
    long by = labs(order->offset);

    switch (order->kind) {
    case ORDER_OFFSET:
        buf_printf(out,
                   "the label of a row stands %ld row%s %s it: move the labels "
                   "%s",
                   by, plural((size_t)by),
                   order->offset > 0 ? "below" : "above",
                   order->offset > 0 ? "up" : "down");
        break;
    case ORDER_REVERSED:
        buf_add_text(out, "the labels are in reverse order");
        break;
    case ORDER_GIVEN:
    case ORDER_OTHER:
        buf_add_text(out, "no offset and not the reverse makes them fit: were "
                          "inputs and labels listed in two orders? join them "
                          "by key: assay pair");
        break;
    }
}

static void add_stretch(const struct stretch *s, const struct looked_at *l,
                        bool whole, struct findings *findings)
{
    struct buf subject = {0}, advice = {0};
    struct finding f = finding_of("alignment", "", FINDING_FAIL);

    if (whole)
        buf_add_text(&subject, "all rows");
    else
        buf_printf(&subject, "rows %zu-%zu", l->row[s->begin] + 1,
                   l->row[s->end - 1] + 1);
    say_order(&s->order, &advice);
    f.subject = subject.data;
    f.advice = advice.data;
    f.value = s->given.z;
    f.limit = 3.1;
    f.p = isnan(s->given.z) ? NAN : normal_upper_tail(s->given.z);
    f.effect = s->best.z;
    f.test = "held-out probe, z in the order given; effect: in the best order";
    f.n_current = s->given.n;
    if (whole && s->order.kind == ORDER_GIVEN &&
        (s->given.n < TELLING_ROWS || isnan(s->given.z)))
        f.status = FINDING_UNDECIDED;
    findings_add(findings, &f);
    buf_release(&subject);
    buf_release(&advice);
}

static void add_ok(const struct alignment *a, struct findings *findings)
{
    struct finding f = finding_of("alignment", "all rows", FINDING_OK);

    f.value = a->all.z;
    f.limit = 3.1;
    f.p = normal_upper_tail(a->all.z);
    f.effect = a->share - a->prior;
    f.test = "held-out probe, z; effect: its accuracy less the largest class";
    f.n_current = a->all.n;
    findings_add(findings, &f);
}

/* Sequences are no vectors of one length. */
static void add_undecided(struct findings *findings)
{
    struct finding f = finding_of("alignment", "all rows", FINDING_UNDECIDED);

    f.test = "none for sequences";
    f.advice = "compare a network with the largest class: assay train --net "
               "majority";
    findings_add(findings, &f);
}

void check_alignment(const struct table *t, uint64_t seed,
                     struct findings *findings)
{
    struct looked_at l;
    struct alignment a;
    float *x;

    if (!t->n_numbers && !t->n_categories && !t->n_texts && !t->images) {
        add_undecided(findings);
        return;
    }
    choose_rows(t, &l);
    x = mem_alloc(l.n * SKETCH_WIDTH, sizeof(*x));
    table_sketch(t, l.row, l.n, seed, x);
    alignment_test(x, l.n, SKETCH_WIDTH, l.label, t->labels.count, NULL, 0, &a);
    for (size_t i = 0; i < a.n_stretches; i++)
        add_stretch(&a.stretch[i], &l,
                    a.stretch[i].begin == 0 && a.stretch[i].end == l.n,
                    findings);
    if (!a.n_stretches && a.all.n > 0)
        add_ok(&a, findings);
    free(x);
    free(l.row);
    free(l.label);
}
