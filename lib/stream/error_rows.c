#include "stream/error_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "stats/confusion.h"

enum { SHOWN_IDS = 5 };

/* The first ids of the wrong rows of one pair. */
struct pair_ids {
    size_t label, pred;
    struct buf ids;
    size_t n;
};

struct error_sums {
    struct confusion confusion;
    struct pair_ids *pairs;
    size_t n_pairs, capacity;
    size_t *slots; /* hash of the pair -> number + 1 */
    size_t n_slots;
    size_t errors;
    enum normalise normalise; /* of the matrix */
};

static void *begin(const void *options, const struct prediction_reader *r,
                   struct err *err)
{
    (void)options;
    (void)r;
    (void)err;
    return mem_zalloc(1, sizeof(struct error_sums));
}

static void *matrix_begin(const void *options,
                          const struct prediction_reader *r, struct err *err)
{
    const struct matrix_options *o = options;
    struct error_sums *s = begin(NULL, r, err);

    s->normalise = o ? o->normalise : NORMALISE_NONE;
    return s;
}

static void end(void *sums)
{
    struct error_sums *s = sums;

    if (!s)
        return;
    for (size_t i = 0; i < s->n_pairs; i++)
        buf_release(&s->pairs[i].ids);
    confusion_release(&s->confusion);
    free(s->pairs);
    free(s->slots);
    free(s);
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

    if (pair->n >= SHOWN_IDS)
        return;
    if (pair->n++)
        buf_add_char(&pair->ids, ' ');
    if (r->id == CSV_NONE) {
        buf_printf(&pair->ids, "%zu", csv_reader_records(r->csv));
        return;
    }
    id = &csv_reader_fields(r->csv)[r->id];
    buf_add(&pair->ids, id->text, id->len);
}

static int add(void *sums, const struct prediction_reader *r, struct err *err)
{
    struct error_sums *s = sums;
    size_t label = r->row.label, pred = r->row.pred;

    (void)err;
    confusion_count(&s->confusion, label, pred);
    if (label == pred)
        return 0;
    s->errors++;
    add_id(pair_of(s, label, pred), r);
    return 0;
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

static int pair_rows(void *sums, const struct prediction_reader *r,
                     struct rows *rows, struct buf *notes, struct err *err)
{
    const struct error_sums *s = sums;
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
    (void)notes;
    (void)err;
    return 0;
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

/* A pair that is never confused has no row, but a gate may name it. */
static void pair_gate_rows(void *sums, const struct prediction_reader *r,
                           struct rows *rows)
{
    const struct error_sums *s = sums;
    size_t *order = mem_alloc(r->classes.count, sizeof(*order));
    size_t n = classes_seen(s, r, order);
    double of_label = 0;

    rows_init(rows, "label,pred,count,rate,low,high,share,reverse_count");
    for (size_t i = 0; i < n * n; i++) {
        size_t label = order[i / n], pred = order[i % n];
        double count = count_of(s, label, pred);
        struct interval ci;
        if (i % n == 0)
            of_label = label_rows(s, label);
        if (label == pred)
            continue;
        ci = of_label > 0 ? wilson(count, of_label) : interval_unknown();
        rows_text(rows, r->classes.text[label]);
        rows_text(rows, r->classes.text[pred]);
        rows_number(rows, count);
        rows_number(rows, count / of_label);
        rows_number(rows, ci.low);
        rows_number(rows, ci.high);
        rows_number(rows, s->errors ? count / (double)s->errors : 0);
        rows_number(rows, count_of(s, pred, label));
    }
    free(order);
}

/* What the counts of the row or column of class k are shares of. */
static double total_of(const struct error_sums *s, const size_t *order,
                       size_t n, size_t k)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += s->normalise == NORMALISE_ROW ? count_of(s, k, order[i])
                                             : count_of(s, order[i], k);
    return sum;
}

static int matrix_rows(void *sums, const struct prediction_reader *r,
                       struct rows *rows, struct buf *notes, struct err *err)
{
    const struct error_sums *s = sums;
    size_t *order = mem_alloc(r->classes.count, sizeof(*order));
    size_t n = classes_seen(s, r, order);
    double *total = mem_alloc(n + 1, sizeof(*total));

    rows_init(rows, "label");
    for (size_t i = 0; i < n; i++) {
        rows_add_column(rows, r->classes.text[order[i]]);
        total[i] = s->normalise ? total_of(s, order, n, order[i]) : 1;
    }
    for (size_t i = 0; i < n; i++) {
        rows_text(rows, r->classes.text[order[i]]);
        for (size_t j = 0; j < n; j++)
            rows_number(rows, count_of(s, order[i], order[j]) /
                                  total[s->normalise == NORMALISE_ROW ? i : j]);
    }
    free(total);
    free(order);
    (void)notes;
    (void)err;
    return 0;
}

static void add_score(struct rows *rows, double value, struct interval ci)
{
    rows_number(rows, value);
    rows_number(rows, isnan(value) ? NAN : ci.low);
    rows_number(rows, isnan(value) ? NAN : ci.high);
}

static int class_rows(void *sums, const struct prediction_reader *r,
                      struct rows *rows, struct buf *notes, struct err *err)
{
    const struct error_sums *s = sums;
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
    (void)notes;
    (void)err;
    return 0;
}

const struct prediction_table pair_table = {
    "label,pred", "count", begin, add, NULL, pair_rows, pair_gate_rows, end};
const struct prediction_table matrix_table = {
    "label", "label", matrix_begin, add, NULL, matrix_rows, NULL, end};
const struct prediction_table class_table = {"class", "f1",       begin, add,
                                             NULL,    class_rows, NULL,  end};
