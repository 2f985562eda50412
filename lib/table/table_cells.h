/*
 * table_cells: one cell into its place in a table.
 *
 * Cells are NUL-terminated text of len bytes.  Errors have no place yet: the
 * caller adds it.  What is set for a row (table_set_…) may be set in any order
 * and, but for dictionaries and counts of one column, by any thread; what is
 * added (table_add_…) comes row by row.
 */
#ifndef TABLE_TABLE_CELLS_H
#define TABLE_TABLE_CELLS_H

#include "table/table.h"

enum { N_TYPES = TYPE_IMAGE + 1 };

/* Room for so many rows more than t->n. */
void table_reserve(struct table *table, size_t rows);

/* The reader's column with this role, or CSV_NONE. */
size_t table_source(const struct table *table, enum column_role role);

/* n small numbers (base/small.h) less their columns' shifts. */
void table_set_smalls(const uint16_t *value, const double *shift, size_t n,
                      float *to);

/* Schema column i, the number, category or text `place` of its type. */
int table_set_number(struct table *table, size_t row, size_t i, size_t place,
                     const char *text, size_t len, struct err *err);
void table_set_level(struct table *table, size_t row, size_t i, size_t place,
                     const char *text, size_t len);
void table_add_text(struct table *table, size_t place, const char *text,
                    size_t len);
int table_add_sequence(struct table *table, size_t i, const char *text,
                       size_t len, struct err *err);

/* A path; its place is known here, since it is looked at later. */
int table_add_image(struct table *table, size_t i, const char *text, size_t len,
                    const char *file, long line, int field, struct err *err);

/* The text is NULL where there is no such column. */
void table_set_label(struct table *table, size_t row, const char *text,
                     size_t len);
void table_set_part(struct table *table, size_t row, const char *text,
                    size_t len);
int table_set_weight(struct table *table, size_t row, const char *text,
                     size_t len, struct err *err);

#endif
