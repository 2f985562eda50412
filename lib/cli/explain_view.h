/*
 * explain_view: what `assay train` tells before it trains, on a terminal.
 */
#ifndef CLI_EXPLAIN_VIEW_H
#define CLI_EXPLAIN_VIEW_H

#include "cli/view.h"

/*
 * The table of column_args_describe (cli/column_args.h).  More than 50 features
 * of numbers in a row, such as the pixels of an image, are one line: all their
 * missing cells, the most distinct values, the range of all.
 */
void explain_columns_view(struct view *view, const struct rows *columns);

/*
 * The table of train_hyperparameters: by section, an option each with its
 * default; then what it means, its values and, unless all that learn have it,
 * the networks, in as many lines as that takes.
 */
void explain_hypers_view(struct view *view, const struct rows *hypers);

#endif
