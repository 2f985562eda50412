/*
 * row_units: what a row of predictions counts for, and with which others it is
 * one unit, for intervals.
 */
#ifndef STREAM_ROW_UNITS_H
#define STREAM_ROW_UNITS_H

#include "stream/prediction.h"

/*
 * Columns of weights and groups, CSV_NONE: none.  Where rows are of several
 * models (columns replica or train_size) and no group is named, those of one id
 * are a group: by_id.  unmatched: rows are of several models, but have no id.
 */
struct row_units {
    size_t weight, group;
    bool grouped, by_id, unmatched;
    size_t alone; /* rows so far that are a group of their own */
};

/* One row: its weight, and a hash of its group. */
struct row_unit {
    double weight;
    uint64_t group;
};

/* NULL names: none.  A column that is not there is an error. */
int row_units_open(struct row_units *units, const char *weight,
                   const char *group, const struct prediction_reader *from,
                   struct err *err);

/*
 * The reader's current row.  Without a cell in the column of groups it is a
 * group of its own.  A weight that is no number from 0 to 1e100 is an
 * error; below 1e-100 it is 0.
 */
int row_units_read(struct row_units *units,
                   const struct prediction_reader *from, struct row_unit *unit,
                   struct err *err);

/* A hash of the row's id; the reader has a column id. */
uint64_t row_id_hash(const struct prediction_reader *from);

#endif
