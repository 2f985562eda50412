/*
 * reliability_view: the reliability diagram, a line a bin.
 *
 *      probability  accuracy                                          rows
 *      66.7 - 73.3             ├──╱──●─────┤             ▎               9
 *      93.3 - 100.0                          ├─●─┤  ╱    ███████████  1290 over
 *                   50 %         75 %         100 %
 *
 * From left to right is accuracy: that of the bin's rows with its interval, and
 * a stroke where it would be if it were the mean probability, so that the
 * strokes make the diagonal.  A line whose interval does not hold the stroke is
 * called over (the probabilities promise too much) or under; they are coloured
 * red and blue.  Bars show how the rows are spread.
 *
 * Empty bins before the first and behind the last that has rows are left out,
 * and the scale begins below the smallest number shown.  Below 60 columns the
 * bars are left out, and the lower edges.
 */
#ifndef CLI_RELIABILITY_VIEW_H
#define CLI_RELIABILITY_VIEW_H

#include "cli/view.h"

/* Draws the rows of stream/calibration_rows.h. */
void reliability_view(struct view *view, const struct rows *rows);

#endif
