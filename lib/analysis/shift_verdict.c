/* One verdict from all findings. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/shift_tests.h"
#include "base/mem.h"

/* What so many rows should have shown: deviations, and a share of rows. */
static const double SEEN_MOVE = .3, SEEN_SHARE = .15;

enum { NAMED = 3 };

/* What there is to join. */
struct evidence {
    size_t fails, warns, tests;
    size_t open, coarse; /* undecided: what may matter; what is small anyway */
    bool mix;     /* of predictions, or without them of labels, has changed */
    bool inputs;  /* columns, or what is predicted of them, have changed */
    double least; /* detectable of most tests, as a share of what should be */
    const struct finding *harm; /* the one that counts, or NULL */
};

static bool is(const struct finding *f, const char *check)
{
    return strcmp(f->check, check) == 0;
}

/*
 * Counted errors before expected ones; of these the one that fears most.
 */
static const struct finding *find_harm(const struct findings *harm)
{
    const struct finding *worst = NULL;

    for (size_t i = 0; i < harm->n; i++) {
        const struct finding *f = &harm->at[i];
        size_t len = strlen(f->subject);
        if (len >= 8 && strcmp(f->subject + len - 8, "realised") == 0)
            return f;
        if (!worst || f->status < worst->status ||
            (f->status == worst->status && f->effect > worst->effect))
            worst = f;
    }
    return worst;
}

/* How coarse the sight of a test is: above 1 it would miss what matters. */
static double coarseness(const struct finding *f)
{
    bool share = is(f, "category") || is(f, "label") || is(f, "prediction");

    if (is(f, "number") || is(f, "length") || is(f, "steps") ||
        is(f, "pixels") || is(f, "softmax"))
        return f->detectable / SEEN_MOVE;
    return share ? f->detectable / SEEN_SHARE : NAN;
}

static struct evidence weigh(const struct findings *found,
                             const struct findings *harm)
{
    struct evidence e = {.least = NAN, .harm = find_harm(harm)};
    bool predicted = false, labels = false;
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < found->n; i++) {
        const struct finding *f = &found->at[i];
        double coarse = coarseness(f);
        bool changed = f->status <= FINDING_WARN;
        predicted |= is(f, "prediction");
        e.mix |= is(f, "prediction") && changed;
        labels |= is(f, "label") && changed;
        e.inputs |= !is(f, "label") && !is(f, "error") && changed;
        e.fails += f->status == FINDING_FAIL;
        e.warns += f->status == FINDING_WARN;
        if (f->status == FINDING_UNDECIDED && !isnan(f->p)) {
            bool small = fabs(f->effect) < f->limit;
            e.coarse += small;
            e.open += !small;
        }
        e.tests += (size_t)!isnan(f->p);
        if (!isnan(coarse)) {
            sum += coarse;
            n++;
        }
    }
    e.mix |= labels && !predicted;
    if (n)
        e.least = sum / (double)n;
    return e;
}

/* The largest change that is not named yet, or found->n. */
static size_t find_largest(const struct findings *found, const bool *named)
{
    size_t best = found->n;
    double most = -1;

    for (size_t i = 0; i < found->n; i++) {
        const struct finding *f = &found->at[i];
        /* columns say more */
        double size = is(f, "together") ? 0 : fabs(f->effect) / f->limit;
        if (f->status <= FINDING_WARN && !named[i] && size > most) {
            best = i;
            most = size;
        }
    }
    return best;
}

/* What changed most, of n: "label genre, number year and 3 more". */
static void say_what(struct buf *say, const struct shift_question *q,
                     const struct findings *found, size_t n)
{
    bool *named = mem_zalloc(found->n + 1, sizeof(*named));
    size_t prefix = *q->name ? strlen(q->name) + 2 : 0, k, at;

    for (k = 0; k < NAMED && (at = find_largest(found, named)) < found->n;
         k++) {
        named[at] = true;
        buf_printf(say, "%s%s %s", k ? ", " : "", found->at[at].check,
                   found->at[at].subject + prefix);
    }
    if (n > k)
        buf_printf(say, " and %zu more", n - k);
    free(named);
}

static void say_next(struct buf *say, const struct evidence *e)
{
    if (!e->inputs)
        buf_printf(say, ": no column has shifted, so the meaning of the labels "
                        "may have; next: assay confuse, assay shift --errors");
    else if (e->mix)
        buf_printf(say, "; the mix of classes has changed: assay shift "
                        "--label-shift");
    else
        buf_printf(say, "; next: assay shift --errors on labelled rows, "
                        "pipelines/adapt.sh");
}

static void say_shifted(const struct shift_question *q,
                        const struct evidence *e, const struct findings *found,
                        struct finding *f, struct buf *say)
{
    size_t n = e->fails + e->warns;

    if (!e->harm) {
        f->status = e->fails ? FINDING_FAIL : FINDING_WARN;
        buf_printf(say, "shifted (");
        say_what(say, q, found, n);
        buf_printf(say, "); whether it matters is not known without "
                        "predictions (-m MODEL)");
        if (e->mix)
            say_next(say, e);
        return;
    }
    f->status = e->harm->status == FINDING_OK     ? FINDING_WARN
                : e->harm->status == FINDING_FAIL ? FINDING_FAIL
                : e->fails                        ? FINDING_FAIL
                                                  : FINDING_WARN;
    buf_printf(say, "%s (",
               e->harm->status == FINDING_OK     ? "shifted and harmless"
               : e->harm->status == FINDING_FAIL ? "shifted and harmful"
                                                 : "shifted; harm is not known "
                                                   "well enough");
    say_what(say, q, found, n);
    buf_printf(say, ")");
    if (e->harm->status != FINDING_OK)
        say_next(say, e);
}

static void say_same(const struct evidence *e, struct finding *f,
                     struct buf *say)
{
    if (!e->tests) {
        f->status = FINDING_UNDECIDED;
        buf_printf(say, "nothing could be compared");
    } else if (e->open) {
        f->status = FINDING_UNDECIDED;
        buf_printf(say, "the profile is too coarse to say: compare the rows "
                        "themselves, or a profile of finer --accuracy");
    } else if (!(e->least <= 1)) {
        f->status = FINDING_UNDECIDED;
        buf_printf(say, "too few rows to say: a shift that matters could be "
                        "there unseen");
    } else if (e->coarse) {
        buf_printf(say, "not shifted by as much as matters (the profile is too "
                        "coarse to tell less from chance)");
    } else {
        buf_printf(say, "not shifted: nothing beyond chance");
    }
}

void shift_verdict(const struct shift_question *q, const struct findings *found,
                   const struct findings *harm, struct findings *findings)
{
    struct evidence e = weigh(found, harm);
    struct finding f = finding_of("verdict", q->name, FINDING_OK);
    struct buf say = {0};

    if (e.fails + e.warns)
        say_shifted(q, &e, found, &f, &say);
    else
        say_same(&e, &f, &say);
    if (e.harm) {
        f.value = e.harm->value;
        f.effect = e.harm->effect;
        f.ci = e.harm->ci;
        f.limit = q->tolerate;
        f.test = "all findings together; value: error; effect: its change";
    } else {
        f.test = "all findings together";
    }
    f.n_reference = q->reference->rows;
    f.n_current = q->current->rows;
    f.advice = say.data;
    findings_add(findings, &f);
    buf_release(&say);
}
