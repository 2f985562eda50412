/*
 * findings_view: findings for people (stream/finding.h): what failed first.
 *
 *     fail       alignment: rows 7492-10000
 *                the label of a row stands 1 row below it: move the labels up
 *                held-out probe, z in the order given; effect: in the best
 *                order: value -5.511, effect 108.7, n 2509
 *     ok         conflicts, labels, classes
 */
#ifndef CLI_FINDINGS_VIEW_H
#define CLI_FINDINGS_VIEW_H

#include "cli/view.h"

void draw_findings(struct view *view, const struct rows *rows);

#endif
