#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/outside_checks.h"
#include "analysis/predicted.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/agreement.h"

static const double FAILS = .001, WARNS = .01, SKILL = .25;

enum { FEW_ROWS = 20, MOST_PAIRS = 6 };

/* ---- what is there at all ---- */

static void check_filled(const struct predicted *s, struct findings *findings)
{
    struct finding f = finding_of("labels", "predictions", FINDING_OK);

    f.value = (double)s->unlabelled;
    f.effect = s->n ? f.value / (double)s->n : NAN;
    f.n_current = (double)s->n;
    f.test = "rows without a label; effect: their share";
    if (s->unlabelled) {
        f.status = s->unlabelled == s->n ? FINDING_UNDECIDED : FINDING_WARN;
        f.advice = "rows without a label are left out; without any label "
                   "nothing can be said";
    }
    findings_add(findings, &f);
    if (!s->unpredicted)
        return;
    f = finding_of("predicted", "predictions", FINDING_WARN);
    f.value = (double)s->unpredicted;
    f.effect = f.value / (double)s->n;
    f.n_current = (double)s->n;
    f.test = "rows without a prediction; effect: their share";
    f.advice = "was a batch forgotten, the last one perhaps?";
    findings_add(findings, &f);
}

/* ---- classes: names, and those that are never seen ---- */

/* Rows of each class as a label and as a prediction, in all parts. */
static double *count_classes(const struct predicted *s)
{
    size_t k = predicted_classes(s);
    double *count = mem_zalloc(2 * k + 1, sizeof(*count));

    for (size_t i = 0; i < s->n; i++) {
        if (s->label[i] != PREDICTED_NONE)
            count[s->label[i]]++;
        if (s->pred[i] != PREDICTED_NONE)
            count[k + s->pred[i]]++;
    }
    return count;
}

/* A label that is never predicted and a prediction that is never a label, but
 * the same word or number. */
static bool find_spelling(const struct predicted *s, const double *as_label,
                          const double *as_pred, size_t *label, size_t *pred)
{
    size_t k = s->reader.classes.count;
    bool *unseen = mem_alloc(2 * k + 1, sizeof(*unseen)), *unknown = unseen + k,
         found;

    for (size_t i = 0; i < k; i++) {
        unseen[i] = as_label[i] > 0 && !(as_pred[i] > 0);
        unknown[i] = as_pred[i] > 0 && !(as_label[i] > 0);
    }
    found =
        prediction_find_alike(&s->reader.classes, unseen, unknown, label, pred);
    free(unseen);
    return found;
}

static void check_names(const struct predicted *s, struct findings *findings)
{
    struct finding f = finding_of("names", "predictions", FINDING_OK);
    size_t k = predicted_classes(s), label, pred;
    double *as_label = count_classes(s), *as_pred = as_label + k;
    struct buf advice = {0};
    size_t shared = 0;

    for (size_t i = 0; i < k; i++)
        shared += as_label[i] > 0 && as_pred[i] > 0;
    f.value = (double)shared;
    f.limit = (double)k;
    f.n_current = (double)s->n;
    f.test = "classes that are both a label and predicted";
    if (find_spelling(s, as_label, as_pred, &label, &pred)) {
        f.status = FINDING_FAIL;
        buf_printf(&advice,
                   "label '%s' and prediction '%s' are one class, spelled in "
                   "two ways: write them alike",
                   predicted_class(s, label), predicted_class(s, pred));
    } else if (!shared && s->n >= FEW_ROWS && s->unlabelled < s->n) {
        f.status = FINDING_FAIL;
        buf_add_text(&advice, "labels and predictions share no value: the "
                              "wrong column, or numbers of classes against "
                              "their names (--rename)");
    }
    f.advice = advice.len ? advice.data : "";
    findings_add(findings, &f);
    buf_release(&advice);
    free(as_label);
}

static bool share_classes(const struct predicted *s)
{
    size_t k = predicted_classes(s), shared = 0;
    double *count = count_classes(s);

    for (size_t i = 0; i < k; i++)
        shared += count[i] > 0 && count[k + i] > 0;
    free(count);
    return shared > 0;
}

/* How many classes there are in a column of them. */
static size_t distinct(const uint32_t *class, size_t n, size_t classes)
{
    unsigned char *seen = mem_zalloc(classes + 1, 1);
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        count += !seen[class[i]];
        seen[class[i]] = 1;
    }
    free(seen);
    return count;
}

static void judge_collapse(const struct predicted *s, size_t part,
                           struct finding *f, struct buf *advice)
{
    struct labelled_rows r = predicted_rows(s, (long)part);
    size_t k = predicted_classes(s);

    f->value = (double)distinct(r.pred, r.n, k);
    f->limit = (double)distinct(r.label, r.n, k);
    f->n_current = (double)r.n;
    if (r.n >= FEW_ROWS && f->limit > 1) {
        struct agreement a = agreement_of(r.label, r.pred, r.n, k);
        f->test = "classes predicted, of those among the labels; effect: the "
                  "largest class's share";
        f->effect = a.largest / a.n;
        if (f->value < 2) {
            f->status = f->effect >= .8 ? FINDING_WARN : FINDING_FAIL;
            buf_printf(advice,
                       "all rows are predicted as '%s': not trained, dead "
                       "units, too high a learning rate, or %s",
                       predicted_class(s, r.pred[0]),
                       f->effect >= .8
                           ? "one class that outweighs all (assay train "
                             "--class-weight balanced)"
                           : "all inputs the same (scaled to nothing?)");
        } else if (f->limit >= 4 && 2 * f->value < f->limit &&
                   a.n >= FEW_ROWS * f->limit) {
            f->status = FINDING_WARN;
            buf_add_text(advice, "few of the classes are ever predicted: "
                                 "train on, or weigh them (assay train "
                                 "--class-weight balanced)");
        }
    }
    labelled_rows_release(&r);
}

static void add_never(const struct predicted *s, size_t class, double rows,
                      double share, struct findings *of_check)
{
    struct finding f =
        finding_of("never", predicted_class(s, class), FINDING_WARN);

    f.value = rows;
    f.effect = share;
    f.n_current = rows;
    f.test = "rows of a class that is never predicted; effect: share of all "
             "rows";
    f.advice = "the class is never predicted: is it in the training rows, is "
               "it another by mistake (assay confuse)? else weigh it (assay "
               "train --class-weight balanced)";
    findings_add(of_check, &f);
}

static void check_never(const struct predicted *s, struct findings *findings)
{
    struct labelled_rows r = predicted_rows(s, PREDICTED_HELD);
    struct finding f = finding_of("never", "all classes", FINDING_OK);
    size_t k = predicted_classes(s);
    double *count = mem_zalloc(2 * k + 1, sizeof(*count));
    struct findings of_check = {0};

    for (size_t i = 0; i < r.n; i++) {
        count[r.label[i]]++;
        count[k + r.pred[i]]++;
    }
    if (distinct(r.pred, r.n, k) > 1)
        for (size_t i = 0; i < k; i++)
            if (count[i] >= FEW_ROWS && !(count[k + i] > 0))
                add_never(s, i, count[i], count[i] / (double)r.n, &of_check);
    f.value = 0;
    f.n_current = (double)r.n;
    f.test = "classes of 20 rows or more that are never predicted";
    if (of_check.n || r.n >= FEW_ROWS)
        findings_add_worst(findings, &of_check, "classes", &f);
    free(count);
    labelled_rows_release(&r);
}

void check_classes_of(const struct predicted *s, struct findings *findings)
{
    check_filled(s, findings);
    check_names(s, findings);
    predicted_judge("collapse", judge_collapse, s, findings);
}

/* ---- better than the largest class, better than chance ---- */

static void say_floor(const struct agreement *a, struct finding *f,
                      struct buf *advice)
{
    double prior = a->largest / a->n, some = prior + SKILL * (1 - prior);
    double against = binomial_at_most(a->right, a->n, a->expected / a->n);
    bool knows = a->z > 3.1;

    if (f->p < WARNS)
        return;
    if (!knows && against < FAILS) {
        f->status = FINDING_FAIL;
        f->p = against;
        buf_add_text(advice, "worse than guessing: classes in two orders, or "
                             "a flipped sign");
    } else if (!knows && binomial_at_most(a->right, a->n, some) < FAILS) {
        f->status = FINDING_FAIL;
        f->p = binomial_at_most(a->right, a->n, some);
        buf_add_text(advice,
                     "predictions tell nothing of the labels: are rows and "
                     "labels in one order (assay check --label), was anything "
                     "learned (assay check --curve)?");
    } else if (!knows) {
        f->status = FINDING_UNDECIDED;
        buf_printf(advice,
                   "no better than the largest class, but of %.0f rows "
                   "it cannot be told",
                   a->n);
    } else if (binomial_at_most(a->right, a->n, a->largest / a->n) < FAILS) {
        f->status = FINDING_WARN;
        buf_add_text(advice,
                     "more errors than naming the largest class would make, "
                     "though they know something: are classes weighted, or is "
                     "the mix of classes another one than in training (assay "
                     "shift)?");
    }
}

static void judge_floor(const struct predicted *s, size_t part,
                        struct finding *f, struct buf *advice)
{
    struct labelled_rows r = predicted_rows(s, (long)part);
    size_t k = predicted_classes(s);
    struct agreement a = agreement_of(r.label, r.pred, r.n, k);
    double prior = a.largest / a.n;

    if (r.n && a.largest < a.n && distinct(r.pred, r.n, k) > 1) {
        struct interval ci = wilson(a.right, a.n);
        f->test = "error against the largest class's, binomial; effect: share "
                  "of that error that is gone";
        f->value = 1 - a.right / a.n;
        f->limit = 1 - prior;
        f->p = binomial_at_least(a.right, a.n, prior);
        f->effect = (a.right / a.n - prior) / (1 - prior);
        f->ci.low = (ci.low - prior) / (1 - prior);
        f->ci.high = (ci.high - prior) / (1 - prior);
        f->n_current = a.n;
        say_floor(&a, f, advice);
    }
    labelled_rows_release(&r);
}

void check_floor(const struct predicted *s, struct findings *findings)
{
    predicted_judge("floor", judge_floor, s, findings);
}

/* ---- other names, another order ---- */

static void say_names(const struct predicted *s, const size_t *to, size_t k,
                      struct buf *advice)
{
    size_t told = 0;

    buf_add_text(advice, "classes stand in two orders: ");
    for (size_t i = 0; i < k; i++) {
        if (to[i] == i)
            continue;
        if (told < MOST_PAIRS)
            buf_printf(advice, "%spredicted '%s' is label '%s'",
                       told ? ", " : "", predicted_class(s, i),
                       predicted_class(s, to[i]));
        told++;
    }
    if (told > MOST_PAIRS)
        buf_printf(advice, " and %zu more", told - MOST_PAIRS);
}

static void add_names(const struct predicted *s, struct findings *findings)
{
    struct finding f = finding_of("class_order", "predictions", FINDING_OK);
    struct labelled_rows r = predicted_rows(s, PREDICTED_ALL);
    size_t k = predicted_classes(s), *to = mem_alloc(k + 1, sizeof(*to));
    struct pred_names names = pred_names_find(r.label, r.pred, r.n, k, to);
    struct buf advice = {0};

    if (names.n > 0) {
        f.value = names.share;
        f.effect = names.best;
        f.p = names.p;
        f.n_current = names.n;
        f.test = "share right under the names given, on every other row; "
                 "effect: under the best ones, chosen on the rest; McNemar";
        if (names.found) {
            f.status = FINDING_FAIL;
            say_names(s, to, k, &advice);
            f.advice = advice.data;
        }
        findings_add(findings, &f);
    }
    buf_release(&advice);
    free(to);
    labelled_rows_release(&r);
}

static void say_order(const struct pred_order *o, struct buf *advice)
{
    if (o->reversed)
        buf_add_text(advice, "the predictions are in reverse order");
    else
        buf_printf(advice,
                   "the prediction of a row stands %ld row%s %s it: move the "
                   "predictions %s, and join by key (assay pair)",
                   labs(o->offset), plural((size_t)labs(o->offset)),
                   o->offset > 0 ? "below" : "above",
                   o->offset > 0 ? "up" : "down");
}

static void add_order(const struct predicted *s, long part,
                      struct findings *findings)
{
    struct labelled_rows r = predicted_rows(s, part);
    struct pred_order o =
        pred_order_find(r.label, r.pred, r.n, predicted_classes(s));
    struct finding f = finding_of("alignment", "predictions", FINDING_OK);
    struct buf advice = {0};

    f.value = o.share;
    f.effect = o.best;
    f.n_current = o.n;
    f.test =
        "share right as rows stand; effect: up to 50 rows up or down, or "
        "in reverse, the best of them; p: McNemar, adjusted by their number";
    f.p = o.z > 0 ? normal_upper_tail(o.z) : NAN;
    f.p_adjusted = fmin(1, f.p * (2 * ORDER_FAR + 1));
    if (part >= 0)
        f.subject = predicted_part(s, (size_t)part);
    if (o.found) {
        f.status = FINDING_FAIL;
        say_order(&o, &advice);
        f.advice = advice.data;
    }
    if (r.n >= ORDER_LEAST)
        findings_add(findings, &f);
    buf_release(&advice);
    labelled_rows_release(&r);
}

/* The file as a whole, else the parts that were each put in order alone. */
static void find_order(const struct predicted *s, struct findings *findings)
{
    struct findings parts = {0};
    size_t had;

    add_order(s, PREDICTED_ALL, findings);
    if (!findings->n || findings->at[0].status == FINDING_FAIL ||
        predicted_parts(s) < 2)
        return;
    for (size_t i = 0; i < predicted_parts(s); i++) {
        had = parts.n;
        add_order(s, (long)i, &parts);
        if (parts.n > had && parts.at[had].status == FINDING_FAIL)
            findings_add(findings, &parts.at[had]);
    }
    findings_release(&parts);
}

static double best_of(const struct findings *f)
{
    double best = -1;

    for (size_t i = 0; i < f->n; i++)
        if (f->at[i].status == FINDING_FAIL)
            best = fmax(best, f->at[i].effect);
    return best;
}

static void add_all(const struct findings *from, bool fails,
                    struct findings *to)
{
    bool some = best_of(from) >= 0;

    for (size_t i = 0; i < from->n; i++)
        if (some ? fails && from->at[i].status == FINDING_FAIL
                 : from->at[i].status != FINDING_FAIL)
            findings_add(to, &from->at[i]);
}

/*
 * In a file that is in the order of its classes other names and another order
 * look the same: what makes more rows right is it.
 */
void check_pred_order(const struct predicted *s, struct findings *findings)
{
    struct findings order = {0}, names = {0};
    bool by_names;

    if (!share_classes(s))
        return;
    find_order(s, &order);
    add_names(s, &names);
    by_names = best_of(&names) >= best_of(&order) - .005;
    add_all(&order, !by_names, findings);
    add_all(&names, by_names, findings);
    findings_release(&order);
    findings_release(&names);
}

/* ---- all ---- */

/* Whether names or order explain all that would be found after them. */
static bool is_explained(const struct findings *f, size_t from)
{
    static const char *const causes[] = {"names", "alignment", "class_order"};

    for (size_t i = from; i < f->n; i++)
        for (size_t k = 0; k < sizeof(causes) / sizeof(*causes); k++)
            if (f->at[i].status == FINDING_FAIL &&
                strcmp(f->at[i].check, causes[k]) == 0)
                return true;
    return false;
}

void check_predictions(const struct predicted *s, struct findings *findings)
{
    static prediction_check *const causes[] = {
        check_classes_of, check_pred_order, check_p_columns, check_ids};
    static prediction_check *const effects[] = {
        check_never, check_floor, check_pred_parts, check_confidence};
    size_t from = findings->n;

    for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
        causes[i](s, findings);
    if (is_explained(findings, from))
        return;
    for (size_t i = 0; i < sizeof(effects) / sizeof(*effects); i++)
        effects[i](s, findings);
}
