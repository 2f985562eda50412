#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/part_roles.h"
#include "analysis/row_chance.h"
#include "base/hash.h"
#include "base/mem.h"
#include "stats/contingency.h"
#include "stats/interval.h"

enum { DRAWS = 20000, FEW_ROWS = 3 };

static const double RARE = 1e-4, MUCH = .05, MOST = .4, FEW_VALUES = .1,
                    FEW_COPIES = .01, FEW_CONFLICTS = .001;

/* A row's features, hashed, and its label. */
struct seen {
    uint64_t content;
    uint32_t label, row;
};

static int by_content(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;

    if (x->content != y->content)
        return x->content < y->content ? -1 : 1;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/*
 * Rows that are an earlier one once more; those that have another's features
 * and not its label; rows of the training part that stand in it twice, and of
 * each other part, [parts], those that stand in it.
 */
struct repeats {
    struct first_rows again, conflicts, *leaked;
    size_t within;
};

/* Rows with equal features and one label. */
static void count_equal(const struct part_roles *v, const struct seen *s,
                        size_t n, struct repeats *r)
{
    size_t train = 0;

    for (size_t i = 0; i < n; i++) {
        train += v->table->part[s[i].row] == v->train;
        if (i)
            first_rows_add(&r->again, s[i].row);
    }
    r->within += train > 1 ? train : 0;
    for (size_t i = 0; i < n && train; i++) {
        size_t part = v->table->part[s[i].row];
        if (part_roles_is_other(v, part))
            first_rows_add(&r->leaked[part], s[i].row);
    }
}

/* Rows with equal features: rows without a label contradict nobody. */
static void count_group(const struct part_roles *v, const struct seen *s,
                        size_t n, struct repeats *r)
{
    size_t labels = 0, end;

    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && s[end].label == s[i].label;)
            end++;
        count_equal(v, s + i, end - i, r);
        labels += s[i].label != LABEL_NONE;
    }
    for (size_t i = 0; i < n && labels > 1; i++)
        if (s[i].label != LABEL_NONE)
            first_rows_add(&r->conflicts, s[i].row);
}

/* Of images what they show, not what their files are called. */
static void find_contents(const struct table *t, struct seen *seen)
{
    const size_t *shape = t->schema->shape;
    size_t pixels = shape[0] * shape[1] * shape[2];
    uint8_t *room = t->images ? mem_alloc(pixels, 1) : NULL;

    for (size_t i = 0; i < t->n; i++)
        seen[i] = (struct seen){
            t->images
                ? hash_bytes(image_rows_pixels(t->images, i, room), pixels)
                : t->fingerprint[i],
            t->label[i], (uint32_t)i};
    free(room);
}

static void count_repeats(const struct part_roles *v, struct repeats *r)
{
    const struct table *t = v->table;
    struct seen *seen = mem_alloc(t->n, sizeof(*seen));
    size_t end;

    *r = (struct repeats){.leaked = mem_zalloc(v->n, sizeof(*r->leaked))};
    find_contents(t, seen);
    if (t->n)
        qsort(seen, t->n, sizeof(*seen), by_content);
    for (size_t i = 0; i < t->n; i = end) {
        for (end = i + 1; end < t->n && seen[end].content == seen[i].content;)
            end++;
        if (end - i > 1)
            count_group(v, seen + i, end - i, r);
    }
    free(seen);
}

/* ---- all rows ---- */

static void add(struct findings *findings, const char *check,
                const struct table *t, const struct first_rows *rows,
                bool chance, double limit, const char *test, const char *advice)
{
    struct finding f = finding_of(check, "all rows", FINDING_OK);
    struct buf say = {0};

    f.value = (double)rows->n;
    f.limit = limit;
    f.effect = t->n ? f.value / (double)t->n : 0;
    f.test = test;
    f.n_current = (double)t->n;
    if (rows->n && f.effect > limit) {
        f.status = FINDING_WARN;
        first_rows_say(rows, &say);
        buf_printf(&say, ": %s",
                   chance ? "few ways for rows to differ: these columns cannot "
                            "tell them apart, add one"
                          : advice);
        f.advice = say.data;
    }
    findings_add(findings, &f);
    buf_release(&say);
}

static void check_all(const struct table *t, const struct repeats *r,
                      bool chance, bool wide, struct findings *findings)
{
    double limit = wide ? FEW_VALUES : 1; /* never, of one column */

    add(findings, "conflicts", t, &r->conflicts, chance,
        chance ? limit : FEW_CONFLICTS,
        chance ? "rows with equal features and different labels, as chance "
                 "makes them; effect: their share"
               : "rows with equal features and different labels; effect: their "
                 "share",
        "one of the labels is wrong, or a feature is missing: assay confuse "
        "--top-losses names them");
    add(findings, "duplicates", t, &r->again, chance,
        chance ? limit : FEW_COPIES,
        chance ? "rows that are an earlier one once more, as chance makes "
                 "them; effect: their share"
               : "rows that are an earlier one once more; effect: their share",
        "copies count more than once: keep one of each, or keep them in one "
        "part (assay split --near-duplicates COLUMNS)");
}

/* ---- a part against the training part ---- */

/* Are more rows of the part in it than rows of its own stand in it twice? */
static double excess_p(const struct part_roles *v, const struct repeats *r,
                       size_t part, double excess, uint64_t seed)
{
    double in = (double)r->leaked[part].n, twice = (double)r->within;
    double count[4] = {in, (double)v->rows[part] - in, twice,
                       (double)v->rows[v->train] - twice};

    return excess > 0 ? homogeneity_test(count, 2, 2, DRAWS, seed).p : 1;
}

static void advise_leak(struct finding *f, const struct first_rows *rows,
                        bool excess, const char *train, struct buf *say)
{
    first_rows_say(rows, say);
    buf_printf(say,
               " also stand%s in %s%s; to keep equal rows in one part: assay "
               "split --replace --near-duplicates COLUMNS",
               rows->n == 1 ? "s" : "", train,
               excess ? ", copied there after the split" : "");
    f->advice = say->data;
}

/* Adds nothing where all is well.  Rows in both. */
static double check_leak(const struct part_roles *v, const struct repeats *r,
                         size_t part, bool chance, uint64_t seed,
                         struct findings *findings)
{
    struct finding f =
        finding_of("leak", v->table->parts.text[part], FINDING_OK);
    double n = (double)v->rows[part], excess;
    struct buf say = {0};

    f.value = (double)r->leaked[part].n;
    f.effect = f.value / n;
    f.limit = MOST;
    f.ci = wilson(f.value, n);
    excess = f.effect - (double)r->within / (double)v->rows[v->train];
    f.p = excess_p(v, r, part, excess, seed);
    f.n_reference = (double)v->rows[v->train];
    f.n_current = n;
    f.test = chance ? "rows that also stand in the training part, as chance "
                      "makes them; effect: their share; p: more than repeats "
                      "within that part"
                    : "rows that also stand in the training part; effect: "
                      "their share; p: more than repeats within that part";
    if (f.p < RARE && excess >= MUCH)
        f.status = FINDING_FAIL;
    else if (f.value > 0 && !chance)
        f.status = f.effect >= MOST && f.value >= FEW_ROWS ? FINDING_FAIL
                                                           : FINDING_WARN;
    if (f.status == FINDING_OK)
        return f.value;
    advise_leak(&f, &r->leaked[part], f.p < RARE && excess >= MUCH,
                v->table->parts.text[v->train], &say);
    findings_add(findings, &f);
    buf_release(&say);
    return f.value;
}

static void check_leaks(const struct part_roles *v, const struct repeats *r,
                        bool chance, uint64_t seed, struct findings *findings)
{
    struct finding ok = finding_of("leak", "all parts", FINDING_OK);
    size_t before = findings->n;

    ok.value = 0;
    for (size_t p = 0; p < v->n; p++)
        if (part_roles_is_other(v, p))
            ok.value += check_leak(v, r, p, chance, seed, findings);
    if (findings->n > before || !part_roles_several(v))
        return;
    ok.limit = 0;
    ok.effect = ok.value / (double)(v->table->n - v->rows[v->train]);
    ok.n_reference = (double)v->rows[v->train];
    ok.n_current = (double)v->table->n - ok.n_reference;
    ok.test = chance ? "rows that also stand in the training part, as chance "
                       "makes them; effect: their share"
                     : "rows that also stand in the training part; effect: "
                       "their share";
    findings_add(findings, &ok);
}

void check_duplicates(const struct table *t, const struct raw_cells *raw,
                      uint64_t seed, struct findings *findings)
{
    struct part_roles v;
    struct repeats r;
    bool chance, wide = t->n_numbers + t->n_categories > 0;

    part_roles_init(&v, t);
    count_repeats(&v, &r);
    chance = (r.again.n || r.conflicts.n) && row_chance(t, raw) == ROW_CHANCE;
    check_leaks(&v, &r, chance, seed, findings);
    check_all(t, &r, chance, wide, findings);
    free(r.leaked);
    part_roles_release(&v);
}
