#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/part_roles.h"
#include "analysis/row_sets.h"
#include "base/hash_set.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/contingency.h"
#include "stats/ks.h"
#include "stats/multiplicity.h"

enum {
    MANY_CLUMPS = 20,
    MOST_LOOKED_AT = 20000,
    FEW_ROWS = 4,
    DRAWS = 20000,
    TELLING = 40
};

static const double FAILS = .001, WARNS = .01;

/* ---- rows ---- */

/*
 * Whether the parts come in clumps along the file, many and much fewer than at
 * random: what was divided are groups of neighbours, that nobody has named.
 */
static bool in_clumps(const struct part_roles *v)
{
    const struct table *t = v->table;
    double clumps = 1, expected = (double)t->n;

    for (size_t i = 1; i < t->n; i++)
        clumps += t->part[i] != t->part[i - 1];
    for (size_t p = 0; p < v->n; p++)
        expected -= (double)v->rows[p] * (double)v->rows[p] / (double)t->n;
    return clumps >= MANY_CLUMPS && clumps < expected / 2;
}

/* Rows of a part, one of each group or clump, thinned evenly. */
static struct row_set rows_of(const struct part_roles *v,
                              const struct raw_cells *raw, size_t part)
{
    const struct table *t = v->table;
    const uint64_t *group = raw ? raw->group : NULL;
    struct row_set s = {mem_alloc(v->rows[part], sizeof(*s.row)), 0};
    bool clumps = !group && in_clumps(v);
    struct hash_set seen = {0};
    size_t step;

    for (size_t i = 0; i < t->n; i++)
        if (t->part[i] == part && !(clumps && i && t->part[i - 1] == part) &&
            (!group || !group[i] || hash_set_add(&seen, group[i])))
            s.row[s.n++] = i;
    hash_set_release(&seen);
    step = s.n / (MOST_LOOKED_AT + 1) + 1;
    for (size_t i = 0; i * step < s.n; i++)
        s.row[i] = s.row[i * step];
    s.n = (s.n + step - 1) / step;
    return s;
}

/* ---- what it says ---- */

struct limits {
    double some, much, p; /* effects; p of a warning */
};

static struct limits limits_of(enum row_sets_kind kind)
{
    switch (kind) {
    case SETS_MISSING:
        return (struct limits){.05, .25, WARNS};
    case SETS_ALL:
        return (struct limits){.1, .3, FAILS};
    default:
        return (struct limits){SETS_FLOOR, .25, WARNS};
    }
}

static enum finding_status status_of(const struct row_sets_result *r)
{
    struct limits l = limits_of(r->kind);

    if (!(r->p_adjusted < l.p) || r->effect < l.some)
        return FINDING_OK;
    return !r->meant && r->p_adjusted < FAILS && r->effect >= l.much
               ? FINDING_FAIL
               : FINDING_WARN;
}

static const char *test_of(enum row_sets_kind kind)
{
    switch (kind) {
    case SETS_NUMBER:
        return "Kolmogorov-Smirnov; effect: D; value: Wasserstein in "
               "deviations";
    case SETS_MISSING:
        return "homogeneity of missing cells; effect: difference of shares; "
               "value: share";
    case SETS_CATEGORY:
        return "homogeneity; effect: total variation beyond chance; value: "
               "Cramer's V";
    case SETS_TEXT:
        return "Kolmogorov-Smirnov of lengths in words; effect: D; value: "
               "Wasserstein in deviations";
    case SETS_STEPS:
        return "Kolmogorov-Smirnov of steps; effect: D; value: Wasserstein in "
               "deviations";
    case SETS_PIXELS:
        return "Kolmogorov-Smirnov of mean pixels; effect: D; value: "
               "Wasserstein in deviations";
    case SETS_ALL:
        return "held-out probe tells the parts apart, z; effect: AUROC - .5";
    }
    return "";
}

/* The columns are one family of tests, all of them together another one. */
static void adjust_family(struct row_sets_results *r, bool together)
{
    double *p = mem_alloc(r->n, sizeof(*p));

    for (size_t i = 0; i < r->n; i++)
        p[i] = (r->at[i].kind == SETS_ALL) == together ? r->at[i].p : NAN;
    benjamini_hochberg(p, r->n, p);
    for (size_t i = 0; i < r->n; i++)
        if (!isnan(p[i]))
            r->at[i].p_adjusted = fmin(2 * p[i], 1);
    free(p);
}

static void adjust(struct row_sets_results *r)
{
    adjust_family(r, false);
    adjust_family(r, true);
}

static void add_one(const struct part_roles *v, const struct row_sets_result *r,
                    bool by_order, struct findings *findings)
{
    struct finding f = finding_of("columns", "", status_of(r));
    struct buf subject = {0};

    buf_printf(&subject, "%s: %s", v->table->parts.text[r->part],
               r->column ? r->column : "all columns");
    f.subject = subject.data;
    f.value = r->value;
    f.limit = limits_of(r->kind).some;
    f.p = r->p;
    f.p_adjusted = r->p_adjusted;
    f.effect = r->effect;
    f.detectable = r->kind == SETS_ALL ? NAN : fmin(ks_critical(r->n, r->m), 1);
    f.n_reference = r->n;
    f.n_current = r->m;
    f.test = test_of(r->kind);
    f.advice = by_order ? "looks like a split by order of the file; meant so? "
                          "else assay split --replace --label COLUMN"
                        : "other rows than those trained on; meant so (time, "
                          "place, groups)? else assay split --replace --label "
                          "COLUMN";
    findings_add(findings, &f);
    buf_release(&subject);
}

static void add_all(const struct part_roles *v, struct row_sets_results *r,
                    bool by_order, struct findings *findings)
{
    struct finding ok = finding_of("columns", "all columns", FINDING_OK);
    struct findings found = {0};

    for (size_t i = 0; i < r->n; i++)
        if (status_of(&r->at[i]) != FINDING_OK)
            add_one(v, &r->at[i], by_order, &found);
    ok.effect = 0;
    ok.p_adjusted = 1;
    ok.detectable = 0;
    for (size_t i = 0; i < r->n; i++) {
        ok.effect = fmax(ok.effect, r->at[i].effect);
        ok.p_adjusted = fmin(ok.p_adjusted, r->at[i].p_adjusted);
        ok.detectable =
            fmin(fmax(ok.detectable, ks_critical(r->at[i].n, r->at[i].m)), 1);
    }
    ok.n_current = (double)v->table->n;
    ok.test = "each column and all together, Benjamini-Hochberg; effect: "
              "largest difference; detectable: D in the smallest part";
    findings_add_worst(findings, &found, "columns", &ok);
}

/* ---- the order of the file ---- */

/* Whether each part is one stretch of the file. */
static bool in_stretches(const struct part_roles *v)
{
    const struct table *t = v->table;
    size_t stretches = 1, parts = 0;

    for (size_t i = 1; i < t->n; i++)
        stretches += t->part[i] != t->part[i - 1];
    for (size_t p = 0; p < v->n; p++)
        parts += v->rows[p] > 0;
    return t->n >= TELLING && stretches == parts;
}

/* Does the training part change along the file? */
static bool drifts(const struct part_roles *v, const struct row_set *train,
                   uint64_t seed)
{
    struct row_set first = {train->row, train->n / 2},
                   last = {train->row + train->n / 2, train->n - train->n / 2};
    struct row_sets_results r = {0};
    bool any = false;

    row_sets_compare(v->table, &first, &last, seed, &r);
    if (r.n)
        adjust(&r);
    for (size_t i = 0; i < r.n; i++)
        any |= status_of(&r.at[i]) != FINDING_OK && r.at[i].p_adjusted < FAILS;
    free(r.at);
    return any;
}

static double labels_differ(const struct table *t, const struct row_set *a,
                            const struct row_set *b, uint64_t seed)
{
    size_t classes = t->labels.count;
    double *count = mem_zalloc(2 * classes + 1, sizeof(*count)), p;

    for (size_t i = 0; i < a->n; i++)
        if (t->label[a->row[i]] != LABEL_NONE)
            count[t->label[a->row[i]]]++;
    for (size_t i = 0; i < b->n; i++)
        if (t->label[b->row[i]] != LABEL_NONE)
            count[classes + t->label[b->row[i]]]++;
    p = homogeneity_test(count, 2, classes, DRAWS, seed).p;
    free(count);
    return p;
}

/*
 * Parts that are in the order of their labels, one behind the other, are no
 * single file that was cut.
 */
static bool are_sorted_apart(const struct part_roles *v,
                             const struct row_set *train,
                             const struct raw_cells *raw, uint64_t seed)
{
    struct row_set first = {train->row, train->n / 2},
                   last = {train->row + train->n / 2, train->n - train->n / 2};
    bool apart = labels_differ(v->table, &first, &last, seed) < FAILS;

    for (size_t p = 0; p < v->n && apart; p++)
        if (part_roles_is_other(v, p)) {
            struct row_set part = rows_of(v, raw, p);
            apart = labels_differ(v->table, train, &part, seed) >= FAILS;
            free(part.row);
        }
    return apart;
}

static bool any_differs(const struct row_sets_results *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (status_of(&r->at[i]) != FINDING_OK)
            return true;
    return false;
}

/* differ: columns of the parts do. */
static bool check_order(const struct part_roles *v, const struct row_set *train,
                        const struct raw_cells *raw, bool differ, uint64_t seed,
                        struct findings *findings)
{
    struct finding f = finding_of("order", "all parts", FINDING_OK);
    bool stretches = in_stretches(v),
         by_order = stretches && differ && drifts(v, train, seed) &&
                    !are_sorted_apart(v, train, raw, seed);

    f.value = stretches;
    f.n_current = (double)v->table->n;
    f.test = !stretches ? "parts are mixed along the file"
             : by_order ? "each part is one stretch of the file, and halves of "
                          "the training part differ as parts do"
                        : "each part is one stretch of the file, but not of "
                          "one that changes along the way";
    if (by_order) {
        f.status = FINDING_WARN;
        f.advice = "looks like a split by order of the file; meant so (assay "
                   "split --time)? else assay split --replace --label COLUMN";
    }
    findings_add(findings, &f);
    return by_order;
}

static void compare_parts(const struct part_roles *v,
                          const struct raw_cells *raw,
                          const struct row_set *train, uint64_t seed,
                          struct row_sets_results *r)
{
    for (size_t p = 0; p < v->n; p++) {
        struct row_set part;
        size_t before = r->n;
        bool meant;
        if (!part_roles_is_other(v, p))
            continue;
        meant = raw && part_roles_is_later(v, raw->time, p);
        part = rows_of(v, raw, p);
        if (part.n >= FEW_ROWS && train->n >= FEW_ROWS)
            row_sets_compare(v->table, train, &part, seed, r);
        for (; before < r->n; before++) {
            r->at[before].part = p;
            r->at[before].meant = meant;
        }
        free(part.row);
    }
    if (r->n)
        adjust(r);
}

void check_shares(const struct table *t, const struct raw_cells *raw,
                  uint64_t seed, struct findings *findings)
{
    struct row_sets_results r = {0};
    struct part_roles v;
    struct row_set train;
    bool by_order;

    part_roles_init(&v, t);
    if (part_roles_several(&v)) {
        train = rows_of(&v, raw, v.train);
        compare_parts(&v, raw, &train, seed, &r);
        by_order =
            check_order(&v, &train, raw, any_differs(&r), seed, findings);
        if (r.n)
            add_all(&v, &r, by_order, findings);
        free(train.row);
    }
    free(r.at);
    part_roles_release(&v);
}
