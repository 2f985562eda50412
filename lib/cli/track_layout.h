/*
 * track_layout: lines of a name, numbers and a track, in the width there is.
 */
#ifndef CLI_TRACK_LAYOUT_H
#define CLI_TRACK_LAYOUT_H

#include "cli/track_view.h"

/* Columns that each takes, a gap before it included but for the track's. */
struct track_layout {
    size_t name, number, interval, track, word; /* 0: no room, or not asked */
};

/*
 * For names of at most `widest` columns.  Where it is narrow the interval, then
 * the track, then the word to its right go, and names are cut; the number
 * stays.
 */
struct track_layout track_lay_out(const struct view *view, size_t widest,
                                  size_t number, size_t interval, size_t word);

/* Appends the name, cleaned and cut; the track, if there is room for it. */
void track_add_name(struct buf *line, const struct track_layout *layout,
                    const char *name, const struct view *view);
void track_add(struct buf *line, const struct track_layout *layout,
               const struct track *track, const struct view *view);

#endif
