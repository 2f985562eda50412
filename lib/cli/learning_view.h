/*
 * learning_view: the screen of `decompose --learning-curve`.
 *
 *     20.0 % |       o
 *            |      .|...    :::
 *            |        :  ..o....o..:::::::
 *      0.0 % +---------------------------------
 *             279        1395        5580 rows
 *
 * The error of every size with its interval, the law through them, and the
 * law's band; the axis of rows is logarithmic and goes on to four times the
 * largest size.  Below stand the same numbers as a table, then where the curve
 * leads, in words, then what to do.
 */
#ifndef CLI_LEARNING_VIEW_H
#define CLI_LEARNING_VIEW_H

#include "cli/view.h"

/* Draws the rows of stream/learning_rows.h. */
void learning_view(struct view *view, const struct rows *curve);

#endif
