#include "analysis/sort_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 8 };

/* The order of some cells, as digits. */
static const char *order(enum sort_kind kind, const char *const *cell, size_t n)
{
    static char digits[MOST + 1];
    struct sort_keys keys = {0};
    uint32_t at[MOST];
    bool can;

    for (size_t i = 0; i < n; i++)
        sort_keys_add(&keys, cell[i], strlen(cell[i]));
    can = sort_keys_order(&keys, kind, at);
    for (size_t i = 0; i < n; i++)
        digits[i] = (char)('0' + at[i]);
    digits[can ? n : 0] = '\0';
    sort_keys_release(&keys);
    return digits;
}

static void sort_keys__numbers(void **state)
{
    const char *cells[] = {"10", "9", "", "-1e3", "9.0"};

    (void)state;
    assert_string_equal(order(SORT_NUMBERS, cells, 5), "31402");
    assert_string_equal(order(SORT_TEXT, cells, 5), "23014");
    cells[2] = "x";
    assert_string_equal(order(SORT_NUMBERS, cells, 5), "");
}

static void sort_keys__text(void **state)
{
    const char *cells[] = {"img10.png",  "img9.png", "IMG8.png",
                           "img010.png", "img",      "img9.png"};

    (void)state;
    assert_string_equal(order(SORT_TEXT, cells, 6), "243015");
    assert_string_equal(order(SORT_ALIKE, cells, 6), "430215");
    assert_string_equal(order(SORT_NATURAL, cells, 6), "421503");
}

static void sort_keys__long_digits_and_bytes(void **state)
{
    const char *cells[] = {"a99999999999999999999999",
                           "a100000000000000000000000", "a\xc3\xa9", "a~"};

    (void)state;
    assert_string_equal(order(SORT_NATURAL, cells, 4), "0132");
    assert_string_equal(order(SORT_TEXT, cells, 4), "1032");
}

static void sort_keys__paths(void **state)
{
    const char *cells[] = {"b/2.png", "a/10.png", "c\\1.png"};
    const char *plain[] = {"2.png", "10.png"};

    (void)state;
    assert_string_equal(order(SORT_NAME, cells, 3), "210");
    assert_string_equal(order(SORT_NATURAL_NAME, cells, 3), "201");
    assert_string_equal(order(SORT_TEXT, cells, 3), "102");
    assert_string_equal(order(SORT_NAME, plain, 2), "");
}

/* Behind the 200th byte cells are alike. */
static void sort_keys__long_cells(void **state)
{
    char a[260], b[260];
    const char *cells[] = {a, b};

    (void)state;
    memset(a, 'x', sizeof(a));
    a[259] = '\0';
    memcpy(b, a, sizeof(a));
    a[230] = 'z';
    assert_string_equal(order(SORT_TEXT, cells, 2), "01");
    a[199] = 'z';
    assert_string_equal(order(SORT_TEXT, cells, 2), "10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sort_keys__numbers),
        cmocka_unit_test(sort_keys__text),
        cmocka_unit_test(sort_keys__long_digits_and_bytes),
        cmocka_unit_test(sort_keys__paths),
        cmocka_unit_test(sort_keys__long_cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
