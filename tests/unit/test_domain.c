/* Two sets of rows of a table: what tells them apart, and weights. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/domain.h"
#include "analysis/weigh_data.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "fixture.h"
#include "scratch.h"

/* ---- tables ---- */

struct sets {
    struct csv_reader *reader;
    struct schema schema;
    struct table table;
    struct row_set reference, current;
};

/* The first n rows are the reference. */
static void load(struct sets *s, const char *text, size_t n,
                 enum token_kind tokens)
{
    struct schema_request request = {
        .any_input = true, .tokens = tokens, .ngrams = NGRAM_DEFAULTS};
    struct buf notes = {0};
    struct err err = {0};

    *s = (struct sets){.reader = scratch_reader(text, true)};
    if (schema_infer(&s->schema, s->reader, &request, &notes, &err) != 0 ||
        csv_reader_rewind(s->reader, &err) != 0 ||
        table_init(&s->table, &s->schema, s->reader, &err) != 0 ||
        table_read(&s->table, s->reader, &err) != 0)
        fail_msg("%s", err.message);
    s->reference.row = mem_alloc(s->table.n, sizeof(size_t));
    s->current.row = mem_alloc(s->table.n, sizeof(size_t));
    for (size_t i = 0; i < s->table.n; i++) {
        struct row_set *set = i < n ? &s->reference : &s->current;
        set->row[set->n++] = i;
    }
    buf_release(&notes);
}

static void unload(struct sets *s)
{
    free(s->reference.row);
    free(s->current.row);
    table_release(&s->table);
    schema_release(&s->schema);
    csv_reader_close(s->reader);
}

static struct domain_test compare(const struct sets *s, size_t only)
{
    struct domain_test t;

    domain_compare(&s->table, &s->reference, &s->current, only, 1, &t);
    return t;
}

/* What the second half of the rows has of its own. */
enum difference { NOTHING, MEAN, ROTATED, LEVEL, WORDS, MISSING };

static const char *const words[] = {"river",  "county", "church", "garden",
                                    "letter", "winter", "island", "stone"};

/* x, y, kind, title: n rows twice. */
static struct buf rows_of(size_t n, enum difference what)
{
    struct buf out = {0};
    struct rng rng;

    rng_init(&rng, 21, RNG_SYNTH);
    buf_add_text(&out, "x,y,kind,title\n");
    for (size_t i = 0; i < 2 * n; i++) {
        bool second = i >= n;
        double x = rng_normal(&rng), y = rng_normal(&rng);
        bool odd = rng_uniform(&rng) < (second && what == LEVEL ? .3 : .1);
        bool none = second && what == MISSING && rng_uniform(&rng) < .2;
        if (what == ROTATED)
            y = (second ? -.6 : .6) * x + .8 * y;
        x += second && what == MEAN ? 1 : 0;
        if (none)
            buf_printf(&out, ",");
        else
            buf_printf(&out, "%.4f,", x);
        buf_printf(&out, "%.4f,%s,", y,
                   odd                  ? "odd"
                   : rng_below(&rng, 2) ? "even"
                                        : "flat");
        for (size_t w = 0; w < 4; w++)
            buf_printf(&out, "%s ", words[rng_below(&rng, 8)]);
        buf_printf(&out, "no %zu%s\n", (size_t)rng_below(&rng, 1000),
                   second && what == WORDS && rng_below(&rng, 4) == 0
                       ? " history"
                       : "");
    }
    return out;
}

static void load_difference(struct sets *s, size_t n, enum difference what)
{
    struct buf text = rows_of(n, what);

    load(s, text.data, n, TOKENS_NONE);
    buf_release(&text);
}

/* ---- what tells them apart ---- */

static void expect_found(enum difference what, const char *column)
{
    struct sets s;
    struct domain_test t;
    size_t first;

    load_difference(&s, 300, what);
    t = compare(&s, DOMAIN_ALL);
    first = t.n_columns ? t.columns[0].column : 0;
    if (!(t.p < .001 && t.auroc_ci.low > .5 && t.columns[0].ci.low > 0 &&
          strcmp(s.schema.columns[first].name, column) == 0))
        fail_msg("%d: p %g, auroc %g, by '%s' %g", what, t.p, t.auroc,
                 s.schema.columns[first].name, t.columns[0].drop);
    assert_int_equal(t.n_columns, 4);
    assert_between(t.accuracy, .5, 1);
    assert_between(t.detectable, .03, .15);
    domain_test_release(&t);
    unload(&s);
}

static void domain_compare__finds(void **state)
{
    (void)state;
    expect_found(MEAN, "x");
    expect_found(LEVEL, "kind");
    expect_found(WORDS, "title");
    expect_found(MISSING, "x");
}

/* Neither column by itself: both drop as far. */
static void domain_compare__correlation(void **state)
{
    struct sets s;
    struct domain_test t;

    (void)state;
    load_difference(&s, 300, ROTATED);
    t = compare(&s, DOMAIN_ALL);
    assert_true(t.p < 1e-6 && t.auroc > .6);
    assert_int_equal(t.columns[0].column + t.columns[1].column, 1);
    assert_near(t.columns[0].drop, t.columns[1].drop, .05);
    assert_true(t.columns[1].ci.low > .05);
    assert_between(t.columns[2].drop, -.02, .02);
    domain_test_release(&t);
    unload(&s);
}

static void domain_compare__nothing_to_find(void **state)
{
    struct sets s;
    struct domain_test t;

    (void)state;
    load_difference(&s, 300, NOTHING);
    t = compare(&s, DOMAIN_ALL);
    assert_between(t.p, .05, 1);
    assert_between(.5, t.auroc_ci.low, t.auroc_ci.high);
    domain_test_release(&t);
    unload(&s);
}

static void domain_compare__one_column(void **state)
{
    struct sets s;
    struct domain_test t;

    (void)state;
    load_difference(&s, 300, WORDS);
    for (size_t c = 2; c < 4; c++) {
        t = compare(&s, c);
        if (c == 3)
            assert_true(t.p < 1e-4);
        else
            assert_between(t.p, .01, 1);
        assert_int_equal(t.n_columns, 1);
        domain_test_release(&t);
    }
    unload(&s);
}

static void domain_compare__scores_and_threads(void **state)
{
    struct sets s;
    struct domain_test t, again;
    double sum[2] = {0};

    (void)state;
    load_difference(&s, 200, MEAN);
    s.current.n = 90;
    t = compare(&s, DOMAIN_ALL);
    for (size_t i = 0; i < 290; i++)
        sum[i >= 200] += (double)t.score[i];
    assert_true(sum[1] / 90 > sum[0] / 200 + .5);
    parallel_set_threads(3);
    again = compare(&s, DOMAIN_ALL);
    parallel_set_threads(1);
    assert_memory_equal(t.score, again.score, 290 * sizeof(*t.score));
    assert_memory_equal(t.columns, again.columns,
                        t.n_columns * sizeof(*t.columns));
    assert_memory_equal(&t.auroc_ci, &again.auroc_ci, sizeof(t.auroc_ci));
    assert_near(t.p, again.p, 0);
    domain_test_release(&t);
    domain_test_release(&again);
    unload(&s);
}

/* ---- odd tables ---- */

static void domain_compare__few_rows(void **state)
{
    struct sets s;
    struct domain_test t;

    (void)state;
    load_difference(&s, 40, MEAN);
    s.current.n = 29;
    t = compare(&s, 0);
    assert_true(isnan(t.p) && isnan(t.auroc) && isnan(t.detectable));
    assert_true(!t.score && !t.columns && t.n_columns == 0);
    domain_test_release(&t);
    s.current.n = 30;
    t = compare(&s, 0);
    assert_between(t.p, 0, 1);
    domain_test_release(&t);
    s.current.n = 0;
    t = compare(&s, 0);
    assert_true(isnan(t.p));
    domain_test_release(&t);
    unload(&s);
}

/* All rows the same; and a column that is empty in one set. */
static void domain_compare__constant(void **state)
{
    struct sets s;
    struct domain_test t;
    struct buf text = {0};

    (void)state;
    buf_add_text(&text, "a,b,c\n");
    for (size_t i = 0; i < 100; i++)
        buf_add_text(&text, "1,same,2\n");
    load(&s, text.data, 50, TOKENS_NONE);
    t = compare(&s, DOMAIN_ALL);
    assert_near(t.p, 1, 1e-9);
    assert_near(t.auroc, .5, 1e-9);
    domain_test_release(&t);
    unload(&s);
    text.len = 0;
    buf_add_text(&text, "a,b\n");
    for (size_t i = 0; i < 100; i++)
        buf_printf(&text, i < 50 ? "%zu.5,1.5\n" : ",1.5\n", i);
    load(&s, text.data, 50, TOKENS_NONE);
    t = compare(&s, DOMAIN_ALL);
    assert_true(t.p < 1e-4 && t.auroc > .99);
    domain_test_release(&t);
    unload(&s);
    buf_release(&text);
}

/* Steps that drift upward in one set; and words in another order. */
static void domain_compare__sequences_and_tokens(void **state)
{
    struct sets s;
    struct domain_test t;
    struct buf text = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, RNG_SYNTH);
    buf_add_text(&text, "steps\n");
    for (size_t i = 0; i < 200; i++) {
        for (size_t k = 0; k < 6; k++)
            buf_printf(&text, "%s%.3f 1", k ? ";" : "",
                       (i < 100 ? 0 : (double)k / 2 - 1.25) + rng_normal(&rng));
        buf_add_text(&text, "\n");
    }
    load(&s, text.data, 100, TOKENS_NONE);
    assert_int_equal(s.table.sequences.n, 200);
    t = compare(&s, DOMAIN_ALL);
    assert_true(t.p < 1e-4 && t.auroc > .8);
    domain_test_release(&t);
    unload(&s);
    buf_release(&text);
    text = rows_of(100, WORDS);
    for (char *c = text.data; *c; c++) /* the titles alone */
        if (*c == ',')
            *c = ' ';
    load(&s, text.data, 100, TOKENS_WORD);
    assert_int_equal(s.table.tokens.n, 200);
    t = compare(&s, DOMAIN_ALL);
    assert_between(t.p, 0, .05);
    domain_test_release(&t);
    unload(&s);
    buf_release(&text);
}

/* ---- weights ---- */

/* Levels .4 .3 .2 .1 against .1 .2 .3 .4: their ratios are known. */
static void domain_weigh__known_ratio(void **state)
{
    static const double truth[] = {.25, .2 / .3, 1.5, 4};
    enum { N = 1000 };
    struct buf text = {0};
    struct sets s;
    struct domain_weights w;
    double sum = 0;

    (void)state;
    buf_add_text(&text, "kind,x\n");
    for (size_t i = 0; i < 2 * N; i++) {
        size_t tenth = i * 7 % 10, kind = tenth < 4   ? 0
                                          : tenth < 7 ? 1
                                          : tenth < 9 ? 2
                                                      : 3;
        buf_printf(&text, "k%zu,%zu.5\n", i < N ? kind : 3 - kind,
                   i * 7919 % 101);
    }
    load(&s, text.data, N, TOKENS_NONE);
    domain_weigh(&s.table, &s.reference, &s.current, 1, &w);
    for (size_t i = 0; i < N; i++) {
        const char *level =
            s.table.dicts[0].text[s.table.levels[i * s.table.n_categories]];
        sum += (double)w.weight[i];
        assert_near((double)w.weight[i], truth[level[1] - '0'], .2);
    }
    assert_near(sum, N, 1e-4);
    assert_near(w.effective / N, .455, .03);
    assert_between(w.covered, .97, 1);
    assert_true(w.p < 1e-6);
    domain_weights_release(&w);
    unload(&s);
    buf_release(&text);
}

static void domain_weigh__no_shift(void **state)
{
    struct sets s;
    struct domain_weights w;

    (void)state;
    load_difference(&s, 300, NOTHING);
    domain_weigh(&s.table, &s.reference, &s.current, 1, &w);
    assert_between(w.effective, 295, 300.001);
    domain_weights_release(&w);
    s.current.n = 12;
    domain_weigh(&s.table, &s.reference, &s.current, 1, &w);
    assert_near(w.effective, 300, 1e-9);
    assert_true(isnan(w.auroc) && w.weight[7] == 1);
    domain_weights_release(&w);
    unload(&s);
}

static struct csv_reader *open_text(const char *name, const char *text)
{
    char *paths[] = {scratch_text(name, text)};
    struct csv_options options = {.reread = true};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, 1, &options, &err);

    if (!reader)
        fail_msg("%s", err.message);
    return reader;
}

/* Cells as they stood; columns matched by name; rows of a part alone. */
static void weigh_data__records_and_parts(void **state)
{
    struct buf text = {0}, notes = {0};
    struct csv_reader *reader[2];
    struct schema_request request = {.any_input = true};
    struct list on = {0};
    struct weigh_options options = {&request, NULL, &on, 1};
    struct weigh_data data;
    struct err err = {0};
    char *path;
    struct csv_writer writer;
    struct output *out;

    (void)state;
    list_add(&on, "train");
    buf_add_text(&text, "\"x\",split,label\n");
    for (size_t i = 0; i < 90; i++)
        buf_printf(&text, "\"%zu.5\",%s,a\n", i, i % 3 ? "train" : "test");
    reader[0] = open_text("reference.csv", text.data);
    text.len = 0;
    buf_add_text(&text, "other,x\n");
    for (size_t i = 0; i < 50; i++)
        buf_printf(&text, "q,%zu.25\n", i + 40);
    reader[1] = open_text("current.csv", text.data);
    assert_int_equal(
        weigh_data_read(&data, reader[0], reader[1], &options, &notes, &err),
        0);
    assert_int_equal(data.rows, 90);
    assert_int_equal(data.n, 60);
    assert_int_equal(data.current, 50);
    path = scratch_path("weighted.csv");
    out = output_open(path, &err);
    csv_writer_init(&writer, out);
    assert_int_equal(weigh_data_write(&data, reader[0], &writer, &err), 0);
    csv_writer_release(&writer);
    assert_int_equal(output_commit(out, &err), 0);
    buf_release(&text);
    text = scratch_read(path);
    assert_non_null(strstr(text.data, "\"x\",split,label,sample_weight\n"
                                      "\"0.5\",test,a,\n\"1.5\",train,a,0."));
    buf_release(&text);
    weigh_data_release(&data);
    csv_reader_close(reader[0]);
    csv_reader_close(reader[1]);
    list_release(&on);
    buf_release(&notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domain_compare__finds),
        cmocka_unit_test(domain_compare__correlation),
        cmocka_unit_test(domain_compare__nothing_to_find),
        cmocka_unit_test(domain_compare__one_column),
        cmocka_unit_test(domain_compare__scores_and_threads),
        cmocka_unit_test(domain_compare__few_rows),
        cmocka_unit_test(domain_compare__constant),
        cmocka_unit_test(domain_compare__sequences_and_tokens),
        cmocka_unit_test(domain_weigh__known_ratio),
        cmocka_unit_test(domain_weigh__no_shift),
        cmocka_unit_test(weigh_data__records_and_parts),
    };

    parallel_set_threads(1);
    return cmocka_run_group_tests_name("domain", tests, NULL, scratch_remove);
}
