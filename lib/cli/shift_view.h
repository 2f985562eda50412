/*
 * shift_view: the findings of `assay shift` for people: each verdict, what
 * becomes of the error, and what has changed, the largest first.
 */
#ifndef CLI_SHIFT_VIEW_H
#define CLI_SHIFT_VIEW_H

#include "cli/view.h"

/* A result_draw. */
void draw_shift(struct view *view, const struct rows *rows);

#endif
