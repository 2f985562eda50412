#include "stream/finding.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { MOST_ROWS = 10 };

static const char *const status_names[FINDING_STATUSES] = {"fail", "warn",
                                                           "undecided", "ok"};

const char *finding_status_name(enum finding_status status)
{
    return status_names[status];
}

struct finding finding_of(const char *check, const char *subject,
                          enum finding_status status)
{
    return (struct finding){.check = check,
                            .subject = subject,
                            .status = status,
                            .value = NAN,
                            .limit = NAN,
                            .p = NAN,
                            .p_adjusted = NAN,
                            .effect = NAN,
                            .ci = interval_unknown(),
                            .detectable = NAN,
                            .test = "",
                            .n_reference = NAN,
                            .n_current = NAN,
                            .advice = ""};
}

void findings_add(struct findings *f, const struct finding *finding)
{
    struct finding *copy;

    f->at = mem_grow(f->at, &f->capacity, f->n + 1, sizeof(*f->at));
    copy = &f->at[f->n++];
    *copy = *finding;
    copy->check = mem_strdup(finding->check);
    copy->subject = mem_strdup(finding->subject);
    copy->test = mem_strdup(finding->test);
    copy->advice = mem_strdup(finding->advice);
}

void findings_release(struct findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free((void *)f->at[i].check);
        free((void *)f->at[i].subject);
        free((void *)f->at[i].test);
        free((void *)f->at[i].advice);
    }
    free(f->at);
    memset(f, 0, sizeof(*f));
}

/* ---- the worst ---- */

static bool is_worse(const struct finding *a, const struct finding *b)
{
    return a->status != b->status ? a->status < b->status
                                  : fabs(a->effect) > fabs(b->effect);
}

/* The worst that is not taken; found->n: none is left. */
static size_t find_worst(const struct findings *found, const bool *taken)
{
    size_t worst = found->n;

    for (size_t i = 0; i < found->n; i++)
        if (!taken[i] &&
            (worst == found->n || is_worse(&found->at[i], &found->at[worst])))
            worst = i;
    return worst;
}

static void add_one(struct findings *findings, struct finding f, size_t of,
                    const char *noun)
{
    struct buf advice = {0};

    if (of > 1) {
        buf_printf(&advice, "%s (%zu %s in all)", f.advice, of, noun);
        f.advice = advice.data;
    }
    findings_add(findings, &f);
    buf_release(&advice);
}

static void add_all_well(struct findings *findings,
                         const struct findings *found, const char *noun)
{
    struct finding f = found->at[0];
    struct buf all = {0};

    buf_printf(&all, "all %s", noun);
    if (found->n > 1)
        f.subject = all.data;
    findings_add(findings, &f);
    buf_release(&all);
}

void findings_add_worst(struct findings *findings, struct findings *found,
                        const char *noun, const struct finding *ok)
{
    size_t n = found->n - findings_count(found, FINDING_OK), at;
    bool *taken = mem_zalloc(found->n + 1, sizeof(*taken));

    for (size_t k = 0; k < n && k < MOST_ROWS; k++) {
        at = find_worst(found, taken);
        taken[at] = true;
        add_one(findings, found->at[at], k == 0 ? n : 1, noun);
    }
    if (n == 0 && ok)
        findings_add(findings, ok);
    else if (n == 0 && found->n)
        add_all_well(findings, found, noun);
    findings_release(found);
    free(taken);
}

size_t findings_count(const struct findings *f, enum finding_status status)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++)
        n += f->at[i].status == status;
    return n;
}

static void add_row(struct rows *rows, const struct finding *f)
{
    rows_text(rows, f->check);
    rows_text(rows, f->subject);
    rows_text(rows, status_names[f->status]);
    rows_number(rows, f->value);
    rows_number(rows, f->limit);
    rows_number(rows, f->p);
    rows_number(rows, f->p_adjusted);
    rows_number(rows, f->effect);
    rows_number(rows, f->ci.low);
    rows_number(rows, f->ci.high);
    rows_number(rows, f->detectable);
    rows_text(rows, f->test);
    rows_number(rows, f->n_reference);
    rows_number(rows, f->n_current);
    rows_text(rows, f->advice);
}

void finding_rows(struct rows *rows, const struct findings *f)
{
    rows_init(rows, "check,subject,status,value,limit,p_value,p_adjusted,"
                    "effect,low,high,detectable,test,n_reference,n_current,"
                    "advice");
    for (int status = 0; status < FINDING_STATUSES; status++)
        for (size_t i = 0; i < f->n; i++)
            if (f->at[i].status == (enum finding_status)status)
                add_row(rows, &f->at[i]);
}
