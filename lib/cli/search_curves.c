#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "base/num.h"
#include "cli/line_view.h"
#include "cli/plot_view.h"
#include "cli/search_view.h"
#include "cli/track_layout.h"

enum { MEAN = 9, COUNT = 5, FEW = 8 };

/* Quartile ranges above the upper quartile that are not far. */
static const double FURTHEST = 3;

/* ---- a curve ---- */

static double number_of(const char *cell)
{
    double value;

    return num_parse(cell, strlen(cell), &value) ? value : NAN;
}

static bool all_numbers(const struct rows *rows, const char *column)
{
    for (size_t r = 0; r < rows_n(rows); r++) {
        const char *cell = rows_named(rows, r, column);
        if (*cell && isnan(number_of(cell)))
            return false;
    }
    return true;
}

/* One of `column`, a number a row. */
static double *take(const struct rows *rows, const char *column)
{
    double *value = mem_alloc(rows_n(rows) + 1, sizeof(*value));

    for (size_t r = 0; r < rows_n(rows); r++)
        value[r] = rows_value(rows, r, column);
    return value;
}

static double between(double from, double to, double share)
{
    return from + (to - from) * share;
}

/* Straight lines between what is known. */
static void draw_curve(struct plot *p, const double *x, const double *y,
                       const double *low, const double *high, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t next = i + 1 < n ? i + 1 : i;
        size_t from = plot_column(p, x[i]), to = plot_column(p, x[next]);
        for (size_t c = from; c <= to; c++) {
            double t = to > from ? (double)(c - from) / (double)(to - from) : 0;
            double at = between(y[i], y[next], t);
            plot_fill(p, c, between(low[i], low[next], t),
                      between(high[i], high[next], t), PLOT_BAND);
            plot_fill(p, c, at, at, PLOT_LINE);
        }
    }
}

static void draw_text(struct view *view, const char *text)
{
    struct buf line = {0};

    line_wrap(&line, text, 2, line_columns(view) - 2, view);
    buf_release(&line);
}

static void draw_title(struct view *view, const char *before, const char *name)
{
    struct buf text = {0};
    char *clean;

    buf_printf(&text, "%s%s", before, name);
    clean = line_clean_copy(text.data, view->utf8);
    draw_text(view, clean);
    free(clean);
    buf_release(&text);
}

static bool draw_marginal(struct view *view, const struct rows *rows)
{
    size_t n = rows_n(rows);
    double *x = take(rows, "value"), *y = take(rows, "objective");
    double *low = take(rows, "low"), *high = take(rows, "high");
    struct plot p;
    bool drawn = plot_scale(&p, view, x, y, n);

    if (drawn) {
        for (size_t i = 0; i < n; i++) {
            p.bottom = fmin(p.bottom, isfinite(low[i]) ? low[i] : p.bottom);
            p.top = fmax(p.top, isfinite(high[i]) ? high[i] : p.top);
        }
        draw_curve(&p, x, y, low, high, n);
        plot_draw(view, &p);
    }
    free(x);
    free(y);
    free(low);
    free(high);
    return drawn;
}

/* Widest of a column's cells, cleaned. */
static size_t widest_cell(const struct rows *rows, const char *column,
                          bool utf8)
{
    size_t widest = 1;

    for (size_t r = 0; r < rows_n(rows); r++) {
        char *clean = line_clean_copy(rows_named(rows, r, column), utf8);
        size_t width = line_width(clean);
        widest = width > widest ? width : widest;
        free(clean);
    }
    return widest;
}

/* A line a value: its mean with the interval. */
static void draw_values(struct view *view, const struct rows *rows)
{
    struct track_layout l =
        track_lay_out(view, widest_cell(rows, "value", view->utf8), MEAN, 0, 0);
    struct track track = {.low = INFINITY, .high = -INFINITY, .width = l.track};

    for (size_t r = 0; r < rows_n(rows); r++) {
        track.low = fmin(track.low, rows_value(rows, r, "low"));
        track.high = fmax(track.high, rows_value(rows, r, "high"));
    }
    if (!(track.high > track.low))
        l.track = 0;
    for (size_t r = 0; r < rows_n(rows); r++) {
        double at = rows_value(rows, r, "objective");
        struct buf line = {0}, number = {0};
        buf_add_text(&number, "");
        line_number(&number, at);
        track_add_name(&line, &l, rows_named(rows, r, "value"), view);
        line_cell(&line, number.data, l.number, true, view->utf8);
        track_clear(&track);
        if (l.track) {
            track_interval(&track, rows_value(rows, r, "low"),
                           rows_value(rows, r, "high"));
            track_mark(&track, at, TRACK_POINT);
        }
        track_add(&line, &l, &track, view);
        line_end(&line, view);
        buf_release(&line);
        buf_release(&number);
    }
}

void marginal_view(struct view *view, const struct rows *rows, const char *name)
{
    draw_title(view, "mean objective by ", name);
    if (rows_n(rows) <= FEW || !all_numbers(rows, "value") ||
        !draw_marginal(view, rows))
        draw_values(view, rows);
}

/* ---- trials ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* The largest objective that is not far above the others; inf: none is. */
static double find_top(const double *y, size_t n)
{
    double *sorted = mem_alloc(n + 1, sizeof(*sorted)), top = INFINITY;
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (isfinite(y[i]))
            sorted[kept++] = y[i];
    qsort(sorted, kept, sizeof(*sorted), by_value);
    if (kept && sorted[3 * kept / 4] > sorted[kept / 4]) {
        double high = sorted[3 * kept / 4], low = sorted[kept / 4];
        while (sorted[kept - 1] > high + FURTHEST * (high - low))
            kept--;
        top = sorted[kept - 1];
    }
    free(sorted);
    return top;
}

static bool draw_points(struct view *view, const double *x, const double *y,
                        size_t n)
{
    struct plot p;

    if (!plot_scale(&p, view, x, y, n))
        return false;
    p.top = fmin(p.top, find_top(y, n));
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i]) && isfinite(y[i]))
            plot_point(&p, x[i], y[i]);
    plot_draw(view, &p);
    return true;
}

/* A line a choice: how many, and its objectives on a track. */
static void draw_choices(struct view *view, const struct rows *rows,
                         const char *name, const double *y)
{
    struct track_layout l =
        track_lay_out(view, widest_cell(rows, name, view->utf8), COUNT, 0, 0);
    struct track track = {.low = INFINITY, .high = -INFINITY, .width = l.track};
    struct dict choices = {0};
    size_t *of = mem_alloc(rows_n(rows) + 1, sizeof(*of));

    for (size_t r = 0; r < rows_n(rows); r++) {
        const char *cell = rows_named(rows, r, name);
        of[r] = SIZE_MAX;
        if (!*cell || !isfinite(y[r]))
            continue;
        of[r] = dict_add(&choices, cell, strlen(cell));
        track.low = fmin(track.low, y[r]);
        track.high = fmax(track.high, y[r]);
    }
    track.high = fmin(track.high, find_top(y, rows_n(rows)));
    if (!(track.high > track.low))
        l.track = 0;
    for (size_t c = 0; c < choices.count; c++) {
        struct buf line = {0}, number = {0};
        size_t n = 0;
        track_clear(&track);
        for (size_t r = 0; r < rows_n(rows); r++)
            if (of[r] == c) {
                n++;
                if (l.track)
                    track_mark(&track, y[r], TRACK_POINT);
            }
        buf_printf(&number, "%zu", n);
        track_add_name(&line, &l, choices.text[c], view);
        line_cell(&line, number.data, l.number, true, view->utf8);
        track_add(&line, &l, &track, view);
        line_end(&line, view);
        buf_release(&line);
        buf_release(&number);
    }
    dict_release(&choices);
    free(of);
}

void scatter_view(struct view *view, const struct rows *rows, const char *name)
{
    double *x = take(rows, name), *y = take(rows, "objective");
    size_t n = rows_n(rows), without = 0;
    struct buf text = {0};

    for (size_t i = 0; i < n; i++)
        without += isfinite(y[i]) ? 0 : 1;
    draw_title(view, "objective of each trial by ", name);
    if (!all_numbers(rows, name) || !draw_points(view, x, y, n))
        draw_choices(view, rows, name, y);
    if (without) {
        buf_printf(&text, "%zu trial%s without objective", without,
                   plural(without));
        draw_text(view, text.data);
    }
    buf_release(&text);
    free(x);
    free(y);
}

void best_view(struct view *view, const struct rows *trials)
{
    double *y = take(trials, "objective"), best = NAN;

    for (size_t i = 0; i < rows_n(trials); i++) {
        best = isfinite(y[i]) ? fmin(best, y[i]) : best;
        y[i] = best;
    }
    view_sparkline(view, y, rows_n(trials), 0, "best so far");
    free(y);
}
