/*
 * collapse_rows: what the error would be if labels were fewer.
 *
 *     step,class,into,error_before,error_after,low,high,bits_lost
 *
 * The plan of stats/collapse.h, a row a merge; the interval is Wilson's, of
 * error_after.  Its columns step, class and into are what table/recoding.h
 * reads.
 */
#ifndef STREAM_COLLAPSE_ROWS_H
#define STREAM_COLLAPSE_ROWS_H

#include "stats/collapse.h"
#include "stream/prediction_table.h"

/* Its options are an enum collapse_by.  Sums grow with the classes only. */
extern const struct prediction_table collapse_table;

#endif
