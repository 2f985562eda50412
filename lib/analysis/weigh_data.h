/*
 * weigh_data: a table with a weight for each row, by which it stands for
 * another table (assay shift --weights).
 */
#ifndef ANALYSIS_WEIGH_DATA_H
#define ANALYSIS_WEIGH_DATA_H

#include "analysis/domain.h"
#include "csv/list.h"
#include "csv/rows.h"
#include "csv/writer.h"
#include "table/schema.h"

#define WEIGH_COLUMN "sample_weight"

/* Types are found from the reference.  root: of images, or NULL.  on: only
 * rows of these parts, in a table that has a column of that role; empty: all.
 */
struct weigh_options {
    const struct schema_request *schema;
    const char *root;
    const struct list *on;
    uint64_t seed;
};

/* Rows of the reference, and of them row[n] that have a weight. */
struct weigh_data {
    struct domain_weights weights; /* [n] */
    size_t *row, n, rows, current;
};

/*
 * Reads both, which can be read again, and leaves the reference rewound: what
 * is an error is one before a record is written.  The columns of both are
 * matched by name; label, id, split and weight need not be in the current one.
 * Adds to notes, a line each, what the weights are worth.  No row on these
 * parts is an error.
 */
int weigh_data_read(struct weigh_data *data, struct csv_reader *reference,
                    struct csv_reader *current,
                    const struct weigh_options *options, struct buf *notes,
                    struct err *err);

/* The reference's records as they stood, with the column sample_weight, which
 * is empty of rows without a weight. */
int weigh_data_write(const struct weigh_data *data,
                     struct csv_reader *reference, struct csv_writer *writer,
                     struct err *err);

/* name,value: rows, effective, clipped, clip, auroc, p_value, covered: for
 * gates. */
void weigh_data_summary(const struct weigh_data *data, struct rows *rows);

void weigh_data_release(struct weigh_data *data);

#endif
