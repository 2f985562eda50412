#include "cli/line_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { LEAST_COLUMNS = 20, EIGHTHS = 8 };

#define WHOLE_NUMBERS 1e15 /* below, a double holds every digit of them */

size_t line_columns(const struct view *view)
{
    return view->columns > LEAST_COLUMNS ? (size_t)view->columns
                                         : LEAST_COLUMNS;
}

/* ---- data ---- */

static bool starts(const char *s, size_t n, const char *bytes)
{
    size_t len = strlen(bytes);

    return n == len && memcmp(s, bytes, len) == 0;
}

/* Characters of three bytes, U+2000 to U+207F, by their last two. */
static bool is_separator(const char *s, size_t n)
{
    return starts(s, n, "\xe2\x80\xa8") || starts(s, n, "\xe2\x80\xa9");
}

static bool is_direction(const char *s, size_t n)
{
    unsigned char last = (unsigned char)s[n - 1];

    if (n != 3 || (unsigned char)s[0] != 0xe2)
        return false;
    if ((unsigned char)s[1] == 0x80)
        return last >= 0xaa && last <= 0xae; /* U+202A to U+202E */
    return (unsigned char)s[1] == 0x81 && last >= 0xa6 && last <= 0xa9;
}

/* What stands for the character s[0..n): ' ', '?', or 0 for itself. */
static char harmless(const char *s, size_t n, bool utf8)
{
    unsigned char c = (unsigned char)s[0];

    if (n == 1 && (c < 0x20 || c == 0x7f))
        return c == '\n' || c == '\t' || c == '\r' ? ' ' : '?';
    if (n == 1)
        return 0;
    if (is_separator(s, n))
        return ' ';
    if (!utf8 || is_direction(s, n))
        return '?';
    return c == 0xc2 && (unsigned char)s[1] < 0xa0 ? '?' : 0;
}

void line_clean(struct buf *out, const char *text, bool utf8)
{
    size_t len = strlen(text);

    buf_reserve(out, len);
    for (size_t i = 0; i < len;) {
        size_t n = text_utf8_length(text + i, len - i);
        char instead = n ? harmless(text + i, n, utf8) : '?';
        if (instead)
            buf_add_char(out, instead);
        else
            buf_add(out, text + i, n);
        i += n ? n : 1;
    }
}

char *line_clean_copy(const char *text, bool utf8)
{
    struct buf copy = {0};

    buf_add(&copy, "", 0);
    line_clean(&copy, text, utf8);
    return copy.data;
}

/* ---- cells ---- */

size_t line_width(const char *text)
{
    return text_width(text, strlen(text));
}

void line_blanks(struct buf *out, size_t n)
{
    memset(buf_reserve(out, n), ' ', n);
    out->len += n;
    out->data[out->len] = '\0';
}

size_t line_cut(struct buf *out, const char *text, size_t width, bool utf8)
{
    size_t len = strlen(text), all = text_width(text, len), keep;
    const char *ellipsis = utf8 ? "…" : "...";
    size_t dots = utf8 ? 1 : 3;

    if (all <= width) {
        buf_add(out, text, len);
        return all;
    }
    if (width <= dots)
        ellipsis = "", dots = 0;
    keep = text_prefix(text, len, width - dots);
    buf_add(out, text, keep);
    buf_add_text(out, ellipsis);
    return text_width(text, keep) + dots;
}

void line_cell(struct buf *out, const char *text, size_t width, bool right,
               bool utf8)
{
    size_t taken = line_width(text);

    if (right && taken < width)
        line_blanks(out, width - taken);
    taken = line_cut(out, text, width, utf8);
    if (!right)
        line_blanks(out, width - taken);
}

size_t line_bar(struct buf *out, double share, size_t width, bool utf8)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    size_t unit = utf8 ? EIGHTHS : 1, length;

    if (!(share > 0) || width == 0)
        return 0;
    length = (size_t)lround(fmin(share, 1) * (double)(width * unit));
    if (length == 0)
        length = 1;
    for (size_t i = 0; i < length / unit; i++)
        buf_add_text(out, utf8 ? "█" : "#");
    if (utf8)
        buf_add_text(out, parts[length % unit]);
    return (length + unit - 1) / unit;
}

/* ---- numbers ---- */

void line_number(struct buf *out, double value)
{
    double size = fabs(value);

    if (value == 0)
        buf_add_text(out, "0");
    else if (!isfinite(value))
        buf_printf(out, "%s",
                   isnan(value) ? "nan"
                   : value > 0  ? "inf"
                                : "-inf");
    else if (size < WHOLE_NUMBERS && (value == round(value) || size >= 999.95))
        buf_printf(out, "%.0f", value);
    else
        buf_printf(out, "%.4g", value);
}

void line_percent(struct buf *out, double fraction)
{
    double tenths = round(fraction * 1000);

    if (isfinite(fraction))
        buf_printf(out, "%.1f", tenths == 0 ? 0.0 : tenths / 10);
    else
        line_number(out, fraction);
}

/* ---- lines ---- */

void line_bold(struct buf *out, const struct view *view)
{
    if (view->colour)
        buf_add_text(out, "\033[1m");
}

void line_plain(struct buf *out, const struct view *view)
{
    if (view->colour)
        buf_add_text(out, "\033[0m");
}

void line_end(struct buf *line, const struct view *view)
{
    while (line->len && line->data[line->len - 1] == ' ')
        line->len--;
    if (line->len)
        fwrite(line->data, 1, line->len, view->out);
    putc('\n', view->out);
    buf_clear(line);
}

/* Bytes of text that go on a line: up to a blank, or as many as there fit. */
static size_t line_share(const char *text, size_t width)
{
    size_t len = strlen(text), fits = text_prefix(text, len, width);
    size_t cut = fits;

    if (fits == len)
        return len;
    while (cut && text[cut] != ' ')
        cut--;
    if (cut)
        return cut;
    if (fits)
        return fits;
    fits = text_utf8_length(text, len); /* wider than the line: go on anyhow */
    return fits ? fits : 1;
}

void line_wrap(struct buf *line, const char *text, size_t indent, size_t width,
               const struct view *view)
{
    bool more = false;

    do {
        size_t share = line_share(text, width);
        if (more)
            line_blanks(line, indent);
        buf_add(line, text, share);
        line_end(line, view);
        text += share;
        text += strspn(text, " ");
        more = true;
    } while (*text);
}
