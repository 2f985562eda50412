/*
 * gate: a condition on the result, for cron and CI.
 *
 *     --gate '[ROW.]NAME[.COLUMN] OP NUMBER'      test.high<=0.05
 *                                                 underfitting < 0.02
 *
 * A gate is parsed with the command line and checked when the result is
 * there.  The tool writes its result in any case and then exits with 3 if a
 * gate is closed; a gate that cannot be computed exits with 1, one that names
 * nothing with 2 (the kinds of error below say which).
 */
#ifndef CLI_GATE_H
#define CLI_GATE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "csv/rows.h"

enum gate_op { GATE_LT, GATE_LE, GATE_GT, GATE_GE, GATE_EQ, GATE_NE };

/*
 * Invariant after gate_parse: `left` is what stands before the operator,
 * without blanks around it, and is not empty; `limit` is finite.  All-zero
 * bytes are a valid gate to release.
 */
struct gate {
    char *text; /* as the user gave it; owned */
    char *left; /* owned */
    enum gate_op op;
    double limit;
};

/*
 * Reads a gate.  OP is one of < <= > >= == != with or without blanks around
 * it; it is the last one in the text, since names of classes may hold
 * anything.  ERR_USAGE on anything else, and then `gate` owns nothing.
 */
int gate_parse(struct gate *gate, const char *text, struct err *err);

void gate_release(struct gate *gate);

/*
 * Checks the gate against a result.  `keys` names the key columns, in order
 * and separated by commas ("split,metric,class"); those that rows lack are
 * ignored.  A row's names are its non-empty key cells and every run of
 * neighbours among them, joined by dots: for test, error, print these are
 * "test", "error", "print", "test.error", "error.print", "test.error.print".
 * The row matches when `left` is one of them (and the cell in `default_column`
 * is meant), or one of them, a dot and the name of a column.  Whole strings are
 * compared, so names may hold dots and blanks.  Where one row can be read in
 * several ways the plain name wins, then the longest name.
 *
 * Every matching row must satisfy the comparison ("inf" is a number here).
 * For each that does not, *closed is incremented and one line, with its
 * newline and fit for a terminal, is appended to `why`:
 *     gate 'test.error<=0.05' is closed: test.error = 0.126
 *
 * Returns 0 whether open or closed.  -1 with ERR_USAGE when no row matches or
 * there is no such column (the message lists some of the names there are), and
 * with ERR_DATA when a matching cell is empty or no number; `closed` and `why`
 * then tell of the rows before it.
 */
int gate_check(const struct gate *gate, const struct rows *rows,
               const char *keys, const char *default_column, size_t *closed,
               struct buf *why, struct err *err);

/*
 * Whether the gate names a row and a column that a result of these rows will
 * have: before the work, where they are known.  Cells do not matter, but for
 * keys.  -1 as gate_check for a name that is none.
 */
int gate_check_names(const struct gate *gate, const struct rows *rows,
                     const char *keys, const char *default_column,
                     struct err *err);

#endif
