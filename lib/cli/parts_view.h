/*
 * parts_view: the rows of stream/by_row_table.h for people.
 */
#ifndef CLI_PARTS_VIEW_H
#define CLI_PARTS_VIEW_H

#include "cli/view.h"

/* The rows that have a loss, at most 40, and how many more there are. */
void draw_by_row(struct view *view, const struct rows *rows);

#endif
