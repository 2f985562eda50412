/*
 * columns_view: what is in a table, for who has never seen it.
 *
 *     texts: learned from by their words, pairs of words and parts of words
 *       title         21,990 different, of 6 words    full  Distant View …
 *     left out
 *       accession     31,106 different                full  N00108
 *         nearly all its values differ (--features accession takes it)
 *
 *     next  say what is to be learned: assay check --columns --label COLUMN …
 */
#ifndef CLI_COLUMNS_VIEW_H
#define CLI_COLUMNS_VIEW_H

#include "cli/view.h"

/*
 * The table of column_args_overview (cli/column_args.h), by what assay train
 * will do with the columns, each group in their order: what they hold, how full
 * they are, an example, and in a line of its own what is odd.  More than 50
 * numbers in a row, such as the pixels of an image, are one line.  Ends with
 * what to type next.
 */
void columns_view(struct view *view, const struct rows *columns);

#endif
