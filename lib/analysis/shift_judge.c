#include "analysis/shift_judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/shift_tests.h"
#include "base/mem.h"
#include "stats/multiplicity.h"

void shift_tests_add(struct shift_tests *t, const struct finding *f,
                     double p_low, double p_high)
{
    if (t->found.n == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 64;
        t->p_low = mem_resize(t->p_low, t->capacity, sizeof(*t->p_low));
        t->p_high = mem_resize(t->p_high, t->capacity, sizeof(*t->p_high));
    }
    t->p_low[t->found.n] = p_low;
    t->p_high[t->found.n] = p_high;
    findings_add(&t->found, f);
}

void shift_tests_release(struct shift_tests *t)
{
    findings_release(&t->found);
    free(t->p_low);
    free(t->p_high);
    memset(t, 0, sizeof(*t));
}

char *shift_subject(const struct shift_question *q, const char *subject)
{
    struct buf name = {0};
    char *copy;

    buf_printf(&name, "%s%s%s", q->name, *q->name ? ": " : "", subject);
    copy = mem_strdup(name.data);
    buf_release(&name);
    return copy;
}

/* p_low, p_high: adjusted as p is, whatever it is exactly. */
static enum finding_status status_of(const struct finding *f, double p_low,
                                     double p_high)
{
    bool low = p_low < SHIFT_LEVEL, high = p_high < SHIFT_LEVEL;

    if (low != high)
        return FINDING_UNDECIDED;
    if (!low)
        return FINDING_OK;
    if (strcmp(f->check, "error") == 0 && f->effect < 0)
        return FINDING_WARN; /* there are fewer */
    return fabs(f->effect) >= f->limit ? FINDING_FAIL : FINDING_WARN;
}

static void judge(struct shift_tests *t)
{
    size_t n = t->found.n;
    double *p = mem_alloc(n + 1, sizeof(*p));

    for (size_t i = 0; i < n; i++)
        p[i] = t->found.at[i].p;
    benjamini_hochberg(p, n, p);
    benjamini_hochberg(t->p_low, n, t->p_low);
    benjamini_hochberg(t->p_high, n, t->p_high);
    for (size_t i = 0; i < n; i++) {
        struct finding *f = &t->found.at[i];
        f->p_adjusted = p[i];
        if (!isnan(p[i]))
            f->status = status_of(f, t->p_low[i], t->p_high[i]);
        if (f->status == FINDING_OK) { /* there is nothing to be advised */
            free((void *)f->advice);
            f->advice = mem_strdup("");
        }
    }
    free(p);
}

static bool any_changed(const struct findings *found)
{
    return findings_count(found, FINDING_FAIL) +
               findings_count(found, FINDING_WARN) >
           0;
}

int shift_judge(const struct shift_question *q, struct findings *findings,
                struct err *err)
{
    struct shift_tests tests = {0};
    struct findings harm = {0};
    struct shift_sample sample;
    int status = shift_sample_make(q, &sample, err);

    if (status == 0) {
        shift_items(q, &tests);
        if (sample.reference.n && sample.current.n)
            shift_together(q, &sample, &tests);
        judge(&tests);
        shift_harm(q, &sample, any_changed(&tests.found), &harm);
        shift_verdict(q, &tests.found, &harm, findings);
        for (size_t i = 0; i < harm.n; i++)
            findings_add(findings, &harm.at[i]);
        for (size_t i = 0; i < tests.found.n; i++)
            findings_add(findings, &tests.found.at[i]);
    }
    shift_sample_release(&sample);
    shift_tests_release(&tests);
    findings_release(&harm);
    return status;
}
