/*
 * split_rows: what a record is to a splitter.
 *
 * Shared by the passes (table/splitter.c); nobody else needs it.
 */
#ifndef TABLE_SPLIT_ROWS_H
#define TABLE_SPLIT_ROWS_H

#include "table/splitter.h"

/*
 * The label after recoding and its length, "" without --label; a string of the
 * splitter or the record.  *recoded: it is another than the cell.
 */
const char *split_label(const struct splitter *splitter,
                        const struct csv_field *record, size_t *len,
                        bool *recoded);

/* The label's number. */
size_t split_stratum(struct splitter *splitter, const struct csv_field *record);

/* Whether the mode gives this row a part. */
bool split_is_assigned(const struct splitter *splitter,
                       const struct csv_field *record);

/* Whether rows stay together: by group or near-duplicates. */
bool split_is_grouped(const struct splitter *splitter);

/* The parts of the reader's record. */
struct split_side *split_side_of(struct splitter *splitter,
                                 const struct csv_reader *data);

/* Whether the reader's record stays at all (subset_keeps). */
bool split_keeps(struct splitter *splitter, const struct csv_reader *data);

/*
 * The part of the reader's record, which stays; each such record once, in
 * order.  -1 (ERR_DATA) for one that was not there when rows were counted.
 */
int split_place(struct splitter *splitter, const struct csv_reader *data,
                const char **part, struct err *err);

#endif
