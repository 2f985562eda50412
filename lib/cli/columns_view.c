#include "cli/columns_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/line_view.h"

enum {
    INDENT = 2,
    GAP = 2,
    FILLED = 6,
    LEAST_EXAMPLE = 12,
    MANY_NUMBERS = 50,
    FEW_VALUES = 10,
    FEW_ROWS = 20 /* a level */
};

static const double NEARLY_EMPTY = .1, SOME = .05;

/* ---- groups ---- */

/* By type, of features, or by role. */
struct group {
    const char *column, *value, *what;
};

static const struct group groups[] = {
    {"role", "label", "to be learned"},
    {"type", "number",
     "numbers: learned from, standardised; an empty cell is the mean, and "
     "marked"},
    {"type", "category",
     "categories: learned from, each value an input; an empty cell is a value"},
    {"type", "text",
     "texts: learned from by their words, pairs of words and parts of words"},
    {"type", "sequence", "sequences: learned from, step by step"},
    {"type", "image", "images: learned from, pixel by pixel (--shape)"},
    {"role", "id", "names the rows, not learned from"},
    {"role", "split", "says which part a row is in, not learned from"},
    {"role", "group", "keeps rows together, not learned from"},
    {"role", "time", "when it was, not learned from"},
    {"role", "weight", "how much a row counts, not learned from"},
    {"role", "unused", "left out"},
};

enum { GROUPS = sizeof(groups) / sizeof(*groups) };

/* What the lines share. */
struct sheet {
    struct view *view;
    const struct rows *rows;
    size_t name, holds; /* widths */
    struct buf line, text;
};

static bool is_in(const struct rows *rows, size_t row,
                  const struct group *group)
{
    return strcmp(rows_named(rows, row, group->column), group->value) == 0;
}

static bool has_role(const struct rows *rows, size_t row, const char *role)
{
    return strcmp(rows_named(rows, row, "role"), role) == 0;
}

static bool has_type(const struct rows *rows, size_t row, const char *type)
{
    return strcmp(rows_named(rows, row, "type"), type) == 0;
}

/* Rows from `row` on that are numbers and have nothing odd. */
static size_t count_numbers(const struct rows *rows, size_t row)
{
    size_t n = 0;

    while (row + n < rows_n(rows) && has_type(rows, row + n, "number") &&
           !*rows_named(rows, row + n, "other"))
        n++;
    return n;
}

/* ---- what a column holds ---- */

static void add_count(struct buf *out, double count)
{
    char digits[NUM_SIZE];
    size_t n = num_format(digits, count);

    for (size_t i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0 && count < 1e15)
            buf_add_char(out, ',');
        buf_add_char(out, digits[i]);
    }
}

/* Large whole numbers as counts are; years as they are. */
static void add_number(struct buf *out, double x)
{
    if (x == floor(x) && x >= 10000 && x < 1e15)
        add_count(out, x);
    else
        line_number(out, x);
}

static void add_range(const struct rows *rows, size_t row, size_t n,
                      struct buf *out)
{
    double low = NAN, high = NAN;

    for (size_t r = row; r < row + n; r++) {
        low = fmin(low, rows_value(rows, r, "min"));
        high = fmax(high, rows_value(rows, r, "max"));
    }
    if (isnan(low))
        return;
    add_number(out, low);
    buf_add_text(out, " to ");
    add_number(out, high);
}

/* "21,990 different, of 6 words" */
static void add_values(const struct rows *rows, size_t row, struct buf *out)
{
    double distinct = rows_value(rows, row, "distinct"),
           words = rows_value(rows, row, "words") /
                   rows_value(rows, row, "cells");

    add_count(out, distinct);
    buf_add_text(out, has_role(rows, row, "label") ? " classes"
                      : has_type(rows, row, "category")
                          ? distinct == 1 ? " value" : " values"
                          : " different");
    if (!has_type(rows, row, "text") || !(words > 0))
        return;
    buf_add_text(out, ", of ");
    add_count(out, fmax(round(words), 1));
    buf_add_text(out, words < 1.5 ? " word" : " words");
}

static void describe(struct sheet *s, size_t row, size_t n)
{
    buf_clear(&s->text);
    if (has_type(s->rows, row, "number"))
        add_range(s->rows, row, n, &s->text);
    else if (rows_value(s->rows, row, "cells") > 0)
        add_values(s->rows, row, &s->text);
}

static void add_filled(const struct rows *rows, size_t row, size_t n,
                       struct buf *out)
{
    double missing = 0, cells = 0, percent;

    for (size_t r = row; r < row + n; r++) {
        missing += rows_value(rows, r, "missing");
        cells += rows_value(rows, r, "cells");
    }
    percent = 100 * cells / fmax(cells + missing, 1);
    if (missing == 0)
        buf_add_text(out, "full");
    else if (cells == 0)
        buf_add_text(out, "empty");
    else if (percent > 99)
        buf_add_text(out, ">99 %");
    else if (percent < 1)
        buf_add_text(out, "<1 %");
    else
        buf_printf(out, "%.0f %%", percent);
}

/* ---- what is odd ---- */

static void add_remark(struct buf *out, const char *remark)
{
    buf_printf(out, "%s%s", out->len ? "; " : "", remark);
}

static void add_reason(const struct rows *rows, size_t row, struct buf *out)
{
    const char *reason = rows_named(rows, row, "other");

    if (!*reason)
        return;
    if (!has_role(rows, row, "unused"))
        buf_add_text(out, "stops assay train: ");
    buf_add_text(out, reason);
    if (strcmp(reason, "nearly all its values differ") == 0)
        buf_printf(out, ": an identifier? (--features %s takes it)",
                   rows_named(rows, row, "column"));
}

/* Numbers that count or measure nothing. */
static void add_codes(const struct rows *rows, size_t row, struct buf *out)
{
    const char *name = rows_named(rows, row, "column"),
               *example = rows_named(rows, row, "example");
    double distinct = rows_value(rows, row, "distinct"),
           low = rows_value(rows, row, "min"),
           high = rows_value(rows, row, "max");

    if (example[0] == '0' && example[1] >= '0' && example[1] <= '9') {
        add_remark(out, "");
        buf_printf(out,
                   "leading zeros: an identifier or a code? (--exclude %s, "
                   "--type %s=category)",
                   name, name);
    } else if (distinct > 2 && distinct <= FEW_VALUES && low == floor(low) &&
               high == floor(high)) {
        add_remark(out, "");
        buf_printf(out, "only %.0f numbers: codes? (--type %s=category)",
                   distinct, name);
    }
}

static void add_empty(const struct rows *rows, size_t row, struct buf *out)
{
    double cells = rows_value(rows, row, "cells"),
           missing = rows_value(rows, row, "missing");

    if (has_role(rows, row, "label") && missing > 0) {
        add_remark(out, "");
        add_count(out, missing);
        buf_add_text(out, missing == 1 ? " row has none and is not learned from"
                                       : " rows have none and are not learned "
                                         "from");
    } else if (cells > 0 && cells < NEARLY_EMPTY * (cells + missing)) {
        add_remark(out, "nearly always empty");
    }
}

/* "45 of 60 cells are numbers", where they are taken as words. */
static bool add_cells(const struct rows *rows, size_t row, const char *column,
                      const char *what, struct buf *out)
{
    double cells = rows_value(rows, row, "cells"),
           n = rows_value(rows, row, column);

    if (!(n > SOME * cells) ||
        !(has_type(rows, row, "text") || has_type(rows, row, "category")))
        return false;
    add_remark(out, "");
    add_count(out, n);
    buf_add_text(out, " of ");
    add_count(out, cells);
    buf_printf(out, " cells are %s, taken as words", what);
    return true;
}

static void add_odd(const struct rows *rows, size_t row, struct buf *out)
{
    double cells = rows_value(rows, row, "cells"),
           distinct = rows_value(rows, row, "distinct");

    if (cells > 0 && distinct == 1)
        add_remark(out, rows_value(rows, row, "missing") > 0
                            ? "always the same where it is not empty"
                            : "always the same: it tells nothing");
    add_empty(rows, row, out);
    add_cells(rows, row, "numbers", "numbers", out);
    if (add_cells(rows, row, "dates", "dates", out))
        buf_printf(out, " (--time %s keeps them out)",
                   rows_named(rows, row, "column"));
    if (has_type(rows, row, "category") && distinct > 1 &&
        cells < FEW_ROWS * distinct)
        add_remark(out, "few rows for each value");
    if (has_type(rows, row, "number"))
        add_codes(rows, row, out);
}

/* ---- lines ---- */

/* Continues the line, which has `indent` columns so far. */
static void draw_text(struct sheet *s, const char *text, size_t indent)
{
    char *clean = line_clean_copy(text, s->view->utf8);

    line_wrap(&s->line, clean, indent, line_columns(s->view) - indent, s->view);
    free(clean);
}

static void add_cell(struct sheet *s, const char *text, size_t width)
{
    char *clean = line_clean_copy(text, s->view->utf8);

    line_cell(&s->line, clean, width, false, s->view->utf8);
    line_blanks(&s->line, GAP);
    free(clean);
}

static size_t room_for_example(const struct sheet *s)
{
    size_t taken = INDENT + s->name + s->holds + FILLED + 3 * GAP,
           columns = line_columns(s->view);

    return columns > taken ? columns - taken : 0;
}

static void draw_odd(struct sheet *s, size_t row)
{
    buf_clear(&s->text);
    add_reason(s->rows, row, &s->text);
    if (!has_role(s->rows, row, "unused"))
        add_odd(s->rows, row, &s->text);
    if (!s->text.len)
        return;
    line_blanks(&s->line, 2 * INDENT);
    draw_text(s, s->text.data, 2 * INDENT);
}

/* A column, or n of them: "784: p1 to p784". */
static void draw_columns(struct sheet *s, size_t row, size_t n)
{
    buf_clear(&s->text);
    if (n > 1)
        buf_printf(&s->text, "%zu: %s to ", n,
                   rows_named(s->rows, row, "column"));
    buf_add_text(&s->text, rows_named(s->rows, row + n - 1, "column"));
    line_blanks(&s->line, INDENT);
    add_cell(s, s->text.data, s->name);
    describe(s, row, n);
    add_cell(s, s->text.len ? s->text.data : "", s->holds);
    buf_clear(&s->text);
    add_filled(s->rows, row, n, &s->text);
    add_cell(s, s->text.data, FILLED);
    if (room_for_example(s) >= LEAST_EXAMPLE / 2)
        add_cell(s, rows_named(s->rows, row, "example"),
                 room_for_example(s) - GAP);
    line_end(&s->line, s->view);
    if (n == 1)
        draw_odd(s, row);
}

static void draw_heading(struct sheet *s, const char *text)
{
    if (line_width(text) > line_columns(s->view)) {
        draw_text(s, text, 0);
        return;
    }
    line_bold(&s->line, s->view);
    buf_add_text(&s->line, text);
    line_plain(&s->line, s->view);
    line_end(&s->line, s->view);
}

static void draw_group(struct sheet *s, const struct group *group)
{
    bool first = true;
    size_t n;

    for (size_t row = 0; row < rows_n(s->rows); row += n) {
        n = 1;
        if (!is_in(s->rows, row, group))
            continue;
        if (first) {
            draw_heading(s, group->what);
        }
        first = false;
        n = count_numbers(s->rows, row);
        n = n > MANY_NUMBERS ? n : 1;
        draw_columns(s, row, n);
    }
}

/* The widest name and description, as far as there is room. */
static void find_widths(struct sheet *s)
{
    size_t columns = line_columns(s->view), room, n;

    for (size_t row = 0; row < rows_n(s->rows); row += n) {
        size_t name, holds;
        n = count_numbers(s->rows, row);
        n = n > MANY_NUMBERS ? n : 1;
        name = line_width(rows_named(s->rows, row, "column"));
        name += n > 1 ? name + strlen("9999: x to ") : 0;
        describe(s, row, n);
        holds = s->text.len ? line_width(s->text.data) : 0;
        s->name = name > s->name ? name : s->name;
        s->holds = holds > s->holds ? holds : s->holds;
    }
    s->name = s->name < columns / 3 ? s->name : columns / 3;
    room = columns - INDENT - s->name - FILLED - 2 * GAP;
    room = room < 2 * columns / 5 ? room : 2 * columns / 5;
    s->holds = s->holds < room ? s->holds : room;
}

/* ---- what next ---- */

static size_t count_stops(const struct rows *rows)
{
    size_t n = 0;

    for (size_t row = 0; row < rows_n(rows); row++)
        n += *rows_named(rows, row, "other") && !has_role(rows, row, "unused");
    return n;
}

static const char *named_by_role(const struct rows *rows, const char *role)
{
    for (size_t row = 0; row < rows_n(rows); row++)
        if (has_role(rows, row, role))
            return rows_named(rows, row, "column");
    return NULL;
}

/* As a shell takes it. */
static void add_word(struct buf *out, const char *word)
{
    bool plain = word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_.-")] == '\0' &&
                 *word != '-';

    if (plain) {
        buf_add_text(out, word);
        return;
    }
    buf_add_char(out, '\'');
    for (; *word; word++)
        buf_add_text(out, *word == '\'' ? "'\\''" : (char[]){*word, '\0'});
    buf_add_char(out, '\'');
}

/* A command is a line of its own, whatever its length, to be copied. */
static void draw_command(struct sheet *s, const char *command,
                         const char *label, const char *rest)
{
    char *clean;

    buf_clear(&s->text);
    buf_add_text(&s->text, command);
    add_word(&s->text, label);
    buf_add_text(&s->text, rest);
    clean = line_clean_copy(s->text.data, s->view->utf8);
    line_blanks(&s->line, 3 * INDENT);
    buf_add_text(&s->line, clean);
    line_end(&s->line, s->view);
    free(clean);
}

static void draw_step(struct sheet *s, const char *text)
{
    static const char NEXT[] = "next  ";

    line_bold(&s->line, s->view);
    buf_add_text(&s->line, NEXT);
    line_plain(&s->line, s->view);
    draw_text(s, text, strlen(NEXT));
}

static void draw_next(struct sheet *s)
{
    const char *label = named_by_role(s->rows, "label");
    size_t stops = count_stops(s->rows);

    line_end(&s->line, s->view);
    if (stops) {
        buf_clear(&s->text);
        buf_printf(&s->text,
                   "mend what stops assay train, or add what is to be tried to "
                   "each command: %zu column%s above",
                   stops, plural(stops));
        draw_step(s, s->text.data);
    }
    if (!label) {
        draw_step(s, "say which column is to be learned");
        draw_command(s, "assay check --columns --label ", "COLUMN", " FILE");
    } else if (!named_by_role(s->rows, "split")) {
        draw_step(s, "divide the rows, then look for silent bugs");
        draw_command(s, "assay split --label ", label, " FILE > parts.csv");
        draw_command(s, "assay check --label ", label, " parts.csv");
    } else {
        draw_step(s, "look for silent bugs");
        draw_command(s, "assay check --label ", label, " FILE");
    }
}

void columns_view(struct view *view, const struct rows *rows)
{
    struct sheet s = {.view = view, .rows = rows};

    find_widths(&s);
    for (size_t i = 0; i < GROUPS; i++)
        draw_group(&s, &groups[i]);
    draw_next(&s);
    buf_release(&s.line);
    buf_release(&s.text);
}
