/*
 * result: where a tool's stream or table goes.
 *
 * One place for -o, --append, --stamp, --bom, --gate, --view and --csv, so
 * that they mean the same in every tool.  What is written appears at the end,
 * all of it, when nothing can fail any more that the tool has to do: a stream
 * does not end well, and no -o is in place, where --timings cannot be written.
 */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include "cli/args.h"
#include "cli/view.h"
#include "csv/rows.h"
#include "csv/writer.h"

/*
 * Opens the output (-o, else standard output) for records, with the stamps
 * and the history that args ask for.  Ends the process on failure, as all
 * calls here do.
 */
void result_open(struct csv_writer *writer, const struct args *args);

/* Ends the writer's record. */
void result_end(struct csv_writer *writer);

/*
 * Nothing more is to be written: result_finish will put the output in place
 * and append to the history.  The writer is released.
 */
void result_close(struct csv_writer *writer, const struct args *args);

/* Another output, written and whole, that is to be put in place with them. */
void result_hold(struct output *output);

/* Draws a table for people. */
typedef void result_draw(struct view *view, const struct rows *rows);

/*
 * Writes a whole result table: drawn on a terminal (or with --view), as CSV
 * elsewhere.  `draw` may be NULL: a plain aligned table.
 */
void result_show(const struct rows *rows, result_draw *draw,
                 const struct args *args);

/* Whether result_show draws. */
bool result_is_drawn(const struct args *args);

/*
 * Before the work: ends the process where a --gate names what a result with
 * these rows will not have (gate_check_names).
 */
void result_check_gates(const struct rows *rows, const char *keys,
                        const char *default_column, const struct args *args);

/*
 * Checks every --gate against rows (keys and default_column as gate_check
 * has them), writes --timings, appends to the histories and puts all outputs in
 * place, standard output last.  Returns the exit status: 0, or EXIT_GATE after
 * one line for each closed gate.
 */
int result_finish(const struct rows *rows, const char *keys,
                  const char *default_column, const struct args *args);

#endif
