/*
 * prediction_table: a table made of predictions, fed row by row.
 *
 * What a tool has to know of one of its tables: how rows are added up, and
 * what is written in the end.  A tool may keep several sums of one table, one
 * for each set of rows.
 *
 *     void *sums = table->begin(&options, reader, &err);
 *     do
 *         while (prediction_reader_next(reader, &err) == 1)
 *             table->add(sums, reader, &err);
 *     while (table->again && table->again(sums) &&
 *            prediction_reader_rewind(reader, &err) == 0);
 *     table->rows(sums, reader, &rows, &notes, &err);
 *     table->end(sums);
 */
#ifndef STREAM_PREDICTION_TABLE_H
#define STREAM_PREDICTION_TABLE_H

#include "csv/rows.h"
#include "stream/prediction.h"

struct prediction_table {
    /* Of its rows, for gates: the key columns and the one that is meant. */
    const char *keys, *value;

    /* Empty sums; NULL where the columns do not allow the table, or the options
     * (a struct of the table's own, NULL where it has none) do not fit them. */
    void *(*begin)(const void *options, const struct prediction_reader *from,
                   struct err *err);

    /* Adds the reader's current row, one that has a label (a table that
     * counts the others too says so). */
    int (*add)(void *sums, const struct prediction_reader *from,
               struct err *err);

    /* After a pass: whether the same rows are to be added once more.  NULL for
     * tables of one pass; else the reader has to be one that can be rewound. */
    bool (*again)(void *sums);

    /* The result; what a person should be told besides goes to notes, a line
     * each.  After at least one row. */
    int (*rows)(void *sums, const struct prediction_reader *from,
                struct rows *rows, struct buf *notes, struct err *err);

    /* The rows for gates, where they are others; NULL where they are not. */
    void (*gate_rows)(void *sums, const struct prediction_reader *from,
                      struct rows *rows);

    void (*end)(void *sums); /* NULL is fine */
};

#endif
