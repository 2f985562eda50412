/*
 * schema_scan: the pass over all records that finds what columns hold.
 */
#ifndef TABLE_SCHEMA_SCAN_H
#define TABLE_SCHEMA_SCAN_H

#include "table/column_scan.h"
#include "table/schema.h"

/*
 * Adds the cells of the fitting rows to scans ([schema->n], all zero), column
 * by column, and counts the rows in schema->fit_rows.  Columns are shared by
 * all threads; each is read by one, in the order of the records.
 */
int schema_scan(struct schema *schema, struct csv_reader *reader,
                const struct schema_request *request, struct column_scan *scans,
                struct err *err);

#endif
