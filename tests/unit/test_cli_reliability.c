/* The reliability diagram, and the tracks it is drawn on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cli/reliability_view.h"
#include "cli/track_view.h"
#include "row_cells.h"
#include "screen.h"

#define COLUMNS "bin,low,high,n,confidence,accuracy,accuracy_low,accuracy_high"

/* Under, within and over; empty bins at both ends and between. */
static struct rows some_bins(void)
{
    struct rows rows;

    rows_init(&rows, COLUMNS);
    add(&rows, "1|0|0.2|0||||");
    add(&rows, "2|0.2|0.4|8|0.3|0.75|0.4|0.93");
    add(&rows, "3|0.4|0.6|0||||");
    add(&rows, "4|0.6|0.8|1000|0.7|0.71|0.68|0.74");
    add(&rows, "5|0.8|0.9|123456|0.85|0.6|0.55|0.65");
    add(&rows, "6|0.9|1|0||||");
    return rows;
}

static void reliability_view__eighty_columns(void **state)
{
    struct rows rows = some_bins();

    (void)state;
    reliability_view(&view, &rows);
    assert_string_equal(
        drawn(), "probability    accuracy ●, ╱ as promised                     "
                 "        rows\n"
                 " 20.0 -  40.0  ╱    ├─────────────────●────────┤     ▏       "
                 "           8  under\n"
                 " 40.0 -  60.0            ╱                                   "
                 "           0\n"
                 " 60.0 -  80.0                     ├╱●┤               ▏       "
                 "        1000\n"
                 " 80.0 -  90.0              ├──●──┤         ╱         "
                 "████████████  123456  over\n"
                 "               30 %            65 %           100 %\n");
    rows_release(&rows);
}

static void reliability_view__forty_columns_in_ascii(void **state)
{
    struct rows rows = some_bins();

    (void)state;
    view.columns = 40;
    view.utf8 = false;
    reliability_view(&view, &rows);
    assert_string_equal(drawn(), "prob   accuracy              rows\n"
                                 " 40.0  / [--------*----]        8  under\n"
                                 " 60.0       /                   0\n"
                                 " 80.0           [*]          1000\n"
                                 " 90.0        [*-]    /     123456  over\n"
                                 "       30 %         100 %\n");
    rows_release(&rows);
}

static void reliability_view__colours(void **state)
{
    struct rows rows = some_bins();

    (void)state;
    view.colour = true;
    reliability_view(&view, &rows);
    assert_non_null(strstr(drawn(), "\033[38;5;33m"));  /* under: blue */
    assert_non_null(strstr(drawn(), "\033[38;5;160m")); /* over: red */
    rows_release(&rows);
}

/* One row; no row at all, which no tool writes. */
static void reliability_view__hardly_anything(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, COLUMNS);
    reliability_view(&view, &rows);
    add(&rows, "1|1|1|1|1|1|0.2|1");
    reliability_view(&view, &rows);
    assert_non_null(strstr(drawn(), "\n100.0 - 100.0  ├"));
    rows_release(&rows);
}

static void reliability_view__every_width(void **state)
{
    struct rows rows = some_bins();

    (void)state;
    add(&rows, "7|x|\033[31m|1e15|nan|inf|-inf|2");
    for (int columns = 20; columns < 260; columns++) {
        view.columns = columns;
        view.utf8 = columns % 2;
        wipe();
        reliability_view(&view, &rows);
        for (const char *line = drawn(); *line;) {
            size_t len = strcspn(line, "\n");
            assert_true(text_width(line, len) <= (size_t)columns);
            assert_null(memchr(line, '\033', len));
            line += len + 1;
        }
    }
    rows_release(&rows);
}

/* ---- tracks ---- */

static void assert_bar(double low, double high, double value, double from,
                       double to, const char *wanted)
{
    struct track t = {.low = low, .high = high, .width = 10};
    struct buf line = {0};

    track_clear(&t);
    track_bar(&t, value, from, to);
    track_draw(&line, &t, false);
    assert_string_equal(line.data, wanted);
    buf_release(&line);
}

static void track_bar__solid_beyond_noise(void **state)
{
    (void)state;
    assert_bar(0, 10, 5, 3, 8, "###[##--] ");
    assert_bar(0, 10, 5, NAN, NAN, "######    ");
    assert_bar(0, 10, 5, 0, 9, "::::::---]");
    assert_bar(-5, 5, 3, 1.5, 4.5, "     |###]");
    assert_bar(-5, 5, -3, -4.5, -1.5, "[-#]#|    ");
    assert_bar(-5, 5, 2, -3, 4, "  [--+::-]");
    assert_bar(-5, 5, -2, -4, 1, " [-::+]   ");
    assert_bar(-5, 5, 0, -1, 1, "    [+]   ");
    assert_bar(-5, 5, NAN, NAN, NAN, "     |    ");
    assert_bar(-5, 5, 1, -9, 9, "-----+:---"); /* goes on */
    assert_bar(-5, 5, .01, NAN, NAN, "     |#   ");
    assert_bar(-5, 5, -.01, NAN, NAN, "    #|    ");
}

static void track_column__edges(void **state)
{
    struct track t = {.low = 0, .high = 1, .width = 4};

    (void)state;
    assert_int_equal(track_column(&t, -1), 0);
    assert_int_equal(track_column(&t, .24), 0);
    assert_int_equal(track_column(&t, .25), 1);
    assert_int_equal(track_column(&t, 1), 3);
    assert_int_equal(track_column(&t, INFINITY), 3);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, screen_setup, screen_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reliability_view__eighty_columns),
        TEST(reliability_view__forty_columns_in_ascii),
        TEST(reliability_view__colours),
        TEST(reliability_view__hardly_anything),
        TEST(reliability_view__every_width),
        TEST(track_bar__solid_beyond_noise),
        TEST(track_column__edges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
