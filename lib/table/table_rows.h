/*
 * table_rows: many records of a reader to rows of a table, by all threads.
 *
 * The work on a csv_bulk falls into pieces: blocks of rows, for what stands in
 * a row's own place, and columns that are read from the first row to the last,
 * since they have a dictionary or a list.
 */
#ifndef TABLE_TABLE_ROWS_H
#define TABLE_TABLE_ROWS_H

#include "table/table.h"

struct table_rows;

/*
 * For an initialised table without bad_as_missing.  Without `with_numbers`
 * columns of numbers are only counted into the fingerprint.
 */
struct table_rows *table_rows_new(struct table *table,
                                  const struct csv_reader *reader,
                                  bool with_numbers);
void table_rows_free(struct table_rows *rows); /* NULL is fine */

/* Begins with the next records: the number of pieces. */
size_t table_rows_begin(struct table_rows *rows, const struct csv_bulk *bulk);

/* Does one of them; all have to be done, in any order. */
void table_rows_piece(struct table_rows *rows, size_t piece);

/* Adds the rows, or fails with the error that comes first in the file. */
int table_rows_end(struct table_rows *rows, struct err *err);

#endif
