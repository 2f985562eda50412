#include "cli/learning_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/line_view.h"
#include "cli/sources_view.h"

enum {
    HEIGHT = 12,
    LEFT = 10, /* "100.0 % |" and a blank */
    MOST_WIDTH = 72,
    LEAST_WIDTH = 20
};

enum sign { BLANK, BAND, LAW, BAR, POINT, SIGNS };

static const char *const ascii[SIGNS] = {" ", ":", ".", "|", "o"};
static const char *const blocks[SIGNS] = {" ", "░", "─", "│", "●"};

/* ---- reading ---- */

static bool is_kind(const struct rows *rows, size_t row, const char *kind)
{
    return strcmp(rows_named(rows, row, "kind"), kind) == 0;
}

/* The value of the row of that kind and name, or NaN. */
static double value_of(const struct rows *rows, const char *kind,
                       const char *name)
{
    for (size_t r = 0; r < rows_n(rows); r++)
        if (is_kind(rows, r, kind) &&
            strcmp(rows_named(rows, r, "name"), name) == 0)
            return rows_value(rows, r, "value");
    return NAN;
}

/* ---- the plot ---- */

/* Which rows of the table are sizes, and what the axes span. */
struct plot {
    const struct rows *rows;
    size_t n; /* sizes, the first rows */
    double first, last, top;
    int width;
    char sign[HEIGHT][MOST_WIDTH];
};

static void plot_measure(struct plot *p, const struct view *view)
{
    int room = (int)line_columns(view) - LEFT;

    p->width = room > MOST_WIDTH ? MOST_WIDTH : room;
    p->top = 0;
    while (p->n < rows_n(p->rows) && is_kind(p->rows, p->n, "size")) {
        double error = rows_value(p->rows, p->n, "error");
        double high =
            rows_value(p->rows, p->n, isnan(error) ? "fitted" : "high");
        p->top = fmax(p->top, isnan(high) ? 0 : high);
        p->n++;
    }
    p->first = p->n ? rows_value(p->rows, 0, "train_size") : 1;
    p->last = p->n ? rows_value(p->rows, p->n - 1, "train_size") : 1;
    if (!(p->top > 0))
        p->top = .01;
}

static int column_of(const struct plot *p, double size)
{
    if (!(p->last > p->first))
        return 0;
    return (int)lround(log(size / p->first) / log(p->last / p->first) *
                       (p->width - 1));
}

static int line_of(const struct plot *p, double error)
{
    double at = (HEIGHT - 1) * (1 - error / p->top);

    return (int)lround(fmin(fmax(at, 0), HEIGHT - 1));
}

static void put(struct plot *p, int column, double from, double to,
                enum sign sign)
{
    if (isnan(from) || isnan(to) || column < 0 || column >= p->width)
        return;
    for (int line = line_of(p, to); line <= line_of(p, from); line++)
        if (p->sign[line][column] < (char)sign)
            p->sign[line][column] = (char)sign;
}

/* The band is known at the sizes: straight lines lie between them. */
static void plot_band(struct plot *p, size_t i)
{
    int a = column_of(p, rows_value(p->rows, i, "train_size"));
    int b = column_of(p, rows_value(p->rows, i + 1, "train_size"));
    double low[] = {rows_value(p->rows, i, "band_low"),
                    rows_value(p->rows, i + 1, "band_low")};
    double high[] = {rows_value(p->rows, i, "band_high"),
                     rows_value(p->rows, i + 1, "band_high")};

    for (int c = a; c <= b; c++) {
        double t = b > a ? (double)(c - a) / (b - a) : 0;
        put(p, c, low[0] + t * (low[1] - low[0]),
            fmin(high[0] + t * (high[1] - high[0]), p->top), BAND);
    }
}

static void plot_law(struct plot *p)
{
    double a = value_of(p->rows, "curve", "asymptote");
    double b = value_of(p->rows, "curve", "coefficient");
    double c = value_of(p->rows, "curve", "exponent");

    for (int i = 0; i < p->width && !isnan(a); i++) {
        double share = p->width > 1 ? (double)i / (p->width - 1) : 0;
        double size = p->first * pow(p->last / p->first, share);
        double error = b > 0 ? a + b * pow(size, -c) : a;
        put(p, i, error, error, LAW);
    }
}

static void plot_points(struct plot *p)
{
    for (size_t i = 0; i < p->n; i++) {
        int column = column_of(p, rows_value(p->rows, i, "train_size"));
        double error = rows_value(p->rows, i, "error");
        if (isnan(error))
            continue;
        put(p, column, rows_value(p->rows, i, "low"),
            rows_value(p->rows, i, "high"), BAR);
        put(p, column, error, error, POINT);
    }
}

static void draw_lines(const struct plot *p, struct view *view)
{
    const char *const *signs = view->utf8 ? blocks : ascii;
    struct buf line = {0};

    for (int i = 0; i < HEIGHT; i++) {
        struct buf label = {0};
        buf_add_text(&label, "");
        if (i % 4 == 0 || i == HEIGHT - 1) {
            line_percent(&label, p->top * (1 - (double)i / (HEIGHT - 1)));
            buf_add_text(&label, " %");
        }
        line_cell(&line, label.data, LEFT - 2, true, view->utf8);
        buf_add_text(&line, view->utf8 ? " │" : " |");
        for (int c = 0; c < p->width; c++)
            buf_add_text(&line, signs[(int)p->sign[i][c]]);
        line_end(&line, view);
        buf_release(&label);
    }
    buf_release(&line);
}

/* The sizes below the axis, those that have room. */
static void draw_axis(const struct plot *p, struct view *view)
{
    struct buf line = {0};
    size_t at = LEFT;

    line_blanks(&line, LEFT - 1);
    buf_add_text(&line, view->utf8 ? "└" : "+");
    for (int c = 0; c < p->width; c++)
        buf_add_text(&line, view->utf8 ? "─" : "-");
    line_end(&line, view);
    line_blanks(&line, LEFT);
    for (size_t i = 0; i < p->n; i++) {
        const char *size = rows_named(p->rows, i, "train_size");
        size_t where =
            LEFT + (size_t)column_of(p, rows_value(p->rows, i, "train_size"));
        size_t len = strlen(size);
        if (where + len > LEFT + (size_t)p->width)
            where = LEFT + (size_t)p->width - len;
        if (where < at)
            continue;
        line_blanks(&line, where - at);
        buf_add_text(&line, size);
        at = where + len;
        if (i + 1 < p->n) {
            buf_add_char(&line, ' ');
            at++;
        }
    }
    line_end(&line, view);
    buf_release(&line);
}

static void draw_plot(struct view *view, const struct rows *rows)
{
    struct plot p = {.rows = rows};

    plot_measure(&p, view);
    if (p.width < LEAST_WIDTH || p.n < 2)
        return;
    for (size_t i = 0; i + 1 < p.n; i++)
        plot_band(&p, i);
    plot_law(&p);
    plot_points(&p);
    draw_lines(&p, view);
    draw_axis(&p, view);
}

/* ---- the numbers ---- */

/* Those rows of a kind, with all columns. */
static void select_kind(struct rows *out, const struct rows *rows,
                        const char *kind)
{
    rows_init(out, rows->columns[0]);
    for (size_t c = 1; c < rows->n_columns; c++)
        rows_add_column(out, rows->columns[c]);
    for (size_t r = 0; r < rows_n(rows); r++)
        for (size_t c = 0; is_kind(rows, r, kind) && c < rows->n_columns; c++)
            rows_text(out, rows_cell(rows, r, c));
}

static void draw_sizes(struct view *view, const struct rows *rows)
{
    static const struct view_column columns[] = {
        {"train_size", "rows", VIEW_COUNT, false},
        {"error", "error %", VIEW_PERCENT, false},
        {"low", NULL, VIEW_PERCENT, false},
        {"high", NULL, VIEW_PERCENT, false},
        {"fitted", "curve %", VIEW_PERCENT, true},
        {"band_low", "low", VIEW_PERCENT, true},
        {"band_high", "high", VIEW_PERCENT, true}};
    struct rows sizes;

    select_kind(&sizes, rows, "size");
    view_table(view, &sizes, columns, sizeof(columns) / sizeof(*columns));
    rows_release(&sizes);
}

/* "(1400 - 5100)", in percent where it is an error. */
static void add_interval(struct buf *line, const struct rows *rows, size_t row,
                         bool percent)
{
    double low = rows_value(rows, row, "low"),
           high = rows_value(rows, row, "high");
    void (*add)(struct buf *, double) = percent ? line_percent : line_number;

    if (isnan(low))
        return;
    buf_add_text(line, " (");
    add(line, low);
    if (isinf(high)) {
        buf_add_text(line, " or more)");
        return;
    }
    buf_add_text(line, " - ");
    add(line, high);
    buf_add_char(line, ')');
}

static void add_answer(struct buf *line, const struct rows *rows, size_t row)
{
    const char *name = rows_named(rows, row, "name");
    double value = rows_value(rows, row, "value");

    buf_add_text(line, strcmp(name, "goal") == 0
                           ? "the goal: "
                           : "half the overfitting gap: ");
    if (!isnan(value)) {
        line_number(line, value);
        buf_add_text(line, " rows");
        add_interval(line, rows, row, false);
        buf_add_text(line, ", ");
    }
    line_clean(line, rows_named(rows, row, "note"), true);
    if (isnan(value) && rows_value(rows, row, "low") > 1) {
        buf_add_text(line, "; at least ");
        line_number(line, rows_value(rows, row, "low"));
    }
}

static void draw_answers(struct view *view, const struct rows *rows)
{
    struct buf text = {0}, line = {0};

    for (size_t r = 0; r < rows_n(rows); r++) {
        const char *name = rows_named(rows, r, "name");
        bool level = is_kind(rows, r, "curve") &&
                     strcmp(name, "asymptote") == 0;
        if (!level && !is_kind(rows, r, "rows"))
            continue;
        buf_clear(&text);
        if (level) {
            buf_add_text(&text, "the curve levels off at ");
            line_percent(&text, rows_value(rows, r, "value"));
            buf_add_text(&text, " %");
            add_interval(&text, rows, r, true);
        } else {
            add_answer(&text, rows, r);
        }
        line_wrap(&line, text.data, 4, line_columns(view) - 4, view);
    }
    buf_release(&text);
    buf_release(&line);
}

void learning_view(struct view *view, const struct rows *curve)
{
    struct rows next;

    draw_plot(view, curve);
    draw_sizes(view, curve);
    draw_answers(view, curve);
    select_kind(&next, curve, "next");
    sources_view(view, &next);
    rows_release(&next);
}
