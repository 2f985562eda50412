/*
 * compare_view: `eval --compare` for people.
 */
#ifndef CLI_COMPARE_VIEW_H
#define CLI_COMPARE_VIEW_H

#include "cli/view.h"

/* With the models' names where there are more than two. */
void draw_comparison(struct view *view, const struct rows *rows);

#endif
