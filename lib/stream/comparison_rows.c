#include "stream/comparison_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/multiplicity.h"
#include "stats/paired.h"

/* The order of a table that was not asked for otherwise: as eval --metrics. */
static const enum metric_kind usual[METRIC_KINDS] = {
    METRIC_ERROR, METRIC_MACRO_F1, METRIC_BALANCED_ERROR, METRIC_LOG_LOSS,
    METRIC_BRIER};

/* One row of the table. */
struct finding {
    enum metric_kind kind;
    const char *test;
    size_t model;
    struct paired_score score;
    double p_adjusted;
};

struct comparison {
    const struct joined *joined;
    const struct comparison_options *options;
    struct paired_groups groups;
    struct paired_counts *counts; /* [n_models]; of 0 unused */
    double *wrong;                /* [n_models][n] as 0 and 1 */
    struct paired_score *classes; /* [n_models][2] macro_f1, balanced_error */
    struct finding *findings;
    size_t n_findings, capacity;
};

static void count(struct comparison *c)
{
    const struct joined *j = c->joined;

    c->counts = mem_zalloc(j->n_models, sizeof(*c->counts));
    c->wrong = mem_alloc(j->n_models * j->n, sizeof(*c->wrong));
    for (size_t f = 0; f < j->n_models; f++)
        for (size_t i = 0; i < j->n; i++) {
            double a = j->models[0].pred[i] != j->label[i],
                   b = j->models[f].pred[i] != j->label[i];
            c->wrong[f * j->n + i] = b;
            c->counts[f].better += a > b;
            c->counts[f].worse += b > a;
            c->counts[f].both_wrong += a * b;
        }
    for (size_t f = 0; f < j->n_models; f++)
        c->counts[f].n = (double)j->n;
}

/* Of one model, the values of a metric that is a mean, or NULL. */
static const double *values_of(const struct comparison *c,
                               enum metric_kind kind, size_t model)
{
    switch (kind) {
    case METRIC_ERROR:
        return c->wrong + model * c->joined->n;
    case METRIC_LOG_LOSS:
        return c->joined->models[model].loss;
    case METRIC_BRIER:
        return c->joined->models[model].brier;
    default:
        return NULL;
    }
}

static bool is_mean(enum metric_kind kind)
{
    return kind == METRIC_ERROR || kind == METRIC_LOG_LOSS ||
           kind == METRIC_BRIER;
}

/* The first model that lacks the columns of a metric, or n_models. */
static size_t lacking(const struct comparison *c, enum metric_kind kind)
{
    size_t f = 0;

    if (is_mean(kind))
        while (f < c->joined->n_models && values_of(c, kind, f))
            f++;
    return is_mean(kind) ? f : c->joined->n_models;
}

/* ---- tests ---- */

static struct finding *add(struct comparison *c, enum metric_kind kind,
                           size_t model, const char *test)
{
    c->findings = mem_grow(c->findings, &c->capacity, c->n_findings + 1,
                           sizeof(*c->findings));
    c->findings[c->n_findings] =
        (struct finding){.kind = kind, .test = test, .model = model};
    return &c->findings[c->n_findings++];
}

static struct paired_score of_errors(const struct paired_counts *n)
{
    return (struct paired_score){(n->both_wrong + n->better) / n->n,
                                 (n->both_wrong + n->worse) / n->n,
                                 paired_newcombe(n), NAN};
}

static void test_errors(struct comparison *c, size_t model)
{
    const struct paired_counts *n = &c->counts[model];
    struct paired_score score = of_errors(n);

    score.p_value = mcnemar_exact(n->better, n->worse);
    add(c, METRIC_ERROR, model, "mcnemar_exact")->score = score;
    score.p_value = mcnemar_mid_p(n->better, n->worse);
    add(c, METRIC_ERROR, model, "mcnemar_mid_p")->score = score;
}

/* Both metrics of the confusion matrix come from one round of samples. */
static void resample_classes(struct comparison *c)
{
    static sums_metric *const metrics[] = {sums_macro_f1, sums_balanced_error};
    const struct joined *j = c->joined;

    if (c->classes)
        return;
    c->classes = mem_zalloc(2 * j->n_models, sizeof(*c->classes));
    for (size_t f = 1; f < j->n_models; f++)
        paired_classes(j->label, j->models[0].pred, j->models[f].pred, j->n,
                       j->classes.count, c->groups, metrics, 2,
                       c->options->seed, c->classes + 2 * f);
}

static void test_permutation(struct comparison *c, enum metric_kind kind,
                             size_t model)
{
    struct paired_score *score = &add(c, kind, model, "permutation")->score;

    if (is_mean(kind)) {
        paired_means(values_of(c, kind, 0), values_of(c, kind, model),
                     c->joined->n, c->groups, c->options->seed, score);
        return;
    }
    resample_classes(c);
    *score = c->classes[2 * model + (kind == METRIC_BALANCED_ERROR)];
}

static void test_equivalence(struct comparison *c, enum metric_kind kind,
                             size_t model)
{
    struct paired_score score = c->findings[c->n_findings - 1].score;

    if (kind == METRIC_ERROR && !c->groups.of)
        score.p_value =
            paired_equivalence(&c->counts[model], c->options->margin);
    else
        score.p_value = paired_mean_equivalence(
            values_of(c, kind, 0), values_of(c, kind, model), c->joined->n,
            c->groups, c->options->margin);
    add(c, kind, model, "equivalence")->score = score;
}

static void test_kind(struct comparison *c, enum metric_kind kind)
{
    for (size_t f = 1; f < c->joined->n_models; f++) {
        if (kind == METRIC_ERROR && !c->groups.of)
            test_errors(c, f);
        else
            test_permutation(c, kind, f);
        if (c->options->margin > 0 && is_mean(kind))
            test_equivalence(c, kind, f);
    }
}

static int choose_kinds(struct comparison *c, struct buf *notes,
                        struct err *err)
{
    const struct comparison_options *o = c->options;
    const struct joined *j = c->joined;
    size_t n = o->n_kinds ? o->n_kinds : METRIC_KINDS;

    for (size_t i = 0; i < n; i++) {
        enum metric_kind kind = o->n_kinds ? o->kinds[i] : usual[i];
        const char *name = metric_kind_name(kind);
        size_t f = lacking(c, kind);
        if (f == j->n_models) {
            test_kind(c, kind);
            continue;
        }
        if (o->n_kinds) {
            err_set(err, ERR_DATA, "--metric %s needs %s of every row", name,
                    kind == METRIC_BRIER ? "the p: columns"
                                         : "a column loss, or p: columns,");
            return err_at(err, j->models[f].name, 0);
        }
        buf_printf(notes, "no %s: '%s' has no %s of every row\n", name,
                   j->models[f].name,
                   kind == METRIC_BRIER ? "p: columns" : "loss");
    }
    return 0;
}

/* Holm over the models, within a metric and test. */
static void adjust(struct comparison *c)
{
    size_t n_models = c->joined->n_models - 1, n;
    double *p = mem_alloc(n_models, sizeof(*p));

    for (size_t i = 0; i < c->n_findings; i++) {
        const struct finding *first = &c->findings[i];
        if (first->model != 1)
            continue;
        n = 0;
        for (size_t k = i; k < c->n_findings; k++)
            if (c->findings[k].kind == first->kind &&
                c->findings[k].test == first->test)
                p[n++] = c->findings[k].score.p_value;
        holm(p, n, p);
        n = 0;
        for (size_t k = i; k < c->n_findings; k++)
            if (c->findings[k].kind == first->kind &&
                c->findings[k].test == first->test)
                c->findings[k].p_adjusted = p[n++];
    }
    free(p);
}

/* ---- rows and words ---- */

static double difference_of(const struct finding *f)
{
    return isfinite(f->score.a) || isfinite(f->score.b)
               ? f->score.b - f->score.a
               : NAN;
}

static void add_row(struct rows *rows, const struct comparison *c,
                    const struct finding *f)
{
    const struct paired_counts *n = &c->counts[f->model];

    rows_text(rows, metric_kind_name(f->kind));
    rows_number(rows, f->score.a);
    rows_number(rows, f->score.b);
    rows_number(rows, difference_of(f));
    rows_number(rows, f->score.ci.low);
    rows_number(rows, f->score.ci.high);
    rows_number(rows, f->score.p_value);
    rows_number(rows, f->p_adjusted);
    rows_text(rows, f->test);
    rows_number(rows, n->better);
    rows_number(rows, n->worse);
    rows_number(rows, n->n);
    rows_text(rows, c->joined->models[0].name);
    rows_text(rows, c->joined->models[f->model].name);
}

/* What a model is judged by in words: its error, else the first metric. */
static const struct finding *find(const struct comparison *c, size_t model,
                                  bool equivalence)
{
    const struct finding *first = NULL;

    for (size_t i = 0; i < c->n_findings; i++) {
        const struct finding *f = &c->findings[i];
        if (f->model != model ||
            (strcmp(f->test, "equivalence") == 0) != equivalence)
            continue;
        if (!first || (first->kind != METRIC_ERROR && f->kind == METRIC_ERROR))
            first = f;
    }
    return first;
}

/* "(exact McNemar p = 0.0042)" */
static void add_p(struct buf *notes, const struct comparison *c,
                  const char *test, double p)
{
    const double least = 1e-6;

    buf_printf(notes, "(%s p %s %.2g%s)", test, p < least ? "<" : "=",
               fmax(p, least), c->joined->n_models > 2 ? " after Holm" : "");
}

static void note_difference(const struct comparison *c, const struct finding *f,
                            struct buf *notes)
{
    double difference = difference_of(f), points = 100 * fabs(difference);

    if (f->kind == METRIC_ERROR)
        buf_printf(notes,
                   points < 99.5 ? ": the difference of %.2g points is "
                                 : ": the difference of %.0f points is ",
                   points);
    else
        buf_printf(notes, "; its %s is %.2g %s, which is ",
                   metric_kind_name(f->kind), fabs(difference),
                   difference < 0 ? "lower" : "higher");
    buf_add_text(notes,
                 f->p_adjusted <= .05 ? "more than chance " : "within chance ");
    add_p(notes, c,
          f->kind == METRIC_ERROR && !c->groups.of ? "exact McNemar"
                                                   : "permutation",
          f->p_adjusted);
}

static void note_equivalence(const struct comparison *c,
                             const struct finding *f, struct buf *notes)
{
    bool error = f->kind == METRIC_ERROR;

    buf_printf(notes, "the %s of '%s' and '%s' %s %s within %g%s ",
               error ? "errors" : metric_kind_name(f->kind),
               c->joined->models[0].name, c->joined->models[f->model].name,
               error ? "are" : "is",
               f->p_adjusted <= .05 ? "the same" : "not shown to be the same",
               (error ? 100 : 1) * c->options->margin, error ? " points" : "");
    add_p(notes, c, "equivalence", f->p_adjusted);
    buf_add_char(notes, '\n');
}

static bool predicts_the_same(const struct comparison *c, size_t model)
{
    const struct joined *j = c->joined;

    return memcmp(j->models[0].pred, j->models[model].pred,
                  j->n * sizeof(*j->models[0].pred)) == 0;
}

static void note_model(const struct comparison *c, size_t model,
                       struct buf *notes)
{
    const struct paired_counts *n = &c->counts[model];
    const struct finding *f = find(c, model, false),
                         *same = find(c, model, true);

    buf_printf(notes, "'%s' is better on %.0f row%s and worse on %.0f of %.0f",
               c->joined->models[model].name, n->better,
               plural((size_t)n->better), n->worse, n->n);
    if (predicts_the_same(c, model))
        buf_add_text(notes, ": the predictions are the same");
    if (f->kind == METRIC_ERROR
            ? n->better + n->worse > 0
            : !isnan(f->p_adjusted) && difference_of(f) != 0)
        note_difference(c, f, notes);
    buf_add_char(notes, '\n');
    if (same && !isnan(same->p_adjusted))
        note_equivalence(c, same, notes);
}

static void note_infinite(const struct comparison *c, struct buf *notes)
{
    for (size_t i = 0; i < c->n_findings; i++)
        if (isnan(c->findings[i].score.p_value)) {
            buf_printf(notes,
                       "a value of %s could not be tested: infinite losses, or "
                       "a single %s\n",
                       metric_kind_name(c->findings[i].kind),
                       c->groups.of ? "group" : "row");
            return;
        }
}

int comparison_rows(const struct joined *joined,
                    const struct comparison_options *options, struct rows *rows,
                    struct buf *notes, struct err *err)
{
    struct comparison c = {.joined = joined,
                           .options = options,
                           .groups = {joined->group, joined->n_groups}};
    int status;

    count(&c);
    status = choose_kinds(&c, notes, err);
    if (status == 0) {
        adjust(&c);
        rows_init(rows, "metric,a,b,difference,low,high,p_value,p_adjusted,"
                        "test,better,worse,n,model_a,model_b");
        for (size_t i = 0; i < c.n_findings; i++)
            add_row(rows, &c, &c.findings[i]);
        for (size_t f = 1; f < joined->n_models; f++)
            note_model(&c, f, notes);
        note_infinite(&c, notes);
    }
    free(c.counts);
    free(c.wrong);
    free(c.classes);
    free(c.findings);
    return status;
}
