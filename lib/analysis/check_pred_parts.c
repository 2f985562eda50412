#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/predicted.h"
#include "base/mem.h"
#include "stats/interval.h"

static const double FAILS = .001, WORSE = .2, BETTER = .05;

enum { FEW_ROWS = 20, MANY_SAME = 50 };

/* ---- errors of the parts against each other ---- */

static double count_right(const struct labelled_rows *r)
{
    double right = 0;

    for (size_t i = 0; i < r->n; i++)
        right += r->label[i] == r->pred[i];
    return right;
}

static bool same_rows(const struct labelled_rows *a,
                      const struct labelled_rows *b)
{
    size_t size = a->n * sizeof(*a->label);

    return a->n == b->n && a->n >= MANY_SAME &&
           memcmp(a->label, b->label, size) == 0 &&
           memcmp(a->pred, b->pred, size) == 0;
}

/* Two-sided p that two rates are one, by the pooled normal limit. */
static double same_rate(double k1, double n1, double k2, double n2)
{
    double p = (k1 + k2) / (n1 + n2);
    double sd = sqrt(p * (1 - p) * (1 / n1 + 1 / n2));
    double z = sd > 0 ? fabs(k1 / n1 - k2 / n2) / sd : 0;

    return fmin(1, 2 * normal_upper_tail(z));
}

static void compare_parts(const struct labelled_rows *train,
                          const struct labelled_rows *held, struct finding *f)
{
    double n1 = (double)held->n, n2 = (double)train->n;
    double wrong = n1 - count_right(held), seen = n2 - count_right(train);

    f->value = wrong / n1;
    f->limit = seen / n2;
    f->effect = f->value - f->limit;
    f->ci = newcombe(wrong, n1, seen, n2);
    f->p = same_rate(wrong, n1, seen, n2);
    f->n_reference = n2;
    f->n_current = n1;
    f->test = "error against that of train, two proportions; effect: "
              "difference";
    if (same_rows(train, held)) {
        f->status = FINDING_FAIL;
        f->advice = "labels and predictions are those of train, row by row: "
                    "one part was written twice";
    } else if (f->p < FAILS && f->effect < -BETTER) {
        f->status = FINDING_WARN;
        f->advice = "far better than train: easier rows, or rows of train "
                    "among them (assay check --label), or dropout left on for "
                    "train";
    } else if (f->p < FAILS && f->effect > WORSE) {
        f->status = FINDING_WARN;
        f->advice = "far worse than train: how much of it is overfitting, how "
                    "much another world: assay decompose";
    }
}

void check_pred_parts(const struct predicted *s, struct findings *findings)
{
    size_t train = dict_find(&s->reader.splits, "train", 5);
    struct labelled_rows a, b;

    if (train == DICT_NONE)
        return;
    a = predicted_rows(s, (long)train);
    for (size_t part = 0; part < predicted_parts(s); part++) {
        struct finding f =
            finding_of("parts", predicted_part(s, part), FINDING_OK);
        b = predicted_rows(s, (long)part);
        if (part != train && a.n >= FEW_ROWS && b.n >= FEW_ROWS) {
            compare_parts(&a, &b, &f);
            findings_add(findings, &f);
        }
        labelled_rows_release(&b);
    }
    labelled_rows_release(&a);
}

/* ---- the same rows twice ---- */

static void check_doubled(const struct predicted *s, struct findings *findings)
{
    struct finding f = finding_of("ids", "within parts", FINDING_OK);

    f.value = (double)s->doubled;
    f.effect = f.value / (double)s->n;
    f.n_current = (double)s->n;
    f.test = "rows whose id stands in their part before; effect: their share";
    if (s->doubled) {
        f.status = FINDING_WARN;
        f.advice = "rows that are there twice count twice: was a file added to "
                   "itself, or a batch repeated?";
    }
    findings_add(findings, &f);
}

/* Share of labels that two rows drawn at random have in common. */
static double chance_of_same(const struct predicted *s)
{
    size_t k = predicted_classes(s);
    double *count = mem_zalloc(k + 1, sizeof(*count)), sum = 0;

    for (size_t i = 0; i < s->n; i++)
        if (s->label[i] != PREDICTED_NONE)
            count[s->label[i]]++;
    for (size_t i = 0; i < k; i++)
        sum += count[i] * count[i];
    free(count);
    return sum / ((double)s->n * (double)s->n);
}

static void check_across(const struct predicted *s, struct findings *findings)
{
    struct finding f = finding_of("ids", "between parts", FINDING_OK);
    double same = s->across ? (double)s->same_label / (double)s->across : NAN;

    f.value = (double)s->across;
    f.effect = same;
    f.limit = chance_of_same(s);
    f.n_current = (double)s->n;
    f.test = "rows whose id stands in another part; effect: share of them with "
             "the same label";
    if (s->across) {
        bool one_row = same > .5 + f.limit / 2;
        f.status = one_row ? FINDING_FAIL : FINDING_WARN;
        f.advice = one_row ? "the same rows stand in several parts: their "
                             "error is not that of new rows; divide anew "
                             "(assay split --replace)"
                           : "ids count anew in each part: rows cannot be "
                             "told apart by them (assay pair, by key)";
    }
    findings_add(findings, &f);
}

void check_ids(const struct predicted *s, struct findings *findings)
{
    if (!s->ids.count)
        return;
    check_doubled(s, findings);
    if (predicted_parts(s) > 1)
        check_across(s, findings);
}
