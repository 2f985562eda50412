/*
 * source: where the error comes from, and what to do about it.
 *
 *     kind,name,class,value,low,high,n,note
 *
 * kind `error`: goal and the error of every split; `gap`: the sources
 * (stats/gaps.h), the note saying which is the largest beyond noise; `next`:
 * value is the rank, note "advice: command", for that largest gap.
 */
#ifndef STREAM_SOURCE_H
#define STREAM_SOURCE_H

#include "csv/reader.h"
#include "csv/rows.h"
#include "stats/gaps.h"

/*
 * The errors of the splits, from a table `split,error[,n]`; a split that is
 * not among those of gaps.h is an error.
 */
int source_read_errors(struct csv_reader *table,
                       struct split_errors part[SPLIT_COUNT], struct err *err);

/* The split of that name, or -1. */
int source_split(const char *name);

/* All rows.  assumed: nobody set the goal. */
void source_rows(struct rows *rows, const struct gaps *gaps, double goal,
                 bool assumed, const struct split_errors part[SPLIT_COUNT]);

#endif
