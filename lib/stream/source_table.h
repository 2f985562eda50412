/*
 * source_table: where the error comes from, counted from predictions.
 */
#ifndef STREAM_SOURCE_TABLE_H
#define STREAM_SOURCE_TABLE_H

#include "stats/gaps.h"
#include "stream/prediction_table.h"

struct source_options {
    double goal;
    bool has_goal; /* else goal is 0, and marked as assumed */
};

/* The rows of stream/source.h; options: struct source_options. */
extern const struct prediction_table source_table;

/* The same rows from the errors of the splits, without predictions. */
int source_table_rows(struct rows *rows, const struct source_options *options,
                      const struct split_errors part[SPLIT_COUNT],
                      struct err *err);

#endif
