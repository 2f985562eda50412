#include "cli/shift_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/line_view.h"

enum { INDENT = 11, MOST_ROWS = 12 };

static bool is(const struct rows *rows, size_t row, const char *column,
               const char *value)
{
    return strcmp(rows_named(rows, row, column), value) == 0;
}

/* Whether a row belongs to the verdict of that name: "val: title" to "val". */
static bool belongs(const struct rows *rows, size_t row, const char *name)
{
    const char *subject = rows_named(rows, row, "subject");
    size_t len = strlen(name);

    return !len || (strncmp(subject, name, len) == 0 && subject[len] == ':');
}

/* The subject without the name. */
static const char *rest_of(const struct rows *rows, size_t row,
                           const char *name)
{
    const char *subject = rows_named(rows, row, "subject");

    return *name ? subject + strlen(name) + 2 : subject;
}

static void wrap_clean(struct buf *line, const char *text,
                       const struct view *view)
{
    char *clean = line_clean_copy(text, view->utf8);

    line_wrap(line, clean, INDENT, line_columns(view) - INDENT, view);
    free(clean);
}

static void draw_verdict(struct view *view, const struct rows *rows, size_t row)
{
    struct buf line = {0}, text = {0};
    const char *name = rows_named(rows, row, "subject");

    line_bold(&line, view);
    line_cell(&line, rows_named(rows, row, "status"), INDENT, false,
              view->utf8);
    line_plain(&line, view);
    buf_printf(&text, "%s%s%s", name, *name ? ": " : "",
               rows_named(rows, row, "advice"));
    wrap_clean(&line, text.data, view);
    buf_release(&line);
    buf_release(&text);
}

/* "error      expected 12.3 %, change +4.1 (2.0 to 6.2): by confidence" */
static void draw_harm(struct view *view, const struct rows *rows, size_t row,
                      const char *name)
{
    struct buf line = {0}, text = {0};

    line_cell(&line, "error", INDENT, false, view->utf8);
    line_percent(&text, rows_value(rows, row, "value"));
    buf_printf(&text, " %%, a change of ");
    line_percent(&text, rows_value(rows, row, "effect"));
    buf_printf(&text, " (");
    line_percent(&text, rows_value(rows, row, "low"));
    buf_printf(&text, " to ");
    line_percent(&text, rows_value(rows, row, "high"));
    buf_printf(&text, "): %s; %s", rest_of(rows, row, name),
               rows_named(rows, row, "advice"));
    wrap_clean(&line, text.data, view);
    buf_release(&line);
    buf_release(&text);
}

/* ---- what has changed ---- */

static double effect_in_limits(const struct rows *rows, size_t row)
{
    double limit = rows_value(rows, row, "limit"),
           effect = fabs(rows_value(rows, row, "effect"));

    if (is(rows, row, "check", "together"))
        return 0; /* behind the columns */
    return limit > 0 && !isnan(effect) ? effect / limit : 0;
}

static bool is_change(const struct rows *rows, size_t row, const char *name)
{
    return !is(rows, row, "check", "verdict") &&
           !is(rows, row, "check", "harm") && !is(rows, row, "status", "ok") &&
           belongs(rows, row, name);
}

/* Rows that changed, the largest effect first: how many. */
static size_t find_changes(const struct rows *rows, const char *name,
                           size_t *at)
{
    size_t n = 0;

    for (size_t i = 0; i < rows_n(rows); i++) {
        size_t k = n;
        if (!is_change(rows, i, name))
            continue;
        for (; k > 0 &&
               effect_in_limits(rows, at[k - 1]) < effect_in_limits(rows, i);
             k--)
            at[k] = at[k - 1];
        at[k] = i;
        n++;
    }
    return n;
}

static const char *unit_of(const struct rows *rows, size_t row)
{
    const char *check = rows_named(rows, row, "check");

    if (strcmp(check, "text") == 0)
        return "AUROC - .5";
    if (strcmp(check, "together") == 0)
        return strstr(rows_named(rows, row, "test"), "MMD") ? "MMD"
                                                            : "AUROC - .5";
    if (strcmp(check, "category") == 0 || strcmp(check, "label") == 0 ||
        strcmp(check, "prediction") == 0 || strcmp(check, "missing") == 0 ||
        strcmp(check, "error") == 0)
        return "of rows";
    return strcmp(check, "words") == 0 ? "of words" : "deviations";
}

/* "fail       category country: .213 of rows (.151 to .264)", then the advice.
 */
static void draw_change(struct view *view, const struct rows *rows, size_t row,
                        const char *name)
{
    double low = rows_value(rows, row, "low");
    struct buf line = {0}, text = {0};

    line_cell(&line, rows_named(rows, row, "status"), INDENT, false,
              view->utf8);
    buf_printf(&text, "%s %s: ", rows_named(rows, row, "check"),
               rest_of(rows, row, name));
    line_number(&text, rows_value(rows, row, "effect"));
    buf_printf(&text, " %s", unit_of(rows, row));
    if (!isnan(low)) {
        buf_printf(&text, " (");
        line_number(&text, low);
        buf_printf(&text, " to ");
        line_number(&text, rows_value(rows, row, "high"));
        buf_printf(&text, ")");
    }
    buf_printf(&text, ", p ");
    line_number(&text, rows_value(rows, row, "p_adjusted"));
    wrap_clean(&line, text.data, view);
    if (*rows_named(rows, row, "advice")) {
        line_blanks(&line, INDENT);
        wrap_clean(&line, rows_named(rows, row, "advice"), view);
    }
    buf_release(&line);
    buf_release(&text);
}

/* "ok         17 others, e.g. a shift of .12 deviations would be seen" */
static void draw_rest(struct view *view, const struct rows *rows,
                      const char *name, size_t changes)
{
    struct buf line = {0}, text = {0};
    double seen = NAN;
    size_t ok = 0;

    for (size_t i = 0; i < rows_n(rows); i++) {
        double detectable = rows_value(rows, i, "detectable");
        if (!is(rows, i, "status", "ok") || !belongs(rows, i, name) ||
            is(rows, i, "check", "verdict") || is(rows, i, "check", "harm"))
            continue;
        ok++;
        if (strcmp(unit_of(rows, i), "deviations") == 0 && !isnan(detectable))
            seen = fmax(isnan(seen) ? 0 : seen, detectable);
    }
    line_cell(&line, "ok", INDENT, false, view->utf8);
    buf_printf(&text, "%zu%s", ok, changes ? " others" : "");
    if (!isnan(seen)) {
        buf_printf(&text, "; a shift of ");
        line_number(&text, seen);
        buf_printf(&text, " deviations would as a rule have been seen");
    }
    if (ok)
        wrap_clean(&line, text.data, view);
    if (changes > MOST_ROWS) {
        buf_clear(&text);
        buf_printf(&text, "%zu more changed (--csv shows all)",
                   changes - MOST_ROWS);
        line_blanks(&line, INDENT);
        wrap_clean(&line, text.data, view);
    }
    buf_release(&line);
    buf_release(&text);
}

static void draw_one(struct view *view, const struct rows *rows, size_t row)
{
    const char *name = rows_named(rows, row, "subject");
    size_t *at = mem_alloc(rows_n(rows), sizeof(*at));
    size_t n = find_changes(rows, name, at);

    draw_verdict(view, rows, row);
    for (size_t i = 0; i < rows_n(rows); i++)
        if (is(rows, i, "check", "harm") && belongs(rows, i, name))
            draw_harm(view, rows, i, name);
    for (size_t i = 0; i < n && i < MOST_ROWS; i++)
        draw_change(view, rows, at[i], name);
    draw_rest(view, rows, name, n);
    free(at);
}

void draw_shift(struct view *view, const struct rows *rows)
{
    for (size_t i = 0; i < rows_n(rows); i++)
        if (is(rows, i, "check", "verdict"))
            draw_one(view, rows, i);
}
