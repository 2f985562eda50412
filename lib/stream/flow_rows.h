/*
 * flow_rows: what moved between two predictions of the same rows.
 *
 *     label,pred_a,pred_b,count,ids
 *
 * Rows whose prediction changed, the most frequent first; ids are the first
 * few, in the order of the first file, separated by blanks.
 */
#ifndef STREAM_FLOW_ROWS_H
#define STREAM_FLOW_ROWS_H

#include "csv/rows.h"
#include "stream/joined.h"

/* For gates: the key columns, and the one that is meant. */
#define FLOW_KEYS "name,label,pred_a,pred_b"
#define FLOW_VALUE "count"

/*
 * Of the first two models of `joined`, which has ids.  Notes say how many rows
 * changed, and how: repaired, broken, or from one wrong class to another.
 */
void flow_rows(const struct joined *joined, struct rows *rows,
               struct buf *notes);

/*
 * Columns FLOW_KEYS and count: the totals `changed`, `repaired`, `broken` and
 * `still_wrong` by their name, the rows of `flow`, and as long as there are not
 * more than 46 classes those that are not among them, with a count of 0.
 */
void flow_gate_rows(const struct joined *joined, const struct rows *flow,
                    struct rows *rows);

/* "repaired", "broken" or "still wrong". */
const char *flow_change(const char *label, const char *pred_a,
                        const char *pred_b);

#endif
