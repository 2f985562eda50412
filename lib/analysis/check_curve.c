#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/curve_judges.h"
#include "analysis/outside_checks.h"
#include "base/mem.h"

enum { LEAST_RUNS = 3 };

static const double MATTERS = .02; /* of the loss of guessing */

/* ---- one check over all runs ---- */

static void name_subject(struct buf *subject, const struct run_view *v,
                         enum curve_subject of)
{
    bool held = (of == OF_HELD && v->run->held.n) || v->run->train.n == 0;

    buf_add_text(subject, held ? v->log->held : "train");
    if (*v->run->name)
        buf_printf(subject, ", %s", v->run->name);
}

static void judge_run(const struct curve_check *check, const struct run_view *v,
                      struct findings *of_check)
{
    struct buf subject = {0}, advice = {0};
    struct finding f = finding_of(check->name, "", FINDING_OK);

    name_subject(&subject, v, check->subject);
    check->judge(v, &f, &advice);
    f.subject = subject.data;
    if (advice.len)
        f.advice = advice.data;
    if (*f.test)
        findings_add(of_check, &f);
    buf_release(&subject);
    buf_release(&advice);
}

/* ---- runs against each other ---- */

static double loss_at_end(const struct run_view *v)
{
    const struct course *c = v->run->held.n ? &v->held : &v->train;

    return c->n == 0 ? NAN : c->least;
}

/* Median, and how far off values are as a rule (MAD, as of a normal one). */
static void center_of(const double *value, size_t n, double *median,
                      double *spread)
{
    double *off = mem_alloc(n + 1, sizeof(*off));

    *median = trend_median(value, n);
    for (size_t i = 0; i < n; i++)
        off[i] = fabs(value[i] - *median);
    *spread = trend_median(off, n) / .6745;
    free(off);
}

static void add_replicas(const struct run_view *view, const double *value,
                         const size_t *run, size_t n, struct findings *findings)
{
    struct finding f = finding_of("replicas", "all runs", FINDING_OK);
    struct buf subject = {0};
    double median, spread;
    size_t worst = 0;

    center_of(value, n, &median, &spread);
    for (size_t i = 1; i < n; i++)
        if (value[i] > value[worst])
            worst = i;
    f.value = value[worst];
    f.limit = median;
    f.effect = value[worst] / median;
    f.n_current = (double)n;
    f.test = "the worst run's least loss against the median; effect: ratio";
    if (f.effect > 1.5 && value[worst] > median + 6 * spread &&
        value[worst] - median > MATTERS * view[run[worst]].train.scale) {
        f.status = FINDING_WARN;
        name_subject(&subject, &view[run[worst]], OF_HELD);
        f.subject = subject.data;
        f.advice = "one run is far worse than the others: an unlucky start "
                   "(warm-up, another --init, more --replicas), or a fold "
                   "of other rows";
    }
    findings_add(findings, &f);
    buf_release(&subject);
}

static void check_replicas(const struct run_view *view, size_t n,
                           struct findings *findings)
{
    double *value = mem_alloc(n, sizeof(*value));
    size_t *run = mem_alloc(n, sizeof(*run)), known = 0;

    for (size_t i = 0; i < n; i++) {
        value[known] = loss_at_end(&view[i]);
        run[known] = i;
        known += isnan(value[known]) ? 0 : 1;
    }
    if (known >= LEAST_RUNS)
        add_replicas(view, value, run, known, findings);
    free(value);
    free(run);
}

/* ---- all ---- */

static struct run_view view_of(const struct training_log *from,
                               const struct log_run *run, size_t classes)
{
    struct run_view v = {.log = from, .run = run, .guess = NAN, .chance = NAN};

    if (classes > 1) {
        v.guess = log((double)classes);
        v.chance = 1 - 1 / (double)classes;
    }
    v.train = course_read(run->train.loss, run->train.n, v.guess);
    v.held = course_read(run->held.loss, run->held.n, v.guess);
    return v;
}

void check_curve(const struct training_log *log, size_t classes,
                 struct findings *findings)
{
    struct run_view *view = mem_alloc(log->n_runs, sizeof(*view));

    for (size_t i = 0; i < log->n_runs; i++)
        view[i] = view_of(log, &log->runs[i], classes);
    for (const struct curve_check *check = curve_checks; check->name; check++) {
        struct findings of_check = {0};
        for (size_t i = 0; i < log->n_runs; i++)
            judge_run(check, &view[i], &of_check);
        findings_add_worst(findings, &of_check, "runs", NULL);
    }
    check_replicas(view, log->n_runs, findings);
    free(view);
}
