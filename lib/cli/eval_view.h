/*
 * eval_view: the tables of `assay eval`, drawn for people.
 */
#ifndef CLI_EVAL_VIEW_H
#define CLI_EVAL_VIEW_H

#include "cli/view.h"

void draw_coverage(struct view *view, const struct rows *rows);

#endif
