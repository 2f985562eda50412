/*
 * sources_view: the screen of `decompose`: what is wrong, how sure that is,
 * and which command to type next.
 *
 *     error   goal              2.0 %
 *             train             3.1 %   2.3 -  4.2   n 1395
 *     gap     underfitting      1.1     0.3 -  2.2   ##
 *             overfitting       8.4     4.4 - 14.0   ########   largest
 *     next  1 more training data: at this slope ...
 *             assay train --train-sizes 20%,40%,80%,100% ...
 *
 * Rows of one `kind` that follow each other are a block; its name stands on
 * its first line.  `error` shows n, every other kind but `next` a bar, scaled
 * to the largest value of its block (none for values <= 0).  Empty cells are
 * blanks, long notes are wrapped.  On a terminal of fewer than 60 columns names
 * are cut, and bars, n and intervals left out, as far as they must be.
 */
#ifndef CLI_SOURCES_VIEW_H
#define CLI_SOURCES_VIEW_H

#include "cli/view.h"

/*
 * Draws rows with the columns `kind,name,class,value,low,high,n,note` (found
 * by name; an absent one counts as empty), value, low and high being
 * fractions, shown in percent.  A row that has a class is called
 * "NAME: CLASS".
 *
 * In a `next` row value is the rank and note is "ADVICE: COMMAND", divided at
 * the last ": assay ".  The advice is wrapped.  The command stands below it
 * and is never cut; it is continued on further lines, each but the last ending
 * in a backslash and broken only between words of the shell, so that what is
 * copied from the screen runs.
 */
void sources_view(struct view *view, const struct rows *sources);

/* The same for a metric that is no fraction (log_loss): plain numbers. */
void sources_view_plain(struct view *view, const struct rows *sources);

#endif
