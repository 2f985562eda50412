/*
 * search_view: what a search for hyperparameters found, on a terminal.
 */
#ifndef CLI_SEARCH_VIEW_H
#define CLI_SEARCH_VIEW_H

#include "cli/view.h"

/*
 * Rows of search/importance.h: a bar a parameter with its interval, hollow
 * where that begins at 0, and what is expected beside it; pairs that are beyond
 * chance and .01 or more, five at most; and in words where this is, beyond
 * noise, not in the order that is expected: a parameter of which less is
 * expected has an interval that lies above that of another.  Words are left out
 * where nothing is expected.
 */
void importance_view(struct view *view, const struct rows *importance);

/*
 * Rows of search/importance.h: of numbers a curve with its band, on an axis of
 * orders of magnitude where they are spread like that; of choices, and of eight
 * numbers or fewer, a line each.  `name` is the parameter's.
 */
void marginal_view(struct view *view, const struct rows *marginal,
                   const char *name);

/*
 * Trials, a row each, with columns `objective` and `name`: the one against the
 * other.  What lies far above the others (3 quartile ranges above the upper
 * quartile) is shown at the edge.  A last line counts trials without objective.
 */
void scatter_view(struct view *view, const struct rows *trials,
                  const char *name);

/* The best objective so far, over the trials in their order: one line. */
void best_view(struct view *view, const struct rows *trials);

#endif
