/*
 * rows: a small result table in memory, on its way to CSV or to a terminal.
 *
 * Built like a record of csv/writer.h, cell by cell.  Every row must end with
 * as many cells as there are columns.
 */
#ifndef CSV_ROWS_H
#define CSV_ROWS_H

#include <stddef.h>

#include "csv/writer.h"

/* Invariant: cells[row * n_columns + column], NUL-terminated, owned. */
struct rows {
    char **columns;
    size_t n_columns;
    char **cells;
    size_t n_cells, capacity;
};

/* `columns` is a list of names separated by commas: "kind,name,value". */
void rows_init(struct rows *rows, const char *columns);
void rows_release(struct rows *rows);

/* One more column, before the first row is added. */
void rows_add_column(struct rows *rows, const char *name);

void rows_text(struct rows *rows, const char *text);
void rows_number(struct rows *rows, double value); /* NaN: an empty cell */
void rows_float(struct rows *rows, float value);   /* the same */
void rows_count(struct rows *rows, size_t value);

size_t rows_n(const struct rows *rows);
const char *rows_cell(const struct rows *rows, size_t row, size_t column);

/* The column's index, or CSV_NONE. */
size_t rows_find(const struct rows *rows, const char *column);

/* The cell in a column of that name, "" where there is none; as a number, NaN
 * where it is none. */
const char *rows_named(const struct rows *rows, size_t row, const char *column);
double rows_value(const struct rows *rows, size_t row, const char *column);

/* Header and all rows. */
int rows_write(const struct rows *rows, struct csv_writer *writer,
               struct err *err);

#endif
