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
#include "cli/curve_view.h"
#include "cli/line_view.h"
#include "cli/view.h"
#include "row_cells.h"
#include "screen.h"

static void assert_fits(size_t columns)
{
    for (const char *line = drawn(); *line;) {
        size_t len = strcspn(line, "\n");
        if (text_width(line, len) > columns)
            fail_msg("more than %zu columns: %.*s", columns, (int)len, line);
        line += len + (line[len] == '\n');
    }
}

/* Everything a terminal could obey, but for newlines. */
static void assert_harmless(void)
{
    for (const char *c = drawn(); *c; c++) {
        unsigned char byte = (unsigned char)*c;
        assert_true(byte >= 0x20 || byte == '\n');
        assert_int_not_equal(byte, 0x7f);
        if (byte == 0xc2) /* C1 controls in UTF-8 */
            assert_true((unsigned char)c[1] >= 0xa0);
    }
}

static struct rows some_pairs(void)
{
    struct rows rows;

    rows_init(&rows, "label,pred,count,rate,ids");
    add(&rows, "painting|on paper, print|27|0.12649|B102;B77");
    add(&rows, "漢字|textile|3|0.5|");
    return rows;
}

/* ---- init ---- */

static void view_init__not_a_terminal(void **state)
{
    struct view other;

    (void)state;
    setenv("COLUMNS", "132", 1);
    view_init(&other, view.out);
    assert_int_equal(other.columns, 132);
    assert_false(other.colour);
    setenv("COLUMNS", "wide", 1);
    view_init(&other, view.out);
    assert_int_equal(other.columns, 80);
    unsetenv("COLUMNS");
    view_init(&other, view.out);
    assert_int_equal(other.columns, 80);
}

static void view_init__utf8_follows_locale(void **state)
{
    struct view other;

    (void)state;
    setenv("LC_ALL", "C", 1);
    view_init(&other, view.out);
    assert_false(other.utf8);
    setenv("LC_ALL", "C.UTF-8", 1);
    view_init(&other, view.out);
    assert_true(other.utf8);
    unsetenv("LC_ALL");
}

/* ---- pieces ---- */

static void check_clean(const char *text, const char *utf8, const char *ascii)
{
    char *clean = line_clean_copy(text, true);

    assert_string_equal(clean, utf8);
    free(clean);
    clean = line_clean_copy(text, false);
    assert_string_equal(clean, ascii);
    free(clean);
}

static void line_clean__nothing_to_obey(void **state)
{
    (void)state;
    check_clean("", "", "");
    check_clean("a\nb\tc\rd", "a b c d", "a b c d");
    check_clean("\033]0;title\007", "?]0;title?", "?]0;title?");
    check_clean("a\x7f\x01", "a??", "a??");
    check_clean("\xc2\x9b\x33\x31m", "?31m", "?31m"); /* CSI in one */
    check_clean("\xc2\xa0x", "\xc2\xa0x", "?x");
    check_clean("\x9b\xff\xc3", "???", "???"); /* not UTF-8 */
    check_clean("\xe2\x80\xaeтекст\xe2\x81\xa6", "?текст?", "???????");
    check_clean("a\xe2\x80\xa8z", "a z", "a z"); /* line separator */
    check_clean("Café 漢字", "Café 漢字", "Caf? ??");
}

static void check_number(double value, const char *expected)
{
    struct buf text = {0};

    line_number(&text, value);
    assert_string_equal(text.data, expected);
    buf_release(&text);
}

static void line_number__four_digits(void **state)
{
    (void)state;
    check_number(0, "0");
    check_number(-0.0, "0");
    check_number(0.12649, "0.1265");
    check_number(0.0003, "0.0003");
    check_number(0.0000123456, "1.235e-05");
    check_number(12.3456, "12.35");
    check_number(1234.56, "1235");
    check_number(999.96, "1000");
    check_number(1234567, "1234567");
    check_number(-12345678.9, "-12345679");
    check_number(1e20, "1e+20");
    check_number(INFINITY, "inf");
    check_number(-INFINITY, "-inf");
    check_number(NAN, "nan");
}

static void check_bar(double share, size_t width, bool utf8, const char *bar)
{
    struct buf text = {0};
    size_t taken;

    buf_add(&text, "", 0);
    taken = line_bar(&text, share, width, utf8);
    assert_string_equal(text.data, bar);
    assert_int_equal(taken, line_width(bar));
    buf_release(&text);
}

static void line_bar__shares(void **state)
{
    (void)state;
    check_bar(1, 4, true, "████");
    check_bar(1, 4, false, "####");
    check_bar(0.5, 4, true, "██");
    check_bar(0.5 / 4, 4, true, "▌");
    check_bar(1e-9, 4, true, "▏");
    check_bar(1e-9, 4, false, "#");
    check_bar(7, 3, false, "###");
    check_bar(INFINITY, 2, true, "██");
    check_bar(0, 4, true, "");
    check_bar(-1, 4, true, "");
    check_bar(NAN, 4, true, "");
    check_bar(1, 0, true, "");
}

static void check_cut(const char *text, size_t width, bool utf8,
                      const char *expected)
{
    struct buf out = {0};

    buf_add(&out, "", 0);
    assert_int_equal(line_cut(&out, text, width, utf8), line_width(expected));
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void line_cut__ellipsis(void **state)
{
    (void)state;
    check_cut("stoneware", 9, true, "stoneware");
    check_cut("stoneware", 8, true, "stonewa…");
    check_cut("stoneware", 8, false, "stone...");
    check_cut("stoneware", 3, false, "sto");
    check_cut("stoneware", 1, true, "s");
    check_cut("stoneware", 0, true, "");
    check_cut("漢字漢字", 6, true, "漢字…"); /* half a character is none */
}

static void line_wrap__breaks_at_blanks(void **state)
{
    struct buf line = {0};

    (void)state;
    buf_add_text(&line, "> ");
    line_wrap(&line, "one two three fourteenletters 漢字漢字漢字漢", 2, 9,
              &view);
    assert_string_equal(drawn(), "> one two\n  three\n  fourteenl\n  etters\n"
                                 "  漢字漢字\n  漢字漢\n");
    buf_release(&line);
}

/* ---- table ---- */

static void view_table__guess(void **state)
{
    struct rows rows = some_pairs();

    (void)state;
    view_table(&view, &rows, NULL, 0);
    assert_string_equal(drawn(),
                        "label     pred             count    rate  ids\n"
                        "painting  on paper, print     27  0.1265  B102;B77\n"
                        "漢字      textile              3  0.5\n");
    rows_release(&rows);
}

static void view_table__spec(void **state)
{
    static const struct view_column spec[] = {
        {"count", "n", VIEW_COUNT, false}, {"absent", NULL, VIEW_TEXT, false},
        {"label", NULL, VIEW_TEXT, false}, {"rate", NULL, VIEW_PERCENT, false},
        {"count", "", VIEW_BAR, false},
    };
    struct rows rows = some_pairs();

    (void)state;
    view.columns = 40;
    view_table(&view, &rows, spec, 5);
    assert_string_equal(drawn(), " n  label       rate\n"
                                 "27  painting  12.6 %  ██████████████████\n"
                                 " 3  漢字      50.0 %  ██\n");
    wipe();
    view.utf8 = false;
    view_table(&view, &rows, spec, 5);
    assert_string_equal(drawn(), " n  label       rate\n"
                                 "27  painting  12.6 %  ##################\n"
                                 " 3  ??        50.0 %  ##\n");
    rows_release(&rows);
}

static void view_table__points_aligned(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "rate,split");
    add(&rows, "0.5|a");
    add(&rows, "1000|b");
    add(&rows, "|c");
    add(&rows, "1.25e-05|d");
    add(&rows, "-inf|e");
    view_table(&view, &rows, NULL, 0);
    assert_string_equal(drawn(), "       rate  split\n"
                                 "   0.5       a\n"
                                 "1000         b\n"
                                 "             c\n"
                                 "   1.25e-05  d\n"
                                 "-inf         e\n");
    rows_release(&rows);
}

static void view_table__odd_cells(void **state)
{
    static const struct view_column spec[] = {
        {"a", NULL, VIEW_PERCENT, false},
        {"b", NULL, VIEW_TEXT, true},
        {"a", "", VIEW_BAR, false},
        {"c", NULL, VIEW_COUNT, false},
    };
    struct rows rows;

    (void)state;
    view.columns = 30;
    rows_init(&rows, "a,b,c");
    add(&rows, "none||007");
    add(&rows, "-0.25||12.5");
    add(&rows, "-0.00001||");
    add(&rows, "inf||1e3");
    view_table(&view, &rows, spec, 4);
    assert_string_equal(drawn(), "      a                      c\n"
                                 "   none                    007\n"
                                 "-25.0 %                   12.5\n"
                                 "  0.0 %\n"
                                 "  inf %  ███████████████  1000\n");
    rows_release(&rows);
}

static void view_table__no_rows(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "slice,error");
    view_table(&view, &rows, NULL, 0);
    assert_string_equal(drawn(), "slice  error\n(no rows)\n");
    rows_release(&rows);
}

static void view_table__escape_attack(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "label");
    rows_add_column(&rows, "\033[2Jpred");
    add(&rows, "\033]52;c;cm0gLXJm\007|\xc2\x9b\x33\x31mred\nnew line");
    add(&rows, "\x1b\x1b\x1b\x9b|\r\b\b\b\b");
    view_table(&view, &rows, NULL, 0);
    assert_harmless();
    assert_string_equal(drawn(), "label             ?[2Jpred\n"
                                 "?]52;c;cm0gLXJm?  ?31mred new line\n"
                                 "????               ????\n");
    rows_release(&rows);
}

static void view_table__widest_text_gives_way(void **state)
{
    struct rows rows;

    (void)state;
    view.columns = 40;
    rows_init(&rows, "title,place,year");
    add(&rows, "The Natural History of Selborne, in the county of Southampton"
               "|London|1789");
    add(&rows, "漢字漢字漢字漢字漢字漢字漢字漢字|Kyoto|1800");
    view_table(&view, &rows, NULL, 0);
    assert_string_equal(drawn(), "title                       place   year\n"
                                 "The Natural History of Se…  London  1789\n"
                                 "漢字漢字漢字漢字漢字漢字…   Kyoto   1800\n");
    assert_fits(40);
    rows_release(&rows);
}

static void view_table__columns_left_out(void **state)
{
    struct rows rows;

    (void)state;
    view.columns = 30;
    rows_init(&rows, "title,learning_rate,weight_decay,dropout,epochs");
    add(&rows, "a longer title|0.123456|0.123456|0.123456|12");
    view_table(&view, &rows, NULL, 0);
    assert_string_equal(drawn(), "title     learning…  weight_d…\n"
                                 "a longe…     0.1235     0.1235\n"
                                 "(no room for 2 more columns: …\n");
    rows_release(&rows);
}

static void view_table__every_width(void **state)
{
    struct rows rows = some_pairs();

    (void)state;
    add(&rows, "漢字漢字漢字漢字漢字漢字漢字|한국어 "
               "텍스트|123456789|1e-300|e\u0301\u0301");
    for (int columns = 0; columns < 90; columns++) {
        view.columns = columns;
        view.utf8 = columns % 3;
        wipe();
        view_table(&view, &rows, NULL, 0);
        assert_fits(columns < 20 ? 20 : (size_t)columns);
    }
    rows_release(&rows);
}

static void view_table__header_bold(void **state)
{
    struct rows rows;

    (void)state;
    view.colour = true;
    rows_init(&rows, "a,b");
    add(&rows, "1|x");
    view_table(&view, &rows, NULL, 0);
    assert_string_equal(drawn(), "\033[1ma  b\033[0m\n1  x\n");
    rows_release(&rows);
}

/* ---- matrix ---- */

static void view_matrix__counts(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "label,ant,bee,cat");
    add(&rows, "ant|90|3|0");
    add(&rows, "bee|0|0|14");
    add(&rows, "cat|1|0|7");
    view_matrix(&view, &rows);
    assert_string_equal(drawn(), "label \\ pred ant bee cat\n"
                                 "ant          [90]  3   ·\n"
                                 "bee            ·  [·] 14\n"
                                 "cat            1   ·  [7]\n");
    wipe();
    view.utf8 = false;
    view_matrix(&view, &rows);
    assert_non_null(strstr(drawn(), "\nbee            .  [.] 14\n"));
    rows_release(&rows);
}

static void view_matrix__normalised(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "label,ant,bee");
    add(&rows, "ant|0.9675|0.0325");
    add(&rows, "bee||");
    view_matrix(&view, &rows);
    assert_string_equal(drawn(), "label \\ pred ant bee\n"
                                 "ant          [97]  3\n"
                                 "bee\n"
                                 "cells in percent\n");
    rows_release(&rows);
}

static void view_matrix__shades(void **state)
{
    struct rows rows;

    (void)state;
    view.colour = true;
    rows_init(&rows, "label,ant,bee");
    add(&rows, "ant|100|1");
    add(&rows, "bee|25|4");
    view_matrix(&view, &rows);
    assert_string_equal(drawn(),
                        "\033[1mlabel \\ pred  ant  bee \033[0m\n"
                        "ant          \033[38;5;16;48;5;33m 100 \033[0m"
                        "\033[38;5;16;48;5;224m   1 \033[0m\n"
                        "bee          \033[38;5;16;48;5;196m  25 \033[0m"
                        "\033[38;5;16;48;5;189m   4 \033[0m\n");
    rows_release(&rows);
}

static void view_matrix__other_order(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "label,ant,bee");
    add(&rows, "bee|2|70");
    add(&rows, "ant|50|1");
    add(&rows, "wasp|4|5"); /* never predicted */
    view_matrix(&view, &rows);
    assert_string_equal(drawn(), "label \\ pred ant bee\n"
                                 "ant          [50]  1\n"
                                 "bee            2 [70]\n"
                                 "wasp           4   5\n");
    rows_release(&rows);
}

static struct rows square(size_t n, const char *format)
{
    struct rows rows;
    char name[64];

    rows_init(&rows, "label");
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof(name), format, i);
        rows_add_column(&rows, name);
    }
    for (size_t i = 0; i < n; i++) {
        rows_text(&rows, rows.columns[i + 1]);
        for (size_t j = 0; j < n; j++)
            rows_count(&rows, i == j ? 50 : (i + 1) % n == j ? i : 0);
    }
    return rows;
}

static void view_matrix__names_cut(void **state)
{
    struct rows rows;

    (void)state;
    view.columns = 34;
    rows_init(&rows, "label,earthenware,porcelain,textile");
    add(&rows, "earthenware|100|3|5");
    add(&rows, "porcelain|1|100|0");
    add(&rows, "textile|1|2|100");
    view_matrix(&view, &rows);
    assert_string_equal(drawn(), "label \\ … porcela earthen textile\n"
                                 "porcelain    [100]      1       ·\n"
                                 "earthenw…       3    [100]      5\n"
                                 "textile         2       1    [100]\n"
                                 "porcela = porcelain; earthen =\n"
                                 "  earthenware\n"
                                 "confused classes side by side\n");
    rows_release(&rows);
}

static void view_matrix__numbers_where_cuts_are_alike(void **state)
{
    struct rows rows = square(4, "on paper, kind %zu");

    (void)state;
    view.columns = 40;
    view_matrix(&view, &rows);
    assert_string_equal(drawn(), "label \\ pred         1   2   3   4\n"
                                 "1 on paper, kind 0 [50]  ·   ·   ·\n"
                                 "2 on paper, kind 3   3 [50]  ·   ·\n"
                                 "3 on paper, kind 2   ·   2 [50]  ·\n"
                                 "4 on paper, kind 1   ·   ·   1 [50]\n"
                                 "confused classes side by side\n");
    rows_release(&rows);
}

/* No room for names and numbers: names in the rows, numbers with a blank. */
static void view_matrix__close_numbers(void **state)
{
    struct rows rows = square(4, "class %zu");

    (void)state;
    view.columns = 24;
    rows.cells[rows.n_columns + 2][0] = '\0'; /* class 1 is never right */
    view_matrix(&view, &rows);
    assert_string_equal(drawn(), "label \\ pred  1 2 3 4\n"
                                 "1 class 0     ╲ · · ·\n"
                                 "2 class 3     3 ╲ · ·\n"
                                 "3 class 2     · 2 ╲ ·\n"
                                 "4 class 1     · · 1\n"
                                 "╲ right\n"
                                 "confused classes side\n"
                                 "  by side\n");
    rows_release(&rows);
}

/* Shades in place of numbers, and the classes that are confused the most. */
static void view_matrix__shades_only(void **state)
{
    struct rows rows = square(12, "class %zu");

    (void)state;
    view.columns = 26;
    view.utf8 = false;
    rows.cells[5 * rows.n_columns + 6][0] = '0';
    rows.cells[5 * rows.n_columns + 6][1] = '\0';
    view_matrix(&view, &rows);
    assert_string_equal(drawn(), "                      111\n"
                                 "label \\ pred 123456789012\n"
                                 " 1 class 0   \\\n"
                                 " 2 class 11  #\\\n"
                                 " 3 class 10   #\\\n"
                                 " 4 class 9     #\\\n"
                                 " 5 class 8      #\\\n"
                                 " 6 class 7       #\\\n"
                                 " 7 class 6        *\\\n"
                                 " 8 class 5         *-\n"
                                 " 9 class 4          *\\\n"
                                 "10 class 3           *\\\n"
                                 "11 class 2            :\\\n"
                                 "12 class 1             :\\\n"
                                 "\\ right, - never right;\n"
                                 "  darkest: 11, class 11\n"
                                 "  taken for class 0\n"
                                 "confused classes side by\n"
                                 "  side\n");
    rows_release(&rows);
}

static void view_matrix__hundred_classes(void **state)
{
    struct rows rows = square(100, "class %zu");
    size_t lines = 0;

    (void)state;
    view_matrix(&view, &rows);
    assert_fits(80);
    for (const char *c = drawn(); *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 2 + 67 + 3);
    /* the chain of confusions is 99 -> 0, 98 -> 99, ... */
    assert_non_null(strstr(drawn(), "\n 1 class 0 "));
    assert_non_null(strstr(drawn(), "\n 2 class 99  █╲"));
    assert_non_null(strstr(drawn(), "class 34 "));
    assert_null(strstr(drawn(), "class 33 "));
    assert_non_null(strstr(drawn(), "darkest: 99, class 99 taken for class 0"));
    assert_non_null(strstr(drawn(), "67 of 100 classes, the most confused ("));
    rows_release(&rows);
}

static void view_matrix__dense_colours(void **state)
{
    struct rows rows = square(40, "%zu");

    (void)state;
    view.colour = true;
    view_matrix(&view, &rows);
    assert_non_null(strstr(drawn(), "\033[38;5;16;48;5;33m \033[0m"));
    assert_non_null(strstr(drawn(), "\033[38;5;16;48;5;196m \033[0m"));
    assert_null(strstr(drawn(), "╲"));
    assert_null(strstr(drawn(), "█"));
    rows_release(&rows);
}

/* All right is 100 % after normalising, not 1. */
static void view_matrix_shares__all_right(void **state)
{
    struct rows rows;

    (void)state;
    rows_init(&rows, "label,ant,bee");
    add(&rows, "ant|1|0");
    add(&rows, "bee|0|1");
    view_matrix_shares(&view, &rows);
    assert_string_equal(drawn(), "label \\ pred  ant  bee\n"
                                 "ant          [100]   ·\n"
                                 "bee             · [100]\n"
                                 "cells in percent\n");
    rows_release(&rows);
}

static void view_matrix__every_width(void **state)
{
    static const char *const names[] = {"%zu", "漢字漢字漢字漢字 %zu",
                                        "%zu class\033[31m with a name"};
    static const size_t sizes[] = {1, 2, 9, 30};

    (void)state;
    for (size_t i = 0; i < 12; i++) {
        struct rows rows = square(sizes[i % 4], names[i / 4]);
        for (int columns = 20; columns < 140; columns += 3) {
            view.columns = columns;
            view.utf8 = columns % 2;
            wipe();
            view_matrix(&view, &rows);
            assert_fits((size_t)columns);
            assert_harmless();
        }
        rows_release(&rows);
    }
}

/* ---- sparkline ---- */

static void view_sparkline__curve(void **state)
{
    const double values[] = {0.8, 0.6, 0.4, NAN, 0.2, 0.1, 0.15};

    (void)state;
    view_sparkline(&view, values, 7, 0, "val error");
    assert_string_equal(drawn(),
                        "val error  █▆▄ ▂▁▁  0.8 to 0.15, lowest 0.1\n");
    wipe();
    view.utf8 = false;
    view_sparkline(&view, values, 7, 0, "val\033");
    assert_string_equal(drawn(), "val?  #*- .__  0.8 to 0.15, lowest 0.1\n");
}

static void view_sparkline__means_and_edges(void **state)
{
    const double pairs[] = {1, 3, 5, 7, 9, 11};
    const double odd[] = {INFINITY, 1, 1, -INFINITY};
    const double huge[] = {-1.7e308, 1.7e308};

    (void)state;
    view_sparkline(&view, pairs, 6, 3, "");
    view_sparkline(&view, odd, 4, 0, "odd");
    view_sparkline(&view, huge, 2, 0, "huge");
    view_sparkline(&view, odd, 0, 0, "none");
    assert_string_equal(drawn(), "▂▅▇  1 to 11, lowest 1\n"
                                 "odd  █▁▁▁  inf to -inf, lowest 1\n"
                                 "huge  ▁█  -1.7e+308 to 1.7e+308, "
                                 "lowest -1.7e+308\n"
                                 "none\n");
}

/* ---- curves ---- */

/* Losses of each epoch of models, in rows of a curve. */
static void add_model(struct rows *rows, int fold, const double *loss, size_t n)
{
    for (size_t e = 0; e < n; e++) {
        rows_count(rows, e + 1);
        rows_text(rows, "train");
        rows_number(rows, loss[e]);
        rows_number(rows, NAN);
        rows_number(rows, .001 * (double)(e + 1));
        if (fold)
            rows_count(rows, (size_t)fold);
    }
}

static void curve_view__one_line_a_model(void **state)
{
    static const double falls[] = {3, 2, 1}, rises[] = {1, 2};
    struct rows rows;

    (void)state;
    rows_init(&rows, "epoch,split,loss,error,learning_rate,fold");
    add_model(&rows, 1, falls, 3);
    add_model(&rows, 2, rises, 2);
    curve_view(&view, &rows);
    assert_string_equal(drawn(), "train loss\n"
                                 "fold 1  █▅▁  3 to 1, lowest 1\n"
                                 "fold 2  ▁█  1 to 2, lowest 1\n");
    wipe();
    for (int fold = 3; fold <= 11; fold++)
        add_model(&rows, fold, rises, 2);
    curve_view(&view, &rows);
    assert_string_equal(drawn(), "means of 11 models until one stops\n"
                                 "train    loss    ▁█  1.182 to 2, lowest "
                                 "1.182\n");
    rows_release(&rows);
}

static void range_view__names_the_rates(void **state)
{
    static const double loss[] = {3, 1, 4};
    struct rows rows;

    (void)state;
    rows_init(&rows, "epoch,split,loss,error,learning_rate");
    add_model(&rows, 0, loss, 3);
    range_view(&view, &rows);
    assert_string_equal(drawn(), "loss           ▆▁█  3 to 4, lowest 1\n"
                                 "learning rate  0.001 to 0.003, lowest loss "
                                 "at 0.002\n");
    rows_release(&rows);
}

static void view_sparkline__fits(void **state)
{
    double values[500];

    (void)state;
    for (size_t i = 0; i < 500; i++)
        values[i] = 1 / (double)(i + 1);
    for (int columns = 20; columns < 100; columns++) {
        view.columns = columns;
        wipe();
        view_sparkline(&view, values, 500, 0,
                       "a caption 漢字漢字 that is long");
        assert_fits((size_t)columns);
    }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, screen_setup, screen_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(view_init__not_a_terminal),
        TEST(view_init__utf8_follows_locale),
        TEST(line_clean__nothing_to_obey),
        TEST(line_number__four_digits),
        TEST(line_bar__shares),
        TEST(line_cut__ellipsis),
        TEST(line_wrap__breaks_at_blanks),
        TEST(view_table__guess),
        TEST(view_table__spec),
        TEST(view_table__points_aligned),
        TEST(view_table__odd_cells),
        TEST(view_table__no_rows),
        TEST(view_table__escape_attack),
        TEST(view_table__widest_text_gives_way),
        TEST(view_table__columns_left_out),
        TEST(view_table__every_width),
        TEST(view_table__header_bold),
        TEST(view_matrix__counts),
        TEST(view_matrix__normalised),
        TEST(view_matrix__shades),
        TEST(view_matrix__other_order),
        TEST(view_matrix__names_cut),
        TEST(view_matrix__numbers_where_cuts_are_alike),
        TEST(view_matrix__close_numbers),
        TEST(view_matrix__shades_only),
        TEST(view_matrix__hundred_classes),
        TEST(view_matrix__dense_colours),
        TEST(view_matrix_shares__all_right),
        TEST(view_matrix__every_width),
        TEST(view_sparkline__curve),
        TEST(view_sparkline__means_and_edges),
        TEST(view_sparkline__fits),
        TEST(curve_view__one_line_a_model),
        TEST(range_view__names_the_rates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
