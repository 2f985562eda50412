#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <zlib.h>

#include <cmocka.h>

#include "records.h"
#include "scratch.h"

#include "csv/held.h"
#include "csv/input.h"
#include "csv/list.h"
#include "csv/output.h"
#include "csv/reader.h"
#include "csv/rows.h"
#include "csv/writer.h"

static const struct csv_options plain = {0};

static void assert_bytes_with(const void *bytes, size_t len,
                              const struct csv_options *options,
                              const char *expected)
{
    char *paths[] = {scratch_bytes("f", bytes, len)};
    struct buf got = contents(paths, 1, options);

    assert_string_equal(got.data, expected);
    buf_release(&got);
}

static void assert_reads(const char *text, const char *expected)
{
    assert_bytes_with(text, strlen(text), &plain, expected);
}

/* ---- the reader: what is accepted ---- */

static void csv_reader__plain(void **state)
{
    (void)state;
    assert_reads("a,b\n1,2\n3,4\n", "a|b|;2:1|2|;3:3|4|;");
    assert_reads("a,b\n1,2\n3,4", "a|b|;2:1|2|;3:3|4|;");
    assert_reads("a,b\n,\n", "a|b|;2:||;");
    assert_reads("a,b\n 1 ,\t2\n", "a|b|;2: 1 |\t2|;");
    assert_reads("a\n1\n", "a|;2:1|;");
}

static void csv_reader__quotes(void **state)
{
    (void)state;
    assert_reads("a,b\n\"1,2\",\"\"\"x\"\"\"\n", "a|b|;2:1,2|\"x\"|;");
    assert_reads("a,b\n\"\",\"\"\"\"\n", "a|b|;2:|\"|;");
    assert_reads("\"a,b\",\"c\"\"\"\n1,2\n", "a,b|c\"|;2:1|2|;");
    assert_reads("a,b\n1,\"2\"", "a|b|;2:1|2|;");
}

static void csv_reader__quoted_newline(void **state)
{
    (void)state;
    assert_reads("a,b\n\"1\n2\",3\n4,\"5\r\n\n6\"\n7,8\n",
                 "a|b|;2:1\n2|3|;4:4|5\r\n\n6|;7:7|8|;");
    assert_reads("\"a\nb\",c\n1,2\n", "a\nb|c|;3:1|2|;");
}

static void csv_reader__crlf(void **state)
{
    (void)state;
    assert_reads("a,b\r\n1,2\r\n\r\n3,\"4\"\r\n", "a|b|;2:1|2|;4:3|4|;");
    assert_reads("a,b\r\n1,2\n3,4\r\n", "a|b|;2:1|2|;3:3|4|;");
}

static void csv_reader__byte_order_mark(void **state)
{
    (void)state;
    assert_reads("\xef\xbb\xbf"
                 "a,b\n1,2\n",
                 "a|b|;2:1|2|;");
    assert_reads("\xef\xbb\xbf\"a\",b\n1,2\n", "a|b|;2:1|2|;");
    assert_reads("a,b\n\xef\xbb\xbf"
                 "1,2\n",
                 "a|b|;2:\xef\xbb\xbf"
                 "1|2|;");
    assert_reads("\xef\xbb\xbf",
                 "!1 f: empty input: no header row (did what writes it fail?)");
}

static void csv_reader__blank_lines(void **state)
{
    (void)state;
    assert_reads("\n\na,b\n\n1,2\n\n\n3,4\n\n", "a|b|;5:1|2|;8:3|4|;");
    assert_reads("a\n1\n\n2\n", "a|;2:1|;3:|;4:2|;");
    assert_reads("a\r\n\r\n2\r\n", "a|;2:|;3:2|;");
    assert_reads("a\n\"\"\n", "a|;2:|;");
    assert_reads("a,b\n \n",
                 "a|b|;!1 f:2: expected 2 fields (header line 1), got 1");
}

static void csv_reader__delimiter(void **state)
{
    struct csv_options options = {.delimiter = ';'};
    char *paths[] = {scratch_text("f", "a;b\n1,2;\"3;4\"\n")};
    struct err err = {0};
    struct csv_reader *reader;

    (void)state;
    assert_bytes_with("a;b\n1,2;\"3;4\"\n", 14, &options, "a|b|;2:1,2|3;4|;");
    reader = csv_reader_open(paths, 1, &options, &err);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_null(csv_reader_fields(reader)[0].raw);
    csv_reader_close(reader);
    options.delimiter = '\t';
    assert_bytes_with("a\tb\n\t2\n", 7, &options, "a|b|;2:|2|;");
}

static void csv_reader__encodings(void **state)
{
    struct csv_options latin = {.encoding = "latin1"};
    struct csv_options wide = {.encoding = "utf-16"};
    struct csv_options odd = {.encoding = "no-such"};
    char *paths[] = {scratch_text("g", "a\n1\n")};
    struct err err = {0};

    (void)state;
    assert_bytes_with("a\n\xe9\n", 4, &latin, "a|;2:\xc3\xa9|;");
    assert_bytes_with("\xff\xfe"
                      "a\0\n\0\xe9\0\n\0",
                      10, &wide, "a|;2:\xc3\xa9|;");
    assert_null(csv_reader_open(paths, 1, &odd, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message, "unknown encoding 'no-such'");
}

static void assert_raw(const struct csv_field *f, const char *raw)
{
    assert_int_equal(f->raw_len, strlen(raw));
    assert_memory_equal(f->raw, raw, strlen(raw));
}

static void csv_reader__raw_bytes(void **state)
{
    struct csv_reader *reader = scratch_reader(
        "\"a\",b,c,d\n1,\"2\",\"a\"\"\n,\",\n,,\"\",\"\"\"\"\r\n", false);
    const struct csv_field *f;
    struct err err = {0};
    size_t len;

    (void)state;
    assert_memory_equal(csv_reader_raw_name(reader, 0, &len), "\"a\"", 3);
    assert_int_equal(len, 3);
    assert_memory_equal(csv_reader_raw_name(reader, 1, &len), "b", 1);
    assert_int_equal(len, 1);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    f = csv_reader_fields(reader);
    assert_raw(&f[0], "1");
    assert_raw(&f[1], "\"2\"");
    assert_raw(&f[2], "\"a\"\"\n,\"");
    assert_raw(&f[3], "");
    assert_int_equal(csv_reader_next(reader, &err), 1);
    f = csv_reader_fields(reader);
    assert_raw(&f[0], "");
    assert_raw(&f[2], "\"\"");
    assert_raw(&f[3], "\"\"\"\"");
    assert_int_equal(csv_reader_records(reader), 2);
    assert_int_equal(csv_reader_next(reader, &err), 0);
    csv_reader_close(reader);
}

/* ---- the reader: what is refused ---- */

static void csv_reader__ragged(void **state)
{
    (void)state;
    assert_reads("a,b\n1,2\n\"x\ny\",2\n1,2,3\n",
                 "a|b|;2:1|2|;3:x\ny|2|;!1 f:5: expected 2 fields (header "
                 "line 1), got 3");
    assert_reads("\na\n1,2\n",
                 "a|;!1 f:3: expected 1 field (header line 2), got 2");
}

static void csv_reader__nothing_to_read(void **state)
{
    (void)state;
    assert_reads("",
                 "!1 f: empty input: no header row (did what writes it fail?)");
    assert_reads("\n\n",
                 "!1 f: empty input: no header row (did what writes it fail?)");
    assert_reads("a,b\n", "a|b|;!1 f: no rows after the header");
    assert_reads("a,b", "a|b|;!1 f: no rows after the header");
}

static void csv_reader__duplicate_names(void **state)
{
    (void)state;
    assert_reads("a,b,a\n1,2,3\n",
                 "!1 f:1: column 'a' occurs twice (fields 1 and 3)");
    assert_reads("a,\"a\"\n1,2\n",
                 "!1 f:1: column 'a' occurs twice (fields 1 and 2)");
    assert_reads("a,,\n1,2,3\n",
                 "!1 f:1: column '' occurs twice (fields 2 and 3)");
}

static void csv_reader__malformed_quotes(void **state)
{
    const char *what =
        "malformed quotes (inside a quoted field a quote is doubled)";
    struct buf expected = {0};

    (void)state;
    buf_printf(&expected, "a|b|;2:1|2|;!1 f:3: %s: 'x\"y,2\\n'", what);
    assert_reads("a,b\n1,2\nx\"y,2\n3,4\n", expected.data);
    buf_clear(&expected);
    buf_printf(&expected, "a|b|;!1 f:2: %s: '\"x\"y,2\\n'", what);
    assert_reads("a,b\n\"x\"y,2\n", expected.data);
    buf_release(&expected);
}

static void csv_reader__unterminated_quote(void **state)
{
    (void)state;
    assert_reads("a,b\n1,2\n3,\"x\ny\n",
                 "a|b|;2:1|2|;!1 f:3: unterminated quote: '3,\"x\\ny\\n'");
    assert_reads("a,\"b\n1,2\n",
                 "!1 f:1: unterminated quote: 'a,\"b\\n1,2\\n'");
}

static void csv_reader__bare_carriage_return(void **state)
{
    const char *what = "bare carriage return (lines end in LF or CRLF)";
    struct buf expected = {0};

    (void)state;
    buf_printf(&expected, "a|b|;!1 f:2: %s: '1,2\\r3,4\\n'", what);
    assert_reads("a,b\n1,2\r3,4\n", expected.data);
    buf_clear(&expected);
    buf_printf(&expected, "a|b|;!1 f:2: %s: '1,2\\r\\r\\n'", what);
    assert_reads("a,b\n1,2\r\r\n", expected.data);
    buf_clear(&expected);
    buf_printf(&expected, "!1 f:1: %s: 'a,b\\r1,2\\r'", what);
    assert_reads("a,b\r1,2\r", expected.data);
    buf_release(&expected);
    assert_reads("a,b\n\"1\r2\",3\n", "a|b|;2:1\r2|3|;");
}

static void csv_reader__bytes_that_are_no_text(void **state)
{
    (void)state;
    assert_bytes_with("a,b\n1,\0\n", 8, &plain,
                      "a|b|;!1 f:2: NUL byte (UTF-16 needs --encoding utf-16)");
    assert_reads("a,b\n1,2\n\"x\ny\xe9\",2\n",
                 "a|b|;2:1|2|;!1 f:4: not UTF-8: '\\xe9\",2\\n' (perhaps "
                 "--encoding latin1)");
    assert_reads("a,\xff\n1,2\n", "!1 f:1: not UTF-8: '\\xff\\n' (perhaps "
                                  "--encoding latin1)");
}

/* Bad records are left out and counted; an error is not left behind. */
static void csv_reader__skip_bad(void **state)
{
    struct csv_options options = {.skip_bad = true};
    const char *text = "a,b\n1,2\n1,2,3\n\xff,4\n5,6\n7\n";
    char *paths[] = {scratch_text("f", text)};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, 1, &options, &err);
    size_t n = 0;

    (void)state;
    while (csv_reader_next(reader, &err) == 1)
        n++;
    assert_int_equal(n, 2);
    assert_int_equal(csv_reader_records(reader), 2);
    assert_int_equal(csv_reader_skipped(reader), 3);
    csv_reader_close(reader);
    assert_bytes_with("a,b\n1,2\n3,\"x\n", 13, &options,
                      "a|b|;2:1|2|;!1 f:3: unterminated quote: '3,\"x\\n'");
}

static void csv_reader__success_leaves_err_alone(void **state)
{
    struct csv_options options = {.skip_bad = true};
    char *paths[] = {scratch_text("f", "a,b\n\xff,4\n5,6\n")};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, 1, &options, &err);

    (void)state;
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_int_equal(csv_reader_next(reader, &err), 0);
    csv_reader_close(reader);
    assert_int_equal(err.kind, ERR_NONE);
}

static void csv_reader__no_such_file(void **state)
{
    char *paths[] = {scratch_path("none"), scratch_folder};
    struct err err = {0};

    (void)state;
    assert_null(csv_reader_open(paths, 1, &plain, &err));
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_string_equal(err.message, "cannot open: No such file or directory");
    assert_string_equal(err.file, paths[0]);
    assert_null(csv_reader_open(paths + 1, 1, &plain, &err));
    assert_string_equal(err.message, "is a folder, not a file");
}

static void csv_reader__find_and_require(void **state)
{
    struct csv_reader *reader = scratch_reader("a,b\n1,2\n", false);
    struct err err = {0};
    size_t column = 9;

    (void)state;
    assert_int_equal(csv_reader_find(reader, "b"), 1);
    assert_int_equal(csv_reader_find(reader, "B"), CSV_NONE);
    assert_int_equal(csv_reader_require(reader, "a", &column, &err), 0);
    assert_int_equal(column, 0);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(csv_reader_require(reader, "c", &column, &err), -1);
    assert_string_equal(err.message, "no column 'c' (there are: a, b)");
    assert_int_equal(csv_reader_next(reader, &err), 1);
    err_set(&err, ERR_DATA, "bad");
    assert_int_equal(csv_reader_blame(reader, 1, &err), -1);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.field, 2);
    assert_string_equal(err.column, "b");
    csv_reader_close(reader);
}

/* ---- several files ---- */

static struct buf two_files(const char *first, const char *second)
{
    char *paths[] = {scratch_text("f", first), scratch_text("g", second)};

    return contents(paths, 2, &plain);
}

static void assert_two(const char *first, const char *second,
                       const char *expected)
{
    struct buf got = two_files(first, second);

    assert_string_equal(got.data, expected);
    buf_release(&got);
}

static void csv_reader__columns_by_name(void **state)
{
    (void)state;
    assert_two("a,b,c\n1,2,3\n",
               "\xef\xbb\xbf"
               "c,a,b\r\n6,4,5\r\n",
               "a|b|c|;2:1|2|3|;2:4|5|6|;");
    assert_two("a,b\n1,2", "a,b\n3,4", "a|b|;2:1|2|;2:3|4|;");
    assert_two("a,b\n", "b,a\n2,1\n", "a|b|;2:1|2|;");
    assert_two("a,b\n1,2\n", "b,a\n", "a|b|;2:1|2|;");
}

static void csv_reader__other_columns(void **state)
{
    (void)state;
    assert_two("a,b\n1,2\n", "a,c\n1,2\n",
               "a|b|;2:1|2|;!1 g:1: column 'c' is not in the first file");
    assert_two("a,b\n1,2\n", "a,a\n1,2\n",
               "a|b|;2:1|2|;!1 g:1: column 'a' occurs twice");
    assert_two("a,b\n1,2\n", "a,b,c\n1,2,3\n",
               "a|b|;2:1|2|;!1 g:1: 3 columns, but the first file has 2");
    assert_two("a,b\n1,2\n", "",
               "a|b|;2:1|2|;!1 g: empty input: no header row (did what writes "
               "it fail?)");
    assert_two("a,b\n1,2\n", "b,a\n1\n",
               "a|b|;2:1|2|;!1 g:2: expected 2 fields (header line 1), got 1");
    assert_two("a,b\n", "a,b\n", "a|b|;!1 g: no rows after the header");
}

/* The field number is that of the file which the message names. */
static void csv_reader_blame__field_of_a_later_file(void **state)
{
    char *paths[] = {scratch_text("f", "a,b\n1,2\n"),
                     scratch_text("g", "b,a\n1,2\n")};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, 2, &plain, &err);

    (void)state;
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_string_equal(csv_reader_file(reader), paths[1]);
    csv_reader_blame(reader, 0, &err);
    assert_string_equal(err.column, "a");
    assert_int_equal(err.field, 2);
    csv_reader_close(reader);
}

/* ---- a failure upstream ---- */

static void csv_reader__upstream_failure(void **state)
{
    const char *word = "assay split failed: books.csv:3: bad";
    struct buf text = {0}, expected = {0};

    (void)state;
    buf_printf(&text, "a,b\n1,2\n\"%s\n", word);
    buf_printf(&expected, "a|b|;2:1|2|;!%d f: %s", ERR_UPSTREAM, word);
    assert_reads(text.data, expected.data);
    text.data[--text.len] = '\0';
    assert_reads(text.data, expected.data);
    buf_clear(&text);
    buf_printf(&text, "a,b\n\"%s\n", word);
    buf_clear(&expected);
    buf_printf(&expected, "a|b|;!%d f: %s", ERR_UPSTREAM, word);
    assert_reads(text.data, expected.data);
    buf_release(&text);
    buf_release(&expected);
}

/* A writer that was killed may have stopped anywhere in a record. */
static void csv_reader__upstream_failure_in_a_record(void **state)
{
    static const char *const cut[] = {"3",        "3,",      "3,\"", "3,\"x, y",
                                      "3,\"x\ny", "3,\"x\"", "\""};
    const char *word = "assay train failed: killed by signal 15";
    struct buf text = {0}, expected = {0};

    (void)state;
    buf_printf(&expected, "a|b|;2:1|2|;!%d f: %s", ERR_UPSTREAM, word);
    for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
        buf_clear(&text);
        buf_printf(&text, "a,b\n1,2\n%s\"%s\n", cut[i], word);
        assert_reads(text.data, expected.data);
    }
    buf_release(&text);
    buf_release(&expected);
}

/* The record doubles quotes, the message that is repeated does not. */
static void csv_reader__upstream_failure_with_quotes(void **state)
{
    struct buf expected = {0};

    (void)state;
    buf_printf(&expected,
               "a|b|;2:1|2|;!%d f: assay split failed: d.csv:3: bad: 'x\"y'",
               ERR_UPSTREAM);
    assert_reads("a,b\n1,2\n\"assay split failed: d.csv:3: bad: 'x\"\"y'\n",
                 expected.data);
    buf_release(&expected);
}

static void csv_reader__upstream_words_in_a_cell(void **state)
{
    (void)state;
    assert_reads("a,b\n\"assay split failed: no\",2\n",
                 "a|b|;2:assay split failed: no|2|;");
}

/* ---- gzip ---- */

static struct buf zipped(const void *bytes, size_t len)
{
    struct buf out = {0};
    z_stream z = {0};

    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    buf_reserve(&out, len + 1000);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (uInt)len;
    z.next_out = (unsigned char *)out.data;
    z.avail_out = (uInt)(len + 1000);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.len = z.total_out;
    deflateEnd(&z);
    return out;
}

static void csv_reader__gzip(void **state)
{
    struct buf one = zipped("a,b\n1,", 6), two = zipped("2\n3,4\n", 6);

    (void)state;
    buf_add(&one, two.data, two.len);
    assert_bytes_with(one.data, one.len, &plain, "a|b|;2:1|2|;3:3|4|;");
    buf_add(&one, "\0\0\0\0\0", 5);
    assert_bytes_with(one.data, one.len, &plain, "a|b|;2:1|2|;3:3|4|;");
    buf_add(&one, "x", 1);
    assert_bytes_with(one.data, one.len, &plain,
                      "a|b|;2:1|2|;3:3|4|;!1 f:4: garbage after the gzip data");
    buf_release(&one);
    buf_release(&two);
}

/* Cut anywhere, it is an error, never a shorter file. */
static void csv_reader__gzip_truncated(void **state)
{
    struct buf whole = zipped("a,b\n1,2\n3,4\n", 12);

    (void)state;
    for (size_t len = 2; len < whole.len; len++) {
        char *paths[] = {scratch_bytes("f", whole.data, len)};
        struct buf got = contents(paths, 1, &plain);
        if (!strstr(got.data, "truncated gzip data"))
            fail_msg("%zu bytes give %s", len, got.data);
        buf_release(&got);
    }
    whole.data[whole.len / 2] ^= 0x55;
    {
        char *paths[] = {scratch_bytes("f", whole.data, whole.len)};
        struct buf got = contents(paths, 1, &plain);
        assert_non_null(strstr(got.data, "gzip data"));
        buf_release(&got);
    }
    buf_release(&whole);
}

/* The line is the one where the text ends, not the number of blocks. */
static void csv_reader__gzip_truncated_line(void **state)
{
    struct buf text = {0}, packed;
    struct err err = {0};
    char *paths[1];
    struct csv_reader *reader;
    size_t n = 0;

    (void)state;
    buf_add_text(&text, "a,b\n");
    for (int i = 0; i < 60000; i++)
        buf_printf(&text, "%d,%d\n", i, i * 7919 % 60000);
    packed = zipped(text.data, text.len);
    paths[0] = scratch_bytes("f", packed.data, packed.len / 2);
    reader = csv_reader_open(paths, 1, &plain, &err);
    while (csv_reader_next(reader, &err) == 1)
        n++;
    assert_string_equal(err.message, "truncated gzip data");
    assert_int_equal(err.line, n + 2);
    assert_true(n > 10000);
    csv_reader_close(reader);
    buf_release(&text);
    buf_release(&packed);
}

/* ---- pipes ---- */

/* A child writes the bytes, `step` at a time; returns what to read from. */
static int feed(const void *bytes, size_t len, size_t step, pid_t *child)
{
    int fd[2];

    assert_int_equal(pipe(fd), 0);
    *child = fork();
    if (*child == 0) {
        close(fd[0]);
        for (size_t at = 0; at < len; at += step) {
            size_t n = len - at < step ? len - at : step;
            if (write(fd[1], (const char *)bytes + at, n) != (ssize_t)n)
                _exit(1);
            if (step < 8)
                usleep(20);
        }
        _exit(0);
    }
    close(fd[1]);
    return fd[0];
}

static struct buf piped(const void *bytes, size_t len, size_t step)
{
    char path[40], *paths[] = {path};
    pid_t child;
    int fd = feed(bytes, len, step, &child);
    struct buf got;

    snprintf(path, sizeof(path), "/dev/fd/%d", fd);
    got = contents(paths, 1, &plain);
    close(fd);
    waitpid(child, NULL, 0);
    return got;
}

static const char tricky[] =
    "\xef\xbb\xbf\"a\",b\r\n\"1\r\n2\",\"\"\"\xc3\xa9\"\r\n\r\n,\"\"\n3,4";
static const char tricky_read[] = "a|b|;2:1\r\n2|\"\xc3\xa9|;5:||;6:3|4|;";

/* Two pieces, cut everywhere, and one byte at a time. */
static void csv_reader__any_split(void **state)
{
    size_t len = strlen(tricky);

    (void)state;
    for (size_t cut = 1; cut <= len; cut++) {
        struct buf got = piped(tricky, len, cut);
        assert_string_equal(got.data, tricky_read);
        buf_release(&got);
    }
}

static void csv_reader__gzip_byte_by_byte(void **state)
{
    struct buf packed = zipped(tricky, strlen(tricky)), got;

    (void)state;
    got = piped(packed.data, packed.len, 1);
    assert_string_equal(got.data, tricky_read);
    buf_release(&got);
    buf_release(&packed);
}

/* How many records of `fd` follow; the sum of their first cells in *sum. */
static size_t count_rest(struct csv_reader *reader, long *sum)
{
    struct err err = {0};
    size_t n = 0;

    for (*sum = 0; csv_reader_next(reader, &err) == 1; n++)
        *sum += strtol(csv_reader_fields(reader)[0].text, NULL, 10);
    assert_int_equal(err.kind, ERR_NONE);
    return n;
}

static struct buf many_rows(long n)
{
    struct buf text = {0};

    buf_add_text(&text, "a,b\n");
    for (long i = 1; i <= n; i++)
        buf_printf(&text, "%ld,row %ld\n", i, i);
    return text;
}

static void assert_rereads(size_t read_first)
{
    struct csv_options options = {.reread = true};
    char path[40], *paths[] = {path};
    struct buf text = many_rows(30000);
    struct err err = {0};
    struct csv_reader *reader;
    pid_t child;
    long sum;
    int fd = feed(text.data, text.len, 10000, &child);

    snprintf(path, sizeof(path), "/dev/fd/%d", fd);
    reader = csv_reader_open(paths, 1, &options, &err);
    assert_non_null(reader);
    for (size_t i = 0; i < read_first; i++)
        assert_int_equal(csv_reader_next(reader, &err), 1);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(csv_reader_rewind(reader, &err), 0);
        assert_int_equal(csv_reader_records(reader), 0);
        assert_int_equal(count_rest(reader, &sum), 30000);
        assert_int_equal(sum, 30000L * 30001 / 2);
    }
    csv_reader_close(reader);
    close(fd);
    waitpid(child, NULL, 0);
    buf_release(&text);
}

static void csv_reader_rewind__pipe(void **state)
{
    (void)state;
    assert_rereads(30000);
}

/* Nothing is lost when only the beginning was read the first time. */
static void csv_reader_rewind__pipe_half_read(void **state)
{
    (void)state;
    assert_rereads(1);
    assert_rereads(0);
}

static void csv_reader_rewind__files(void **state)
{
    char *paths[] = {scratch_text("f", "a,b\n1,x\n2,y\n"),
                     scratch_text("g", "b,a\nz,3\n")};
    struct csv_options options = {.reread = true};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, 2, &options, &err);
    long sum;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(count_rest(reader, &sum), 3);
        assert_int_equal(sum, 6);
        assert_int_equal(csv_reader_rewind(reader, &err), 0);
    }
    csv_reader_close(reader);
}

/* ---- large fields and block boundaries ---- */

static void csv_reader__large_field(void **state)
{
    struct buf text = {0};
    struct csv_reader *reader;
    struct err err = {0};
    const struct csv_field *f;

    (void)state;
    buf_add_text(&text, "a,b\n1,\"");
    for (int i = 0; i < 1 << 20; i++)
        buf_add_char(&text, (char)(i % 1000 == 999 ? '\n' : 'a' + i % 26));
    buf_add_text(&text, "\"\n2,x\n");
    reader = scratch_reader(text.data, false);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    f = csv_reader_fields(reader);
    assert_int_equal(f[1].len, 1 << 20);
    assert_memory_equal(f[1].text, text.data + 7, 1 << 20);
    assert_int_equal(f[1].raw_len, (1 << 20) + 2);
    assert_memory_equal(f[1].raw, text.data + 6, (1 << 20) + 2);
    assert_memory_equal(f[0].raw, "1", 1);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_int_equal(csv_reader_line(reader), 3 + (1 << 20) / 1000);
    assert_string_equal(csv_reader_fields(reader)[1].text, "x");
    csv_reader_close(reader);
    buf_release(&text);
}

/* Every byte of two records falls on the 64 KB boundary once. */
static void csv_reader__block_boundary(void **state)
{
    static const char tail[] = "\"q\"\"\n\xc3\xa9\",\"x\"\r\n7,8\n";
    struct buf text = {0};

    (void)state;
    for (size_t fill = 65536 - 25; fill <= 65536 + 2; fill++) {
        struct csv_reader *reader;
        struct err err = {0};
        buf_clear(&text);
        buf_add_text(&text, "a,b\n");
        while (text.len < fill - 3)
            buf_add_char(&text, 'x');
        buf_add_text(&text, ",y\n");
        buf_add_text(&text, tail);
        reader = scratch_reader(text.data, false);
        assert_int_equal(csv_reader_next(reader, &err), 1);
        assert_int_equal(csv_reader_next(reader, &err), 1);
        assert_string_equal(csv_reader_fields(reader)[0].text, "q\"\n\xc3\xa9");
        assert_raw(&csv_reader_fields(reader)[0], "\"q\"\"\n\xc3\xa9\"");
        assert_int_equal(csv_reader_next(reader, &err), 1);
        assert_string_equal(csv_reader_fields(reader)[1].text, "8");
        assert_int_equal(csv_reader_next(reader, &err), 0);
        csv_reader_close(reader);
    }
    buf_release(&text);
}

/* ---- writer ---- */

static void assert_file(const char *path, const char *expected)
{
    struct buf bytes = scratch_read(path);

    assert_string_equal(bytes.data, expected);
    buf_release(&bytes);
}

static void csv_writer__quoting(void **state)
{
    struct err err = {0};
    char *path = scratch_path("out.csv");
    struct output *out = output_open(path, &err);
    struct csv_writer w;

    (void)state;
    csv_writer_init(&w, out);
    csv_writer_text(&w, "plain");
    csv_writer_text(&w, "a,b");
    csv_writer_text(&w, "say \"x\"");
    csv_writer_text(&w, "two\nlines");
    csv_writer_text(&w, "cr\r");
    csv_writer_text(&w, " blank ");
    csv_writer_text(&w, "");
    assert_int_equal(csv_writer_end(&w, &err), 0);
    csv_writer_number(&w, .1);
    csv_writer_float(&w, .1f);
    csv_writer_count(&w, 12);
    csv_writer_number(&w, INFINITY);
    csv_writer_raw(&w, "\"as is\"", 7);
    assert_int_equal(csv_writer_end(&w, &err), 0);
    assert_int_equal(output_commit(out, &err), 0);
    csv_writer_release(&w);
    assert_file(path, "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\","
                      "\"cr\r\", blank ,\n0.1,0.1,12,inf,\"as is\"\n");
}

/* One empty cell must not become a blank line; two need no quotes. */
static void csv_writer__single_empty_cell(void **state)
{
    struct err err = {0};
    char *path = scratch_path("out.csv");
    struct output *out = output_open(path, &err);
    struct csv_writer w;

    (void)state;
    csv_writer_init(&w, out);
    csv_writer_text(&w, "");
    csv_writer_end(&w, &err);
    csv_writer_raw(&w, "", 0);
    csv_writer_end(&w, &err);
    csv_writer_text(&w, "");
    csv_writer_text(&w, "");
    csv_writer_end(&w, &err);
    assert_int_equal(output_commit(out, &err), 0);
    csv_writer_release(&w);
    assert_file(path, "\"\"\n\"\"\n,\n");
}

/* What is read and written again is the same bytes (but for line ends). */
static void csv_writer__passes_cells_through(void **state)
{
    static const char text[] =
        "\"a\",b, c \n\"1\",\"x\ny\",\"q\"\"\"\n,\"\",z\n";
    struct csv_reader *reader = scratch_reader(text, false);
    struct err err = {0};
    char *path = scratch_path("out.csv");
    struct output *out = output_open(path, &err);
    struct csv_writer w;

    (void)state;
    csv_writer_init(&w, out);
    for (size_t i = 0; i < 3; i++)
        csv_writer_name(&w, reader, i);
    csv_writer_end(&w, &err);
    while (csv_reader_next(reader, &err) == 1) {
        for (size_t i = 0; i < 3; i++)
            csv_writer_field(&w, &csv_reader_fields(reader)[i]);
        csv_writer_end(&w, &err);
    }
    assert_int_equal(output_commit(out, &err), 0);
    assert_file(path, text);
    csv_writer_release(&w);
    csv_reader_close(reader);
}

static void csv_writer__other_delimiter_is_quoted_anew(void **state)
{
    struct csv_options options = {.delimiter = ';'};
    char *paths[] = {scratch_text("f", "a;\"b;\"\n1,5;\"x\"\n")};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, 1, &options, &err);
    struct csv_writer w;

    (void)state;
    csv_writer_init(&w, NULL);
    w.keep = true;
    csv_writer_name(&w, reader, 0);
    csv_writer_name(&w, reader, 1);
    csv_writer_end(&w, &err);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    csv_writer_field(&w, &csv_reader_fields(reader)[0]);
    csv_writer_field(&w, &csv_reader_fields(reader)[1]);
    csv_writer_end(&w, &err);
    assert_string_equal(w.history.data, "a,\"b;\"\n\"1,5\",x\n");
    csv_writer_release(&w);
    csv_reader_close(reader);
}

static void csv_writer__stamp_and_history(void **state)
{
    struct err err = {0};
    struct csv_writer w;

    (void)state;
    csv_writer_init(&w, NULL);
    w.keep = true;
    w.stamp_names = ",run";
    w.stamp_values = ",7";
    csv_writer_text(&w, "x");
    csv_writer_end(&w, &err);
    csv_writer_text(&w, "");
    csv_writer_end(&w, &err);
    assert_string_equal(w.history.data, "x,run\n,7\n");
    assert_int_equal(w.header_len, 6);
    assert_int_equal(w.records, 2);
    csv_writer_release(&w);
}

/* ---- list, rows ---- */

static void list__records(void **state)
{
    struct list list = {0};
    struct err err = {0};
    char pair[] = "a=b=c";

    (void)state;
    assert_int_equal(
        list_add_record(&list, "painting,\"on paper, print\", x", &err), 0);
    assert_int_equal(list.n, 3);
    assert_string_equal(list.items[1], "on paper, print");
    assert_string_equal(list.items[2], " x");
    assert_true(list_has(&list, "painting"));
    assert_false(list_has(&list, "paint"));
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(list_add_record(&list, "a,,b", &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(list_add_record(&list, "", &err), -1);
    assert_int_equal(list_add_record(&list, "\"a", &err), -1);
    assert_int_equal(list_add_record(&list, "a\"b", &err), -1);
    list_release(&list);
    assert_int_equal(list.n, 0);
    assert_string_equal(list_split_pair(pair, true), "c");
    assert_string_equal(pair, "a=b");
    assert_string_equal(list_split_pair(pair, false), "b");
    assert_null(list_split_pair(pair, false));
}

static void rows__table(void **state)
{
    struct err err = {0};
    struct rows rows;
    struct csv_writer w;

    (void)state;
    rows_init(&rows, "kind,value");
    rows_add_column(&rows, "p:a,b");
    assert_int_equal(rows_n(&rows), 0);
    rows_text(&rows, "x,y");
    rows_number(&rows, .25);
    rows_count(&rows, 3);
    rows_text(&rows, "");
    rows_number(&rows, NAN);
    rows_number(&rows, -INFINITY);
    assert_int_equal(rows_n(&rows), 2);
    assert_int_equal(rows_find(&rows, "p:a,b"), 2);
    assert_int_equal(rows_find(&rows, "p"), CSV_NONE);
    assert_string_equal(rows_cell(&rows, 1, 2), "-inf");
    csv_writer_init(&w, NULL);
    w.keep = true;
    assert_int_equal(rows_write(&rows, &w, &err), 0);
    assert_string_equal(w.history.data,
                        "kind,value,\"p:a,b\"\n\"x,y\",0.25,3\n,,-inf\n");
    csv_writer_release(&w);
    rows_release(&rows);
}

/* ---- output ---- */

static size_t files_in_folder(void)
{
    DIR *folder = opendir(scratch_folder);
    size_t n = 0;

    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

static void output__appears_whole_or_not(void **state)
{
    char *path = scratch_text("kept.csv", "old\n");
    size_t files = files_in_folder();
    struct err err = {0};
    struct output *out = output_open(path, &err);

    (void)state;
    output_write(out, "new\n", 4, &err);
    assert_int_equal(output_flush(out, &err), 0);
    assert_file(path, "old\n");
    assert_int_equal(files_in_folder(), files + 1);
    output_fail(out, "assay x failed: y");
    assert_file(path, "old\n");
    assert_int_equal(files_in_folder(), files);
    out = output_open(path, &err);
    output_write(out, "new\n", 4, &err);
    assert_int_equal(output_commit(out, &err), 0);
    assert_file(path, "new\n");
    assert_int_equal(files_in_folder(), files);
    assert_int_equal(err.kind, ERR_NONE);
}

static void output__emergency_removes(void **state)
{
    char *path = scratch_text("kept.csv", "old\n");
    size_t files = files_in_folder();
    struct err err = {0};
    struct output *out = output_open(path, &err);

    (void)state;
    output_write(out, "new\n", 4, &err);
    output_emergency("assay x failed: killed");
    assert_int_equal(files_in_folder(), files);
    assert_file(path, "old\n");
    output_fail(out, "");
}

static void output__keeps_links_and_modes(void **state)
{
    char *path = scratch_text("kept.csv", "old\n"),
         *name = scratch_path("link.csv");
    struct err err = {0};
    struct stat status;
    struct output *out;

    (void)state;
    unlink(name);
    chmod(path, 0640);
    assert_int_equal(symlink("kept.csv", name), 0);
    out = output_open(name, &err);
    output_write(out, "new\n", 4, &err);
    assert_int_equal(output_commit(out, &err), 0);
    assert_file(path, "new\n");
    assert_int_equal(lstat(name, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
}

static void output__gzip_by_name(void **state)
{
    char *path = scratch_path("out.csv.gz"), *paths[] = {path};
    struct err err = {0};
    struct output *out = output_open(path, &err);
    struct buf got;

    (void)state;
    output_write(out, "a,b\n1,2\n", 8, &err);
    assert_int_equal(output_commit(out, &err), 0);
    got = scratch_read(path);
    assert_memory_equal(got.data, "\x1f\x8b", 2);
    buf_release(&got);
    got = contents(paths, 1, &plain);
    assert_string_equal(got.data, "a|b|;2:1|2|;");
    buf_release(&got);
}

static void output__cannot_write(void **state)
{
    struct err err = {0};
    struct output *out;

    (void)state;
    assert_null(output_open("/no/such/folder/x.csv", &err));
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_string_equal(err.file, "/no/such/folder/x.csv");
    assert_null(output_open(scratch_folder, &err));
    out = output_open("/dev/full", &err);
    assert_non_null(out);
    output_write(out, "x\n", 2, &err);
    assert_int_equal(output_commit(out, &err), -1);
    assert_string_equal(err.message, "cannot write: No space left on device");
}

/* Standard output into a file, with a run that fails. */
static void assert_failed_stream(const char *written, const char *message,
                                 const char *expected)
{
    char *path = scratch_path("stdout");
    int status;
    pid_t child = fork();

    if (child == 0) {
        struct err err;
        struct output *out;
        if (!freopen(path, "w", stdout))
            _exit(2);
        out = output_open(NULL, &err);
        output_write(out, written, strlen(written), &err);
        output_fail_all(message);
        _exit(0);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_file(path, expected);
}

static void output_fail__tells_downstream(void **state)
{
    (void)state;
    assert_failed_stream("a,b\n1,2\n", "assay x failed: bad \"y\"",
                         "a,b\n1,2\n\"assay x failed: bad \"\"y\"\"\n");
    assert_failed_stream("", "assay x failed: bad", "");
}

static void output_append__header_once(void **state)
{
    char *path = scratch_path("history.csv");
    struct err err = {0};

    (void)state;
    unlink(path);
    for (int i = 0; i < 3; i++)
        assert_int_equal(output_append(path, "a,b\n", 4, "1,2\n", 4, &err), 0);
    assert_file(path, "a,b\n1,2\n1,2\n1,2\n");
    assert_int_equal(output_append(path, "a,c\n", 4, "1,2\n", 4, &err), -1);
    assert_int_equal(err.kind, ERR_DATA);
    assert_string_equal(err.message,
                        "has other columns than the rows to append: "
                        "'b', not 'c'");
    assert_file(path, "a,b\n1,2\n1,2\n1,2\n");
    scratch_text("history.csv", "");
    assert_int_equal(output_append(path, "a,b\n", 4, "1,2\n", 4, &err), 0);
    assert_file(path, "a,b\n1,2\n");
}

/* A history whose last line was left open must not swallow a row. */
static void output_append__open_last_line(void **state)
{
    char *path = scratch_text("history.csv", "a,b\n1,2"), *paths[] = {path};
    struct err err = {0};
    struct buf got;

    (void)state;
    if (output_append(path, "a,b\n", 4, "3,4\n", 4, &err) == 0) {
        got = contents(paths, 1, &plain);
        assert_string_equal(got.data, "a|b|;2:1|2|;3:3|4|;");
        buf_release(&got);
    }
}

/* Four processes at once: no row is torn, the header stands once. */
static void output_append__at_the_same_time(void **state)
{
    char *path = scratch_path("history.csv"), *paths[] = {path};
    struct err err = {0};
    struct csv_reader *reader;
    long sum;

    (void)state;
    unlink(path);
    for (int p = 0; p < 4; p++)
        if (fork() == 0) {
            for (int i = 0; i < 50; i++)
                if (output_append(path, "a,b\n", 4, "1,2\n1,3\n", 8, &err) != 0)
                    _exit(1);
            _exit(0);
        }
    for (int p = 0; p < 4; p++) {
        int status;
        wait(&status);
        assert_int_equal(status, 0);
    }
    reader = csv_reader_open(paths, 1, &plain, &err);
    assert_int_equal(count_rest(reader, &sum), 400);
    assert_int_equal(sum, 400);
    csv_reader_close(reader);
}

/* ---- held ---- */

static void held__copies(void **state)
{
    struct csv_reader *reader =
        scratch_reader("a,b\n1,\"x\"\n2,\n3,\"q\"\"\"\n4,w\n", false);
    struct held_records held = {0};
    struct err err = {0};

    (void)state;
    for (int round = 0; round < 2; round++) {
        held_clear(&held);
        assert_int_equal(held.n + held.bytes, 0);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(csv_reader_next(reader, &err), 1);
            held_add(&held, reader);
        }
        assert_int_equal(held.n, 2);
        assert_int_equal(held_number(&held, 1), 2 * round + 2);
    }
    assert_string_equal(held_fields(&held, 0)[0].text, "3");
    assert_string_equal(held_fields(&held, 0)[1].text, "q\"");
    assert_raw(&held_fields(&held, 0)[1], "\"q\"\"\"");
    assert_string_equal(held_fields(&held, 1)[1].text, "w");
    assert_int_equal(csv_reader_next(reader, &err), 0);
    csv_reader_close(reader);
    assert_string_equal(held_fields(&held, 1)[0].text, "4");
    held_release(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_reader__plain),
        cmocka_unit_test(csv_reader__quotes),
        cmocka_unit_test(csv_reader__quoted_newline),
        cmocka_unit_test(csv_reader__crlf),
        cmocka_unit_test(csv_reader__byte_order_mark),
        cmocka_unit_test(csv_reader__blank_lines),
        cmocka_unit_test(csv_reader__delimiter),
        cmocka_unit_test(csv_reader__encodings),
        cmocka_unit_test(csv_reader__raw_bytes),
        cmocka_unit_test(csv_reader__ragged),
        cmocka_unit_test(csv_reader__nothing_to_read),
        cmocka_unit_test(csv_reader__duplicate_names),
        cmocka_unit_test(csv_reader__malformed_quotes),
        cmocka_unit_test(csv_reader__unterminated_quote),
        cmocka_unit_test(csv_reader__bare_carriage_return),
        cmocka_unit_test(csv_reader__bytes_that_are_no_text),
        cmocka_unit_test(csv_reader__skip_bad),
        cmocka_unit_test(csv_reader__success_leaves_err_alone),
        cmocka_unit_test(csv_reader__no_such_file),
        cmocka_unit_test(csv_reader__find_and_require),
        cmocka_unit_test(csv_reader__columns_by_name),
        cmocka_unit_test(csv_reader__other_columns),
        cmocka_unit_test(csv_reader_blame__field_of_a_later_file),
        cmocka_unit_test(csv_reader__upstream_failure),
        cmocka_unit_test(csv_reader__upstream_failure_in_a_record),
        cmocka_unit_test(csv_reader__upstream_failure_with_quotes),
        cmocka_unit_test(csv_reader__upstream_words_in_a_cell),
        cmocka_unit_test(csv_reader__gzip),
        cmocka_unit_test(csv_reader__gzip_truncated),
        cmocka_unit_test(csv_reader__gzip_truncated_line),
        cmocka_unit_test(csv_reader__any_split),
        cmocka_unit_test(csv_reader__gzip_byte_by_byte),
        cmocka_unit_test(csv_reader_rewind__pipe),
        cmocka_unit_test(csv_reader_rewind__pipe_half_read),
        cmocka_unit_test(csv_reader_rewind__files),
        cmocka_unit_test(csv_reader__large_field),
        cmocka_unit_test(csv_reader__block_boundary),
        cmocka_unit_test(csv_writer__quoting),
        cmocka_unit_test(csv_writer__single_empty_cell),
        cmocka_unit_test(csv_writer__passes_cells_through),
        cmocka_unit_test(csv_writer__other_delimiter_is_quoted_anew),
        cmocka_unit_test(csv_writer__stamp_and_history),
        cmocka_unit_test(list__records),
        cmocka_unit_test(rows__table),
        cmocka_unit_test(output__appears_whole_or_not),
        cmocka_unit_test(output__emergency_removes),
        cmocka_unit_test(output__keeps_links_and_modes),
        cmocka_unit_test(output__gzip_by_name),
        cmocka_unit_test(output__cannot_write),
        cmocka_unit_test(output_fail__tells_downstream),
        cmocka_unit_test(output_append__header_once),
        cmocka_unit_test(output_append__open_last_line),
        cmocka_unit_test(output_append__at_the_same_time),
        cmocka_unit_test(held__copies),
    };

    return cmocka_run_group_tests_name("csv", tests, NULL, scratch_remove);
}
