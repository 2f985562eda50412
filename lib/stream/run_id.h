/*
 * run_id: which of several training runs a row of a stream belongs to: the
 * columns `fold`, `replica` and `train_size`, each where there is one.
 */
#ifndef STREAM_RUN_ID_H
#define STREAM_RUN_ID_H

#include <stdbool.h>
#include <stddef.h>

#include "csv/rows.h"
#include "csv/writer.h"

/* The columns that a stream has, in this order. */
struct run_columns {
    bool fold, replica, train_size;
};

/* fold and replica count from 1; train_size is in rows. */
struct run_id {
    size_t fold, replica, train_size;
};

void run_columns_add(struct rows *rows, const struct run_columns *columns);
void run_id_add(struct rows *rows, const struct run_columns *columns,
                const struct run_id *id);

void run_columns_write(struct csv_writer *writer,
                       const struct run_columns *columns);
void run_id_write(struct csv_writer *writer, const struct run_columns *columns,
                  const struct run_id *id);

#endif
