#include "cli/track_layout.h"

#include <stdlib.h>

#include "cli/line_view.h"

enum { MOST_NAME = 28, LEAST_TRACK = 8, MOST_TRACK = 40, GAP = 2 };

struct track_layout track_lay_out(const struct view *view, size_t widest,
                                  size_t number, size_t interval, size_t word)
{
    size_t all = line_columns(view);
    struct track_layout l = {.number = number + GAP};

    l.name = widest < MOST_NAME ? widest : MOST_NAME;
    if (l.name + l.number > all)
        l.name = all > l.number ? all - l.number : 1;
    all -= l.name + l.number;
    if (word && all >= word + LEAST_TRACK + GAP) {
        l.word = word;
        all -= word;
    }
    if (all >= interval + LEAST_TRACK + GAP) {
        l.interval = interval;
        all -= interval;
    }
    if (all >= LEAST_TRACK + GAP) {
        all -= GAP;
        l.track = all < MOST_TRACK ? all : MOST_TRACK;
    }
    return l;
}

void track_add_name(struct buf *line, const struct track_layout *l,
                    const char *name, const struct view *view)
{
    char *clean = line_clean_copy(name, view->utf8);

    line_cell(line, clean, l->name, false, view->utf8);
    free(clean);
}

void track_add(struct buf *line, const struct track_layout *l,
               const struct track *track, const struct view *view)
{
    if (!l->track)
        return;
    line_blanks(line, GAP);
    track_draw(line, track, view->utf8);
}
