#include "cli/findings_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/line_view.h"

enum { INDENT = 11 };

static void wrap_clean(struct buf *line, const char *text,
                       const struct view *view)
{
    char *clean = line_clean_copy(text, view->utf8);

    line_wrap(line, clean, INDENT, line_columns(view) - INDENT, view);
    free(clean);
}

static void add_number(struct buf *out, const struct rows *rows, size_t row,
                       const char *column, const char *name)
{
    double value = rows_value(rows, row, column);

    if (isnan(value))
        return;
    buf_printf(out, "%s%s ",
               out->len && out->data[out->len - 1] != ' ' ? ", " : "", name);
    line_number(out, value);
}

static void draw_one(struct view *view, const struct rows *rows, size_t row)
{
    struct buf line = {0}, text = {0};

    line_bold(&line, view);
    line_cell(&line, rows_named(rows, row, "status"), INDENT, false,
              view->utf8);
    line_plain(&line, view);
    buf_printf(&text, "%s: %s", rows_named(rows, row, "check"),
               rows_named(rows, row, "subject"));
    wrap_clean(&line, text.data, view);
    if (*rows_named(rows, row, "advice")) {
        line_blanks(&line, INDENT);
        wrap_clean(&line, rows_named(rows, row, "advice"), view);
    }
    buf_clear(&text);
    buf_printf(&text, "%s: ", rows_named(rows, row, "test"));
    add_number(&text, rows, row, "value", "value");
    add_number(&text, rows, row, "limit", "limit");
    add_number(&text, rows, row, "effect", "effect");
    add_number(&text, rows, row, "p_value", "p");
    add_number(&text, rows, row, "n_current", "n");
    line_blanks(&line, INDENT);
    wrap_clean(&line, text.data, view);
    buf_release(&text);
    buf_release(&line);
}

/* What is ok needs no more than its name, once. */
static void draw_ok(struct view *view, const struct rows *rows)
{
    struct buf line = {0}, text = {0};
    const char *before = "";

    for (size_t i = 0; i < rows_n(rows); i++) {
        const char *check = rows_named(rows, i, "check");
        if (strcmp(rows_named(rows, i, "status"), "ok") != 0 ||
            strcmp(check, before) == 0)
            continue;
        buf_printf(&text, "%s%s", text.len ? ", " : "", check);
        before = check;
    }
    if (text.len) {
        line_cell(&line, "ok", INDENT, false, view->utf8);
        wrap_clean(&line, text.data, view);
    }
    buf_release(&text);
    buf_release(&line);
}

void draw_findings(struct view *view, const struct rows *rows)
{
    for (size_t i = 0; i < rows_n(rows); i++)
        if (strcmp(rows_named(rows, i, "status"), "ok") != 0)
            draw_one(view, rows, i);
    draw_ok(view, rows);
}
