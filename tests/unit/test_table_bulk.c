/*
 * Types and tables from many records at once: the same as record by record, at
 * any number of threads and wherever blocks end, kept or read again.
 */
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

#include "base/rng.h"
#include "table/table.h"

enum { ROWS = 400 };

static const struct csv_options together = {.reread = true};

/* ---- data ---- */

enum content { WHOLES, FLOATS, HOLES, MIXED, LATE_WORD };

static void add_number(struct buf *out, struct rng *rng, enum content content)
{
    switch (rng_below(rng, content == WHOLES ? 2 : 5)) {
    case 0:
        buf_printf(out, "%d", (int)rng_below(rng, 5));
        break;
    case 1:
        buf_printf(out, "%d", (int)rng_below(rng, 1000));
        break;
    case 2:
        buf_printf(out, "%.17g", rng_normal(rng));
        break;
    case 3:
        buf_printf(out, "%d", (int)rng_below(rng, 100000) - 500);
        break;
    default:
        if (content != HOLES)
            buf_printf(out, "%.3fe-2", rng_uniform(rng));
    }
}

/* Ten columns of numbers, and for MIXED a category and a text among them. */
static struct buf make_table(enum content content, bool reversed)
{
    struct buf out = {0};
    struct rng rng;

    rng_init(&rng, (uint64_t)content, 3);
    buf_add_text(&out, reversed ? "label,split,w" : "w,split,label");
    for (int i = 0; i < 10; i++)
        buf_printf(&out, ",x%d", reversed ? 9 - i : i);
    buf_add_text(&out, content == MIXED ? ",kind,words\n" : "\n");
    for (int row = 0; row < ROWS; row++) {
        const char *part = row % 5 == 4 ? "test" : "train";
        if (reversed)
            buf_printf(&out, "k%d,%s,%d", row % 3, part, row % 4);
        else
            buf_printf(&out, "%d,%s,k%d", row % 4, part, row % 3);
        for (int i = 0; i < 10; i++) {
            buf_add_char(&out, ',');
            if (content == LATE_WORD && row == ROWS - 1 && i == 4)
                buf_add_text(&out, "word");
            else
                add_number(&out, &rng, content);
        }
        if (content == MIXED)
            buf_printf(&out, ",\"c%d\",some words %d and %d", row * 7 % 5,
                       row % 9, row);
        buf_add_char(&out, '\n');
    }
    return out;
}

/* ---- both ways ---- */

struct result {
    struct schema schema;
    struct table table;
    struct buf notes;
    struct err err;
    size_t records;
};

static void read_rows(struct table *t, struct csv_reader *reader,
                      struct err *err)
{
    while (csv_reader_next(reader, err) == 1)
        if (table_add(t, reader, err) != 0)
            return;
}

static void read_all(struct result *r, char *const *paths, size_t n,
                     const struct csv_options *options, bool bulk)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS, .weight = "w"};
    struct csv_reader *reader;

    memset(r, 0, sizeof(*r));
    reader = csv_reader_open(paths, n, options, &r->err);
    assert_non_null(reader);
    if (schema_infer(&r->schema, reader, &request, &r->notes, &r->err) == 0) {
        assert_int_equal(csv_reader_rewind(reader, &r->err), 0);
        assert_int_equal(table_init(&r->table, &r->schema, reader, &r->err), 0);
        if (bulk)
            table_read(&r->table, reader, &r->err);
        else
            read_rows(&r->table, reader, &r->err);
        r->records = csv_reader_records(reader);
    }
    csv_reader_close(reader);
}

static void release(struct result *r)
{
    table_release(&r->table);
    schema_release(&r->schema);
    buf_release(&r->notes);
}

static void assert_dicts(const struct dict *a, const struct dict *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        assert_string_equal(a->text[i], b->text[i]);
}

static void assert_columns(const struct schema *a, const struct schema *b)
{
    assert_int_equal(a->fit_rows, b->fit_rows);
    for (size_t i = 0; i < a->n; i++) {
        const struct column *x = &a->columns[i], *y = &b->columns[i];
        assert_int_equal(x->type, y->type);
        assert_int_equal(x->role, y->role);
        assert_int_equal(x->cells, y->cells);
        assert_int_equal(x->missing, y->missing);
        assert_int_equal(x->distinct, y->distinct);
        assert_memory_equal(&x->shift, &y->shift, sizeof(x->shift));
        assert_memory_equal(&x->low, &y->low, sizeof(x->low));
        assert_memory_equal(&x->high, &y->high, sizeof(x->high));
    }
}

static void assert_bytes(const void *a, const void *b, size_t n, size_t size)
{
    if (n > 0)
        assert_memory_equal(a, b, n * size);
}

static void assert_tables(const struct table *a, const struct table *b)
{
    assert_int_equal(a->n, b->n);
    assert_bytes(a->numbers, b->numbers, a->n * a->n_numbers, sizeof(float));
    assert_bytes(a->levels, b->levels, a->n * a->n_categories,
                 sizeof(uint32_t));
    assert_bytes(a->label, b->label, a->n, sizeof(*a->label));
    assert_bytes(a->labelled, b->labelled, a->n, sizeof(*a->labelled));
    assert_bytes(a->part, b->part, a->n, sizeof(*a->part));
    assert_bytes(a->weight, b->weight, a->n, sizeof(*a->weight));
    assert_bytes(a->fingerprint, b->fingerprint, a->n, sizeof(uint64_t));
    assert_dicts(&a->labels, &b->labels);
    assert_dicts(&a->parts, &b->parts);
    for (size_t i = 0; i < a->n_categories; i++)
        assert_dicts(&a->dicts[i], &b->dicts[i]);
    for (size_t i = 0; i < a->n_texts; i++) {
        const struct ngrams *x = &a->texts[i], *y = &b->texts[i];
        assert_int_equal(x->entries, y->entries);
        assert_bytes(x->start, y->start, x->n + 1, sizeof(*x->start));
        assert_bytes(x->bucket, y->bucket, x->entries, sizeof(*x->bucket));
        assert_bytes(x->count, y->count, x->entries, sizeof(*x->count));
    }
}

static void assert_errors(const struct err *a, const struct err *b)
{
    char x[2000], y[2000];

    err_format(a, x, sizeof(x));
    err_format(b, y, sizeof(y));
    assert_string_equal(x, y);
}

/* The first is read on one thread in one block, record by record. */
static void compare(char *const *paths, size_t n)
{
    static const int threads[] = {1, 2, 3, 8};
    static const size_t sizes[] = {0, 2000};
    struct result one;

    omp_set_num_threads(1);
    read_all(&one, paths, n, &together, false);
    for (size_t i = 0; i < sizeof(threads) / sizeof(*threads); i++)
        for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
            struct csv_options options = together;
            struct result many;
            if (!sizes[k] && threads[i] > 2)
                continue;
            options.block_size = sizes[k];
            omp_set_num_threads(threads[i]);
            read_all(&many, paths, n, &options, true);
            assert_errors(&many.err, &one.err);
            assert_columns(&many.schema, &one.schema);
            if (!one.err.kind) {
                assert_int_equal(many.records, one.records);
                assert_tables(&many.table, &one.table);
            }
            release(&many);
        }
    release(&one);
}

static void compare_text(const char *text)
{
    char *path = scratch_text("f.csv", text);

    compare(&path, 1);
}

static void compare_content(enum content content)
{
    struct buf text = make_table(content, false);

    compare_text(text.data);
    buf_release(&text);
}

/* ---- tests ---- */

static void table_read__numbers(void **state)
{
    (void)state;
    compare_content(WHOLES);
    compare_content(FLOATS);
    compare_content(HOLES);
}

static void table_read__categories_and_texts(void **state)
{
    (void)state;
    compare_content(MIXED);
}

/* What was kept of the numbers before is of no use. */
static void table_read__a_word_at_the_end(void **state)
{
    struct buf text = make_table(LATE_WORD, false);
    char *at = strstr(text.data, "word");

    (void)state;
    compare_text(text.data);
    memcpy(at, "1809", 4);
    compare_text(text.data);
    memcpy(at, "1e31", 4);
    compare_text(text.data);
    buf_release(&text);
}

static void table_read__two_files(void **state)
{
    struct buf first = make_table(FLOATS, false),
               second = make_table(FLOATS, true);
    char *paths[] = {scratch_text("f.csv", first.data),
                     scratch_text("g.csv", second.data)};

    (void)state;
    compare(paths, 2);
    buf_release(&first);
    buf_release(&second);
}

/* The error that comes first in the file, wherever it is found. */
static void table_read__first_error(void **state)
{
    static const char *const bad[] = {"train,k1,", "train,k2,"};
    struct buf text = make_table(FLOATS, false);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char *at = text.data + text.len / 2;
        at = strstr(at, bad[i]);
        assert_non_null(at);
        at[-2] = '-'; /* the weight, a digit, is no number any more */
        compare_text(text.data);
    }
    text.data[text.len - 40] = '\n';
    compare_text(text.data);
    buf_release(&text);
}

static void table_read__identifiers_and_empty_columns(void **state)
{
    struct buf text = {0};

    (void)state;
    buf_add_text(&text, "w,key,empty,x,label\n");
    for (int i = 0; i < ROWS; i++)
        buf_printf(&text, "1,%d,,%d,%d\n", i * 3 + 100, i % 50, i % 2);
    compare_text(text.data);
    buf_release(&text);
}

/* The running mean of the cells as they come, and what else is known. */
static void schema_infer__numbers(void **state)
{
    struct buf text = make_table(WHOLES, false);
    char *path = scratch_text("f.csv", text.data);
    struct result r;
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(&path, 1, &together, &err);
    bool seen[1000] = {false};
    double mean = 0, n = 0, low = 1e9, high = -1;
    size_t distinct = 0;

    (void)state;
    while (csv_reader_next(reader, &err) == 1) {
        const struct csv_field *f = csv_reader_fields(reader);
        long whole = strtol(f[7].text, NULL, 10);
        if (strcmp(f[1].text, "test") == 0)
            continue;
        mean += ((double)whole - mean) / ++n;
        low = fmin(low, (double)whole);
        high = fmax(high, (double)whole);
        distinct += !seen[whole];
        seen[whole] = true;
    }
    csv_reader_close(reader);
    read_all(&r, &path, 1, &together, true);
    assert_int_equal(r.schema.columns[7].cells, n);
    assert_int_equal(r.schema.columns[7].distinct, distinct);
    assert_memory_equal(&r.schema.columns[7].shift, &mean, sizeof(mean));
    assert_true(r.schema.columns[7].low == low);
    assert_true(r.schema.columns[7].high == high);
    release(&r);
    buf_release(&text);
}

static void infer(struct schema *schema, char *path, bool quick)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS, .quick = quick};
    struct buf notes = {0};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(&path, 1, &together, &err);

    assert_non_null(reader);
    assert_int_equal(schema_infer(schema, reader, &request, &notes, &err), 0);
    csv_reader_close(reader);
    buf_release(&notes);
}

/*
 * x has fractions only; y many, and words behind them; z few; whole numbers
 * of w nearly all differ.  Of the last two types and roles follow from counts.
 */
static void check_quick(size_t rows, bool words)
{
    struct buf text = {0};
    struct schema exact, quick;
    char *path;

    buf_add_text(&text, "label,x,y,z,w\n");
    for (size_t i = 0; i < rows; i++) {
        bool word = words && i > rows / 2;
        buf_printf(&text, "k%zu,%zu.25,", i % 2, i);
        buf_printf(&text, word ? "word %zu," : "%zu.5,", i);
        buf_printf(&text, word ? "m,%zu\n" : "%zu.5,%zu\n",
                   word ? 2000 + i : i % 3, 2000 + i);
    }
    path = scratch_text("quick.csv", text.data);
    infer(&exact, path, false);
    infer(&quick, path, true);
    assert_int_equal(quick.fit_rows, rows);
    for (size_t i = 0; i < exact.n; i++) {
        const struct column *a = &exact.columns[i], *b = &quick.columns[i];
        assert_int_equal(a->type, b->type);
        assert_int_equal(a->role, b->role);
        assert_int_equal(a->cells, b->cells);
        if (words)
            assert_int_equal(a->distinct, b->distinct);
    }
    assert_int_equal(exact.columns[2].type, words ? TYPE_TEXT : TYPE_NUMBER);
    assert_int_equal(exact.columns[3].type,
                     words ? TYPE_CATEGORY : TYPE_NUMBER);
    assert_int_equal(exact.columns[4].role, ROLE_UNUSED);
    assert_int_equal(exact.columns[1].distinct, rows);
    assert_int_equal(quick.columns[1].distinct, words ? rows : 0);
    schema_release(&exact);
    schema_release(&quick);
    buf_release(&text);
}

static void schema_infer__quick(void **state)
{
    (void)state;
    check_quick(300, false);
    check_quick(300, true);
    check_quick(20000, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_read__numbers),
        cmocka_unit_test(table_read__categories_and_texts),
        cmocka_unit_test(table_read__a_word_at_the_end),
        cmocka_unit_test(table_read__two_files),
        cmocka_unit_test(table_read__first_error),
        cmocka_unit_test(table_read__identifiers_and_empty_columns),
        cmocka_unit_test(schema_infer__numbers),
        cmocka_unit_test(schema_infer__quick),
    };

    return cmocka_run_group_tests_name("table_bulk", tests, NULL,
                                       scratch_remove);
}
