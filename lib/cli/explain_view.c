#include "cli/explain_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "cli/line_view.h"

/* ---- columns ---- */

enum { MANY_NUMBERS = 50 };

static bool is_number(const struct rows *rows, size_t row)
{
    return strcmp(rows_named(rows, row, "type"), "number") == 0 &&
           strcmp(rows_named(rows, row, "role"), "feature") == 0;
}

/* Rows from `row` on that are features of numbers. */
static size_t count_numbers(const struct rows *rows, size_t row)
{
    size_t n = 0;

    while (row + n < rows_n(rows) && is_number(rows, row + n))
        n++;
    return n;
}

/* Rows [at, at + n) as one, in the order of the table's columns. */
static void add_sum(struct rows *out, const struct rows *rows, size_t at,
                    size_t n)
{
    double missing = 0, distinct = 0, low = NAN, high = NAN;
    struct buf name = {0};

    for (size_t r = at; r < at + n; r++) {
        missing += rows_value(rows, r, "missing");
        distinct = fmax(distinct, rows_value(rows, r, "distinct"));
        low = fmin(low, rows_value(rows, r, "min"));
        high = fmax(high, rows_value(rows, r, "max"));
    }
    buf_printf(&name, "%zu: %s to %s", n, rows_named(rows, at, "column"),
               rows_named(rows, at + n - 1, "column"));
    rows_text(out, name.data);
    rows_text(out, "number");
    rows_text(out, "feature");
    rows_number(out, missing);
    rows_number(out, distinct);
    rows_number(out, low);
    rows_number(out, high);
    rows_text(out, "");
    rows_text(out, rows_named(rows, at, "example"));
    buf_release(&name);
}

void explain_columns_view(struct view *view, const struct rows *columns)
{
    size_t n = 0;
    struct rows shown;

    rows_init(&shown, "column,type,role,missing,distinct,min,max,other,"
                      "example");
    for (size_t row = 0; row < rows_n(columns); row += n) {
        n = count_numbers(columns, row);
        if (n > MANY_NUMBERS) {
            add_sum(&shown, columns, row, n);
            continue;
        }
        n = 1;
        for (size_t c = 0; c < columns->n_columns; c++)
            rows_text(&shown, rows_cell(columns, row, c));
    }
    view_table(view, &shown, NULL, 0);
    rows_release(&shown);
}

/* ---- hyperparameters ---- */

enum { GAP = 2 };

/* "--learning-rate" of learning_rate. */
static void add_option(struct buf *out, const char *name)
{
    buf_add_text(out, "--");
    for (; *name; name++)
        buf_add_char(out, *name == '_' ? '-' : *name);
}

static void add_list(struct buf *out, const char *words)
{
    for (; *words; words++)
        buf_add_text(out, *words == ' ' ? ", " : (char[]){*words, '\0'});
}

enum { NETS_THAT_LEARN = 6 };

static size_t count_words(const char *words)
{
    size_t n = *words != '\0';

    for (; *words; words++)
        n += *words == ' ';
    return n;
}

/* What it means; its values; the networks that have it, if not all do. */
static void describe(struct buf *out, const struct rows *rows, size_t row)
{
    const char *choices = rows_named(rows, row, "choices"),
               *nets = rows_named(rows, row, "networks");

    buf_add_text(out, rows_named(rows, row, "help"));
    buf_add_text(out, *choices ? ": " : "; ");
    if (*choices)
        add_list(out, choices);
    else
        buf_printf(out, "%s to %s", rows_named(rows, row, "low"),
                   rows_named(rows, row, "high"));
    if (count_words(nets) >= NETS_THAT_LEARN)
        return;
    buf_add_text(out, " (");
    add_list(out, nets);
    buf_add_char(out, ')');
}

/* The widest cell of the column; of options, with their dashes. */
static size_t widest(const struct rows *rows, const char *column)
{
    size_t most = 0;

    for (size_t row = 0; row < rows_n(rows); row++) {
        size_t width = line_width(rows_named(rows, row, column));
        most = width > most ? width : most;
    }
    return most;
}

static void draw_section(struct view *view, const struct rows *rows, size_t row)
{
    const char *section = rows_named(rows, row, "section");
    struct buf line = {0};

    if (row && strcmp(section, rows_named(rows, row - 1, "section")) == 0)
        return;
    line_bold(&line, view);
    buf_add_text(&line, section);
    line_plain(&line, view);
    line_end(&line, view);
    buf_release(&line);
}

void explain_hypers_view(struct view *view, const struct rows *hypers)
{
    size_t name = widest(hypers, "name") + 2, value = widest(hypers, "value"),
           columns = line_columns(view), most = columns / 4, taken;
    struct buf option = {0}, line = {0}, text = {0};

    value = value < most ? value : most;
    taken = name + value + 3 * GAP;
    for (size_t row = 0; row < rows_n(hypers); row++) {
        draw_section(view, hypers, row);
        buf_clear(&option);
        buf_clear(&text);
        add_option(&option, rows_named(hypers, row, "name"));
        describe(&text, hypers, row);
        line_blanks(&line, GAP);
        line_cell(&line, option.data, name, false, view->utf8);
        line_blanks(&line, GAP);
        line_cell(&line, rows_named(hypers, row, "value"), value, false,
                  view->utf8);
        line_blanks(&line, GAP);
        line_wrap(&line, text.data, taken, columns - taken, view);
    }
    buf_release(&option);
    buf_release(&line);
    buf_release(&text);
}
