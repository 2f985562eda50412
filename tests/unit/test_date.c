/* Points in time: which text is one, and which of two is later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/date.h"

static uint64_t time_of(const char *text)
{
    uint64_t time = 0;

    if (!date_parse(text, strlen(text), &time))
        fail_msg("no date: '%s'", text);
    return time;
}

static void date__later_is_larger(void **state)
{
    static const char *const rising[] = {
        "0001-01-01",        "1582-10-04",
        "1582-10-05",        "1999-12-31",
        "2000-02-29",        "2000-02-29 00:00:01",
        "2000-02-29T23:59",  "2000-02-29T23:59:59.25",
        "2000-03-01",        "2021-05-31T10:00+02:00",
        "2021-05-31T10:00Z", "2021-05-31T10:00-00:30",
        "2021-06-30",        "9999-12-31T23:59:60"};

    (void)state;
    for (size_t i = 1; i < sizeof rising / sizeof *rising; i++)
        if (time_of(rising[i - 1]) >= time_of(rising[i]))
            fail_msg("'%s' is not before '%s'", rising[i - 1], rising[i]);
}

static void date__distances(void **state)
{
    (void)state;
    assert_true(time_of("2020-03-01") - time_of("2020-02-28") == 2 * DATE_DAY);
    assert_true(time_of("2100-03-01") - time_of("2100-02-28") == DATE_DAY);
    /* 400 years have 146,097 days. */
    assert_true(time_of("2401-01-01") - time_of("2001-01-01") ==
                146097 * DATE_DAY);
    assert_true(time_of("2021-05-31T06:00") - time_of("2021-05-31") ==
                DATE_DAY / 4);
    assert_true(time_of("2021-05-31T00:00:00.1234569") -
                    time_of("2021-05-31") ==
                123456);
    assert_true(time_of("2021-05") == time_of("2021-05-01"));
    assert_true(time_of(" 2021-05-31 ") == time_of("2021-05-31"));
    assert_true(time_of("2021-05-31T10:00") == time_of("2021-05-31 10:00Z"));
    assert_true(time_of("2021-05-31T23:00-02:00") ==
                time_of("2021-06-01T01:00"));
}

static void date__what_is_none(void **state)
{
    static const char *const wrong[] = {"",
                                        " ",
                                        "2021",
                                        "2021-",
                                        "2021-5-31",
                                        "2021-13-01",
                                        "2021-00-01",
                                        "2021-02-29",
                                        "2100-02-29",
                                        "2021-02-30",
                                        "2021-04-31",
                                        "2021-12-32",
                                        "2021-01-00",
                                        "0000-01-01",
                                        "21-01-01",
                                        "20210531",
                                        "2021/05/31",
                                        "31.05.2021",
                                        "12/05/2020",
                                        "2021-05-31x",
                                        "2021-05-31T",
                                        "2021-05-31T8:00",
                                        "2021-05-31T24:00",
                                        "2021-05-31T08:60",
                                        "2021-05-31T08:00:61",
                                        "2021-05-31T08:00:00.",
                                        "2021-05-31T08:00 Z",
                                        "2021-05-31T08:00+2",
                                        "2021-05-31T08:00+02:00x",
                                        "2021-05T08:00",
                                        "-2021-05-31"};
    uint64_t time;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (date_parse(wrong[i], strlen(wrong[i]), &time))
            fail_msg("'%s' is a date", wrong[i]);
    assert_false(date_parse("2021-05-31", 9, &time)); /* as far as len */
    assert_true(date_parse("2021-05-31", 7, &time));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date__later_is_larger),
        cmocka_unit_test(date__distances),
        cmocka_unit_test(date__what_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
