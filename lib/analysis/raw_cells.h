/*
 * raw_cells: what checks of parts need of the cells that a table does not keep:
 * the group and the time of a row, and its text.
 *
 * One more pass over the data, and none where there is neither.
 */
#ifndef ANALYSIS_RAW_CELLS_H
#define ANALYSIS_RAW_CELLS_H

#include <stdint.h>

#include "csv/reader.h"
#include "table/near_duplicates.h"
#include "table/table.h"

enum { RAW_TEXTS = 100000 }; /* rows whose texts are kept */

/* Arrays have a row each of the table, or are NULL. */
struct raw_cells {
    uint64_t *group; /* hash of the cell, 0 where it is empty */
    uint64_t *time;  /* rising with time (table/time_order.h), 0: empty */
    uint32_t *text;  /* into near.texts; NEAR_NONE: none, or not looked at */
    struct near_duplicates near; /* of all columns of text, thinned evenly to
                                    about RAW_TEXTS rows */
    size_t n_texts;              /* rows with one */
    struct list text_columns;
};

/*
 * Of the reader that the table was read from (csv_options.reread), whose rows
 * it has.  A time that is neither a number nor a date is an error.
 */
int raw_cells_read(struct raw_cells *raw, const struct table *table,
                   struct csv_reader *data, struct err *err);
void raw_cells_release(struct raw_cells *raw); /* {0} is empty */

#endif
