/* Does it matter: what becomes of the error. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/domain.h"
#include "analysis/shift_tests.h"
#include "base/mem.h"
#include "stats/expected_error.h"

struct harm {
    const struct shift_question *q;
    bool shifted; /* something has changed beyond chance */
    struct findings *findings;
};

/*
 * A rise is harm where something has changed: else it would be one more test
 * that fails by chance.
 */
static void add(const struct harm *h, const struct expected_error *e,
                const char *subject, const char *test, const char *advice,
                double n_current)
{
    const struct shift_question *q = h->q;
    struct finding f = finding_of("harm", "", FINDING_UNDECIDED);
    char *name = shift_subject(q, subject);

    f.subject = name;
    f.value = e->current.value;
    f.limit = q->tolerate;
    f.effect = e->change;
    f.ci = e->change_ci;
    f.test = test;
    f.n_reference = e->reference.n;
    f.n_current = n_current;
    f.advice = advice;
    if (f.ci.high < q->tolerate)
        f.status = FINDING_OK;
    else if (f.ci.low > 0 && h->shifted)
        f.status = FINDING_FAIL;
    if (!isnan(e->change))
        findings_add(h->findings, &f);
    free(name);
}

/* ---- by labels ---- */

static bool count_errors(const struct profile *p, double *wrong, double *n)
{
    const struct profile_item *item = profile_find(p, "error", "pred");

    *wrong = *n = 0;
    if (!item)
        return false;
    for (size_t i = 0; i < item->levels.names.count; i++) {
        *n += item->levels.count[i];
        if (strcmp(item->levels.names.text[i], "wrong") == 0)
            *wrong = item->levels.count[i];
    }
    return *n > 0;
}

static void by_labels(const struct harm *h)
{
    const struct shift_question *q = h->q;
    double wrong[2], n[2];
    struct expected_error e;

    if (!count_errors(q->reference, &wrong[0], &n[0]) ||
        !count_errors(q->current, &wrong[1], &n[1]))
        return;
    e = expected_realised(wrong[0], n[0], wrong[1], n[1]);
    add(h, &e, "realised",
        "errors counted by the labels; value: error; effect: change",
        "of the rows that have labels", n[1]);
}

/* ---- by confidence ---- */

/*
 * The rows of a sample with probabilities, in [n][classes]; `graded`: only
 * those whose error is known, with the label's class.
 */
static struct class_probs probs_of(const struct profile *p, bool graded)
{
    size_t classes = p->classes.n, n = 0;
    float *x = mem_alloc(p->sample.n * classes + 1, sizeof(*x));
    uint32_t *label = mem_alloc(p->sample.n + 1, sizeof(*label));

    for (size_t i = 0; i < p->sample.n; i++) {
        const struct profile_row *row = &p->sample.row[i];
        bool whole = row->p && !(graded && isnan(row->wrong));
        for (size_t k = 0; whole && k < classes; k++)
            whole = !isnan(row->p[k]);
        if (!whole)
            continue;
        label[n] = UINT32_MAX;
        for (size_t k = 0; k < classes; k++)
            if (strcmp(p->classes.items[k], row->label) == 0)
                label[n] = (uint32_t)k;
        if (graded && label[n] == UINT32_MAX)
            continue;
        memcpy(x + n++ * classes, row->p, classes * sizeof(*x));
    }
    return (struct class_probs){x, label, n};
}

static void by_confidence(const struct harm *h)
{
    const struct shift_question *q = h->q;
    size_t classes = q->reference->classes.n;
    struct class_probs a, b;

    if (classes < 2 || q->current->classes.n != classes)
        return;
    a = probs_of(q->reference, true);
    b = probs_of(q->current, false);
    if (a.n && b.n) {
        struct expected_error e =
            expected_by_confidence(&a, &b, classes, q->seed);
        add(h, &e, "confidence",
            "calibrated confidence (CBPE); value: expected error; effect: "
            "change",
            "cannot see a changed meaning of labels, nor errors the model is "
            "sure of",
            (double)b.n);
    }
    free((void *)a.p);
    free((void *)a.label);
    free((void *)b.p);
    free((void *)b.label);
}

/* ---- by weights ---- */

static void by_weights(const struct harm *h, const struct shift_sample *s)
{
    const struct shift_question *q = h->q;
    const struct profile_sample *sample = &q->reference->sample;
    float *wrong = mem_alloc(sample->n + 1, sizeof(*wrong));
    struct domain_weights w = {0};
    struct expected_error e;
    size_t known = 0;

    for (size_t i = 0; i < sample->n; i++) {
        wrong[i] = sample->row[i].wrong;
        known += (size_t)!isnan(wrong[i]);
    }
    if (known && schema_role(&s->schema, ROLE_FEATURE) != CSV_NONE) {
        domain_weigh(&s->table, &s->reference, &s->current, q->seed, &w);
        if (w.weight) {
            e = expected_by_weights(wrong, w.weight, sample->n);
            add(h, &e, "importance",
                "reference errors by importance weights; value: expected "
                "error; effect: change",
                "cannot see rows unlike any of the reference, nor a changed "
                "meaning of labels",
                (double)s->current.n);
        }
    }
    domain_weights_release(&w);
    free(wrong);
}

void shift_harm(const struct shift_question *q, const struct shift_sample *s,
                bool shifted, struct findings *findings)
{
    const struct harm h = {q, shifted, findings};

    by_labels(&h);
    by_confidence(&h);
    by_weights(&h, s);
}
