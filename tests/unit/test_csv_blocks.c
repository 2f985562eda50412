/* Blocks: where they end, when they are handed out, and what is kept. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <zlib.h>

#include <cmocka.h>

#include "records.h"
#include "scratch.h"

#include "csv/copy.h"

static const struct csv_options plain = {0};

static char *const long_name = "long";

/* A row of `before` bytes in front of `text`, after a header of two columns. */
static struct buf row_before(size_t before, const char *text)
{
    struct buf out = {0};

    buf_add_text(&out, "a,b\n");
    for (size_t i = 0; i + 3 < before; i++)
        buf_add_char(&out, 'x');
    buf_add_text(&out, ",1\n");
    buf_add_text(&out, text);
    return out;
}

/* 64 bytes are looked at together: what stands between two such words. */
static void scan_records__between_words(void **state)
{
    (void)state;
    for (size_t before = 3; before < 200; before++) {
        struct buf text = row_before(before, "1\r,2\n"), got, wanted = {0};
        char *path = scratch_bytes(long_name, text.data, text.len);
        got = contents(&path, 1, &plain);
        buf_printf(&wanted, "!1 long:3: bare carriage return (lines end in LF "
                            "or CRLF): '1\\r,2\\n'");
        assert_non_null(strstr(got.data, wanted.data));
        buf_release(&got);
        buf_release(&text);
        text = row_before(before, "1,2\r\n3,4");
        path = scratch_bytes(long_name, text.data, text.len);
        got = contents(&path, 1, &plain);
        assert_non_null(strstr(got.data, "|1|;3:1|2|;4:3|4|;"));
        buf_release(&got);
        buf_release(&text);
        buf_release(&wanted);
    }
}

/* ---- a pipe that stays open ---- */

static pid_t child;

/* A reader of these bytes, behind which nothing follows for a long time. */
static struct csv_reader *open_pipe(const char *text, struct err *err)
{
    static char path[40];
    char *paths[] = {path};
    struct csv_reader *reader;
    int fd[2];

    assert_int_equal(pipe(fd), 0);
    child = fork();
    if (child == 0) {
        alarm(30);
        close(fd[0]);
        if (write(fd[1], text, strlen(text)) < 0)
            _exit(1);
        pause();
        _exit(0);
    }
    close(fd[1]);
    snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
    alarm(20); /* a reader that waits for more ends the test */
    reader = csv_reader_open(paths, 1, &plain, err);
    close(fd[0]);
    return reader;
}

static void close_pipe(struct csv_reader *reader)
{
    alarm(0);
    csv_reader_close(reader);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void csv_reader__rows_of_a_slow_pipe(void **state)
{
    struct err err = {0};
    struct csv_reader *reader = open_pipe("a,b\n1,2\n3,\"4\n5\"\n6,", &err);

    (void)state;
    assert_non_null(reader);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_string_equal(csv_reader_cell(reader, 1).text, "4\n5");
    close_pipe(reader);
}

/* A quote that is wrong is told at once, not when the file has been read. */
static void csv_reader__mistake_in_a_slow_pipe(void **state)
{
    static const char *const texts[] = {"a,b\n1,2\n3,x\"y\n5,6\n",
                                        "a,b\n1,2\n\"3\n4\"x,y\"\n5,6\n",
                                        "a,b\n1,2\n3\r,\"x\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct err err = {0};
        struct csv_reader *reader = open_pipe(texts[i], &err);
        assert_non_null(reader);
        assert_int_equal(csv_reader_next(reader, &err), 1);
        assert_int_equal(csv_reader_next(reader, &err), -1);
        assert_int_equal(err.line, 3);
        close_pipe(reader);
    }
}

/* ---- long records ---- */

/* A quoted field of many blocks, and what follows it. */
static void csv_reader__field_of_many_blocks(void **state)
{
    struct csv_options options = {.block_size = 100};
    struct buf text = {0};
    struct err err = {0};
    struct csv_reader *reader;
    char *path;

    (void)state;
    buf_add_text(&text, "a,b\n1,\"");
    for (int i = 0; i < 2000; i++)
        buf_add_text(&text, "line, \"\"quoted\"\"\n");
    buf_add_text(&text, "\"\n2,3\n4\n");
    path = scratch_bytes("f", text.data, text.len);
    reader = csv_reader_open(&path, 1, &options, &err);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_int_equal(csv_reader_cell(reader, 1).len, 2000 * 15);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_int_equal(csv_reader_line(reader), 2003);
    assert_int_equal(csv_reader_next(reader, &err), -1);
    assert_int_equal(err.line, 2004);
    csv_reader_close(reader);
    buf_release(&text);
}

/* ---- raw records ---- */

static void csv_reader_raw__record(void **state)
{
    char *paths[] = {scratch_text("f", "a,b\n1,\"x\"\"\ny\"\r\n2,z"),
                     scratch_text("g", "b,a\n1,2\n")};
    struct csv_options semicolon = {.delimiter = ';'};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, 2, &plain, &err);
    size_t len;

    (void)state;
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_memory_equal(csv_reader_raw(reader, &len), "1,\"x\"\"\ny\"", 9);
    assert_int_equal(len, 9);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_memory_equal(csv_reader_raw(reader, &len), "2,z", 3);
    assert_int_equal(len, 3);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_null(csv_reader_raw(reader, &len));
    assert_string_equal(csv_reader_cell(reader, 0).text, "2");
    csv_reader_close(reader);
    reader = csv_reader_open(paths, 1, &semicolon, &err);
    assert_int_equal(csv_reader_next(reader, &err), -1);
    csv_reader_close(reader);
    paths[0] = scratch_text("f", "a;b\n1;2\n");
    reader = csv_reader_open(paths, 1, &semicolon, &err);
    assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_null(csv_reader_raw(reader, &len));
    csv_reader_close(reader);
}

/* ---- what was unpacked ---- */

static void assert_sum(struct csv_reader *reader, long n)
{
    struct err err = {0};
    long sum = 0, rows = 0;

    while (csv_reader_next(reader, &err) == 1) {
        sum += strtol(csv_reader_cell(reader, 0).text, NULL, 10);
        rows++;
    }
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(rows, n);
    assert_int_equal(sum, n * (n - 1) / 2);
}

/* From memory, from memory in part, and from the file again. */
static void csv_reader_rewind__unpacked(void **state)
{
    enum { ROWS = 600000 };
    struct csv_options options = {.reread = true};
    char *path = scratch_path("rows.gz");
    gzFile file = gzopen(path, "wb1");
    struct err err = {0};
    struct csv_reader *reader;

    (void)state;
    gzprintf(file, "a,b\n");
    for (int i = 0; i < ROWS; i++)
        gzprintf(file, "%d,some words\n", i);
    gzclose(file);
    reader = csv_reader_open(&path, 1, &options, &err);
    for (int pass = 0; pass < 3; pass++) {
        assert_sum(reader, ROWS);
        assert_int_equal(csv_reader_rewind(reader, &err), 0);
    }
    csv_reader_close(reader);
    reader = csv_reader_open(&path, 1, &options, &err);
    assert_sum(reader, ROWS);
    assert_int_equal(csv_reader_rewind(reader, &err), 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(csv_reader_next(reader, &err), 1);
    assert_int_equal(csv_reader_rewind(reader, &err), 0);
    assert_sum(reader, ROWS);
    csv_reader_close(reader);
}

static void copy__pieces(void **state)
{
    struct copy copy = {0};
    static char bytes[100000], back[70001];
    size_t n, got = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7919 % 251);
    for (int i = 0; i < 90; i++)
        copy_add(&copy, bytes, sizeof(bytes));
    while ((n = copy_read(&copy, back, sizeof(back))) > 0)
        for (size_t i = 0; i < n; i++, got++)
            if (back[i] != bytes[got % sizeof(bytes)])
                fail_msg("byte %zu", got);
    assert_int_equal(got, 90 * sizeof(bytes));
    copy_release(&copy);
    copy_add(&copy, bytes, 10);
    copy_release(&copy);
    assert_int_equal(copy_read(&copy, back, 10), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_records__between_words),
        cmocka_unit_test(csv_reader__rows_of_a_slow_pipe),
        cmocka_unit_test(csv_reader__mistake_in_a_slow_pipe),
        cmocka_unit_test(csv_reader__field_of_many_blocks),
        cmocka_unit_test(csv_reader_raw__record),
        cmocka_unit_test(csv_reader_rewind__unpacked),
        cmocka_unit_test(copy__pieces),
    };

    return cmocka_run_group_tests_name("csv_blocks", tests, NULL,
                                       scratch_remove);
}
