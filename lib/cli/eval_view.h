/*
 * eval_view: the tables of `assay eval`, drawn for people.
 */
#ifndef CLI_EVAL_VIEW_H
#define CLI_EVAL_VIEW_H

#include "cli/view.h"

void draw_coverage(struct view *view, const struct rows *rows);

/* Of model/permutation.h: fractions in percent, losses as they are. */
void draw_importance(struct view *view, const struct rows *rows);

#endif
