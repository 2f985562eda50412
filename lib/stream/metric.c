#include "stream/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/auroc.h"
#include "stats/calibration.h"
#include "stats/confusion.h"
#include "stats/moments.h"

enum { DRAWS = 1000 };

/* The p: of one class: of the rows that are of it, and of the others. */
struct side_scores {
    float *positive, *negative;
    size_t n_positive, n_negative;
    size_t positive_capacity, negative_capacity;
};

struct metric_split {
    struct confusion confusion;
    struct moments loss, brier;
    struct calibration calibration;
    size_t n, without_prob;
    struct side_scores *scores; /* [n_p], NULL without rows or p: columns */
};

struct metric_sums {
    uint64_t seed;
    struct metric_split *splits; /* [n_splits], numbered as in the reader */
    size_t n_splits;
    size_t n_p; /* p: columns */
    size_t unlabelled;
};

static void *begin(const void *options, const struct prediction_reader *r,
                   struct err *err)
{
    struct metric_sums *sums = mem_zalloc(1, sizeof(*sums));

    sums->seed = ((const struct metric_options *)options)->seed;
    sums->n_p = r->n_p;
    (void)err;
    return sums;
}

static void release_split(struct metric_split *s, size_t n_p)
{
    confusion_release(&s->confusion);
    for (size_t k = 0; s->scores && k < n_p; k++) {
        free(s->scores[k].positive);
        free(s->scores[k].negative);
    }
    free(s->scores);
}

static void end(void *metric_sums)
{
    struct metric_sums *sums = metric_sums;

    if (!sums)
        return;
    for (size_t i = 0; i < sums->n_splits; i++)
        release_split(&sums->splits[i], sums->n_p);
    free(sums->splits);
    free(sums);
}

/* ---- adding ---- */

static struct metric_split *split_of(struct metric_sums *s, size_t number)
{
    if (number >= s->n_splits) {
        s->splits = mem_resize(s->splits, number + 1, sizeof(*s->splits));
        memset(s->splits + s->n_splits, 0,
               (number + 1 - s->n_splits) * sizeof(*s->splits));
        s->n_splits = number + 1;
    }
    return &s->splits[number];
}

double metric_brier(const struct prediction_reader *r)
{
    const struct prediction *row = &r->row;
    double sum = row->label < r->n_p ? 0 : 1;

    for (size_t k = 0; k < r->n_p; k++) {
        double d = (double)row->p[k] - (k == row->label);
        sum += d * d;
    }
    return sum;
}

static float *append(float *to, size_t *n, size_t *capacity, float value)
{
    if (*n == *capacity)
        to = mem_grow(to, capacity, *n + 1, sizeof(*to));
    to[(*n)++] = value;
    return to;
}

static void keep_scores(struct metric_split *s,
                        const struct prediction_reader *r)
{
    if (!s->scores)
        s->scores = mem_zalloc(r->n_p, sizeof(*s->scores));
    for (size_t k = 0; k < r->n_p; k++) {
        struct side_scores *c = &s->scores[k];
        if (k == r->row.label)
            c->positive = append(c->positive, &c->n_positive,
                                 &c->positive_capacity, r->row.p[k]);
        else
            c->negative = append(c->negative, &c->n_negative,
                                 &c->negative_capacity, r->row.p[k]);
    }
}

static int add(void *metric_sums, const struct prediction_reader *r,
               struct err *err)
{
    struct metric_sums *sums = metric_sums;
    const struct prediction *row = &r->row;
    struct metric_split *s = split_of(sums, row->split);

    (void)err;
    if (row->label == CLASS_NONE) {
        sums->unlabelled++;
        return 0;
    }
    confusion_count(&s->confusion, row->label, row->pred);
    if (!isnan(row->loss))
        moments_add(&s->loss, row->loss);
    if (isnan(row->prob))
        s->without_prob++;
    else
        calibration_add(&s->calibration, row->prob, row->label == row->pred);
    if (r->n_p) {
        moments_add(&s->brier, metric_brier(r));
        keep_scores(s, r);
    }
    s->n++;
    return 0;
}

/* ---- rows ---- */

static void add_row(struct rows *rows, const char *split, const char *metric,
                    const char *class, double value, struct interval ci,
                    double n, const char *method)
{
    rows_text(rows, split);
    rows_text(rows, metric);
    rows_text(rows, class);
    rows_number(rows, value);
    rows_number(rows, ci.low);
    rows_number(rows, ci.high);
    rows_number(rows, n);
    rows_text(rows, method);
}

static struct interval scaled(struct interval sum, double n)
{
    return (struct interval){sum.low / n, sum.high / n};
}

static void extend(struct interval *sum, struct interval by)
{
    sum->low += by.low;
    sum->high += by.high;
}

/* As the bootstrap, whose samples of rows that are all right, or all wrong, are
 * all alike: it would be certain of what few rows say. */
static void mean_of_classes(const struct confusion *c, struct interval ci[2])
{
    struct interval f1 = {0, 0}, recall = {0, 0};
    double occurring = 0, labelled = 0;

    for (size_t k = 0; k < c->n_classes; k++) {
        struct class_scores s;
        confusion_class(c, k, &s);
        if (s.n + s.predicted > 0) {
            extend(&f1, s.f1_ci);
            occurring++;
        }
        if (s.n > 0) {
            extend(&recall, s.recall_ci);
            labelled++;
        }
    }
    ci[0] = scaled(f1, occurring);
    recall = scaled(recall, labelled);
    ci[1] = (struct interval){1 - recall.high, 1 - recall.low};
}

static void add_confusion_rows(struct rows *rows, const char *split,
                               const struct metric_split *s, uint64_t seed)
{
    static sums_metric *const metrics[] = {sums_macro_f1, sums_balanced_error};
    double n = (double)s->n, error = confusion_error(&s->confusion);
    double wrong = error * n;
    bool alike = wrong == 0 || error == 1;
    const char *method = alike ? "wilson, mean of classes" : "bootstrap";
    struct interval ci[2];

    if (alike)
        mean_of_classes(&s->confusion, ci);
    else
        confusion_bootstrap_all(&s->confusion, metrics, 2, DRAWS, seed, ci);
    add_row(rows, split, "error", "", error, wilson(wrong, n), n, "wilson");
    add_row(rows, split, "accuracy", "", 1 - error, wilson(n - wrong, n), n,
            "wilson");
    add_row(rows, split, "macro_f1", "", confusion_macro_f1(&s->confusion),
            ci[0], n, method);
    add_row(rows, split, "balanced_error", "",
            confusion_balanced_error(&s->confusion), ci[1], n, method);
}

/* Of values from 0 to most. */
static void add_mean(struct rows *rows, const char *split, const char *metric,
                     const struct moments *m, size_t n, double most)
{
    struct interval ci = moments_interval(m);

    ci.low = ci.low < 0 ? 0 : ci.low;
    ci.high = ci.high > most ? most : ci.high;
    if (n && moments_count(m) == (double)n)
        add_row(rows, split, metric, "", moments_mean(m), ci, (double)n,
                "student");
}

static void add_areas(struct rows *rows, const char *split,
                      const struct metric_split *s,
                      const struct prediction_reader *r)
{
    size_t *order = mem_alloc(r->classes.count, sizeof(*order)), n = 0;
    double value = 0, low = 0, high = 0;
    struct auroc area;

    dict_sorted(&r->classes, order);
    for (size_t i = 0; i < r->classes.count; i++) {
        size_t k = order[i];
        struct side_scores *c = k < r->n_p ? &s->scores[k] : NULL;
        if (!c || (r->n_p == 2 && i == 0) ||
            auroc_delong(c->positive, c->n_positive, c->negative, c->n_negative,
                         &area) != 0)
            continue;
        add_row(rows, split, "auroc", r->classes.text[k], area.area, area.ci,
                (double)s->n, "delong");
        value += area.area;
        low += area.ci.low;
        high += area.ci.high;
        n++;
    }
    if (n > 1)
        add_row(rows, split, "auroc", "", value / (double)n,
                (struct interval){low / (double)n, high / (double)n},
                (double)s->n, "delong, mean of classes");
    free(order);
}

static void add_split(struct rows *rows, const char *split,
                      const struct metric_split *s,
                      const struct prediction_reader *r, uint64_t seed)
{
    if (s->n == 0)
        return;
    add_confusion_rows(rows, split, s, seed);
    add_mean(rows, split, "log_loss", &s->loss, s->n, INFINITY);
    add_mean(rows, split, "brier", &s->brier, s->n, 2);
    if (!s->without_prob)
        add_row(rows, split, "ece", "", calibration_ece(&s->calibration),
                calibration_ece_interval(&s->calibration, DRAWS, seed),
                (double)s->n, "bootstrap");
    if (s->scores)
        add_areas(rows, split, s, r);
}

void split_order(const struct dict *splits, size_t *order)
{
    static const char *const known[] = {"train", "trainval", "val", "testval",
                                        "test"};
    size_t n = 0;

    for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
        size_t at = dict_find(splits, known[k], strlen(known[k]));
        if (at != DICT_NONE)
            order[n++] = at;
    }
    for (size_t i = 0; i < splits->count; i++) {
        bool listed = false;
        for (size_t k = 0; k < n; k++)
            listed |= order[k] == i;
        if (!listed)
            order[n++] = i;
    }
}

static void note_without(struct buf *notes, const char *split,
                         const char *metric, size_t without, size_t n,
                         const char *what)
{
    if (without)
        buf_printf(notes, "no %s of '%s': %zu of %zu row%s without %s\n",
                   metric, split, without, n, plural(n), what);
}

/* Cells that are empty where there is a column. */
static void note_empty(const struct prediction_reader *r, const char *split,
                       const struct metric_split *s, struct buf *notes)
{
    if (r->n_p || r->loss != CSV_NONE)
        note_without(notes, split, "log_loss",
                     s->n - (size_t)moments_count(&s->loss), s->n, "a loss");
    if (r->n_p || r->prob != CSV_NONE)
        note_without(notes, split, "ece", s->without_prob, s->n, "a prob");
}

static void note_missing(const struct prediction_reader *r, size_t unlabelled,
                         struct buf *notes)
{
    if (unlabelled)
        buf_printf(notes, "%zu row%s without a label left out\n", unlabelled,
                   plural(unlabelled));
    if (!r->n_p)
        buf_printf(notes, "no p: columns (--probs): no brier, no auroc%s\n",
                   r->prob == CSV_NONE ? "; no prob: no ece" : "");
    if (!r->n_p && r->loss == CSV_NONE)
        buf_add_text(notes, "no loss column: no log_loss\n");
}

/* The metrics of all splits, train first, test last. */
static int metric_rows(void *metric_sums, const struct prediction_reader *r,
                       struct rows *rows, struct buf *notes, struct err *err)
{
    const struct metric_sums *sums = metric_sums;
    size_t *order = mem_alloc(r->splits.count, sizeof(*order));

    rows_init(rows, "split,metric,class,value,low,high,n,method");
    split_order(&r->splits, order);
    for (size_t i = 0; i < r->splits.count; i++)
        if (order[i] < sums->n_splits) {
            const struct metric_split *s = &sums->splits[order[i]];
            add_split(rows, r->splits.text[order[i]], s, r, sums->seed);
            note_empty(r, r->splits.text[order[i]], s, notes);
        }
    free(order);
    note_missing(r, sums->unlabelled, notes);
    if (rows_n(rows))
        return 0;
    rows_release(rows);
    err_set(err, ERR_DATA, "no labelled row to score");
    return err_at(err, csv_reader_file(r->csv), 0);
}

const struct prediction_table metric_table = {
    "split,metric,class", "value", begin, add, NULL, metric_rows, NULL, end};
