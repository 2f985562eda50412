#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/part_roles.h"
#include "base/hash_set.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/interval.h"

enum { FEW_ROWS = 10 };

static const double WIDE = .05, USUAL_ERROR = .1, SOME = .01;

static const char *name_of(const struct part_roles *v, size_t part)
{
    return v->table->parts.text[part];
}

/* ---- sizes ---- */

static size_t count_classes(const struct table *t, size_t part)
{
    bool *has = mem_zalloc(t->labels.count + 1, sizeof(*has));
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++)
        if (t->part[i] == part && t->label[i] != LABEL_NONE &&
            !has[t->label[i]]) {
            has[t->label[i]] = true;
            n++;
        }
    free(has);
    return n;
}

/* Half of what is left open of an error of 10 % measured on so many rows. */
static double half_width(double n)
{
    struct interval i = wilson(USUAL_ERROR * n, n);

    return (i.high - i.low) / 2;
}

static void say_small(struct buf *say, size_t n, double width)
{
    buf_printf(say,
               "an error of 10 %% on %zu row%s is known to %.0f points either "
               "way: more rows, or assay train --folds 10",
               n, plural(n), 100 * width);
}

static void check_size(const struct part_roles *v, size_t part,
                       struct findings *findings)
{
    struct finding f = finding_of("sizes", name_of(v, part), FINDING_OK);
    double n = (double)v->rows[part];
    struct buf say = {0};

    f.value = n;
    f.limit = WIDE;
    f.effect = half_width(n);
    f.test = "rows; effect: half the interval of an error of 10 % there";
    f.n_reference = (double)v->rows[v->train];
    f.n_current = n;
    if (v->rows[part] >= FEW_ROWS && v->table->labels.count > 1 &&
        count_classes(v->table, part) == 1) {
        f.status = FINDING_FAIL;
        f.advice = "all its labels are of one class: its error says nothing; "
                   "assay split --replace --label COLUMN";
    } else if (v->is_train && v->rows[part] > v->rows[v->train]) {
        f.status = FINDING_WARN;
        f.advice = "it is larger than the part that is trained on: assay split "
                   "--replace --parts train=.8,val=.1,test=.1";
    } else if (f.effect > WIDE) {
        f.status = FINDING_UNDECIDED;
        say_small(&say, v->rows[part], f.effect);
        f.advice = say.data;
    }
    if (f.status != FINDING_OK)
        findings_add(findings, &f);
    buf_release(&say);
}

static void check_train_size(const struct part_roles *v,
                             struct findings *findings)
{
    struct finding f = finding_of("sizes", name_of(v, v->train), FINDING_FAIL);

    if (v->rows[v->train] < FEW_ROWS || v->table->labels.count < 2 ||
        count_classes(v->table, v->train) != 1)
        return;
    f.value = 1;
    f.limit = 2;
    f.n_current = (double)v->rows[v->train];
    f.test = "classes";
    f.advice = "all its labels are of one class: nothing can be learned; assay "
               "split --replace --label COLUMN";
    findings_add(findings, &f);
}

static void check_partless(const struct part_roles *v,
                           struct findings *findings)
{
    size_t none = dict_find(&v->table->parts, "", 0);
    struct finding f = finding_of("sizes", "no part", FINDING_WARN);

    if (none == DICT_NONE || none == v->train || !v->rows[none])
        return;
    f.value = (double)v->rows[none];
    f.effect = f.value / (double)v->table->n;
    f.n_current = (double)v->table->n;
    f.test = "rows whose split is empty; effect: their share";
    f.advice = "meant so (a gap)? else assay split --fill gives them a part";
    findings_add(findings, &f);
}

static void check_sizes(const struct part_roles *v, struct findings *findings)
{
    struct finding ok = finding_of("sizes", "all parts", FINDING_OK);
    size_t before = findings->n, least = v->train;

    check_train_size(v, findings);
    check_partless(v, findings);
    for (size_t p = 0; p < v->n; p++)
        if (part_roles_is_other(v, p)) {
            check_size(v, p, findings);
            least = v->rows[p] < v->rows[least] ? p : least;
        }
    if (findings->n > before)
        return;
    ok.value = (double)v->rows[least];
    ok.limit = WIDE;
    ok.effect = half_width(ok.value);
    ok.test = "rows of the smallest part; effect: half the interval of an "
              "error of 10 % there";
    findings_add(findings, &ok);
}

/* ---- groups ---- */

static void add_groups(const struct part_roles *v, size_t part,
                       const struct first_rows *rows, struct findings *findings)
{
    struct finding f = finding_of("groups", name_of(v, part), FINDING_FAIL);
    struct buf say = {0};

    first_rows_say(rows, &say);
    buf_printf(&say,
               " %s of a group that %s has rows of too: assay split "
               "--replace --group COLUMN",
               rows->n == 1 ? "is" : "are", name_of(v, v->train));
    f.value = (double)rows->n;
    f.limit = 0;
    f.effect = f.value / (double)v->rows[part];
    f.ci = wilson(f.value, (double)v->rows[part]);
    f.n_reference = (double)v->rows[v->train];
    f.n_current = (double)v->rows[part];
    f.test = "rows whose group is in the training part; effect: their share";
    f.advice = say.data;
    findings_add(findings, &f);
    buf_release(&say);
}

static void check_groups(const struct part_roles *v, const uint64_t *group,
                         struct findings *findings)
{
    const struct table *t = v->table;
    struct first_rows *in = mem_zalloc(v->n, sizeof(*in));
    struct finding ok = finding_of("groups", "all parts", FINDING_OK);
    size_t before = findings->n;
    struct hash_set train = {0};

    for (size_t i = 0; i < t->n; i++)
        if (group[i] && t->part[i] == v->train)
            hash_set_add(&train, group[i]);
    for (size_t i = 0; i < t->n && train.count; i++)
        if (group[i] && part_roles_is_other(v, t->part[i]) &&
            hash_set_has(&train, group[i]))
            first_rows_add(&in[t->part[i]], i);
    for (size_t p = 0; p < v->n; p++)
        if (in[p].n)
            add_groups(v, p, &in[p], findings);
    if (findings->n == before) {
        ok.value = 0;
        ok.n_reference = (double)train.count;
        ok.n_current = (double)t->n;
        ok.test = "rows whose group is in the training part";
        findings_add(findings, &ok);
    }
    hash_set_release(&train);
    free(in);
}

/* ---- time ---- */

/* Times of a part that are known; the caller frees them. */
static uint64_t *times_of(const struct part_roles *v, const uint64_t *time,
                          size_t part, size_t *n)
{
    uint64_t *of = mem_alloc(v->rows[part], sizeof(*of));

    *n = 0;
    for (size_t i = 0; i < v->table->n; i++)
        if (v->table->part[i] == part && time[i])
            of[(*n)++] = time[i];
    return of;
}

static size_t rows_from(const uint64_t *time, size_t n, uint64_t first)
{
    size_t later = 0;

    for (size_t i = 0; i < n; i++)
        later += time[i] >= first;
    return later;
}

static void check_time_of(const struct part_roles *v, const uint64_t *time,
                          const uint64_t *train, size_t n, size_t part,
                          struct findings *findings)
{
    struct finding f = finding_of("time", name_of(v, part), FINDING_OK);
    bool later = part_roles_is_later(v, time, part);
    uint64_t first = UINT64_MAX;
    struct buf say = {0};
    size_t m;
    uint64_t *here = times_of(v, time, part, &m);

    for (size_t i = 0; i < m; i++)
        first = here[i] < first ? here[i] : first;
    free(here);
    if (!m || !n)
        return;
    f.value = (double)rows_from(train, n, first);
    f.limit = 0;
    f.effect = f.value / (double)n;
    f.n_reference = (double)n;
    f.n_current = (double)m;
    f.test = later ? "training rows not before the first of the part; effect: "
                     "their share"
                   : "not divided by time: training rows stand before and "
                     "behind";
    if (later && f.value > 0) {
        f.status = f.effect >= SOME ? FINDING_FAIL : FINDING_WARN;
        buf_printf(&say,
                   "%.0f row%s of %s %s not before all of %s: assay split "
                   "--replace --time COLUMN",
                   f.value, plural((size_t)f.value), name_of(v, v->train),
                   f.value == 1 ? "is" : "are", name_of(v, part));
        f.advice = say.data;
    }
    findings_add(findings, &f);
    buf_release(&say);
}

static void check_time(const struct part_roles *v, const uint64_t *time,
                       struct findings *findings)
{
    size_t n;
    uint64_t *train = times_of(v, time, v->train, &n);

    for (size_t p = 0; p < v->n; p++)
        if (part_roles_is_other(v, p))
            check_time_of(v, time, train, n, p, findings);
    free(train);
}

void check_parts(const struct table *t, const struct raw_cells *raw,
                 struct findings *findings)
{
    struct part_roles v;

    part_roles_init(&v, t);
    if (part_roles_several(&v)) {
        check_sizes(&v, findings);
        if (raw && raw->group)
            check_groups(&v, raw->group, findings);
        if (raw && raw->time)
            check_time(&v, raw->time, findings);
    }
    part_roles_release(&v);
}
