#include "cli/view.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/line_view.h"

enum { USUAL_COLUMNS = 80, MOST_COLUMNS = 10000 };

/* ---- the terminal ---- */

static int usual_columns(void)
{
    const char *text = getenv("COLUMNS");
    long columns;

    if (text && num_parse_long(text, 1, MOST_COLUMNS, &columns))
        return (int)columns;
    return USUAL_COLUMNS;
}

void view_resize(struct view *view)
{
    int fd = fileno(view->out);
    struct winsize size;

    if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        view->columns = size.ws_col;
}

static bool find_colour(int fd)
{
    const char *refused = getenv("NO_COLOR"), *term = getenv("TERM");

    if (fd < 0 || !isatty(fd) || (refused && *refused))
        return false;
    return term && *term && strcmp(term, "dumb") != 0;
}

void view_init(struct view *view, FILE *out)
{
    int fd = fileno(out);

    setlocale(LC_CTYPE, "");
    view->out = out;
    view->columns = usual_columns();
    view_resize(view);
    view->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    view->colour = find_colour(fd);
}

/* ---- sparkline ---- */

struct curve {
    const double *values;
    size_t n;
    double first, last, low, high; /* low and high are finite, or NaN */
};

static void curve_scan(struct curve *curve)
{
    curve->first = curve->last = curve->low = curve->high = NAN;
    for (size_t i = 0; i < curve->n; i++) {
        double value = curve->values[i];
        if (isnan(value))
            continue;
        if (isnan(curve->first))
            curve->first = value;
        curve->last = value;
        if (!isfinite(value))
            continue;
        curve->low = fmin(curve->low, value);
        curve->high = fmax(curve->high, value);
    }
}

/* The mean of values [begin, end) that are not NaN; NaN if all are. */
static double curve_mean(const struct curve *curve, size_t begin, size_t end)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = begin; i < end; i++) {
        if (isnan(curve->values[i]))
            continue;
        sum += curve->values[i];
        n++;
    }
    return n ? sum / (double)n : NAN;
}

static void curve_dot(struct buf *line, const struct curve *curve, double value,
                      bool utf8)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄",
                                         "▅", "▆", "▇", "█"};
    static const char *const signs[] = {"_", ".", "-", "=", "*", "#"};
    double top = utf8 ? 7 : 5, at = 0;
    double range = curve->high / 2 - curve->low / 2; /* must not overflow */

    if (isnan(value)) {
        buf_add_char(line, ' ');
        return;
    }
    if (isinf(value))
        at = value > 0 ? top : 0;
    else if (range > 0)
        at = (value / 2 - curve->low / 2) / range * top;
    buf_add_text(line, (utf8 ? blocks : signs)[lround(at)]);
}

static void curve_words(struct buf *words, const struct curve *curve)
{
    if (isnan(curve->first))
        return;
    buf_add_text(words, "  ");
    line_number(words, curve->first);
    buf_add_text(words, " to ");
    line_number(words, curve->last);
    if (isnan(curve->low))
        return;
    buf_add_text(words, ", lowest ");
    line_number(words, curve->low);
}

/* Columns for the curve itself, at least one. */
static size_t curve_room(const struct view *view, size_t taken, size_t n,
                         int width)
{
    size_t columns = line_columns(view), room;

    room = columns > taken ? columns - taken : 1;
    if (width > 0 && (size_t)width < room)
        room = (size_t)width;
    return n < room ? n : room;
}

void view_sparkline(struct view *view, const double *values, size_t n,
                    int width, const char *caption)
{
    struct curve curve = {.values = values, .n = n};
    struct buf line = {0}, words = {0};
    char *clean = line_clean_copy(caption, view->utf8);
    size_t taken, room;

    curve_scan(&curve);
    buf_add_text(&words, "");
    curve_words(&words, &curve);
    taken = line_cut(&line, clean, line_columns(view) / 3, view->utf8);
    if (taken) {
        line_blanks(&line, 2);
        taken += 2;
    }
    if (taken + words.len + 1 > line_columns(view))
        buf_clear(&words);
    room = curve_room(view, taken + words.len, n, width);
    for (size_t i = 0; i < room; i++)
        curve_dot(&line, &curve,
                  curve_mean(&curve, i * n / room, (i + 1) * n / room),
                  view->utf8);
    buf_add_text(&line, words.data);
    line_end(&line, view);
    buf_release(&line);
    buf_release(&words);
    free(clean);
}
