#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/near_cells.h"
#include "analysis/part_roles.h"
#include "analysis/row_chance.h"
#include "base/hash_set.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/contingency.h"
#include "stats/interval.h"

enum {
    DRAWS = 20000,
    MOST_LOOKED_AT = 2000,
    LEAST_LOOKED_AT = 200,
    AT_ONCE = 8192,
    LONG_TEXT = 8,
    FEW = 3
};

static const double PAIRS_LOOKED_AT = 1e8, RARE = 1e-4, MUCH = .05, MOST = .4,
                    SOME = .01, SIMILAR = .8;

/* Of the rows that were looked at: near ones of the training part. */
struct near_count {
    double looked_at;
    struct first_rows near;
};

/*
 * More of the part than of the training part, whose rows are held against its
 * others: copies; or too many, where chance does not explain them.
 */
static void add_part(const struct part_roles *v, size_t part,
                     const struct near_count *in,
                     const struct near_count *twice, bool chance,
                     const char *test, const char *columns,
                     struct findings *findings)
{
    struct finding f =
        finding_of("near_leak", v->table->parts.text[part], FINDING_OK);
    double k = (double)in->near.n, b = (double)twice->near.n, excess;
    double count[4] = {k, in->looked_at - k, b, twice->looked_at - b};
    struct buf say = {0};

    f.value = k;
    f.effect = k / in->looked_at;
    f.ci = wilson(k, in->looked_at);
    f.limit = chance ? MUCH : SOME;
    excess = f.effect - (twice->looked_at > 0 ? b / twice->looked_at : 0);
    f.p = excess > 0 ? homogeneity_test(count, 2, 2, DRAWS, 1).p : 1;
    f.n_reference = (double)v->rows[v->train];
    f.n_current = in->looked_at;
    f.test = test;
    if (f.p < RARE && excess >= MUCH)
        f.status = FINDING_FAIL;
    else if (!chance && k >= FEW && f.effect >= SOME)
        f.status = f.effect >= MOST ? FINDING_FAIL : FINDING_WARN;
    if (f.status == FINDING_OK)
        return;
    first_rows_say(&in->near, &say);
    buf_printf(&say,
               " %s nearly a row of %s: assay split --replace "
               "--near-duplicates %s keeps those in one part",
               in->near.n == 1 ? "is" : "are", v->table->parts.text[v->train],
               columns);
    f.advice = say.data;
    findings_add(findings, &f);
    buf_release(&say);
}

static void add_ok(const struct part_roles *v, size_t before, const char *test,
                   struct findings *findings)
{
    struct finding f = finding_of("near_leak", "all parts", FINDING_OK);

    for (size_t i = before; i < findings->n; i++)
        if (findings->at[i].status != FINDING_OK)
            return;
    f.value = 0;
    f.n_current = (double)v->table->n;
    f.test = test;
    findings_add(findings, &f);
}

/* ---- texts, as assay split --near-duplicates has them ---- */

struct clusters {
    struct disjoint_sets sets;
    uint32_t *train; /* [texts] by root: different rows of the training part */
    struct hash_set once, twice; /* rows of the training part, as they stand */
};

static void find_clusters(const struct part_roles *v,
                          const struct raw_cells *raw, struct clusters *c)
{
    struct near_duplicates near = raw->near; /* counts of its own */
    const struct table *t = v->table;

    *c = (struct clusters){0};
    near_duplicates_cluster(&near, SIMILAR, &c->sets);
    c->train = mem_zalloc(near.n, sizeof(*c->train));
    for (size_t i = 0; i < t->n; i++) {
        if (raw->text[i] == NEAR_NONE || t->part[i] != v->train)
            continue;
        if (hash_set_add(&c->once, t->fingerprint[i]))
            c->train[disjoint_sets_find(&c->sets, raw->text[i])]++;
        else
            hash_set_add(&c->twice, t->fingerprint[i]);
    }
}

static void release_clusters(struct clusters *c)
{
    disjoint_sets_release(&c->sets);
    hash_set_release(&c->once);
    hash_set_release(&c->twice);
    free(c->train);
}

/* Rows of a part that are like one of the training part, and equal to none. */
static struct near_count count_texts(const struct part_roles *v,
                                     const struct raw_cells *raw,
                                     struct clusters *c, size_t part)
{
    const struct table *t = v->table;
    const struct hash_set *equal = part == v->train ? &c->twice : &c->once;
    struct near_count count = {0};

    for (size_t i = 0; i < t->n; i++) {
        uint32_t others;
        if (t->part[i] != part || raw->text[i] == NEAR_NONE)
            continue;
        count.looked_at++;
        others = c->train[disjoint_sets_find(&c->sets, raw->text[i])];
        if (others > (part == v->train) &&
            !(equal->count && hash_set_has(equal, t->fingerprint[i])))
            first_rows_add(&count.near, i);
    }
    return count;
}

/* Short texts of few words are alike by chance. */
static bool are_short(const struct near_duplicates *d)
{
    size_t words = 0, begin = 0;

    for (size_t i = 0; i < d->n; begin = d->texts[i++].end)
        for (size_t k = begin + d->texts[i].numbers; k < d->texts[i].end; k++)
            words += d->bytes.data[k] == ' ';
    return words < (LONG_TEXT - 1) * d->n;
}

static void say_columns(const struct raw_cells *raw, struct buf *out)
{
    for (size_t i = 0; i < raw->text_columns.n; i++)
        buf_printf(out, "%s%s", i ? "," : "", raw->text_columns.items[i]);
}

static void check_texts(const struct part_roles *v, const struct raw_cells *raw,
                        struct findings *findings)
{
    bool chance = are_short(&raw->near) &&
                  row_chance(v->table, raw) == ROW_CHANCE;
    size_t before = findings->n;
    struct buf columns = {0}, test = {0};
    struct near_count twice;
    struct clusters c;

    say_columns(raw, &columns);
    buf_printf(&test,
               "texts alike by .8 of their shingles, %zu row%s looked at; "
               "effect: share of the part; p: more than within the training "
               "part",
               raw->n_texts, plural(raw->n_texts));
    find_clusters(v, raw, &c);
    twice = count_texts(v, raw, &c, v->train);
    for (size_t p = 0; p < v->n; p++) {
        struct near_count in;
        if (!part_roles_is_other(v, p))
            continue;
        in = count_texts(v, raw, &c, p);
        if (in.looked_at > 0)
            add_part(v, p, &in, &twice, chance, test.data, columns.data,
                     findings);
    }
    add_ok(v, before, test.data, findings);
    release_clusters(&c);
    buf_release(&columns);
    buf_release(&test);
}

/* ---- numbers and levels ---- */

/* Up to `most` rows of a part, evenly. */
static size_t sample_rows(const struct part_roles *v, size_t part, size_t most,
                          size_t *row)
{
    size_t n = v->rows[part], take = n < most ? n : most, k = 0, got = 0;

    for (size_t i = 0; i < v->table->n && got < take; i++)
        if (v->table->part[i] == part && k++ * take / n >= got)
            row[got++] = i;
    return got;
}

/* The rows of a part against the training part. */
struct cell_work {
    const struct part_roles *view;
    const struct near_cells *cells;
    size_t *row, n; /* of the part that are looked at */
    struct near_row *near;
    struct near_pairs pairs;
};

static void compare_block(struct cell_work *w, const float *a,
                          const size_t *train, size_t m)
{
    float *b = near_cells_of(w->cells, w->view->table, train, m);
    size_t *self = mem_alloc(w->n, sizeof(*self));

    for (size_t i = 0, j = 0; i < w->n; i++) {
        while (j < m && train[j] < w->row[i])
            j++;
        self[i] = j < m && train[j] == w->row[i] ? j : SIZE_MAX;
    }
    near_rows_find(&w->cells->shape, a, w->n, b, m, self, w->near, &w->pairs);
    free(self);
    free(b);
}

static void compare_part(struct cell_work *w, size_t part, size_t most)
{
    const struct table *t = w->view->table;
    size_t *train = mem_alloc(AT_ONCE, sizeof(*train)), m = 0;
    float *a;

    w->row = mem_alloc(most, sizeof(*w->row));
    w->n = sample_rows(w->view, part, most, w->row);
    w->near = mem_zalloc(w->n, sizeof(*w->near));
    a = near_cells_of(w->cells, t, w->row, w->n);
    for (size_t i = 0; i < t->n; i++) {
        if (t->part[i] == w->view->train)
            train[m++] = i;
        if (m == AT_ONCE || (m && i + 1 == t->n)) {
            compare_block(w, a, train, m);
            m = 0;
        }
    }
    free(train);
    free(a);
}

static struct near_count count_cells(const struct cell_work *w, uint64_t copies,
                                     bool close)
{
    struct near_count count = {.looked_at = (double)w->n};

    for (size_t i = 0; i < w->n; i++)
        if (!w->near[i].same &&
            ((close && w->near[i].close) || (w->near[i].but_for & copies)))
            first_rows_add(&count.near, w->row[i]);
    return count;
}

static void release_cells(struct cell_work *w)
{
    free(w->row);
    free(w->near);
}

/* Fewer rows where each has more to be compared with. */
static size_t looked_at(const struct part_roles *v)
{
    double n = PAIRS_LOOKED_AT / (double)(v->rows[v->train] + 1);

    return (size_t)fmin(fmax(n, LEAST_LOOKED_AT), MOST_LOOKED_AT);
}

static void check_cells(const struct part_roles *v, uint64_t seed,
                        struct findings *findings)
{
    size_t before = findings->n, most = looked_at(v);
    struct cell_work *of_train = mem_zalloc(1, sizeof(*of_train));
    struct near_cells cells;
    struct buf test = {0};

    near_cells_init(&cells, v->table, seed);
    *of_train = (struct cell_work){.view = v, .cells = &cells};
    compare_part(of_train, v->train, most);
    buf_printf(&test,
               "all cells equal but one, or within .005 deviations, "
               "beyond chance, up to %zu rows of a part looked at; "
               "effect: share; p: more than within the training part",
               most);
    for (size_t p = 0; p < v->n; p++) {
        struct cell_work *w;
        struct near_count in, twice;
        uint64_t copies;
        bool close;
        if (!part_roles_is_other(v, p))
            continue;
        w = mem_zalloc(1, sizeof(*w));
        *w = (struct cell_work){.view = v, .cells = &cells};
        compare_part(w, p, most);
        copies = near_rows_copies(&cells.shape, &w->pairs, &close);
        in = count_cells(w, copies, close);
        twice = count_cells(of_train, copies, close);
        add_part(v, p, &in, &twice, false, test.data, "COLUMNS", findings);
        release_cells(w);
        free(w);
    }
    add_ok(v, before, test.data, findings);
    release_cells(of_train);
    free(of_train);
    buf_release(&test);
}

void check_near(const struct table *t, const struct raw_cells *raw,
                uint64_t seed, struct findings *findings)
{
    struct part_roles v;

    part_roles_init(&v, t);
    if (part_roles_several(&v) && !t->sequences.n && !t->images) {
        if (t->n_numbers + t->n_categories > 0)
            check_cells(&v, seed, findings);
        else if (raw && raw->near.n && t->n_texts)
            check_texts(&v, raw, findings);
    }
    part_roles_release(&v);
}
