/*
 * curve_view: learning curves on a terminal.
 */
#ifndef CLI_CURVE_VIEW_H
#define CLI_CURVE_VIEW_H

#include "cli/view.h"

/*
 * Rows as stream/curve.h has them.  Of one model, a line for the loss and the
 * error of each split.  Of up to ten, a line each for the loss of the last
 * split, the one that decides when to stop where there is one.  Of more, the
 * mean of those of each training size, until one of them stops.
 */
void curve_view(struct view *view, const struct rows *curve);

/*
 * Of the learning-rate range test: the loss, and between which learning rates
 * that is.
 */
void range_view(struct view *view, const struct rows *curve);

#endif
