/*
 * profile_row: a row of a profile's sample as one CSV record in a cell.
 *
 * label, pred, wrong ("" for NaN), p (numbers parted by blanks; "" without),
 * then the cells: "" in quotes for one that was not kept, nothing for an empty
 * one.
 */
#ifndef STREAM_PROFILE_ROW_H
#define STREAM_PROFILE_ROW_H

#include "stream/profile.h"

void profile_row_record(struct buf *record, const struct profile_row *row,
                        size_t columns, size_t classes);

/*
 * Fills all but key and id of a row, which is to be released in any case; -1:
 * ERR_DATA with what is wrong, without a place.
 */
int profile_row_parse(struct profile_row *row, const char *record, size_t len,
                      size_t columns, size_t classes, struct err *err);

#endif
