#include "cli/track_view.h"

#include <math.h>
#include <string.h>

void track_clear(struct track *t)
{
    memset(t->cell, TRACK_BLANK, sizeof(t->cell));
}

size_t track_column(const struct track *t, double value)
{
    double at = (value - t->low) / (t->high - t->low) * (double)t->width;

    if (!(at > 0))
        return 0;
    return at < (double)t->width ? (size_t)at : t->width - 1;
}

void track_mark(struct track *t, double value, enum track_glyph glyph)
{
    if (!isnan(value))
        t->cell[track_column(t, value)] = (unsigned char)glyph;
}

void track_fill(struct track *t, double from, double to, enum track_glyph glyph)
{
    size_t begin, end;

    if (isnan(from) || isnan(to))
        return;
    begin = track_column(t, fmin(from, to));
    end = track_column(t, fmax(from, to));
    memset(t->cell + begin, (int)glyph, end - begin + 1);
}

void track_interval(struct track *t, double low, double high)
{
    if (isnan(low) || isnan(high))
        return;
    track_fill(t, low, high, TRACK_DASH);
    if (low >= t->low)
        track_mark(t, low, TRACK_LOW);
    if (high <= t->high)
        track_mark(t, high, TRACK_HIGH);
}

/* The columns of a bar: beside that of the axis, if there is one. */
static void find_bar(const struct track *t, double value, size_t *from,
                     size_t *to)
{
    size_t zero = track_column(t, 0), axis = t->low < 0;

    *from = *to = track_column(t, value);
    if (value > 0) {
        *from = zero + axis < t->width ? zero + axis : zero;
        *to = *to < *from ? *from : *to;
    } else {
        *to = zero ? zero - 1 : 0;
        *from = *from > *to ? *to : *from;
    }
}

void track_bar(struct track *t, double value, double low, double high)
{
    bool within = low <= 0 && high >= 0;
    unsigned char near_end = value > 0 ? TRACK_LOW : TRACK_HIGH;
    size_t from, to;

    track_interval(t, low, high);
    if (t->low < 0)
        track_mark(t, 0, within ? TRACK_CROSS : TRACK_AXIS);
    if (isnan(value) || value == 0)
        return;
    find_bar(t, value, &from, &to);
    for (size_t i = from; i <= to; i++)
        if (t->cell[i] != near_end || i == from || i == to)
            t->cell[i] = within ? TRACK_LIGHT : TRACK_BAR;
}

void track_draw(struct buf *line, const struct track *t, bool utf8)
{
    static const char *const fine[] = {" ", "│", "┼", "█", "░",
                                       "─", "├", "┤", "●", "╱"};
    static const char *const plain[] = {" ", "|", "+", "#", ":",
                                        "-", "[", "]", "*", "/"};

    for (size_t i = 0; i < t->width; i++)
        buf_add_text(line, (utf8 ? fine : plain)[t->cell[i]]);
}
