/*
 * line_view: the pieces of which lines for a terminal are made.
 *
 * All append to a buffer and count in terminal columns.  Text that comes from
 * data goes through line_clean first; the other functions take clean text.
 */
#ifndef CLI_LINE_VIEW_H
#define CLI_LINE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "cli/view.h"

/* The width to draw in: view.columns, at least 20. */
size_t line_columns(const struct view *view);

/*
 * Appends text with everything made harmless that a terminal might obey:
 * newlines, tabs and Unicode's line separators become blanks; other control
 * characters (C0, DEL, and C1, among them the one-character CSI U+009B),
 * invalid bytes, and bidirectional overrides and isolates (with which
 * text can be shown in another order than it has) become '?'.  Without utf8
 * so does every character that is not ASCII.
 */
void line_clean(struct buf *out, const char *text, bool utf8);

/* line_clean into a new string, to be freed by the caller. */
char *line_clean_copy(const char *text, bool utf8);

/* text_width of a whole string. */
size_t line_width(const char *text);

/*
 * Appends clean text in at most `width` columns, with an ellipsis ("…", or
 * "..." in ASCII) in place of what does not fit.  Returns the columns taken.
 */
size_t line_cut(struct buf *out, const char *text, size_t width, bool utf8);

/* As line_cut, then filled up with blanks (on the left if `right`). */
void line_cell(struct buf *out, const char *text, size_t width, bool right,
               bool utf8);

/* Appends n blanks. */
void line_blanks(struct buf *out, size_t n);

/*
 * Appends a bar that fills `share` (clamped to [0, 1]) of `width` columns: in
 * eighths of a block, or whole '#' in ASCII.  A share above 0 shows something.
 * Returns the columns taken.
 */
size_t line_bar(struct buf *out, double share, size_t width, bool utf8);

/*
 * Appends a number for reading: four significant digits, whole numbers below
 * 1e15 with all digits, an exponent only where it is shorter; never "-0".
 */
void line_number(struct buf *out, double value);

/* Appends fraction x 100 with one decimal, never "-0.0"; "inf" as it is. */
void line_percent(struct buf *out, double fraction);

/* Switches on bold, and everything off, if the view has colour. */
void line_bold(struct buf *out, const struct view *view);
void line_plain(struct buf *out, const struct view *view);

/*
 * Writes the line to view.out without trailing blanks, with a newline, and
 * clears the buffer.
 */
void line_end(struct buf *line, const struct view *view);

/*
 * Writes clean text in lines of at most `width` columns, broken at blanks (or
 * inside a word that is longer than a line).  The first line continues what
 * is in `line`; later ones are indented by `indent` columns.  Ends the line.
 */
void line_wrap(struct buf *line, const char *text, size_t indent, size_t width,
               const struct view *view);

#endif
