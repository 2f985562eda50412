#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "cli/line_view.h"
#include "cli/view.h"

enum { GAP = 2, LEAST_TEXT = 8, LEAST_HEADER = 4, LEAST_BAR = 10 };

/* One column on the screen; `texts` are its cells as they will be shown. */
struct shown {
    size_t index; /* in the rows */
    enum view_format format;
    char *header;
    char **texts;                 /* [rows], NULL for a bar */
    double largest;               /* of a bar */
    size_t natural, least, width; /* wanted, bearable, given */
};

struct sheet {
    struct view *view;
    const struct rows *rows;
    struct shown *columns;
    size_t n, n_fitting; /* the first n_fitting are drawn */
};

/* ---- choosing columns ---- */

static bool is_whole(const char *cell)
{
    size_t sign = cell[0] == '-';

    return cell[sign] &&
           strspn(cell + sign, "0123456789") == strlen(cell + sign);
}

static enum view_format guess(const struct rows *rows, size_t column)
{
    bool whole = true, any = false;

    for (size_t i = 0; i < rows_n(rows); i++) {
        const char *cell = rows_cell(rows, i, column);
        double value;
        if (!*cell)
            continue;
        if (!num_parse_any(cell, strlen(cell), &value))
            return VIEW_TEXT;
        whole = whole && is_whole(cell);
        any = true;
    }
    return !any ? VIEW_TEXT : whole ? VIEW_COUNT : VIEW_NUMBER;
}

static bool is_empty(const struct rows *rows, size_t column)
{
    for (size_t i = 0; i < rows_n(rows); i++)
        if (*rows_cell(rows, i, column))
            return false;
    return true;
}

static void add_column(struct sheet *sheet, const struct view_column *wanted)
{
    size_t index = rows_find(sheet->rows, wanted->name);
    const char *header = wanted->header ? wanted->header : wanted->name;
    struct shown *shown = &sheet->columns[sheet->n];

    if (index == CSV_NONE ||
        (wanted->skip_empty && is_empty(sheet->rows, index)))
        return;
    memset(shown, 0, sizeof(*shown));
    shown->index = index;
    shown->format = wanted->format == VIEW_GUESS ? guess(sheet->rows, index)
                                                 : wanted->format;
    shown->header = line_clean_copy(header, sheet->view->utf8);
    sheet->n++;
}

static void choose_columns(struct sheet *sheet, const struct view_column *spec,
                           size_t n_spec)
{
    size_t all = n_spec ? n_spec : sheet->rows->n_columns;

    sheet->columns = mem_alloc(all + 1, sizeof(*sheet->columns));
    for (size_t i = 0; i < all; i++) {
        struct view_column any = {NULL, NULL, VIEW_GUESS, false};
        if (!n_spec)
            any.name = sheet->rows->columns[i];
        add_column(sheet, n_spec ? &spec[i] : &any);
    }
}

/* ---- cells ---- */

static void format_cell(struct buf *out, const char *cell,
                        enum view_format format, bool utf8)
{
    double value;

    if (format == VIEW_TEXT || (format == VIEW_COUNT && is_whole(cell)) ||
        !num_parse_any(cell, strlen(cell), &value)) {
        line_clean(out, cell, utf8);
        return;
    }
    if (format != VIEW_PERCENT) {
        line_number(out, value);
        return;
    }
    line_percent(out, value);
    buf_add_text(out, " %");
}

/* Characters from the decimal point (or exponent) on. */
static size_t tail_length(const char *text)
{
    return strspn(text, "-0123456789") ? strlen(text) - strcspn(text, ".e") : 0;
}

/* Puts the points of a column under each other with blanks on the right. */
static void align_points(char **texts, size_t n)
{
    size_t longest = 0;

    for (size_t i = 0; i < n; i++) {
        size_t tail = tail_length(texts[i]);
        longest = tail > longest ? tail : longest;
    }
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(texts[i]), blanks = longest - tail_length(texts[i]);
        if (!strspn(texts[i], "-0123456789"))
            continue;
        texts[i] = mem_resize(texts[i], len + blanks + 1, 1);
        memset(texts[i] + len, ' ', blanks);
        texts[i][len + blanks] = '\0';
    }
}

static void format_column(const struct sheet *sheet, struct shown *shown)
{
    size_t n = rows_n(sheet->rows);

    shown->texts = mem_zalloc(n + 1, sizeof(char *));
    for (size_t i = 0; i < n; i++) {
        struct buf text = {0};
        buf_add(&text, "", 0);
        format_cell(&text, rows_cell(sheet->rows, i, shown->index),
                    shown->format, sheet->view->utf8);
        shown->texts[i] = text.data;
    }
    if (shown->format == VIEW_NUMBER)
        align_points(shown->texts, n);
}

/* The number in a bar's cell, 0 where there is none to be drawn. */
static double bar_value(const struct sheet *sheet, const struct shown *shown,
                        size_t row)
{
    const char *cell = rows_cell(sheet->rows, row, shown->index);
    double value;

    if (!num_parse_any(cell, strlen(cell), &value) || !(value > 0))
        return 0;
    return value;
}

static void scan_bar(const struct sheet *sheet, struct shown *shown)
{
    for (size_t i = 0; i < rows_n(sheet->rows); i++) {
        double value = bar_value(sheet, shown, i);
        if (isfinite(value))
            shown->largest = fmax(shown->largest, value);
    }
}

/* ---- widths ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void measure(const struct sheet *sheet, struct shown *shown)
{
    size_t header = line_width(shown->header), cells = 0;

    for (size_t i = 0; shown->texts && i < rows_n(sheet->rows); i++)
        cells = larger(cells, line_width(shown->texts[i]));
    shown->natural = larger(cells, header);
    if (shown->format == VIEW_BAR)
        shown->natural = shown->least = larger(LEAST_BAR, header);
    else if (shown->format == VIEW_TEXT)
        shown->least = smaller(shown->natural, LEAST_TEXT);
    else
        shown->least = larger(cells, smaller(header, LEAST_HEADER));
    shown->natural = smaller(shown->natural, line_columns(sheet->view));
    shown->least = smaller(shown->least, shown->natural);
    shown->width = shown->natural;
}

static size_t total_width(const struct sheet *sheet, bool least)
{
    size_t total = 0;

    for (size_t i = 0; i < sheet->n_fitting; i++)
        total += (i ? GAP : 0) +
                 (least ? sheet->columns[i].least : sheet->columns[i].width);
    return total;
}

/* Takes one off the widest column that can give; false when none can. */
static bool shrink(struct sheet *sheet, bool text)
{
    struct shown *widest = NULL;

    for (size_t i = 0; i < sheet->n_fitting; i++) {
        struct shown *shown = &sheet->columns[i];
        if ((shown->format == VIEW_TEXT) != text ||
            shown->width <= shown->least)
            continue;
        if (!widest || shown->width > widest->width)
            widest = shown;
    }
    if (widest)
        widest->width--;
    return widest != NULL;
}

static void widen_bars(struct sheet *sheet, size_t spare)
{
    size_t bars = 0;

    for (size_t i = 0; i < sheet->n_fitting; i++)
        bars += sheet->columns[i].format == VIEW_BAR;
    for (size_t i = 0; i < sheet->n_fitting; i++)
        if (sheet->columns[i].format == VIEW_BAR)
            sheet->columns[i].width += spare / bars;
}

static void fit(struct sheet *sheet)
{
    size_t columns = line_columns(sheet->view), total;

    for (size_t i = 0; i < sheet->n; i++)
        measure(sheet, &sheet->columns[i]);
    sheet->n_fitting = sheet->n;
    while (sheet->n_fitting > 1 && total_width(sheet, true) > columns)
        sheet->n_fitting--;
    while (total_width(sheet, false) > columns &&
           (shrink(sheet, true) || shrink(sheet, false)))
        ;
    total = total_width(sheet, false);
    if (total < columns)
        widen_bars(sheet, columns - total);
}

/* ---- drawing ---- */

static void draw_header(const struct sheet *sheet)
{
    struct buf line = {0};

    line_bold(&line, sheet->view);
    for (size_t i = 0; i < sheet->n_fitting; i++) {
        const struct shown *shown = &sheet->columns[i];
        bool right = shown->texts && shown->format != VIEW_TEXT;
        line_blanks(&line, i ? GAP : 0);
        line_cell(&line, shown->header, shown->width, right, sheet->view->utf8);
    }
    while (line.len && line.data[line.len - 1] == ' ')
        line.len--;
    line_plain(&line, sheet->view);
    line_end(&line, sheet->view);
    buf_release(&line);
}

static void draw_cell(struct buf *line, const struct sheet *sheet,
                      const struct shown *shown, size_t row)
{
    bool utf8 = sheet->view->utf8;
    size_t taken;

    if (shown->texts) {
        line_cell(line, shown->texts[row], shown->width,
                  shown->format != VIEW_TEXT, utf8);
        return;
    }
    taken = line_bar(line, bar_value(sheet, shown, row) / shown->largest,
                     shown->width, utf8);
    line_blanks(line, shown->width - taken);
}

static void draw_rows(const struct sheet *sheet)
{
    struct buf line = {0};

    for (size_t row = 0; row < rows_n(sheet->rows); row++) {
        for (size_t i = 0; i < sheet->n_fitting; i++) {
            line_blanks(&line, i ? GAP : 0);
            draw_cell(&line, sheet, &sheet->columns[i], row);
        }
        line_end(&line, sheet->view);
    }
    if (rows_n(sheet->rows) == 0) {
        buf_add_text(&line, "(no rows)");
        line_end(&line, sheet->view);
    }
    buf_release(&line);
}

/* Bars are not named: they repeat a column of numbers. */
static void draw_left_out(const struct sheet *sheet)
{
    struct buf names = {0}, line = {0};
    size_t more = 0;

    for (size_t i = sheet->n_fitting; i < sheet->n; i++) {
        if (sheet->columns[i].format == VIEW_BAR)
            continue;
        buf_add_text(&names, more++ ? ", " : "");
        buf_add_text(&names, sheet->columns[i].header);
    }
    if (more) {
        struct buf note = {0};
        buf_printf(&note, "(no room for %zu more column%s: %s)", more,
                   plural(more), names.data);
        line_cut(&line, note.data, line_columns(sheet->view),
                 sheet->view->utf8);
        line_end(&line, sheet->view);
        buf_release(&note);
    }
    buf_release(&names);
    buf_release(&line);
}

static void release(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->n; i++) {
        struct shown *shown = &sheet->columns[i];
        for (size_t row = 0; shown->texts && row < rows_n(sheet->rows); row++)
            free(shown->texts[row]);
        free(shown->texts);
        free(shown->header);
    }
    free(sheet->columns);
}

void view_table(struct view *view, const struct rows *rows,
                const struct view_column *spec, size_t n_spec)
{
    struct sheet sheet = {.view = view, .rows = rows};

    choose_columns(&sheet, spec, n_spec);
    for (size_t i = 0; i < sheet.n; i++) {
        if (sheet.columns[i].format == VIEW_BAR)
            scan_bar(&sheet, &sheet.columns[i]);
        else
            format_column(&sheet, &sheet.columns[i]);
    }
    fit(&sheet);
    draw_header(&sheet);
    draw_rows(&sheet);
    draw_left_out(&sheet);
    release(&sheet);
}
