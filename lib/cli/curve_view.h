/*
 * curve_view: the learning curve on a terminal: a line for the loss and error
 * of each split, and which epoch was the best.
 */
#ifndef CLI_CURVE_VIEW_H
#define CLI_CURVE_VIEW_H

#include "cli/view.h"

/* rows as stream/curve.h has them; curves of folds one after the other. */
void curve_view(struct view *view, const struct rows *curve);

#endif
