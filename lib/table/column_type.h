/*
 * column_type: the type of a column, from what its cells are, and whether it is
 * used (schema.h has the rules).
 */
#ifndef TABLE_COLUMN_TYPE_H
#define TABLE_COLUMN_TYPE_H

#include "table/column_scan.h"
#include "table/schema.h"

/*
 * Describes columns[i], column i of the reader, by its scan, from which it
 * takes the example; finds the type of a feature, and makes one that is empty
 * or an identifier unused, with a note.
 */
int column_settle(struct column *columns, size_t i, struct column_scan *scan,
                  const struct csv_reader *reader,
                  const struct schema_request *request, struct buf *notes,
                  struct err *err);

/* Makes a column unused for this reason. */
void column_not_used(struct column *column, const char *reason);

#endif
