/*
 * confuse_view: the tables of `confuse` for people (the matrix: cli/view.h).
 */
#ifndef CLI_CONFUSE_VIEW_H
#define CLI_CONFUSE_VIEW_H

#include "cli/view.h"

void draw_pairs(struct view *view, const struct rows *rows);
void draw_classes(struct view *view, const struct rows *rows);
void draw_merges(struct view *view, const struct rows *rows);

/* With the kept columns: they are what a person recognises a row by. */
void draw_top_losses(struct view *view, const struct rows *rows);
void draw_label_issues(struct view *view, const struct rows *rows);

/* With what became of the rows: repaired, broken, still wrong. */
void draw_flow(struct view *view, const struct rows *rows);
void draw_tags(struct view *view, const struct rows *rows);

#endif
