/* Checks of parts: what leaks between them, and what differs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIXTURE_VALUES "tests/data/parts/part_values.txt"

#include "analysis/data_checks.h"
#include "analysis/part_roles.h"
#include "analysis/row_chance.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"
#include "fixture.h"
#include "scratch.h"
#include "stats/coincidence.h"
#include "stats/near_rows.h"

/* ---- a table, and what is found in it ---- */

struct checked {
    struct csv_reader *reader;
    struct schema schema;
    struct table table;
    struct raw_cells raw;
    struct findings findings;
};

static void load(struct checked *c, const char *text,
                 const struct schema_request *request)
{
    struct buf notes = {0};
    struct err err = {0};

    *c = (struct checked){.reader = scratch_reader(text, true)};
    if (schema_infer(&c->schema, c->reader, request, &notes, &err) != 0 ||
        csv_reader_rewind(c->reader, &err) != 0 ||
        table_init(&c->table, &c->schema, c->reader, &err) != 0 ||
        table_read(&c->table, c->reader, &err) != 0 ||
        raw_cells_read(&c->raw, &c->table, c->reader, &err) != 0)
        fail_msg("%s", err.message);
    buf_release(&notes);
}

static void check_all(struct checked *c)
{
    check_duplicates(&c->table, &c->raw, 1, &c->findings);
    check_near(&c->table, &c->raw, 1, &c->findings);
    check_parts(&c->table, &c->raw, &c->findings);
    check_shares(&c->table, &c->raw, 1, &c->findings);
    check_levels(&c->table, &c->raw, &c->findings);
}

static void unload(struct checked *c)
{
    findings_release(&c->findings);
    raw_cells_release(&c->raw);
    table_release(&c->table);
    schema_release(&c->schema);
    csv_reader_close(c->reader);
}

/* The first finding of a check, of that subject unless it is NULL. */
static const struct finding *find(const struct checked *c, const char *check,
                                  const char *subject)
{
    for (size_t i = 0; i < c->findings.n; i++) {
        const struct finding *f = &c->findings.at[i];
        if (strcmp(f->check, check) == 0 &&
            (!subject || strcmp(f->subject, subject) == 0))
            return f;
    }
    fail_msg("no finding '%s'", check);
    return NULL;
}

static enum finding_status status(const struct checked *c, const char *check)
{
    return find(c, check, NULL)->status;
}

/* ---- chance ---- */

static void coincidence__pairs_and_their_limit(void **state)
{
    uint64_t value[] = {5, 1, 5, 2, 5, 1};

    (void)state;
    assert_near(equal_pairs(value, 6), 4, 0);
    assert_near(equal_pairs(value, 0), 0, 0);
    assert_true(is_coincidence(expected("chance.0.5"), 50, .01));
    assert_false(is_coincidence(expected("chance.0.5") + 1, 50, .01));
    assert_true(is_coincidence(expected("chance.2"), 100, .02));
    assert_false(is_coincidence(expected("chance.2") + 1, 100, .02));
    assert_true(is_coincidence(30, 100, .1));
    assert_false(is_coincidence(31, 100, .1));
    assert_false(is_coincidence(1, 0, .1));
    assert_true(is_coincidence(0, 0, 0));
}

static void coincidence__lists(void **state)
{
    struct buf text = scratch_read("tests/data/parts/lists.txt");
    uint64_t word[1000];
    size_t start[400] = {0}, n = 0, words = 0;
    struct list_pairs p;

    (void)state;
    for (const char *at = text.data; *at; at += strcspn(at, " \n") + 1) {
        word[words++] = hash_bytes(at, strcspn(at, " \n"));
        if (words % 3 == 0)
            start[++n] = words;
    }
    p = list_pairs(word, start, NULL, n);
    assert_near(p.equal, expected("lists.equal"), 0);
    assert_near(p.one_apart, expected("lists.one_apart"), 0);
    buf_release(&text);
}

static void near_rows__all_pairs(void **state)
{
    enum { N = 150, M = 90, C = 5 };
    struct near_shape shape = {.columns = C, .tolerance = {.5F}};
    struct near_row row[N] = {0};
    struct near_pairs *pairs = mem_zalloc(1, sizeof(*pairs));
    float a[N * C], b[M * C];
    double none = 0, one[C] = {0}, two = 0, got_two = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    for (size_t i = 0; i < N * C; i++)
        a[i] = (float)rng_below(&rng, 4);
    for (size_t i = 0; i < M * C; i++)
        b[i] = (float)rng_below(&rng, 4) + (i % 10 == 0 ? .25F : 0);
    near_rows_find(&shape, a, N, b, M, NULL, row, pairs);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) {
            size_t apart = 0, last = 0;
            for (size_t c = 0; c < C; c++)
                if (fabsf(a[i * C + c] - b[j * C + c]) > (c ? 0 : .5F)) {
                    apart++;
                    last = c;
                }
            none += apart == 0 &&
                    memcmp(a + i * C, b + j * C, C * sizeof(float)) != 0;
            one[last] += apart == 1;
            two += apart == 2;
        }
    assert_near(pairs->none, none, 0);
    for (size_t c = 0; c < C; c++) {
        assert_near(pairs->one[c], one[c], 0);
        for (size_t d = 0; d < C; d++)
            got_two += pairs->two[c][d];
    }
    assert_near(got_two, two, 0);
    assert_true(none > 0 && two > 100);
    free(pairs);
}

static void first_rows__lowest_in_any_order(void **state)
{
    struct first_rows r = {0};
    struct buf say = {0};

    (void)state;
    first_rows_add(&r, 8);
    first_rows_say(&r, &say);
    assert_string_equal(say.data, "row 9");
    first_rows_add(&r, 3);
    first_rows_add(&r, 5);
    first_rows_add(&r, 0);
    first_rows_add(&r, 9);
    buf_clear(&say);
    first_rows_say(&r, &say);
    assert_string_equal(say.data, "rows 1, 4, 6 and 2 more");
    buf_release(&say);
}

/* ---- against another implementation ---- */

static void parts__as_counted_elsewhere(void **state)
{
    struct schema_request q = {
        .group = "owner", .time = "when", .ngrams = NGRAM_DEFAULTS};
    struct buf text = scratch_read("tests/data/parts/parts.csv");
    const struct finding *f;
    struct checked c;

    (void)state;
    load(&c, text.data, &q);
    check_all(&c);
    f = find(&c, "leak", "test");
    assert_near(f->value, expected("leak"), 0);
    assert_int_equal(f->status, FINDING_WARN);
    assert_non_null(strstr(f->advice, "rows 121, 122 "));
    assert_near(find(&c, "conflicts", NULL)->value, expected("conflicts"), 0);
    f = find(&c, "columns", "test: moved");
    assert_near(f->n_reference, 30, 0); /* one row of each owner */
    assert_true(f->effect > .3 && f->p_adjusted < .01);
    f = find(&c, "levels", "test: kind");
    assert_near(f->value, expected("kind.new"), 0);
    assert_near(f->limit, expected("kind.expected"), 1e-9);
    assert_int_equal(f->status, FINDING_WARN); /* it is later */
    f = find(&c, "time", "test");
    assert_near(f->value, expected("late"), 0);
    assert_int_equal(f->status, FINDING_FAIL);
    assert_near(find(&c, "groups", "test")->value, expected("straddle"), 0);
    unload(&c);

    q.group = q.time = NULL; /* all rows, of no time */
    list_add(&q.exclude, "owner");
    load(&c, text.data, &q);
    check_shares(&c.table, &c.raw, 1, &c.findings);
    check_levels(&c.table, &c.raw, &c.findings);
    assert_int_equal(find(&c, "levels", "test: kind")->status, FINDING_FAIL);
    f = find(&c, "columns", "test: moved");
    assert_int_equal(f->status, FINDING_FAIL);
    assert_near(f->effect, expected("moved.d"), 1e-9);
    assert_near(f->value, expected("moved.wasserstein"), 1e-6);
    assert_near(find(&c, "columns", "test: kind")->value, expected("kind.v"),
                1e-9);
    unload(&c);
    list_release(&q.exclude);
    buf_release(&text);
}

/* ---- made tables ---- */

/* x (continuous), y (in steps), z (a level), in parts at random. */
static struct buf draw_table(struct rng *rng, size_t n)
{
    struct buf text = {0};

    buf_add_text(&text, "x,y,z,label,split\n");
    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "%.4f,%.1f,l%d,%d,%s\n", rng_normal(rng),
                   rng_normal(rng), (int)rng_below(rng, 6),
                   (int)rng_below(rng, 2),
                   rng_below(rng, 5) ? "train" : "test");
    return text;
}

static void parts__clean_tables(void **state)
{
    struct schema_request q = {.ngrams = NGRAM_DEFAULTS};
    size_t warned = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct rng rng;
        struct buf text;
        struct checked c;
        rng_init(&rng, seed, 1);
        text = draw_table(&rng, seed % 2 ? 150 : 900);
        load(&c, text.data, &q);
        check_all(&c);
        warned += findings_count(&c.findings, FINDING_WARN) +
                  findings_count(&c.findings, FINDING_FAIL);
        unload(&c);
        buf_release(&text);
    }
    assert_int_equal(warned, 0);
}

/* Copies of rows in the other part, whole or with a slip. */
static void parts__copies(void **state)
{
    struct schema_request q = {.ngrams = NGRAM_DEFAULTS};

    (void)state;
    for (int slip = 0; slip < 3; slip++) {
        struct rng rng;
        struct buf text;
        struct checked c;
        rng_init(&rng, 3, 1);
        text = draw_table(&rng, 800);
        for (int i = 0; i < 60; i++) {
            double x = 10 + rng_normal(&rng), y = rng_normal(&rng);
            buf_printf(&text, "%.4f,%.3f,l1,0,train\n", x, y);
            buf_printf(&text, "%.*f,%.3f,l%d,0,test\n", slip == 1 ? 3 : 4, x, y,
                       slip == 2 ? 2 : 1);
        }
        load(&c, text.data, &q);
        check_all(&c);
        assert_int_equal(status(&c, "leak"), slip ? FINDING_OK : FINDING_FAIL);
        assert_int_equal(status(&c, "near_leak"),
                         slip ? FINDING_FAIL : FINDING_OK);
        unload(&c);
        buf_release(&text);
    }
}

/* Few ways to be: equal rows are no copies, of numbers and of words. */
static void parts__chance_is_no_leak(void **state)
{
    struct schema_request q = {.ngrams = NGRAM_DEFAULTS};
    struct buf numbers = {0}, words = {0};
    struct rng rng;
    struct checked c;

    (void)state;
    rng_init(&rng, 5, 1);
    buf_add_text(&numbers, "a,b,label,split\n");
    buf_add_text(&words, "title,label,split\n");
    for (int i = 0; i < 400; i++) {
        const char *part = i % 5 ? "train" : "test";
        int label = (int)rng_below(&rng, 2);
        buf_printf(&numbers, "%d,%d,%d,%s\n", (int)rng_below(&rng, 40),
                   (int)rng_below(&rng, 30), label, part);
        buf_printf(&words, "the %c%c of the %c%c in %c%c,%d,%s\n",
                   'a' + (int)rng_below(&rng, 8), 'z',
                   'a' + (int)rng_below(&rng, 8), 'y',
                   'a' + (int)rng_below(&rng, 8), 'x', label, part);
    }
    for (int i = 0; i < 2; i++) {
        load(&c, i ? words.data : numbers.data, &q);
        check_duplicates(&c.table, &c.raw, 1, &c.findings);
        assert_int_equal(row_chance(&c.table, &c.raw), ROW_CHANCE);
        assert_int_equal(status(&c, "leak"), FINDING_OK);
        assert_true(find(&c, "duplicates", NULL)->value > 20);
        unload(&c);
    }
    buf_release(&numbers);
    buf_release(&words);
}

static void parts__sizes(void **state)
{
    struct schema_request q = {.ngrams = NGRAM_DEFAULTS};
    struct buf text = {0};
    struct checked c;

    (void)state;
    buf_add_text(&text, "x,label,split\n");
    for (int i = 0; i < 40; i++)
        buf_printf(&text, "%d.5,%d,%s\n", i * i % 97, i < 30 ? i % 2 : 1,
                   i < 10   ? "train"
                   : i < 25 ? "val"
                   : i < 30 ? ""
                            : "test");
    load(&c, text.data, &q);
    check_parts(&c.table, &c.raw, &c.findings);
    assert_int_equal(find(&c, "sizes", "no part")->status, FINDING_WARN);
    assert_int_equal(find(&c, "sizes", "val")->status, FINDING_WARN);
    assert_int_equal(find(&c, "sizes", "test")->status, FINDING_FAIL);
    unload(&c);
    buf_release(&text);
}

/* The end of a sorted file; the end of one in no order. */
static void parts__order_of_the_file(void **state)
{
    struct schema_request q = {.ngrams = NGRAM_DEFAULTS};

    (void)state;
    for (int sorted = 0; sorted < 2; sorted++) {
        struct buf text = {0};
        struct rng rng;
        struct checked c;
        rng_init(&rng, 8, 1);
        buf_add_text(&text, "x,label,split\n");
        for (int i = 0; i < 500; i++)
            buf_printf(&text, "%.3f,%d,%s\n",
                       sorted * .01 * i + rng_normal(&rng), i % 3 > 1,
                       i < 400 ? "train" : "test");
        load(&c, text.data, &q);
        check_shares(&c.table, &c.raw, 1, &c.findings);
        assert_int_equal(status(&c, "order"),
                         sorted ? FINDING_WARN : FINDING_OK);
        assert_int_equal(status(&c, "columns"),
                         sorted ? FINDING_FAIL : FINDING_OK);
        unload(&c);
        buf_release(&text);
    }
}

/* Nothing to hold against anything. */
static void parts__one_part_or_one_row(void **state)
{
    struct schema_request q = {.ngrams = NGRAM_DEFAULTS};
    struct checked c;

    (void)state;
    load(&c, "x,y,label,split\n1,2,a,train\n", &q);
    check_all(&c);
    assert_int_equal(c.findings.n, 2); /* conflicts, duplicates */
    unload(&c);
    load(&c, "x,y,label,split\n1,2,a,train\n,2,b,test\n", &q);
    check_all(&c);
    assert_int_equal(findings_count(&c.findings, FINDING_WARN), 0);
    unload(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coincidence__pairs_and_their_limit),
        cmocka_unit_test(coincidence__lists),
        cmocka_unit_test(near_rows__all_pairs),
        cmocka_unit_test(first_rows__lowest_in_any_order),
        cmocka_unit_test(parts__as_counted_elsewhere),
        cmocka_unit_test(parts__clean_tables),
        cmocka_unit_test(parts__copies),
        cmocka_unit_test(parts__chance_is_no_leak),
        cmocka_unit_test(parts__sizes),
        cmocka_unit_test(parts__order_of_the_file),
        cmocka_unit_test(parts__one_part_or_one_row),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
