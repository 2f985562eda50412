#include "cli/slices_view.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "cli/line_view.h"
#include "stream/slice_columns.h"

enum { SLICE, VALUE, N_ROWS, MOST_SHOWN = 20, MOST_OTHERS = 5 };

static const double WEAK = .05;

/* What is shown, and which rows these are. */
struct shown {
    struct rows rows;
    size_t from[MOST_SHOWN], n;
    size_t others; /* of them that are not weak */
    size_t alike;  /* left out */
};

static double number_in(const struct rows *rows, size_t row, const char *column)
{
    const char *cell = rows_cell(rows, row, rows_find(rows, column));
    double value = NAN;

    num_parse_any(cell, strlen(cell), &value);
    return value;
}

/* ---- slices that share a value ---- */

struct text {
    const char *start;
    size_t len;
};

/* Part 0 or 1 of "a + b"; of "a" both are the same. */
static struct text part_of(const char *text, int part)
{
    size_t first = slice_first_name(text);

    if (part && text[first])
        return (struct text){text + first + strlen(SLICE_AND),
                             strlen(text) - first - strlen(SLICE_AND)};
    return (struct text){text, first};
}

static bool is_same(const struct rows *rows, size_t a, int part_a, size_t b,
                    int part_b, size_t column)
{
    struct text x = part_of(rows_cell(rows, a, column), part_a),
                y = part_of(rows_cell(rows, b, column), part_b);

    return x.len == y.len && memcmp(x.start, y.start, x.len) == 0;
}

static bool share_value(const struct rows *rows, size_t a, size_t b)
{
    for (int i = 0; i < 4; i++)
        if (is_same(rows, a, i / 2, b, i % 2, SLICE) &&
            is_same(rows, a, i / 2, b, i % 2, VALUE))
            return true;
    return false;
}

static bool is_alike(const struct shown *shown, const struct rows *rows,
                     size_t row)
{
    for (size_t i = 0; i < shown->n; i++)
        if (number_in(rows, shown->from[i], "p_adjusted") < WEAK &&
            share_value(rows, shown->from[i], row))
            return true;
    return false;
}

/* ---- rows ---- */

/* Numbers in little room: names are what may be long. */
static void add_row(struct shown *shown, const struct rows *rows, size_t row)
{
    double p = number_in(rows, row, "p_adjusted");
    struct buf text = {0};

    for (size_t c = SLICE; c <= N_ROWS; c++)
        rows_text(&shown->rows, rows_cell(rows, row, c));
    rows_number(&shown->rows, number_in(rows, row, "error"));
    buf_printf(&text, "%.1f - %.1f", 100 * number_in(rows, row, "low"),
               100 * number_in(rows, row, "high"));
    rows_text(&shown->rows, text.data);
    rows_number(&shown->rows, round(number_in(rows, row, "excess")) + 0.);
    buf_clear(&text);
    buf_printf(&text, p < .001 ? "<.001" : "%.3f", p);
    rows_text(&shown->rows, text.data);
    buf_release(&text);
    shown->others += p >= WEAK;
    shown->from[shown->n++] = row;
}

static void draw_rest(struct view *view, size_t alike, size_t others)
{
    struct buf line = {0};

    if (alike)
        buf_printf(&line, "%zu more share%s a value with a weak one", alike,
                   alike == 1 ? "s" : "");
    if (others)
        buf_printf(&line, "%s%zu more %s less weak", alike ? ", " : "", others,
                   others == 1 ? "is" : "are");
    if (line.len) {
        buf_add_text(&line, " (--csv: all)");
        line_end(&line, view);
    }
    buf_release(&line);
}

void draw_slices(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"slice", NULL, VIEW_TEXT, false}, {"value", NULL, VIEW_TEXT, false},
        {"n", "rows", VIEW_COUNT, false},  {"error", NULL, VIEW_PERCENT, false},
        {"ci", "95 %", VIEW_TEXT, false},  {"excess", NULL, VIEW_COUNT, false},
        {"p", NULL, VIEW_TEXT, false}};
    struct shown shown = {.n = 0};
    size_t row = 0;

    rows_init(&shown.rows, "slice,value,n,error,ci,excess,p");
    for (; row < rows_n(rows) && shown.n < MOST_SHOWN &&
           shown.others < MOST_OTHERS;
         row++)
        if (is_alike(&shown, rows, row))
            shown.alike++;
        else
            add_row(&shown, rows, row);
    view_table(view, &shown.rows, spec, sizeof(spec) / sizeof(*spec));
    draw_rest(view, shown.alike, rows_n(rows) - row);
    rows_release(&shown.rows);
}
