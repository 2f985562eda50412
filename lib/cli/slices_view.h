/*
 * slices_view: the weakest slices for people.
 *
 * Most slices that share a value with a weak one are weak because of it, so
 * they are left out below it.  The first few that are not weak follow; a last
 * line counts what is not shown.
 */
#ifndef CLI_SLICES_VIEW_H
#define CLI_SLICES_VIEW_H

#include "cli/view.h"

/* Of rows as stream/slice_rows.h makes them. */
void draw_slices(struct view *view, const struct rows *rows);

#endif
