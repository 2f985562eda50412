/*
 * unlabelled: rows of another file for the encoder of a table: features alone.
 */
#ifndef TABLE_UNLABELLED_H
#define TABLE_UNLABELLED_H

#include "table/table.h"

/*
 * Fills an empty table with all records of the reader, as `like`, a table that
 * has been read, has its rows: with the same schema, and with the numbers that
 * its dictionaries give to levels, so that an encoder which is bound to `like`
 * encodes either; a level that `like` lacks is LEVEL_UNSEEN.  Images begin at
 * `root` (NULL: here).  Columns of label, split and weight are not looked at:
 * no row has a label, all are of the part "", and weigh 1.
 *
 * Errors: a feature that is no column; a cell that does not fit, with its
 * place.  The table is to be released in any case.
 */
int unlabelled_read(struct table *table, const struct table *like,
                    const char *root, struct csv_reader *reader,
                    struct err *err);

#endif
