/* Each item of two profiles by itself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/shift_tests.h"
#include "base/mem.h"
#include "stats/level_shift.h"
#include "stats/number_shift.h"

/* Effects below these are small: in deviations, and a share of rows. */
static const double SMALL_MOVE = .05, SMALL_SHARE = .02;

/* One item: its finding, with texts that are owned. */
struct item_test {
    const struct profile_field *field;
    const struct profile_item *a, *b; /* NULL: not in both */
    struct finding f;
    double p_low, p_high;
    char *advice;
    bool made;
};

static const char *number_test(const struct number_shift *r, bool sketched)
{
    return sketched ? "Kolmogorov-Smirnov of sketches; value: D; effect: "
                      "Wasserstein in deviations"
           : r->exact
               ? "Kolmogorov-Smirnov, exact; value: D; effect: Wasserstein in "
                 "deviations"
               : "Kolmogorov-Smirnov; value: D; effect: Wasserstein in "
                 "deviations";
}

static void say_mean(const struct number_shift *r, struct item_test *t)
{
    struct buf say = {0};

    buf_printf(&say, "the mean is %.3g deviations %s (%.3g to %.3g)",
               fabs(r->smd), r->smd < 0 ? "lower" : "higher", r->smd_ci.low,
               r->smd_ci.high);
    t->advice = mem_strdup(say.data);
    buf_release(&say);
}

static void test_numbers(struct item_test *t)
{
    struct distribution a = quantiles_view(t->a->numbers),
                        b = quantiles_view(t->b->numbers);
    struct number_shift r = number_shift_test(&a, &b);

    t->f.n_reference = a.total;
    t->f.n_current = b.total;
    t->made = a.total > 0 || b.total > 0;
    if (isnan(r.p))
        return;
    t->f.value = r.d;
    t->f.limit = SMALL_MOVE;
    t->f.p = r.p;
    t->p_low = r.p_low;
    t->p_high = r.p_high;
    t->f.effect = r.wasserstein;
    t->f.ci = r.wasserstein_ci;
    t->f.detectable = r.detectable;
    t->f.test = number_test(&r, a.rank_error > 0 || b.rank_error > 0);
    if (!isnan(r.smd))
        say_mean(&r, t);
}

static double sum_of(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

/* "new: a, b and 3 more (12.5 % of rows)": `all` levels are there, not here. */
static void say_levels(struct buf *say, const char *what, const double *here,
                       const double *there, const char *const *name, size_t n,
                       size_t all, double share)
{
    size_t shown = 0;

    if (!all)
        return;
    buf_printf(say, "%s%s: ", say->len ? "; " : "", what);
    for (size_t i = 0; i < n && shown < 3; i++)
        if (there[i] > 0 && !(here[i] > 0))
            buf_printf(say, "%s'%s'", shown++ ? ", " : "", name[i]);
    if (all > shown)
        buf_printf(say, " and %zu more", all - shown);
    buf_printf(say, " (%.2g %% of rows)", 100 * share);
}

/* The levels whose shares changed most. */
static void say_largest(struct buf *say, const double *a, const double *b,
                        const char *const *name, size_t n, double n_a,
                        double n_b)
{
    size_t most = 0;
    double change = 0;

    for (size_t i = 0; i < n; i++)
        if (fabs(b[i] / n_b - a[i] / n_a) > fabs(change)) {
            change = b[i] / n_b - a[i] / n_a;
            most = i;
        }
    if (n > 1 && change != 0)
        buf_printf(say, "'%s' %.3g %% of rows, were %.3g %%", name[most],
                   100 * b[most] / n_b, 100 * a[most] / n_a);
}

/* Errors may be fewer, too: the effect is their change. */
static void sign_errors(struct item_test *t, const double *a, const double *b,
                        const char *const *name)
{
    size_t wrong = strcmp(name[0], "wrong") != 0;

    if (b[wrong] / t->f.n_current < a[wrong] / t->f.n_reference) {
        struct interval ci = t->f.ci;
        t->f.effect = -t->f.effect;
        t->f.ci = (struct interval){-ci.high, -ci.low};
    }
}

/* Labels need not be there. */
static bool is_of_labels(const struct profile_field *f)
{
    return f->kind == FIELD_LABEL || f->kind == FIELD_ERROR;
}

static void test_levels(struct item_test *t, uint64_t seed)
{
    const char **name;
    double *a, *b;
    size_t n = level_counts_align(&t->a->levels, &t->b->levels, &a, &b, &name);
    struct level_shift r = level_shift_test(a, b, n, seed);
    struct buf say = {0};
    bool constant = t->field->kind == FIELD_MISSING && n < 2;

    t->f.n_reference = sum_of(a, n);
    t->f.n_current = sum_of(b, n);
    t->made = !constant && (is_of_labels(t->field)
                                ? t->f.n_reference > 0 && t->f.n_current > 0
                                : t->f.n_reference > 0 || t->f.n_current > 0);
    if (!isnan(r.p) && t->made) {
        t->f.value = r.chi2;
        t->f.limit = SMALL_SHARE;
        t->f.p = t->p_low = t->p_high = r.p;
        t->f.effect = r.total_variation;
        t->f.ci = r.ci;
        t->f.detectable = r.detectable;
        if (t->field->kind == FIELD_ERROR && n == 2)
            sign_errors(t, a, b, name);
        t->f.test =
            r.permuted
                ? "homogeneity, permuted; value: chi-square; effect: total "
                  "variation beyond chance"
                : "homogeneity; value: chi-square; effect: total variation "
                  "beyond chance";
        if (name) {
            say_largest(&say, a, b, name, n, t->f.n_reference, t->f.n_current);
            if (t->field->kind != FIELD_MISSING) {
                say_levels(&say, "new", a, b, name, n, r.fresh, r.fresh_share);
                say_levels(&say, "gone", b, a, name, n, r.gone, r.gone_share);
            }
        }
        t->advice = mem_strdup(say.len ? say.data : "");
    }
    buf_release(&say);
    free(a);
    free(b);
    free(name);
}

static void test_item(const struct shift_question *q, struct item_test *t)
{
    t->f = finding_of(t->field->check, t->field->subject, FINDING_OK);
    t->p_low = t->p_high = NAN;
    if (!t->a || !t->b)
        return;
    if (t->field->item == PROFILE_NUMBERS)
        test_numbers(t);
    else if (t->field->item == PROFILE_COUNTS)
        test_levels(t, q->seed);
    if (t->made && isnan(t->f.p)) {
        t->f.test = "too few values to compare";
        t->f.status = FINDING_UNDECIDED;
    }
}

void shift_items(const struct shift_question *q, struct shift_tests *tests)
{
    size_t n = q->frame->n_fields;
    struct item_test *test = mem_zalloc(n + 1, sizeof(*test));

#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < n; i++) {
        const struct profile_field *f = &q->frame->fields[i];
        test[i].field = f;
        test[i].a = profile_find(q->reference, f->check, f->subject);
        test[i].b = profile_find(q->current, f->check, f->subject);
        test_item(q, &test[i]);
    }
    for (size_t i = 0; i < n; i++) {
        struct item_test *t = &test[i];
        char *subject = shift_subject(q, t->field->subject);
        if (t->made) {
            t->f.subject = subject;
            t->f.advice = t->advice ? t->advice : "";
            shift_tests_add(tests, &t->f, t->p_low, t->p_high);
        }
        free(subject);
        free(t->advice);
    }
    free(test);
}
