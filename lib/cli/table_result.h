/*
 * table_result: a table made of predictions (stream/prediction_table.h), from
 * the files of the command line to the output.  Failures end the process.
 */
#ifndef CLI_TABLE_RESULT_H
#define CLI_TABLE_RESULT_H

#include "cli/result.h"
#include "stream/prediction_table.h"

/* Opens the predictions of args, with a note where they are of several models.
 * columns: the names in somebody else's. */
void table_open(struct prediction_reader *reader, const struct list *columns,
                const struct args *args);

/* After the last row: notes, the table (draw: as result_show has it) and its
 * gates.  Returns the exit status. */
int table_show(const struct prediction_table *table, void *sums,
               const struct prediction_reader *reader, result_draw *draw,
               const struct args *args);

#endif
