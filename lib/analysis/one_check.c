#include "analysis/one_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { MOST_ROWS = 10 };

/* Worst first: by status, then by what is measured, then by name. */
static int compare(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;

    if (x->status != y->status)
        return x->status < y->status ? -1 : 1;
    if (fabs(x->effect) < fabs(y->effect) || fabs(x->effect) > fabs(y->effect))
        return fabs(x->effect) < fabs(y->effect) ? 1 : -1;
    return strcmp(x->subject, y->subject);
}

static void add_first(const struct finding *first, size_t n, size_t of,
                      const char *noun, struct findings *findings)
{
    struct finding f = *first;
    struct buf advice = {0};

    if (n > 1)
        buf_printf(&advice, "%zu of %zu %s: %s", n, of, noun, f.advice);
    else
        buf_add_text(&advice, f.advice);
    f.advice = advice.data;
    findings_add(findings, &f);
    buf_release(&advice);
}

void one_check_add(struct findings *of_check, size_t of, const char *noun,
                   struct findings *findings)
{
    size_t n = 0;

    for (size_t i = 0; i < of_check->n; i++)
        n += of_check->at[i].status != FINDING_OK;
    if (of_check->n == 0)
        return;
    qsort(of_check->at, of_check->n, sizeof(*of_check->at), compare);
    if (n)
        add_first(&of_check->at[0], n, of, noun, findings);
    for (size_t i = 1; i < n && i < MOST_ROWS; i++)
        findings_add(findings, &of_check->at[i]);
    if (n == 0) {
        struct finding f = of_check->at[0];
        struct buf all = {0};
        buf_printf(&all, "all %s", noun);
        if (of > 1)
            f.subject = all.data;
        findings_add(findings, &f);
        buf_release(&all);
    }
}
