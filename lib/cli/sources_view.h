/*
 * sources_view: the screen of `decompose`: what is wrong, how sure that is,
 * and which command to type next.
 *
 *     error   goal              2.0 %
 *             train             3.1 %   2.3 -  4.2   n 1395
 *     gap     underfitting      1.1     0.3 -  2.2     │█┤
 *             overfitting       8.4     4.4 - 14.0     │██├██─┤   largest ...
 *             val_overfitting   1.1    -5.8 -  8.1   ├─┼░───┤     within noise
 *     next  1 more training data: at this slope ...
 *             assay train --train-sizes 20%,40%,80%,100% ...
 *
 * Rows of one `kind` that follow each other are a block; its name stands on
 * its first line.  `error` shows n, every other kind but `next` bars: from 0 to
 * the value, with a whisker from low to high, on one scale for the block.  A
 * bar is solid where its interval lies on one side of 0 (bold, with colour) or
 * is not known, and hollow where it holds 0.  A whisker without an end goes on:
 * the scale ends at twice the largest value.  Empty cells are blanks.  Long
 * notes are wrapped, or stand on lines of their own.  On a narrow terminal
 * names are cut, and bars, n and intervals left out, as far as they must be.
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
