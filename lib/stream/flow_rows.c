#include "stream/flow_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/paired.h"

enum { SHOWN_IDS = 5, MOST_CLASSES = 46 };

/* A row that changed, by the places of its classes in sorted order. */
struct changed {
    size_t label, a, b, row;
};

/* Rows that changed alike: changed[first] to changed[first + n - 1]. */
struct flow {
    size_t first, n;
};

struct totals {
    size_t changed, repaired, broken, still_wrong;
};

static struct totals total(const struct joined *j)
{
    struct totals t = {0};

    for (size_t i = 0; i < j->n; i++) {
        uint32_t label = j->label[i], a = j->models[0].pred[i],
                 b = j->models[1].pred[i];
        t.changed += a != b;
        t.repaired += a != b && b == label;
        t.broken += a != b && a == label;
        t.still_wrong += a != b && a != label && b != label;
    }
    return t;
}

const char *flow_change(const char *label, const char *pred_a,
                        const char *pred_b)
{
    return strcmp(pred_b, label) == 0   ? "repaired"
           : strcmp(pred_a, label) == 0 ? "broken"
                                        : "still wrong";
}

static int by_classes(const void *x, const void *y)
{
    const struct changed *s = x, *t = y;

    if (s->label != t->label)
        return s->label < t->label ? -1 : 1;
    if (s->a != t->a)
        return s->a < t->a ? -1 : 1;
    if (s->b != t->b)
        return s->b < t->b ? -1 : 1;
    return s->row < t->row ? -1 : 1;
}

static int by_count(const void *x, const void *y)
{
    const struct flow *s = x, *t = y;

    if (s->n != t->n)
        return s->n > t->n ? -1 : 1;
    return s->first < t->first ? -1 : 1;
}

/* The rows that changed, those that did so alike behind each other. */
static size_t find_changed(const struct joined *j, const size_t *order,
                           struct changed *changed)
{
    size_t *place = mem_alloc(j->classes.count, sizeof(*place)), n = 0;

    for (size_t i = 0; i < j->classes.count; i++)
        place[order[i]] = i;
    for (size_t i = 0; i < j->n; i++) {
        uint32_t a = j->models[0].pred[i], b = j->models[1].pred[i];
        if (a != b)
            changed[n++] =
                (struct changed){place[j->label[i]], place[a], place[b], i};
    }
    free(place);
    if (n)
        qsort(changed, n, sizeof(*changed), by_classes);
    return n;
}

static bool is_alike(const struct changed *x, const struct changed *y)
{
    return x->label == y->label && x->a == y->a && x->b == y->b;
}

static size_t find_flows(const struct changed *changed, size_t n_changed,
                         struct flow *flows)
{
    size_t n = 0;

    for (size_t i = 0; i < n_changed; i++)
        if (i && is_alike(&changed[i - 1], &changed[i]))
            flows[n - 1].n++;
        else
            flows[n++] = (struct flow){i, 1};
    if (n)
        qsort(flows, n, sizeof(*flows), by_count);
    return n;
}

static void add_ids(struct rows *rows, const struct joined *j,
                    const struct changed *first, size_t n)
{
    struct buf ids = {0};

    for (size_t i = 0; i < n && i < SHOWN_IDS; i++)
        buf_printf(&ids, "%s%s", i ? " " : "", joined_id(j, first[i].row));
    rows_text(rows, ids.data);
    buf_release(&ids);
}

static void note_totals(const struct joined *j, struct buf *notes)
{
    struct totals t = total(j);
    const double least = 1e-6;
    double p;

    if (!t.changed) {
        buf_add_text(notes, "no prediction changed\n");
        return;
    }
    p = mcnemar_mid_p((double)t.repaired, (double)t.broken);
    buf_printf(notes,
               "%zu prediction%s changed: %zu repaired, %zu broken, %zu from "
               "one wrong class to another; repaired and broken differ %s "
               "chance (McNemar mid-p %s %.2g)\n",
               t.changed, plural(t.changed), t.repaired, t.broken,
               t.still_wrong, p <= .05 ? "by more than" : "within",
               p < least ? "<" : "=", fmax(p, least));
}

void flow_rows(const struct joined *j, struct rows *rows, struct buf *notes)
{
    size_t *order = mem_alloc(j->classes.count, sizeof(*order));
    struct changed *changed = mem_alloc(j->n, sizeof(*changed));
    struct flow *flows = mem_alloc(j->n, sizeof(*flows));
    size_t n;

    dict_sorted(&j->classes, order);
    n = find_changed(j, order, changed);
    n = find_flows(changed, n, flows);
    rows_init(rows, "label,pred_a,pred_b,count,ids");
    for (size_t i = 0; i < n; i++) {
        const struct changed *first = &changed[flows[i].first];
        rows_text(rows, j->classes.text[order[first->label]]);
        rows_text(rows, j->classes.text[order[first->a]]);
        rows_text(rows, j->classes.text[order[first->b]]);
        rows_count(rows, flows[i].n);
        add_ids(rows, j, first, flows[i].n);
    }
    note_totals(j, notes);
    free(order);
    free(changed);
    free(flows);
}

/* ---- gates ---- */

static void add_gate(struct rows *rows, const char *name, const char *label,
                     const char *a, const char *b, size_t count)
{
    rows_text(rows, name);
    rows_text(rows, label);
    rows_text(rows, a);
    rows_text(rows, b);
    rows_count(rows, count);
}

/* Rows by label, prediction before and after: [classes] of each. */
static size_t *count_flows(const struct joined *j)
{
    size_t k = j->classes.count;
    size_t *count = mem_zalloc(k * k * k, sizeof(*count));

    for (size_t i = 0; i < j->n; i++)
        count[(j->label[i] * k + j->models[0].pred[i]) * k +
              j->models[1].pred[i]]++;
    return count;
}

static void add_all_flows(struct rows *rows, const struct joined *j)
{
    size_t k = j->classes.count, *count = count_flows(j);

    for (size_t i = 0; i < k * k * k; i++)
        if (i / k % k != i % k)
            add_gate(rows, "", j->classes.text[i / k / k],
                     j->classes.text[i / k % k], j->classes.text[i % k],
                     count[i]);
    free(count);
}

static void add_seen_flows(struct rows *rows, const struct rows *flow)
{
    for (size_t i = 0; i < rows_n(flow); i++) {
        rows_text(rows, "");
        for (size_t c = 0; c < 4; c++)
            rows_text(rows, rows_cell(flow, i, c));
    }
}

void flow_gate_rows(const struct joined *j, const struct rows *flow,
                    struct rows *rows)
{
    struct totals t = total(j);

    rows_init(rows, FLOW_KEYS "," FLOW_VALUE);
    add_gate(rows, "changed", "", "", "", t.changed);
    add_gate(rows, "repaired", "", "", "", t.repaired);
    add_gate(rows, "broken", "", "", "", t.broken);
    add_gate(rows, "still_wrong", "", "", "", t.still_wrong);
    if (j->classes.count <= MOST_CLASSES)
        add_all_flows(rows, j);
    else
        add_seen_flows(rows, flow);
}
