/*
 * track_view: a stretch of a line whose columns stand for numbers, on which
 * points, bars and intervals are laid one over the other.
 */
#ifndef CLI_TRACK_VIEW_H
#define CLI_TRACK_VIEW_H

#include "cli/view.h"

#include "base/buf.h"

enum { TRACK_MOST = 120 }; /* columns */

enum track_glyph {
    TRACK_BLANK,
    TRACK_AXIS,  /* where the zero is */
    TRACK_CROSS, /* the same in an interval */
    TRACK_BAR,   /* solid: a value beyond noise, or of unknown noise */
    TRACK_LIGHT, /* hollow: a value within noise */
    TRACK_DASH,  /* of an interval */
    TRACK_LOW,   /* its ends */
    TRACK_HIGH,
    TRACK_POINT,   /* a value */
    TRACK_DIAGONAL /* where it should be */
};

/* low < high lie at the outer edges of the first and the last column. */
struct track {
    double low, high;
    size_t width; /* 1 to TRACK_MOST */
    unsigned char cell[TRACK_MOST];
};

void track_clear(struct track *track);

/* The column of a value, the nearest one for what lies outside. */
size_t track_column(const struct track *track, double value);

/* One column.  NaN is nowhere, here and below. */
void track_mark(struct track *track, double value, enum track_glyph glyph);

/* All columns from one value to another, in whichever order. */
void track_fill(struct track *track, double from, double to,
                enum track_glyph glyph);

/*
 * |-----| over what is there; nothing where an end is NaN.  An end that lies
 * outside is not drawn: the interval goes on.
 */
void track_interval(struct track *track, double low, double high);

/*
 * A bar from 0 to the value, with its interval: where that holds 0 the bar is
 * hollow, so that what is solid is beyond noise (or its noise is not known).
 * low <= 0 must hold; where it is below, the zero has a column of its own.
 */
void track_bar(struct track *track, double value, double low, double high);

/* Appends the columns, blanks at the end included. */
void track_draw(struct buf *line, const struct track *track, bool utf8);

#endif
