#include "stream/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/auroc.h"

enum { DRAWS = 1000 };

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

static double brier_of(const struct prediction_reader *r)
{
    const struct prediction *row = &r->row;
    double sum = row->label < r->n_p ? 0 : 1;

    for (size_t k = 0; k < r->n_p; k++) {
        double d = (double)row->p[k] - (k == row->label);
        sum += d * d;
    }
    return sum;
}

static void keep_scores(struct metric_split *s,
                        const struct prediction_reader *r)
{
    s->score = mem_grow(s->score, &s->score_capacity, (s->n + 1) * r->n_p,
                        sizeof(*s->score));
    s->label =
        mem_grow(s->label, &s->label_capacity, s->n + 1, sizeof(*s->label));
    memcpy(s->score + s->n * r->n_p, r->row.p, r->n_p * sizeof(*s->score));
    s->label[s->n] = (uint32_t)r->row.label;
}

void metric_add(struct metric_sums *sums, const struct prediction_reader *r)
{
    const struct prediction *row = &r->row;
    struct metric_split *s = split_of(sums, row->split);

    if (row->label == CLASS_NONE) {
        sums->unlabelled++;
        return;
    }
    confusion_count(&s->confusion, row->label, row->pred);
    if (!isnan(row->loss))
        moments_add(&s->loss, row->loss);
    if (isnan(row->prob))
        s->without_prob++;
    else
        calibration_add(&s->calibration, row->prob, row->label == row->pred);
    if (r->n_p) {
        moments_add(&s->brier, brier_of(r));
        keep_scores(s, r);
    }
    s->n++;
}

void metric_release(struct metric_sums *sums)
{
    for (size_t i = 0; i < sums->n_splits; i++) {
        confusion_release(&sums->splits[i].confusion);
        free(sums->splits[i].score);
        free(sums->splits[i].label);
    }
    free(sums->splits);
    memset(sums, 0, sizeof(*sums));
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

static void add_confusion_rows(struct rows *rows, const char *split,
                               const struct metric_split *s, uint64_t seed)
{
    double n = (double)s->n, error = confusion_error(&s->confusion);
    double wrong = error * n;

    add_row(rows, split, "error", "", error, wilson(wrong, n), n, "wilson");
    add_row(rows, split, "accuracy", "", 1 - error, wilson(n - wrong, n), n,
            "wilson");
    add_row(rows, split, "macro_f1", "", confusion_macro_f1(&s->confusion),
            confusion_bootstrap(&s->confusion, sums_macro_f1, DRAWS, seed), n,
            "bootstrap");
    add_row(
        rows, split, "balanced_error", "",
        confusion_balanced_error(&s->confusion),
        confusion_bootstrap(&s->confusion, sums_balanced_error, DRAWS, seed), n,
        "bootstrap");
}

static void add_mean(struct rows *rows, const char *split, const char *metric,
                     const struct moments *m, size_t n)
{
    struct interval ci = moments_interval(m);

    ci.low = ci.low < 0 ? 0 : ci.low;
    if (n && moments_count(m) == (double)n)
        add_row(rows, split, metric, "", moments_mean(m), ci, (double)n,
                "student");
}

/* Area of class k against the rest: 0, or -1 where one side is empty. */
static int area_of(const struct metric_split *s, size_t n_p, size_t k,
                   struct auroc *area)
{
    float *score = mem_alloc(s->n, sizeof(*score));
    unsigned char *positive = mem_alloc(s->n, 1);
    int status;

    for (size_t i = 0; i < s->n; i++) {
        score[i] = s->score[i * n_p + k];
        positive[i] = s->label[i] == k;
    }
    status = auroc_delong(score, positive, s->n, area);
    free(score);
    free(positive);
    return status;
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
        if (k >= r->n_p || (r->n_p == 2 && i == 0) ||
            area_of(s, r->n_p, k, &area) != 0)
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
    add_mean(rows, split, "log_loss", &s->loss, s->n);
    add_mean(rows, split, "brier", &s->brier, s->n);
    if (!s->without_prob)
        add_row(rows, split, "ece", "", calibration_ece(&s->calibration),
                calibration_ece_interval(&s->calibration, DRAWS, seed),
                (double)s->n, "bootstrap");
    if (s->score)
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

void metric_rows(struct rows *rows, const struct metric_sums *sums,
                 const struct prediction_reader *from, uint64_t seed)
{
    size_t *order = mem_alloc(from->splits.count, sizeof(*order));

    rows_init(rows, "split,metric,class,value,low,high,n,method");
    split_order(&from->splits, order);
    for (size_t i = 0; i < from->splits.count; i++)
        if (order[i] < sums->n_splits)
            add_split(rows, from->splits.text[order[i]],
                      &sums->splits[order[i]], from, seed);
    free(order);
}
