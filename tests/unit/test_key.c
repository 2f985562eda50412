#include "table/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

#include "table/join.h"

/* ---- keys ---- */

static const struct key_rule exact = {KEY_EXACT, false};

static void assert_key(enum key_match match, bool ignore_case, const char *text,
                       const char *expected)
{
    struct key_rule rule = {match, ignore_case};
    struct buf made = {0};

    key_make(&made, rule, text, strlen(text));
    assert_string_equal(made.data, expected);
    buf_release(&made);
}

static void key_make__by_rule(void **state)
{
    (void)state;
    assert_key(KEY_EXACT, false, "a/B.png", "a/B.png");
    assert_key(KEY_EXACT, false, "././a/B.png", "a/B.png");
    assert_key(KEY_EXACT, false, ".", ".");
    assert_key(KEY_EXACT, true, "a/B.PNG", "a/b.png");
    assert_key(KEY_NAME, false, "x/y/B.png", "B.png");
    assert_key(KEY_NAME, false, "C:\\scans\\B.png", "B.png");
    assert_key(KEY_NAME, false, "x/", "");
    assert_key(KEY_STEM, false, "x/B.png", "B");
    assert_key(KEY_STEM, true, "x/B.PNG", "b");
    assert_key(KEY_STEM, false, "B.v2.Tiff", "B.v2");
}

/* Numbers of objects have points in them, and names may begin with one. */
static void key_make__stems_of_numbers(void **state)
{
    (void)state;
    assert_key(KEY_STEM, false, "1899.12.0045", "1899.12.0045");
    assert_key(KEY_STEM, false, "1899.12.0045.jpg", "1899.12.0045");
    assert_key(KEY_STEM, false, "MS.a", "MS.a");
    assert_key(KEY_STEM, false, ".png", ".png");
    assert_key(KEY_STEM, false, "png", "png");
}

static void key_make__one_form_of_unicode(void **state)
{
    (void)state;
    assert_key(KEY_EXACT, false,
               "Bru\xcc\x88"
               "der",
               "Br\xc3\xbc"
               "der");
    assert_key(KEY_EXACT, false,
               "Br\xc3\xbc"
               "der",
               "Br\xc3\xbc"
               "der");
    assert_key(KEY_EXACT, true,
               "BRU\xcc\x88"
               "DER",
               "br\xc3\xbc"
               "der");
    assert_key(KEY_EXACT, false, "a\xff", "a\xff");
}

static void key_make_number__zeros(void **state)
{
    static const char *const cases[][2] = {
        {"007", "7"}, {"0", "0"},     {"000", "0"},       {"70", "70"},
        {"0x", "0x"}, {"-07", "-07"}, {"x/007", "x/007"}, {"", ""}};
    struct buf made = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        buf_clear(&made);
        key_make_number(&made, exact, cases[i][0], strlen(cases[i][0]));
        assert_string_equal(made.data, cases[i][1]);
    }
    buf_release(&made);
}

static void key_match_parse__names(void **state)
{
    enum key_match match;
    struct err err = {0};

    (void)state;
    for (int i = 0; i < KEY_MATCHES; i++) {
        assert_int_equal(
            key_match_parse(&match, key_match_name((enum key_match)i), &err),
            0);
        assert_int_equal(match, i);
    }
    assert_int_equal(key_match_parse(&match, "stems", &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message,
                        "--match: 'stems' is not exact, path, name or stem");
}

/* ---- joins ---- */

static struct join open_join(const char *text, struct key_rule rule)
{
    struct csv_options options = {0};
    struct err err = {0};
    struct join join;

    if (join_open(&join, scratch_text("labels.csv", text), &options, "key",
                  rule, &err) != 0)
        fail_msg("%s", err.message);
    join.other = (struct join_other){"row of the data", "rows of the data",
                                     "partner in the data", "line", NULL};
    return join;
}

/* Meets these keys on lines 2, 3, ...; what join_check says, or "". */
static const char *meet_all(struct join *join, const char *const *keys,
                            size_t n, bool strict)
{
    static struct err err;

    memset(&err, 0, sizeof(err));
    for (size_t i = 0; i < n; i++)
        join_meet(join, keys[i], strlen(keys[i]), i + 2);
    return join_check(join, strict, strict && !join->few, &err) ? err.message
                                                                : "";
}

static void join_meet__rows_by_key(void **state)
{
    struct join join = open_join("x,key\n1,a\n2,\"b\"\n3,c\n", exact);
    struct err err = {0};

    (void)state;
    assert_int_equal(join_meet(&join, "c", 1, 2), 2);
    assert_int_equal(join_meet(&join, "a", 1, 3), 0);
    assert_int_equal(join_meet(&join, "b", 1, 4), 1);
    assert_string_equal(join_fields(&join, 1)[0].text, "2");
    assert_memory_equal(join_fields(&join, 1)[1].raw, "\"b\"", 3);
    assert_int_equal(join.n_met, 3);
    assert_int_equal(join_check(&join, true, true, &err), 0);
    join_release(&join);
}

static void join_check__lists_all_that_is_wrong(void **state)
{
    static const char *const keys[] = {"a", "x", "a", "y", "z", "w", "x"};
    struct join join = open_join("key\na\nb\na\nc\nd\ne\n", exact);

    (void)state;
    assert_string_equal(
        meet_all(&join, keys, 7, true),
        "1 row repeats the key of another: 'a' (lines 2 and 4); "
        "2 rows of the data have the key of another: 'a' (lines 2 and 4), "
        "'x' (lines 3 and 8); "
        "4 rows of the data have no row here: 'x' (line 3), 'y' (line 5), "
        "'z' (line 6), ...; "
        "4 rows have no partner in the data: 'b' (line 3), 'c' (line 5), "
        "'d' (line 6), ...");
    join_release(&join);
}

static void join_check__allows_what_has_no_partner(void **state)
{
    static const char *const keys[] = {"a", "x"};
    struct join join = open_join("key\na\nb\n", exact);

    (void)state;
    assert_string_equal(meet_all(&join, keys, 2, false), "");
    join_release(&join);
}

static void assert_hint(const char *labels, struct key_rule rule,
                        const char *const *keys, size_t n, const char *expected)
{
    struct join join = open_join(labels, rule);

    assert_string_equal(meet_all(&join, keys, n, false), expected);
    join_release(&join);
}

static void join_check__says_which_rule_would_match(void **state)
{
    static const char *const files[] = {"s/a.png", "s/b.png"};
    static const char *const numbers[] = {"007", "008", "12"};

    (void)state;
    assert_hint("key\nA.TIF\nB.TIF\n", exact, files, 2,
                "0 of 2 keys match; 2 would with --match stem --ignore-case");
    assert_hint("key\na.png\nb.png\nc.png\n", exact, files, 2,
                "0 of 3 keys match; 2 would with --match name");
    assert_hint("key\nS/A.PNG\n", exact, files, 2,
                "0 of 1 keys match; 1 would with --ignore-case");
    assert_hint("key\n7\n8\n", exact, numbers, 3,
                "0 of 2 keys match; 2 would if leading zeros were not lost: "
                "'7', '007'");
    assert_hint("key\np/7.jpg\n", exact, numbers, 3,
                "0 of 1 keys match; 1 would with --match stem if leading zeros "
                "were not lost: 'p/7.jpg', '007'");
    assert_hint("key\nq\n", exact, numbers, 3,
                "0 of 1 keys match: here 'q', there '007'");
}

/* Corrections: rows of the data that have none are not even remembered. */
static void join_expect_few__keeps_what_may_be_meant(void **state)
{
    static const char *const keys[] = {"1", "007", "9", "9", "10", "11", "12"};
    struct join join = open_join("key\n7\n10\n", exact);

    (void)state;
    join_expect_few(&join);
    assert_string_equal(meet_all(&join, keys, 7, true),
                        "1 row has no partner in the data: '7' (line 2); 2 "
                        "would if leading zeros "
                        "were not lost: '7', '007'");
    assert_int_equal(join.stray_keys.count, 1);
    join_release(&join);
}

static void join_open__no_key(void **state)
{
    struct csv_options options = {0};
    struct err err = {0};
    struct join join;

    (void)state;
    assert_int_equal(join_open(&join, scratch_text("l.csv", "a,key\n1,x\n2,\n"),
                               &options, "key", exact, &err),
                     -1);
    assert_string_equal(err.message, "the key is empty");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.field, 2);
    assert_int_equal(join_open(&join, scratch_text("l.csv", "a\n1\n"), &options,
                               "key", exact, &err),
                     -1);
}

static void join_columns__wanted(void **state)
{
    struct join join = open_join("x,key,y\n1,a,2\n", exact);
    struct list keep = {0};
    struct err err = {0};
    size_t *columns, n;

    (void)state;
    assert_int_equal(join_columns(&join, &keep, false, &columns, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(columns[1], 2);
    free(columns);
    list_add(&keep, "y");
    list_add(&keep, "key");
    assert_int_equal(join_columns(&join, &keep, false, &columns, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(columns[0], 2);
    assert_int_equal(columns[1], 1);
    free(columns);
    list_add(&keep, "z");
    assert_int_equal(join_columns(&join, &keep, true, &columns, &n, &err), -1);
    free(columns);
    list_release(&keep);
    join_release(&join);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_make__by_rule),
        cmocka_unit_test(key_make__stems_of_numbers),
        cmocka_unit_test(key_make__one_form_of_unicode),
        cmocka_unit_test(key_make_number__zeros),
        cmocka_unit_test(key_match_parse__names),
        cmocka_unit_test(join_meet__rows_by_key),
        cmocka_unit_test(join_check__lists_all_that_is_wrong),
        cmocka_unit_test(join_check__allows_what_has_no_partner),
        cmocka_unit_test(join_check__says_which_rule_would_match),
        cmocka_unit_test(join_expect_few__keeps_what_may_be_meant),
        cmocka_unit_test(join_open__no_key),
        cmocka_unit_test(join_columns__wanted),
    };

    return cmocka_run_group_tests_name("key", tests, NULL, scratch_remove);
}
