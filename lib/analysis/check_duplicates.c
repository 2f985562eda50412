#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

struct seen {
    uint64_t content;
    uint32_t label, part;
};

static int by_content(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;

    if (x->content != y->content)
        return x->content < y->content ? -1 : 1;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return (x->label > y->label) - (x->label < y->label);
}

/* Rows that repeat another, those of them whose labels differ within their
 * group, and those whose group has rows of another part. */
struct repeats {
    size_t again, conflicts, leaked;
};

static void count_group(const struct seen *s, size_t n, struct repeats *r)
{
    bool labels = false, parts = false;

    for (size_t i = 1; i < n; i++) {
        labels |= s[i].label != s[0].label;
        parts |= s[i].part != s[0].part;
    }
    r->again += n - 1;
    r->conflicts += labels ? n : 0;
    r->leaked += parts ? n : 0;
}

static struct repeats count_repeats(const struct table *t)
{
    struct seen *seen = mem_alloc(t->n, sizeof(*seen));
    struct repeats r = {0, 0, 0};
    size_t end;

    for (size_t i = 0; i < t->n; i++)
        seen[i] = (struct seen){t->fingerprint[i], t->label[i], t->part[i]};
    if (t->n)
        qsort(seen, t->n, sizeof(*seen), by_content);
    for (size_t i = 0; i < t->n; i = end) {
        for (end = i + 1; end < t->n && seen[end].content == seen[i].content;)
            end++;
        count_group(seen + i, end - i, &r);
    }
    free(seen);
    return r;
}

static void add(struct findings *findings, const struct table *t,
                const char *check, size_t count, enum finding_status status,
                const char *test, const char *advice)
{
    struct finding f =
        finding_of(check, "all rows", count ? status : FINDING_OK);

    f.value = (double)count;
    f.limit = 0;
    f.effect = t->n ? (double)count / (double)t->n : 0;
    f.test = test;
    f.n_current = (double)t->n;
    f.advice = count ? advice : "";
    findings_add(findings, &f);
}

void check_duplicates(const struct table *t, struct findings *findings)
{
    struct repeats r = count_repeats(t);

    if (t->parts.count > 1)
        add(findings, t, "leak", r.leaked, FINDING_WARN,
            "rows whose features also stand in another part",
            "divide the data anew, equal rows together: assay split --replace "
            "--near-duplicates COLUMNS");
    add(findings, t, "conflicts", r.conflicts, FINDING_WARN,
        "rows with equal features and different labels",
        "one of them is wrong, or a feature is missing: assay confuse "
        "--top-losses names them");
    add(findings, t, "duplicates", r.again, FINDING_WARN,
        "rows with the features of an earlier one",
        "keep equal rows in one part: assay split --near-duplicates COLUMNS");
}
