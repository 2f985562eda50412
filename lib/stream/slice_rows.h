/*
 * slice_rows: in which parts of the rows the error is high.
 *
 *     slice,value,n,error,low,high,share,excess,p_value,p_adjusted
 *
 * The slices of the columns asked for and of all their pairs, weakest first
 * (stream/slice_columns.h says what they are called, stats/slices.h what they
 * are).
 */
#ifndef STREAM_SLICE_ROWS_H
#define STREAM_SLICE_ROWS_H

#include "csv/list.h"
#include "stream/prediction_table.h"

struct slice_options {
    struct list columns; /* "auto" alone: all kept columns but ids */
    size_t least;        /* rows of a slice */
};

/*
 * Two passes, so the reader has to be one that can be rewound.  Takes 8 bytes a
 * row and column of numbers for the first, then 2 a row and column and 1 a row,
 * and about 100 bytes a different value (at most 65,536 a column) or word.
 * For gates there is one more row, `weakest`, which is the first one.
 */
extern const struct prediction_table slice_table;

/* Whether that column of predictions is one of the data. */
bool slice_is_kept(const struct prediction_reader *reader, size_t at);

#endif
