#include "stream/error_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { SHOWN_IDS = 5 };

void error_release(struct error_sums *s)
{
    for (size_t i = 0; i < s->n_pairs; i++)
        buf_release(&s->pairs[i].ids);
    confusion_release(&s->confusion);
    free(s->pairs);
    free(s->slots);
    memset(s, 0, sizeof(*s));
}

/* ---- adding ---- */

static size_t *find_slot(const struct error_sums *s, size_t label, size_t pred)
{
    size_t name[2] = {label, pred};
    size_t at = hash_bytes(name, sizeof(name)) & (s->n_slots - 1);

    for (;; at = (at + 1) & (s->n_slots - 1)) {
        size_t i = s->slots[at];
        if (!i ||
            (s->pairs[i - 1].label == label && s->pairs[i - 1].pred == pred))
            return &s->slots[at];
    }
}

static struct pair_ids *pair_of(struct error_sums *s, size_t label, size_t pred)
{
    size_t *slot;

    if (s->n_pairs * 2 >= s->n_slots) {
        s->n_slots = s->n_slots ? s->n_slots * 2 : 64;
        free(s->slots);
        s->slots = mem_zalloc(s->n_slots, sizeof(*s->slots));
        for (size_t i = 0; i < s->n_pairs; i++)
            *find_slot(s, s->pairs[i].label, s->pairs[i].pred) = i + 1;
    }
    slot = find_slot(s, label, pred);
    if (!*slot) {
        s->pairs =
            mem_grow(s->pairs, &s->capacity, s->n_pairs + 1, sizeof(*s->pairs));
        s->pairs[s->n_pairs] = (struct pair_ids){.label = label, .pred = pred};
        *slot = ++s->n_pairs;
    }
    return &s->pairs[*slot - 1];
}

static void add_id(struct pair_ids *pair, const struct prediction_reader *r)
{
    const struct csv_field *id;

    if (r->id == CSV_NONE || pair->n >= SHOWN_IDS)
        return;
    id = &csv_reader_fields(r->csv)[r->id];
    if (pair->n++)
        buf_add_char(&pair->ids, ' ');
    buf_add(&pair->ids, id->text, id->len);
}

void error_add(struct error_sums *s, const struct prediction_reader *r)
{
    size_t label = r->row.label, pred = r->row.pred;

    confusion_count(&s->confusion, label, pred);
    s->rows++;
    if (label == pred)
        return;
    s->errors++;
    add_id(pair_of(s, label, pred), r);
}

/* ---- rows ---- */

static double count_of(const struct error_sums *s, size_t label, size_t pred)
{
    return s->confusion.count[label * s->confusion.n_classes + pred];
}

static double label_rows(const struct error_sums *s, size_t label)
{
    double n = 0;

    for (size_t k = 0; k < s->confusion.n_classes; k++)
        n += count_of(s, label, k);
    return n;
}

/* A pair with what it is sorted by: count, then the place of its classes. */
struct ranked {
    const struct pair_ids *pair;
    double count;
    size_t label_place, pred_place;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    if (x->label_place != y->label_place)
        return x->label_place < y->label_place ? -1 : 1;
    return x->pred_place < y->pred_place ? -1 : 1;
}

/* place[class] in sorted order. */
static size_t *sorted_places(const struct dict *classes)
{
    size_t *order = mem_alloc(classes->count, sizeof(*order)),
           *place = mem_alloc(classes->count, sizeof(*place));

    dict_sorted(classes, order);
    for (size_t i = 0; i < classes->count; i++)
        place[order[i]] = i;
    free(order);
    return place;
}

static void add_pair(struct rows *rows, const struct error_sums *s,
                     const struct prediction_reader *r,
                     const struct ranked *ranked)
{
    const struct pair_ids *pair = ranked->pair;
    double n = label_rows(s, pair->label);
    struct interval ci = wilson(ranked->count, n);

    rows_text(rows, r->classes.text[pair->label]);
    rows_text(rows, r->classes.text[pair->pred]);
    rows_number(rows, ranked->count);
    rows_number(rows, ranked->count / n);
    rows_number(rows, ci.low);
    rows_number(rows, ci.high);
    rows_number(rows, ranked->count / (double)s->errors);
    rows_number(rows, count_of(s, pair->pred, pair->label));
    rows_text(rows, pair->ids.len ? pair->ids.data : "");
}

void pair_rows(struct rows *rows, const struct error_sums *s,
               const struct prediction_reader *r)
{
    size_t *place = sorted_places(&r->classes);
    struct ranked *ranked = mem_alloc(s->n_pairs, sizeof(*ranked));

    rows_init(rows, "label,pred,count,rate,low,high,share,reverse_count,ids");
    for (size_t i = 0; i < s->n_pairs; i++) {
        const struct pair_ids *pair = &s->pairs[i];
        ranked[i] = (struct ranked){pair, count_of(s, pair->label, pair->pred),
                                    place[pair->label], place[pair->pred]};
    }
    qsort(ranked, s->n_pairs, sizeof(*ranked), by_rank);
    for (size_t i = 0; i < s->n_pairs; i++)
        add_pair(rows, s, r, &ranked[i]);
    free(ranked);
    free(place);
}

/* Classes that occur as label or prediction, sorted; returns how many. */
static size_t classes_seen(const struct error_sums *s,
                           const struct prediction_reader *r, size_t *order)
{
    size_t n = 0, *all = mem_alloc(r->classes.count, sizeof(*all));

    dict_sorted(&r->classes, all);
    for (size_t i = 0; i < r->classes.count; i++) {
        size_t k = all[i];
        double seen = 0;
        if (k >= s->confusion.n_classes)
            continue;
        for (size_t j = 0; j < s->confusion.n_classes; j++)
            seen += count_of(s, k, j) + count_of(s, j, k);
        if (seen > 0)
            order[n++] = k;
    }
    free(all);
    return n;
}

void pair_gate_rows(struct rows *rows, const struct error_sums *s,
                    const struct prediction_reader *r)
{
    size_t *order = mem_alloc(r->classes.count, sizeof(*order));
    size_t n = classes_seen(s, r, order);
    double of_label = 0;

    rows_init(rows, "label,pred,count,rate,share");
    for (size_t i = 0; i < n * n; i++) {
        size_t label = order[i / n], pred = order[i % n];
        double count = count_of(s, label, pred);
        if (i % n == 0)
            of_label = label_rows(s, label);
        if (label == pred)
            continue;
        rows_text(rows, r->classes.text[label]);
        rows_text(rows, r->classes.text[pred]);
        rows_number(rows, count);
        rows_number(rows, count / of_label);
        rows_number(rows, s->errors ? count / (double)s->errors : 0);
    }
    free(order);
}

void matrix_rows(struct rows *rows, const struct error_sums *s,
                 const struct prediction_reader *r)
{
    size_t *order = mem_alloc(r->classes.count, sizeof(*order));
    size_t n = classes_seen(s, r, order);

    rows_init(rows, "label");
    for (size_t i = 0; i < n; i++)
        rows_add_column(rows, r->classes.text[order[i]]);
    for (size_t i = 0; i < n; i++) {
        rows_text(rows, r->classes.text[order[i]]);
        for (size_t j = 0; j < n; j++)
            rows_number(rows, count_of(s, order[i], order[j]));
    }
    free(order);
}

static void add_score(struct rows *rows, double value, struct interval ci)
{
    rows_number(rows, value);
    rows_number(rows, isnan(value) ? NAN : ci.low);
    rows_number(rows, isnan(value) ? NAN : ci.high);
}

void class_rows(struct rows *rows, const struct error_sums *s,
                const struct prediction_reader *r)
{
    size_t *order = mem_alloc(r->classes.count, sizeof(*order));
    size_t n = classes_seen(s, r, order);

    rows_init(rows, "class,n,predicted,precision,precision_low,precision_high,"
                    "recall,recall_low,recall_high,f1,f1_low,f1_high");
    for (size_t i = 0; i < n; i++) {
        struct class_scores scores;
        confusion_class(&s->confusion, order[i], &scores);
        rows_text(rows, r->classes.text[order[i]]);
        rows_number(rows, scores.n);
        rows_number(rows, scores.predicted);
        add_score(rows, scores.precision, scores.precision_ci);
        add_score(rows, scores.recall, scores.recall_ci);
        add_score(rows, scores.f1, scores.f1_ci);
    }
    free(order);
}
