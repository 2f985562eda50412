/*
 * view: result tables for people, on a terminal.
 *
 * A tool builds its result as `struct rows` (csv/rows.h); the same rows leave
 * as CSV into a pipe, or are drawn here.  Nothing is computed that is not in
 * the rows.
 *
 * What every view keeps:
 * - No line is wider than view.columns, counted in terminal columns (a CJK
 *   character takes two), except commands to be copied (cli/sources_view.h).
 * - Cells are data and never reach the terminal as they are: control
 *   characters, invalid bytes and characters that turn the direction of
 *   writing are shown as blanks or '?', so no cell can send an escape sequence.
 * - Without UTF-8 only ASCII is written, also for data: one '?' a character.
 * - Numbers are never cut: columns are left out instead, and the view says so.
 *
 * Functions write to view.out and report nothing: the tool checks the stream
 * when it closes it, as for CSV.
 */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "csv/rows.h"

/*
 * Where and how to draw.  Visible, so that a test or an option can set any
 * field after (or instead of) view_init.  Owns nothing.
 */
struct view {
    FILE *out;
    int columns; /* width of the terminal; below 20 counts as 20 */
    bool utf8;   /* block characters and other scripts can be shown */
    bool colour; /* bold, and 256-colour backgrounds */
};

/*
 * Width: that of the terminal behind `out`, else COLUMNS, else 80.  UTF-8: by
 * the locale's character set; calls setlocale(LC_CTYPE, ""), never LC_NUMERIC,
 * so call it before other threads start.  Colour: only on a terminal, not when
 * NO_COLOR is set to anything (https://no-color.org), nor when TERM is unset
 * or "dumb".
 */
void view_init(struct view *view, FILE *out);

/* Takes over the terminal's present width; no change if it is no terminal. */
void view_resize(struct view *view);

enum view_format {
    VIEW_GUESS,   /* count, number or text, by what the cells hold */
    VIEW_TEXT,    /* left-aligned, cut with an ellipsis where it must be */
    VIEW_NUMBER,  /* four significant digits, points under each other */
    VIEW_PERCENT, /* a fraction: .126 as "12.6 %" */
    VIEW_COUNT,   /* a whole number, all digits */
    VIEW_BAR      /* a bar; the largest value fills the width that is left */
};

/*
 * One column to be shown.  The same column may be shown twice, as a number and
 * as a bar.  A cell that is no number is shown as it is in number formats, and
 * as no bar; so are values <= 0 as a bar.
 */
struct view_column {
    const char *name;   /* a column of the rows; an absent one is skipped */
    const char *header; /* shown above; NULL: the name */
    enum view_format format;
    bool skip_empty; /* leave the column out when all its cells are empty */
};

/*
 * Draws the table: those columns of `rows` that `spec` names, in its order;
 * all columns by VIEW_GUESS when n_spec is 0.  When the table is too wide, the
 * widest text column gives way first (down to 8), then the headers of
 * numbers, then columns from the right, and a last line names those.
 */
void view_table(struct view *view, const struct rows *rows,
                const struct view_column *spec, size_t n_spec);

/*
 * Draws a confusion matrix as `confuse --matrix` writes it: the first column
 * names the true class, then one column a predicted class; counts, or
 * fractions after normalising (shown in percent; recognised by this: no cell
 * is above 1, and not all are whole numbers).  A class is found in rows and
 * columns by its name.  Zeros are dots, empty cells are blanks.
 *
 * Classes stand in an order that puts confusions near the diagonal
 * (stats/seriation.h), in rows and columns alike; a line says so where that is
 * not the order of the rows.
 *
 * With colour cells are shaded, blues on the diagonal and reds off it, each by
 * the square root of the cell's share of the largest of its kind; without,
 * the diagonal stands in brackets.  Class names too long for their column are
 * cut, or replaced by the row's number where cutting would make two of them
 * the same, with a legend below.
 *
 * Where that is too wide, columns get numbers for names and only one blank
 * between cells, and a cell of the diagonal with more digits than those off it
 * is a stroke; where that is too wide as well, shades (of four, without colour)
 * of one or two columns stand for numbers, and a line names the largest.  When
 * not even these fit, those with the most off-diagonal mass (row + column) are
 * shown, and a line says how many are left out and how much of the
 * off-diagonal mass is seen.
 */
void view_matrix(struct view *view, const struct rows *rows);

/* The same of a matrix that is known to hold fractions. */
void view_matrix_shares(struct view *view, const struct rows *rows);

/*
 * One line: caption, a curve of at most `width` characters (0: as wide as
 * fits), then "FIRST to LAST, lowest MIN".  Scaled from the smallest finite
 * value to the largest; where there are more values than characters each
 * shows the mean of its share.  NaN is a gap, infinities lie on the edge.
 */
void view_sparkline(struct view *view, const double *values, size_t n,
                    int width, const char *caption);

#endif
