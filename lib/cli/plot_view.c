#include "cli/plot_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/line_view.h"

enum { LEFT = 11, LEAST = 9 }; /* columns: a number and the axis; the plane */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* How far a median is from the middle of its range, in its halves. */
static double off_middle(double low, double median, double high)
{
    return high > low ? fabs(2 * (median - low) / (high - low) - 1) : 0;
}

static bool is_log(const double *sorted, size_t n)
{
    double low = sorted[0], median = sorted[n / 2], high = sorted[n - 1];

    return low > 0 && off_middle(log(low), log(median), log(high)) <
                          off_middle(low, median, high) - .1;
}

bool plot_scale(struct plot *p, const struct view *view, const double *x,
                const double *y, size_t n)
{
    double *sorted = mem_alloc(n, sizeof(*sorted));
    size_t kept = 0, room = line_columns(view) - LEFT;

    memset(p, 0, sizeof(*p));
    p->bottom = INFINITY;
    p->top = -INFINITY;
    p->width = room < PLOT_MOST ? room : PLOT_MOST;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            continue;
        sorted[kept++] = x[i];
        p->bottom = fmin(p->bottom, y[i]);
        p->top = fmax(p->top, y[i]);
    }
    if (kept) {
        qsort(sorted, kept, sizeof(*sorted), by_value);
        p->left = sorted[0];
        p->right = sorted[kept - 1];
        p->log = is_log(sorted, kept);
    }
    free(sorted);
    return kept > 0 && p->width >= LEAST;
}

/* 0 to 1 where x is within. */
static double share_of(const struct plot *p, double x)
{
    if (!(p->right > p->left))
        return 0;
    return p->log ? log(x / p->left) / log(p->right / p->left)
                  : (x - p->left) / (p->right - p->left);
}

size_t plot_column(const struct plot *p, double x)
{
    double share = share_of(p, x);

    if (!(share > 0))
        return 0;
    return (size_t)lround(fmin(share, 1) * (double)(p->width - 1));
}

static size_t line_of(const struct plot *p, double y)
{
    double share = p->top > p->bottom ? (p->top - y) / (p->top - p->bottom) : 1;

    return (size_t)lround(fmax(0, fmin(share, 1)) * (PLOT_LINES - 1));
}

void plot_fill(struct plot *p, size_t column, double from, double to,
               enum plot_sign sign)
{
    size_t first, last;

    if (isnan(from) || isnan(to) || fmin(from, to) > p->top ||
        fmax(from, to) < p->bottom)
        return;
    first = line_of(p, fmax(from, to));
    last = line_of(p, fmin(from, to));
    for (size_t i = first; i <= last; i++)
        if (p->sign[i][column] < (unsigned char)sign)
            p->sign[i][column] = (unsigned char)sign;
}

void plot_point(struct plot *p, double x, double y)
{
    unsigned char *at = &p->sign[line_of(p, y)][plot_column(p, x)];

    if (y > p->top)
        *at = PLOT_OUTSIDE;
    else if (*at < PLOT_ONE)
        *at = PLOT_ONE;
    else if (*at < PLOT_MANY)
        ++*at;
}

static void add_height(struct buf *line, const struct plot *p, size_t i,
                       bool utf8)
{
    double y = p->top - (p->top - p->bottom) * (double)i / (PLOT_LINES - 1);
    struct buf label = {0};

    buf_add_text(&label, "");
    if (i == 0 || i == PLOT_LINES - 1 || i == PLOT_LINES / 2)
        buf_printf(&label, "%.3g", y == 0 ? 0. : y);
    line_cell(line, label.data, LEFT - 2, true, utf8);
    buf_add_text(line, utf8 ? " │" : " |");
    buf_release(&label);
}

/* The ends of the axis, and its middle where there is room. */
static void draw_places(struct view *view, const struct plot *p)
{
    double middle = p->log ? sqrt(p->left) * sqrt(p->right)
                           : p->left + (p->right - p->left) / 2;
    struct buf line = {0}, text[3] = {{0}, {0}, {0}};
    size_t start, end;

    buf_printf(&text[0], "%.3g", p->left);
    buf_printf(&text[1], "%.3g", middle);
    buf_printf(&text[2], "%.3g", p->right);
    line_blanks(&line, LEFT);
    buf_add_text(&line, text[0].data);
    start = LEFT + p->width / 2 - text[1].len / 2;
    end = LEFT + p->width - text[2].len;
    if (p->right > p->left && start > line.len && start + text[1].len < end) {
        line_blanks(&line, start - line.len);
        buf_add_text(&line, text[1].data);
    }
    if (p->right > p->left && end > line.len) {
        line_blanks(&line, end - line.len);
        buf_add_text(&line, text[2].data);
    }
    line_end(&line, view);
    for (int i = 0; i < 3; i++)
        buf_release(&text[i]);
    buf_release(&line);
}

void plot_draw(struct view *view, const struct plot *p)
{
    static const char *const fine[] = {" ", "░", "━", "·", "•", "●", "▲"};
    static const char *const plain[] = {" ", ":", "#", ".", "o", "O", "^"};
    struct buf line = {0};

    for (size_t i = 0; i < PLOT_LINES; i++) {
        add_height(&line, p, i, view->utf8);
        for (size_t c = 0; c < p->width; c++)
            buf_add_text(&line, (view->utf8 ? fine : plain)[p->sign[i][c]]);
        line_end(&line, view);
    }
    line_blanks(&line, LEFT - 1);
    buf_add_text(&line, view->utf8 ? "└" : "+");
    for (size_t c = 0; c < p->width; c++)
        buf_add_text(&line, view->utf8 ? "─" : "-");
    line_end(&line, view);
    draw_places(view, p);
    buf_release(&line);
}
