/*
 * Files made at random: records cut directly are those that libcsv cuts,
 * wherever blocks end, one by one and many at once, at any number of threads.
 */
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"
#include "scratch.h"

#include "base/rng.h"
#include "csv/scan.h"

enum { FILES = 2000, MOST_RECORDS = 12 };

/* ---- files ---- */

struct taste {
    size_t columns;
    bool crlf, quotes, unicode, ragged, broken, blanks;
};

static size_t below(struct rng *rng, size_t n)
{
    return (size_t)rng_below(rng, n);
}

static bool one_in(struct rng *rng, size_t n)
{
    return below(rng, n) == 0;
}

static void add_plain(struct buf *out, struct rng *rng, const struct taste *t)
{
    static const char *const parts[] = {"a",  "7",  "12",  "0",       " ",
                                        "-1", ".5", "x y", "abcdefgh"};
    static const char *const letters[] = {"\xc3\xa9", "\xe6\xbc\xa2",
                                          "\xf0\x9f\x99\x82"};
    size_t n = below(rng, 4);

    for (size_t i = 0; i < n; i++)
        buf_add_text(out, t->unicode && one_in(rng, 3) ? letters[below(rng, 3)]
                                                       : parts[below(rng, 9)]);
}

static void add_quoted(struct buf *out, struct rng *rng, const struct taste *t)
{
    static const char *const parts[] = {"\"\"", ",", "\n", "\r\n", "\r", ""};

    buf_add_char(out, '"');
    for (size_t i = below(rng, 4); i > 0; i--) {
        buf_add_text(out, parts[below(rng, 6)]);
        add_plain(out, rng, t);
    }
    buf_add_char(out, '"');
}

/* What no file should have, at some place. */
static void add_broken(struct buf *out, struct rng *rng)
{
    static const char *const parts[] = {"\"",     "\r",   "\xff",
                                        "\xc3",   "\"x",  "x\"y",
                                        "\"a\"b", "\r\r", "\xed\xa0\x80"};

    if (one_in(rng, 12))
        buf_add(out, "\0", 1);
    else
        buf_add_text(out, parts[below(rng, 9)]);
}

static void add_record(struct buf *out, struct rng *rng, const struct taste *t,
                       size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        if (i)
            buf_add_char(out, ',');
        if (t->quotes && one_in(rng, 3))
            add_quoted(out, rng, t);
        else
            add_plain(out, rng, t);
        if (t->broken && one_in(rng, 30))
            add_broken(out, rng);
    }
}

static void add_end(struct buf *out, struct rng *rng, const struct taste *t)
{
    buf_add_text(out, t->crlf && !one_in(rng, 8) ? "\r\n" : "\n");
    while (t->blanks && one_in(rng, 3))
        buf_add_text(out, t->crlf ? "\r\n" : "\n");
}

static struct buf make_file(struct rng *rng)
{
    struct taste t = {.columns = 1 + below(rng, 1 + below(rng, 9)),
                      .crlf = one_in(rng, 3),
                      .quotes = one_in(rng, 2),
                      .unicode = one_in(rng, 3),
                      .ragged = one_in(rng, 5),
                      .broken = one_in(rng, 5),
                      .blanks = one_in(rng, 3)};
    struct buf out = {0};
    size_t n = below(rng, MOST_RECORDS);

    buf_add_text(&out, one_in(rng, 8) ? "\xef\xbb\xbf" : "");
    for (size_t i = 0; i < t.columns; i++)
        buf_printf(&out, t.quotes && one_in(rng, 2) ? "%s\"c%zu\"" : "%sc%zu",
                   i ? "," : "", i);
    for (size_t i = 0; i < n; i++) {
        add_end(&out, rng, &t);
        add_record(&out, rng, &t,
                   t.columns + (t.ragged && one_in(rng, 6)) -
                       (t.ragged && t.columns > 1 && one_in(rng, 6)));
    }
    if (!one_in(rng, 3))
        add_end(&out, rng, &t);
    return out;
}

/* ---- what is read ---- */

static void add_cell(struct buf *out, const char *text, size_t len)
{
    buf_printf(out, "%zu:", len);
    buf_add(out, text, len);
    assert_int_equal(text[len], 0);
}

static void add_error(struct buf *out, const struct csv_reader *reader,
                      const struct err *err)
{
    char text[2000];

    if (reader)
        buf_printf(out, "skipped %zu records %zu ", csv_reader_skipped(reader),
                   csv_reader_records(reader));
    if (!err->kind)
        return;
    err_format(err, text, sizeof(text));
    buf_printf(out, "!%d %s", err->kind, text);
}

static void add_one_by_one(struct buf *out, struct csv_reader *reader,
                           struct err *err)
{
    size_t width = csv_reader_width(reader), len;

    while (csv_reader_next(reader, err) == 1) {
        const char *raw = csv_reader_raw(reader, &len);
        struct csv_field last = csv_reader_cell(reader, width - 1);
        const struct csv_field *f = csv_reader_fields(reader);
        assert_ptr_equal(raw, f[0].raw);
        assert_ptr_equal(last.text, f[width - 1].text);
        assert_int_equal(len, last.raw + last.raw_len - raw);
        buf_printf(out, "%ld;", csv_reader_line(reader));
        for (size_t i = 0; i < width; i++) {
            add_cell(out, f[i].text, f[i].len);
            buf_add(out, f[i].raw, f[i].raw_len);
        }
    }
}

static void add_bulk(struct buf *out, struct csv_reader *reader,
                     struct err *err)
{
    struct csv_bulk bulk;

    while (csv_reader_bulk(reader, &bulk, err) == 1)
        for (size_t k = 0; k < bulk.n_blocks; k++) {
            const struct csv_rows *rows = &bulk.blocks[k];
            for (size_t r = 0; r < rows->n; r++) {
                buf_printf(out, "%ld;", rows->first_line + (long)rows->line[r]);
                for (size_t i = 0; i < csv_reader_width(reader); i++) {
                    size_t len;
                    const char *text = csv_bulk_cell(&bulk, rows, r, i, &len);
                    add_cell(out, text, len);
                }
            }
        }
}

static struct buf outcome(char *path, const struct csv_options *options,
                          bool bulk)
{
    struct buf out = {0};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(&path, 1, options, &err);

    if (reader)
        (bulk ? add_bulk : add_one_by_one)(&out, reader, &err);
    add_error(&out, reader, &err);
    csv_reader_close(reader);
    return out;
}

static void assert_same(const struct buf *text, struct buf got,
                        const struct buf *wanted, size_t block_size)
{
    if (got.len != wanted->len || memcmp(got.data, wanted->data, got.len) != 0)
        fail_msg("blocks of %zu:\n%s\nare read as\n%s\nnot as\n%s", block_size,
                 text->data, got.data, wanted->data);
    buf_release(&got);
}

/* ---- tests ---- */

static void compare(const struct buf *text, struct rng *rng, bool skip_bad)
{
    static const size_t sizes[] = {0, 1, 2, 3, 5, 8, 13, 21, 34, 64};
    struct csv_options options = {.libcsv = true, .skip_bad = skip_bad};
    char *path = scratch_bytes("random.csv", text->data, text->len);
    struct buf wanted = outcome(path, &options, false),
               bulk = outcome(path, &options, true);

    for (int direct = 0; direct < 2; direct++)
        for (int k = 0; k < 3; k++) {
            options.libcsv = !direct;
            options.block_size = sizes[k ? below(rng, 10) : 0];
            omp_set_num_threads(one_in(rng, 6) ? 3 : 1);
            assert_same(text, outcome(path, &options, false), &wanted,
                        options.block_size);
            assert_same(text, outcome(path, &options, true), &bulk,
                        options.block_size);
        }
    buf_release(&wanted);
    buf_release(&bulk);
}

static void csv_reader__random_files(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 77);
    for (int i = 0; i < FILES; i++) {
        struct buf text = make_file(&rng);
        compare(&text, &rng, i % 3 == 0);
        buf_release(&text);
    }
}

/* A block that is a multiple of 64 bytes, and all around it. */
static void scan_records__any_length(void **state)
{
    (void)state;
    for (size_t len = 1; len < 300; len++) {
        struct buf text = {0};
        struct rng rng;
        rng_init(&rng, len, 78);
        buf_add_text(&text, "a,b\n");
        while (text.len < len)
            buf_add_text(&text, one_in(&rng, 2) ? "1,2\n" : "12,x\r\n");
        text.data[text.len - 1] = '\n';
        compare(&text, &rng, false);
        buf_release(&text);
    }
}

static void scan_count__all(void **state)
{
    char text[700];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 3 ? '"' : 'x';
    for (size_t begin = 0; begin < 40; begin++)
        for (size_t len = 0; begin + len <= sizeof(text); len += 7) {
            size_t n = 0;
            for (size_t i = 0; i < len; i++)
                n += text[begin + i] == '"';
            assert_int_equal(scan_count(text + begin, len, '"'), n);
        }
    memset(text, '"', sizeof(text));
    assert_int_equal(scan_count(text, sizeof(text), '"'), sizeof(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_reader__random_files),
        cmocka_unit_test(scan_records__any_length),
        cmocka_unit_test(scan_count__all),
    };

    return cmocka_run_group_tests_name("csv_random", tests, NULL,
                                       scratch_remove);
}
