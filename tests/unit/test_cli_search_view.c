#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cli/search_view.h"
#include "row_cells.h"
#include "screen.h"

#define IMPORTANCE "parameter,other,importance,low,high,expected"
#define MARGINAL "value,objective,low,high"

static struct rows importance(void)
{
    struct rows rows;

    rows_init(&rows, IMPORTANCE);
    add(&rows, "batch||0.6|0.5|0.7|low");
    add(&rows, "learning_rate||0.25|0.15|0.35|high");
    add(&rows, "hidden||0.02|0|0.1|high");
    add(&rows, "dropout||0.01|0|0.05|medium");
    add(&rows, "seed_like|||||");
    add(&rows, "batch|learning_rate|0.1|0.04|0.2|");
    add(&rows, "batch|hidden|0.03|0|0.1|");
    add(&rows, "batch|dropout|0.005|0.001|0.01|");
    return rows;
}

static void importance_view__where_it_differs(void **state)
{
    struct rows rows = importance();

    (void)state;
    view.utf8 = false;
    view.columns = 72;
    importance_view(&view, &rows);
    assert_string_equal(
        drawn(),
        "batch                   60.0%   50.0 -  70.0  "
        "#########[#-]          low\n"
        "learning_rate           25.0%   15.0 -  35.0  "
        "##[##-]               high\n"
        "hidden                   2.0%    0.0 -  10.0  "
        ":]                    high\n"
        "dropout                  1.0%    0.0 -   5.0  "
        ":                   medium\n"
        "seed_like                   ?\n"
        "together, beyond what each does alone\n"
        "batch x learning_rate   10.0%    4.0 -  20.0  ##-]\n"
        "not as the lecture expects: batch (low) above learning_rate, hidden\n"
        "  (high) and dropout (medium)\n");
    rows_release(&rows);
}

static void importance_view__as_expected(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, IMPORTANCE);
    add(&rows, "learning_rate||0.5|0.3|0.7|high");
    add(&rows, "batch||0.55|0.35|0.75|low"); /* above, but within noise */
    importance_view(&view, &rows);
    assert_non_null(strstr(drawn(),
                           "\nnothing here is, beyond noise, in another "
                           "order than the lecture expects\n"));
    rows_release(&rows);
}

static void importance_view__nothing_expected(void **state)
{
    struct rows rows;

    (void)state;
    view.columns = 50;
    rows_init(&rows, IMPORTANCE);
    add(&rows, "x0||0.5|0.3|0.7|");
    add(&rows, "x1||0.1|0|0.3|");
    importance_view(&view, &rows);
    assert_string_equal(drawn(),
                        "x0   50.0%   30.0 -  70.0  ██████├█████────┤\n"
                        "x1   10.0%    0.0 -  30.0  ░░░───┤\n");
    rows_release(&rows);
}

static void importance_view__chance(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, IMPORTANCE);
    add(&rows, "learning_rate|||0|1|high");
    add(&rows, "batch|||0|1|low");
    importance_view(&view, &rows);
    assert_non_null(strstr(drawn(), "?"));
    assert_non_null(strstr(drawn(), "nothing here is more than chance"));
    assert_null(strstr(drawn(), "lecture"));
    rows_release(&rows);
    wipe();
    rows_init(&rows, IMPORTANCE);
    importance_view(&view, &rows);
    assert_string_equal(drawn(), "");
    rows_release(&rows);
}

/* ---- curves ---- */

static void marginal_view__values(void **state)
{
    struct rows rows;

    (void)state;
    view.utf8 = false;
    view.columns = 40;
    rows_init(&rows, MARGINAL);
    add(&rows, "relu|0.1|0.05|0.15");
    add(&rows, "tanh|0.2|0.15|0.25");
    marginal_view(&view, &rows, "activation");
    assert_string_equal(drawn(), "mean objective by activation\n"
                                 "relu        0.1  [----*-----]\n"
                                 "tanh        0.2             [-----*----]\n");
    rows_release(&rows);
}

/* A V over orders of magnitude: it is lowest in the middle of the axis. */
static struct rows bowl(bool log_spaced)
{
    struct rows rows;

    rows_init(&rows, MARGINAL);
    for (int i = 0; i <= 20; i++) {
        double x = log_spaced ? 1e-6 : 1, y = i < 10 ? 10 - i : i - 10;
        for (int k = 0; k < i; k++)
            x = log_spaced ? x * 2 : x + 1;
        rows_number(&rows, x);
        rows_number(&rows, y);
        rows_number(&rows, y - 1);
        rows_number(&rows, y + 1);
    }
    return rows;
}

static void marginal_view__axes(void **state)
{
    struct rows rows = bowl(true);
    char *logarithmic;

    (void)state;
    view.utf8 = false;
    view.columns = 32;
    marginal_view(&view, &rows, "rate");
    assert_non_null(strstr(drawn(), "           1e-06  0.00102   1.05\n"));
    assert_non_null(strstr(drawn(), "       11 |:                   :\n"));
    logarithmic = strdup(strchr(drawn(), '|'));
    rows_release(&rows);
    wipe();
    rows = bowl(false);
    marginal_view(&view, &rows, "rate");
    assert_non_null(strstr(drawn(), "           1        11        21\n"));
    /* The same picture on either axis. */
    *strchr(logarithmic, '+') = '\0';
    assert_memory_equal(logarithmic, strchr(drawn(), '|'), strlen(logarithmic));
    free(logarithmic);
    rows_release(&rows);
}

/* ---- trials ---- */

static struct rows trials(void)
{
    static const char *const cells[] = {"0.5|0.001|adam", "0.4|0.01|sgd",
                                        "|0.1|sgd",       "0.3|0.0001|adam",
                                        "0.35|0.003|",    "1e6|1|adam",
                                        "0.45|0.02|adam", "0.3|0.0001|adam",
                                        "0.42|0.005|sgd", "0.38|0.0003|adam"};
    struct rows rows;

    rows_init(&rows, "objective,learning_rate,optimizer");
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
        add(&rows, cells[i]);
    return rows;
}

static void scatter_view__points(void **state)
{
    struct rows rows = trials();

    (void)state;
    view.utf8 = false;
    view.columns = 60;
    scatter_view(&view, &rows, "learning_rate");
    assert_non_null(strstr(drawn(), "      0.5 |            .             "
                                    "                      ^\n"));
    assert_non_null(strstr(drawn(), "      0.3 |o\n"));
    assert_non_null(strstr(drawn(), "\n1 trial without objective\n"));
    rows_release(&rows);
}

static void scatter_view__choices(void **state)
{
    struct rows rows = trials();

    (void)state;
    view.utf8 = false;
    view.columns = 40;
    scatter_view(&view, &rows, "optimizer");
    assert_non_null(
        strstr(drawn(), "adam      6  *         *         *     *\n"));
    assert_non_null(strstr(drawn(), "sgd       2               *  *\n"));
    rows_release(&rows);
}

static void best_view__falls(void **state)
{
    struct rows rows = trials();

    (void)state;
    best_view(&view, &rows);
    assert_string_equal(drawn(),
                        "best so far  █▅▅▁▁▁▁▁▁▁  0.5 to 0.3, lowest 0.3\n");
    rows_release(&rows);
    wipe();
    rows_init(&rows, "objective,learning_rate");
    best_view(&view, &rows);
    scatter_view(&view, &rows, "learning_rate");
    rows_release(&rows);
}

/* ---- all of them ---- */

static void assert_lines(size_t width, bool utf8)
{
    for (const char *line = drawn(); *line;) {
        size_t len = strcspn(line, "\n");
        assert_true(text_width(line, len) <= width);
        for (size_t i = 0; i < len; i++)
            assert_true(utf8 ? (unsigned char)line[i] >= ' '
                             : line[i] >= ' ' && line[i] < 127);
        line += len + 1;
    }
}

static void draw_all(void)
{
    struct rows rows = importance(), curve = bowl(true), points = trials();

    add(&rows, "a\033[31m\nb|\xff\xc2\x9b|0.5|0.4|0.6|");
    add(&rows, "\033c||0.9|0.8|1|low");
    importance_view(&view, &rows);
    marginal_view(&view, &curve, "\033[2Jname");
    add(&curve, "\033[2J|1|0|2");
    marginal_view(&view, &curve, "rate");
    add(&points, "0.4|0.1|\033]0;x\007日本語");
    scatter_view(&view, &points, "optimizer");
    scatter_view(&view, &points, "learning_rate");
    scatter_view(&view, &points, "absent\033");
    best_view(&view, &points);
    rows_release(&rows);
    rows_release(&curve);
    rows_release(&points);
}

static void search_view__within_the_terminal(void **state)
{
    (void)state;
    for (int utf8 = 0; utf8 < 2; utf8++)
        for (view.columns = 1; view.columns < 130; view.columns += 3) {
            view.utf8 = utf8;
            wipe();
            draw_all();
            assert_lines(view.columns < 20 ? 20 : (size_t)view.columns, utf8);
        }
}

#define test(name) \
    cmocka_unit_test_setup_teardown(name, screen_setup, screen_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(importance_view__where_it_differs),
        test(importance_view__as_expected),
        test(importance_view__nothing_expected),
        test(importance_view__chance),
        test(marginal_view__values),
        test(marginal_view__axes),
        test(scatter_view__points),
        test(scatter_view__choices),
        test(best_view__falls),
        test(search_view__within_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
