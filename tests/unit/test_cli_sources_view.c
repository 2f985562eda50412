#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cli/sources_view.h"
#include "row_cells.h"
#include "screen.h"

static void add_next(struct rows *rows, const char *rank, const char *note)
{
    add(rows, "next||");
    rows_text(rows, rank);
    add(rows, "||");
    rows_text(rows, note);
}

/* The screen that the design promises, with its numbers. */
static struct rows the_design(void)
{
    struct rows rows;

    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    add(&rows, "error|goal||0.02||||");
    add(&rows, "error|train||0.031|0.023|0.042|1395|");
    add(&rows, "error|val||0.115|0.076|0.17|174|");
    add(&rows, "error|test||0.126|0.085|0.183|175|");
    add(&rows, "gap|underfitting||0.011|0.003|0.022||");
    add(&rows, "gap|overfitting||0.084|0.044|0.14||largest beyond noise");
    add(&rows, "gap|val_overfitting||0.011|-0.058|0.081||within noise");
    add_next(&rows, "1",
             "more training data: at this slope 2,300 rows more would halve "
             "the gap (1,400 - 5,100): assay train --train-sizes "
             "20%,40%,80%,100% --replicas 3 --predict books.csv | "
             "assay decompose --learning-curve");
    add_next(&rows, "2", "add regularisation: assay train --weight-decay 0.01");
    return rows;
}

static void sources_view__the_design(void **state)
{
    struct rows rows = the_design();

    (void)state;
    view.utf8 = false;
    view.columns = 87;
    sources_view(&view, &rows);
    assert_string_equal(
        drawn(),
        "error   goal              2.0 %\n"
        "        train             3.1 %   2.3 -  4.2   n 1395\n"
        "        val              11.5 %   7.6 - 17.0   n  174\n"
        "        test             12.6 %   8.5 - 18.3   n  175\n"
        "gap     underfitting      1.1     0.3 -  2.2       |#]\n"
        "        overfitting       8.4     4.4 - 14.0       |###[####---]   "
        "largest beyond noise\n"
        "        val_overfitting   1.1    -5.8 -  8.1   [---+:-----]        "
        "within noise\n"
        "next  1 more training data: at this slope 2,300 rows more would halve "
        "the gap (1,400 -\n"
        "        5,100)\n"
        "        assay train --train-sizes 20%,40%,80%,100% --replicas 3 "
        "--predict books.csv | \\\n"
        "            assay decompose --learning-curve\n"
        "      2 add regularisation\n"
        "        assay train --weight-decay 0.01\n");
    rows_release(&rows);
}

static void sources_view__eighty_columns(void **state)
{
    struct rows rows = the_design();

    (void)state;
    sources_view(&view, &rows);
    assert_non_null(strstr(
        drawn(), "gap     underfitting      1.1     0.3 -  2.2     │█┤\n"
                 "        overfitting       8.4     4.4 - 14.0     │██├██─┤   "
                 "largest beyond noise\n"
                 "        val_overfitting   1.1    -5.8 -  8.1   ├─┼░───┤     "
                 "within noise\n"));
    rows_release(&rows);
}

static void sources_view__long_note_and_negative_gap(void **state)
{
    struct rows rows;

    (void)state;
    view.utf8 = false;
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    add(&rows, "gap|overfitting||0.05|||12|largest beyond noise");
    add(&rows, "gap|shift||-0.03|-0.05|-0.01||"
               "below 0 beyond noise: are the rows comparable?");
    sources_view(&view, &rows);
    assert_string_equal(
        drawn(),
        "gap     overfitting       5.0                               "
        " |#############\n"
        "          largest beyond noise\n"
        "        shift            -3.0    -5.0 - -1.0   [----######]##|\n"
        "          below 0 beyond noise: are the rows comparable?\n");
    rows_release(&rows);
}

/* Solid is beyond noise, or of unknown noise; hollow is within. */
static void sources_view__bars_show_noise(void **state)
{
    struct rows rows;

    (void)state;
    view.columns = 75;
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    add(&rows, "part|noise||0.02|0.01|0.03||");
    add(&rows, "part|bias||0.12|0.09|0.15||");
    add(&rows, "part|variance||0.05||||");
    add(&rows, "part|net_variance||0.03|-0.03|0.09||");
    add(&rows, "part|net_variance|b|-0.02|-0.03|-0.01||");
    add(&rows, "part|net_variance|c|0|-0.01|0.01||");
    add(&rows, "part|net_variance|d|0.01|-1|1||"); /* goes on outside */
    sources_view(&view, &rows);
    assert_string_equal(
        drawn(),
        "part    noise             2.0       1.0 -   3.0              │█\n"
        "        bias             12.0       9.0 -  15.0              │███├█┤\n"
        "        variance          5.0                                │██\n"
        "        net_variance      3.0      -3.0 -   9.0            ├─┼░──┤\n"
        "        net_variance: b  -2.0      -3.0 -  -1.0            ├█│\n"
        "        net_variance: c   0.0      -1.0 -   1.0             ├┼\n"
        "        net_variance: d   1.0    -100.0 - 100.0   "
        "───────────┼░─────────\n");
    view.colour = true;
    wipe();
    sources_view(&view, &rows);
    assert_non_null(strstr(drawn(), "\033[1m           │█"));
    rows_release(&rows);
}

/* Without anything below 0 there is no axis, and no interval no whisker. */
static void sources_view__bars_from_the_left(void **state)
{
    struct rows rows;

    (void)state;
    view.columns = 65;
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    add(&rows, "part|bias||0.1|0.05|0.2||");
    add(&rows, "part|variance||0.1||||");
    add(&rows, "part|noise||0||||");
    sources_view(&view, &rows);
    assert_string_equal(
        drawn(),
        "part    bias             10.0     5.0 - 20.0   ███├████──────┤\n"
        "        variance         10.0                  ███████▌\n"
        "        noise             0.0\n");
    rows_release(&rows);
}

static void sources_view__classes_and_parts(void **state)
{
    struct rows rows;

    (void)state;
    view.utf8 = false;
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    add(&rows, "error|test|on paper, print|0.2|0.1|0.3|40|");
    add(&rows, "part|bias||0.1||||");
    add(&rows, "part|variance||0.05||||");
    add(&rows, "part|noise||0||||not measured");
    sources_view(&view, &rows);
    assert_string_equal(
        drawn(),
        "error   test: on paper, print  20.0 %  10.0 - 30.0   n 40\n"
        "part    bias                   10.0                  "
        "############\n"
        "        variance                5.0                  ######\n"
        "        noise                   0.0                                 "
        "not measured\n");
    rows_release(&rows);
}

static void sources_view_plain__no_percent(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "kind,name,value,low,high"); /* columns may be absent */
    add(&rows, "error|train|0.7123|0.6|0.81234");
    add(&rows, "error|test|12.5|inf|");
    sources_view_plain(&view, &rows);
    assert_string_equal(drawn(),
                        "error   train            0.7123     0.6 - 0.8123\n"
                        "        test               12.5     inf -\n");
    rows_release(&rows);
}

/* ---- advice ---- */

static void draw_next(const char *note)
{
    struct rows rows;

    wipe();
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    add_next(&rows, "1", note);
    sources_view(&view, &rows);
    rows_release(&rows);
}

static void sources_view__command_after_last_mark(void **state)
{
    (void)state;
    draw_next("first: assay check: assay train -m x");
    assert_string_equal(drawn(), "next  1 first: assay check\n"
                                 "        assay train -m x\n");
    draw_next("look at the rows: they tell");
    assert_string_equal(drawn(), "next  1 look at the rows: they tell\n");
    draw_next("");
    assert_string_equal(drawn(), "next  1\n");
}

static void sources_view__command_is_not_cut(void **state)
{
    (void)state;
    view.columns = 40;
    draw_next("x: assay train --only 'on paper, print, and so on for long' "
              "--root \"a b\"/c\\ d -m x");
    assert_string_equal(drawn(),
                        "next  1 x\n"
                        "        assay train --only \\\n"
                        "            'on paper, print, and so on for long' \\\n"
                        "            --root \"a b\"/c\\ d -m x\n");
}

/* What stands on the screen, given to a shell, is the same words. */
static void sources_view__copied_command_runs(void **state)
{
    const char *words = "a 'b  c' \"d 'e\" f\\ g --long-option=1,2,3,4,5 h "
                        "'i j k l m n o p q r s t u v w x y z' ''";

    (void)state;
    for (int columns = 20; columns < 100; columns += 7) {
        char command[1024] = "assay() { printf '[%s]' \"$@\"; }\n", out[256];
        struct buf note = {0};
        FILE *shell;
        size_t n;
        view.columns = columns;
        buf_printf(&note, "x: assay %s", words);
        draw_next(note.data);
        strncat(command, strchr(drawn(), '\n'), 900);
        shell = popen(command, "r");
        n = fread(out, 1, sizeof(out) - 1, shell);
        out[n] = '\0';
        pclose(shell);
        assert_string_equal(out, "[a][b  c][d 'e][f g][--long-option=1,2,3,4,5]"
                                 "[h][i j k l m n o p q r s t u v w x y z][]");
        buf_release(&note);
    }
}

/* ---- what holds for all views ---- */

static void sources_view__no_escape_passes(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    for (int i = 0; i < 2; i++) {
        add(&rows, i ? "gap\033[1m" : "error");
        add(&rows, "a\033c|\nb\xc2\x9b|\033[5m|\033|\007|\x7f|\033]0;x\007");
    }
    add_next(&rows, "\033", "\033[31mred: assay \033[32m");
    sources_view(&view, &rows);
    for (const char *c = drawn(); *c; c++)
        assert_true(*c == '\n' || ((unsigned char)*c >= 0x20 && *c != 0x7f &&
                                   (unsigned char)*c != 0xc2));
    rows_release(&rows);
}

static void assert_fits(size_t columns)
{
    for (const char *line = drawn(); *line;) {
        size_t len = strcspn(line, "\n");
        assert_true(text_width(line, len) <= columns);
        line += len + 1;
    }
}

static void sources_view__every_width(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    add(&rows, "error|val_overfitting||0.115|0.076|0.17|174|");
    add(&rows, "error|test|漢字漢字漢字漢字漢字|1|0.1|1|123456|a note");
    add(&rows, "gap|漢字漢字漢字|漢字漢字|0.1|-1|0.5|7|漢字漢字漢字 漢 字");
    add(&rows, "gap|x||0.1||||one two threefourfivesixseven");
    add(&rows, "next|||1||||漢字漢字漢字漢字漢字漢字漢字 advice");
    for (int columns = 20; columns < 120; columns++) {
        view.columns = columns;
        view.utf8 = columns % 2;
        wipe();
        sources_view(&view, &rows);
        assert_fits((size_t)columns);
    }
    rows_release(&rows);
}

static void sources_view__kinds_bold(void **state)
{
    struct rows rows;

    (void)state;
    view.colour = true;
    rows_init(&rows, "kind,name,value,note");
    add(&rows, "error|goal|0.02|");
    add(&rows, "next||1|stop");
    sources_view(&view, &rows);
    assert_string_equal(drawn(),
                        "\033[1merror   \033[0mgoal              2.0 %\n"
                        "\033[1mnext\033[0m  1 stop\n");
    rows_release(&rows);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, screen_setup, screen_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sources_view__the_design),
        TEST(sources_view__eighty_columns),
        TEST(sources_view__long_note_and_negative_gap),
        TEST(sources_view__bars_show_noise),
        TEST(sources_view__bars_from_the_left),
        TEST(sources_view__classes_and_parts),
        TEST(sources_view_plain__no_percent),
        TEST(sources_view__command_after_last_mark),
        TEST(sources_view__command_is_not_cut),
        TEST(sources_view__copied_command_runs),
        TEST(sources_view__no_escape_passes),
        TEST(sources_view__every_width),
        TEST(sources_view__kinds_bold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
