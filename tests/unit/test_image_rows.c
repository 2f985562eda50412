#include "table/image_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scratch.h"

enum { HIGH = 4, WIDE = 5, SIZE = HIGH * WIDE * 3 };

static const struct image_shape SHAPE = {HIGH, WIDE, 3};

static const char *const names[] = {"areas.png", "grey8.png", "colour.jpg",
                                    "palette4.png", "turned6.jpg"};

enum { NAMES = sizeof(names) / sizeof(*names) };

static void want(size_t i, uint8_t *pixels)
{
    char path[64];
    struct err err = {0};

    snprintf(path, sizeof(path), "tests/data/images/%s", names[i % NAMES]);
    assert_int_equal(image_load(path, &SHAPE, pixels, &err), IMAGE_GOOD);
}

static struct image_rows *rows_of(size_t n, double most)
{
    struct image_rows *rows = image_rows_new(&SHAPE, "path", most);

    image_rows_set_root(rows, "tests/data/images");
    for (size_t i = 0; i < n; i++)
        image_rows_add(rows, names[i % NAMES], strlen(names[i % NAMES]),
                       "data.csv", (long)i + 2, 3);
    return rows;
}

/* All kept, some, none: the same pixels; also of rows that come later. */
static void image_rows_pixels__within_any_bound(void **state)
{
    static const double bounds[] = {1e9, 7.5 * SIZE, 0};
    enum { N = 600 };

    (void)state;
    for (size_t b = 0; b < 3; b++) {
        struct image_rows *rows = rows_of(N, bounds[b]);
        uint8_t room[SIZE], pixels[SIZE];
        struct err err = {0};
        size_t bad = 0;
        assert_int_equal(image_rows_load(rows, false, &bad, &err), 0);
        image_rows_add(rows, "grey1.png", 9, "data.csv", N + 2, 3);
        assert_int_equal(image_rows_load(rows, false, &bad, &err), 0);
        for (size_t i = 0; i < N; i += 23) {
            const uint8_t *got = image_rows_pixels(rows, i, room);
            want(i, pixels);
            assert_memory_equal(got, pixels, SIZE);
            assert_int_equal(got == room, i >= (size_t)(bounds[b] / SIZE));
        }
        assert_int_equal(bad, 0);
        assert_int_equal(image_rows_lost(rows, &err), 0);
        image_rows_clear(rows);
        image_rows_add(rows, names[2], strlen(names[2]), "data.csv", 2, 3);
        assert_int_equal(image_rows_load(rows, false, &bad, &err), 0);
        want(2, pixels);
        assert_memory_equal(image_rows_pixels(rows, 0, room), pixels, SIZE);
        image_rows_free(rows);
    }
}

static void image_rows_load__first_bad_image(void **state)
{
    struct image_rows *rows = rows_of(300, 1e9);
    char line[2048];
    struct err err = {0};
    size_t bad = 0;

    (void)state;
    image_rows_add(rows, "nowhere.png", 11, "data.csv", 400, 3);
    image_rows_add(rows, "old.bmp", 7, "data.csv", 401, 3);
    assert_int_equal(image_rows_load(rows, false, &bad, &err), -1);
    err_format(&err, line, sizeof(line));
    assert_string_equal(line, "data.csv:400: column 'path' (field 3): "
                              "tests/data/images/nowhere.png: cannot open: No "
                              "such file or directory");
    image_rows_free(rows);
}

static void image_rows_load__blank(void **state)
{
    static const uint8_t black[SIZE];
    struct image_rows *rows = rows_of(1, 0);
    uint8_t room[SIZE];
    struct err err = {0};
    size_t bad = 0;

    (void)state;
    image_rows_add(rows, "nowhere.png", 11, "data.csv", 3, 3);
    image_rows_add(rows, "", 0, "data.csv", 4, 3); /* counted by its cell */
    assert_int_equal(image_rows_load(rows, true, &bad, &err), 0);
    assert_int_equal(bad, 1);
    for (size_t i = 1; i < 3; i++) {
        memset(room, 7, sizeof(room));
        assert_memory_equal(image_rows_pixels(rows, i, room), black, SIZE);
    }
    assert_int_equal(image_rows_lost(rows, &err), 0);
    image_rows_free(rows);
}

/* A file that was there, and is gone when it is asked for again. */
static void image_rows_lost__after_loading(void **state)
{
    static const uint8_t black[SIZE];
    struct image_rows *rows = image_rows_new(&SHAPE, "path", 0);
    struct buf bytes = scratch_read("tests/data/images/grey8.png");
    char *path = scratch_bytes("gone.png", bytes.data, bytes.len);
    uint8_t room[SIZE];
    char line[2048];
    struct err err = {0};
    size_t bad = 0;

    (void)state;
    buf_release(&bytes);
    image_rows_add(rows, path, strlen(path), "data.csv", 2, 1);
    assert_int_equal(image_rows_load(rows, false, &bad, &err), 0);
    remove(path);
    assert_memory_equal(image_rows_pixels(rows, 0, room), black, SIZE);
    assert_int_equal(image_rows_lost(rows, &err), -1);
    err_format(&err, line, sizeof(line));
    assert_non_null(strstr(line, "data.csv:2: column 'path' (field 1): "));
    image_rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(image_rows_pixels__within_any_bound),
        cmocka_unit_test(image_rows_load__first_bad_image),
        cmocka_unit_test(image_rows_load__blank),
        cmocka_unit_test(image_rows_lost__after_loading),
    };
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
