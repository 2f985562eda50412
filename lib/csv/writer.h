/*
 * writer: CSV records to an output.
 *
 * Cells are added one after the other, then the record is ended.  A cell is
 * quoted only where RFC 4180 needs it; a record of one empty cell is written
 * as "" so that no reader takes it for a blank line.  Numbers are written in
 * the shortest form that reads back to the same value.
 */
#ifndef CSV_WRITER_H
#define CSV_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "csv/output.h"
#include "csv/reader.h"

/*
 * Invariant: `record` holds the cells since the last end, with `cells` the
 * number of them.  The visible fields are set by csv_writer_init, and by the
 * caller before the first record where it wants more.
 */
struct csv_writer {
    struct output *out; /* not owned; NULL: only history is kept */
    bool unbuffered;    /* every record leaves at once */
    bool keep;          /* gather all that is written for --append */
    const char *stamp_names, *stamp_values; /* ",a,b" and ",1,2", or NULL */
    struct buf record;
    size_t cells, records;
    struct buf history; /* all records, when kept */
    size_t header_len;  /* bytes of its first record */
};

void csv_writer_init(struct csv_writer *writer, struct output *out);
void csv_writer_release(struct csv_writer *writer);

void csv_writer_cell(struct csv_writer *writer, const char *text, size_t len);
void csv_writer_text(struct csv_writer *writer, const char *text);
void csv_writer_raw(struct csv_writer *writer, const char *raw, size_t len);
void csv_writer_number(struct csv_writer *writer, double value);
void csv_writer_float(struct csv_writer *writer, float value);
void csv_writer_count(struct csv_writer *writer, size_t value);

/* A cell that was read, byte for byte as it stood. */
void csv_writer_field(struct csv_writer *writer, const struct csv_field *field);

/* All cells of the reader's current record, in the same way. */
void csv_writer_record(struct csv_writer *writer,
                       const struct csv_reader *from);

/* The name of the reader's column i, as it stood. */
void csv_writer_name(struct csv_writer *writer, const struct csv_reader *from,
                     size_t i);

/* Ends the record; -1 when writing fails. */
int csv_writer_end(struct csv_writer *writer, struct err *err);

/* Appends text to buf as one CSV cell, quoted where needed. */
void csv_quote(struct buf *buf, const char *text, size_t len);

#endif
