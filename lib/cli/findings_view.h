/*
 * findings_view: findings for people: what failed first, a line with its
 * subject and evidence, then what to do.
 */
#ifndef CLI_FINDINGS_VIEW_H
#define CLI_FINDINGS_VIEW_H

#include "cli/view.h"

void draw_findings(struct view *view, const struct rows *rows);

#endif
