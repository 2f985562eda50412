/*
 * reader: CSV records (RFC 4180) from one or more files.
 *
 * Strict: a quote inside an unquoted field, text after a closing quote, an
 * unterminated quote, a bare carriage return, a NUL byte, a byte that is not
 * UTF-8, a record with another number of fields than the header, and a column
 * name that occurs twice are errors that name file and line.  Accepted: LF or
 * CRLF, a byte order mark, gzip.  A blank line is an empty cell where the
 * header has one column, and is ignored elsewhere.  A file without a header
 * row, and files without a single record, are errors, each with a message of
 * its own.
 *
 * Several files are one table: columns are matched by name to those of the
 * first file; a file with other columns is an error.
 *
 * Long rows: with options.sequence, records that follow each other and have the
 * same cell in that column are one record (csv/sequencer.h): its columns are
 * those of the file without the step columns, and a last one, `sequence`, with
 * the values of the step columns: those of a step parted by blanks, steps by
 * semicolons.  Other cells must be the same in all records of a sequence.  All
 * calls below speak of these records and columns; a record's line is that of
 * its first one in the file.
 *
 * A stream that ends in an unterminated `"assay TOOL failed: MESSAGE` is the
 * word of the tool upstream that it failed: ERR_UPSTREAM, with that message.
 */
#ifndef CSV_READER_H
#define CSV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "csv/list.h"

#define CSV_NONE SIZE_MAX

struct csv_options {
    char delimiter;       /* 0: a comma */
    const char *encoding; /* iconv name; NULL: UTF-8 */
    bool reread;          /* csv_reader_rewind will be called */
    bool skip_bad;        /* leave out ragged and non-UTF-8 records, count */

    size_t block_size; /* bytes that are read before they are cut into
                          records; 0: as many as is best */
    bool libcsv;       /* leave to libcsv what could be cut directly, too */

    /*
     * Long rows.  The step columns are `step_columns`, in that order, or where
     * it is empty all that are not `sequence`, nor `label`, `id` or `split`,
     * nor among row_columns or other_columns, nor step_time.  A column among
     * other_columns, `id` unless it is among row_columns, or with others_differ
     * any that was not named, may differ within a sequence; the first record's
     * cell stands, as it does for step_time, whose cells must rise.  NULL:
     * none.  The lists are looked at by csv_reader_open only.
     */
    const char *sequence; /* the column that names the sequence */
    const struct list *step_columns, *row_columns, *other_columns;
    const char *step_time;
    bool others_differ;
};

/*
 * One cell.  `text` is the value, without quotes, NUL-terminated.  `raw` is
 * the cell as it stood in the file, quotes and all, or NULL where it cannot
 * stand in a comma-separated record (another delimiter).  All pointers are
 * valid until the next call on the reader.
 */
struct csv_field {
    const char *text;
    size_t len;
    const char *raw;
    size_t raw_len;
};

struct csv_reader;

/*
 * Opens the paths ("-" is standard input; none at all: standard input) and
 * reads the first header.
 */
struct csv_reader *csv_reader_open(char *const *paths, size_t n_paths,
                                   const struct csv_options *options,
                                   struct err *err);

void csv_reader_close(struct csv_reader *reader); /* NULL is fine */

size_t csv_reader_width(const struct csv_reader *reader);

/* Name of column i < width; valid as long as the reader. */
const char *csv_reader_name(const struct csv_reader *reader, size_t i);

/* The header's cell i as it stood in the (first) file, as csv_field.raw. */
const char *csv_reader_raw_name(const struct csv_reader *reader, size_t i,
                                size_t *len);

/* Index of the column called `name`, or CSV_NONE. */
size_t csv_reader_find(const struct csv_reader *reader, const char *name);

/* "perhaps --delimiter ';'" where the header looks like that, else NULL. */
const char *csv_reader_delimiter_hint(const struct csv_reader *reader);

/* As csv_reader_find, but an absent column is an error that lists some. */
int csv_reader_require(const struct csv_reader *reader, const char *name,
                       size_t *column, struct err *err);

/* The next record: 1, or 0 at the end, or -1. */
int csv_reader_next(struct csv_reader *reader, struct err *err);

/* Its cells, [width], in the order of the first header. */
const struct csv_field *csv_reader_fields(const struct csv_reader *reader);

/* Cell i < width of them: cheaper, where only a few are looked at. */
struct csv_field csv_reader_cell(const struct csv_reader *reader, size_t i);

/*
 * All of the record as it stood in the file, *len bytes without the newline:
 * the cells of csv_reader_fields with commas between them.  NULL where it is
 * not: with another delimiter, columns in another order than in the first file,
 * or long rows.
 */
const char *csv_reader_raw(const struct csv_reader *reader, size_t *len);

/* The column that names the sequence, or CSV_NONE without options.sequence. */
size_t csv_reader_key(const struct csv_reader *reader);

/* The names of a step's values, in order, or NULL without options.sequence. */
const struct list *csv_reader_steps(const struct csv_reader *reader);

/* Records read so far, the current one included: its number from 1. */
size_t csv_reader_records(const struct csv_reader *reader);

/* The current file's name, and the line on which its record starts. */
const char *csv_reader_file(const struct csv_reader *reader);
long csv_reader_line(const struct csv_reader *reader);

/*
 * The number (from 1) of the field in the current file that holds a column, or
 * the first column of a step.
 */
int csv_reader_field(const struct csv_reader *reader, size_t column);

/* Records of the file left out by skip_bad so far. */
size_t csv_reader_skipped(const struct csv_reader *reader);

/* Starts over at the first record (options.reread). */
int csv_reader_rewind(struct csv_reader *reader, struct err *err);

/* Adds file, line and column of cell `column` to err.  Returns -1. */
int csv_reader_blame(const struct csv_reader *reader, size_t column,
                     struct err *err);

/* ---- many records at once ---- */

/*
 * Records of a file that stand one behind the other.  With `entry` = start +
 * r * stride + field[column], the cell of record r < n is the NUL-terminated
 * text + entry[0] of entry[1] - entry[0] - 1 bytes; up to 64 bytes behind it
 * may be read.  The record begins on line first_line + line[r].
 */
struct csv_rows {
    size_t n;
    const char *text;
    const uint32_t *start, *line;
    long first_line;
};

/* Blocks of records, n in all, of the file csv_reader_file. */
struct csv_bulk {
    const struct csv_rows *blocks; /* [n_blocks], some perhaps empty */
    size_t n_blocks, n;
    size_t stride;
    const size_t *field; /* [width] */
};

/*
 * The next records: 1, or 0 at the end, or -1.  Valid until the next call on
 * the reader.  For a reader without options.sequence, from its first record on
 * and not mixed with csv_reader_next; what counts records counts all of them.
 */
int csv_reader_bulk(struct csv_reader *reader, struct csv_bulk *bulk,
                    struct err *err);

/*
 * Calls work(context, i) for all i < n, on all threads and in any order, while
 * one of them reads on.
 */
void csv_reader_share(struct csv_reader *reader, size_t n,
                      void (*work)(void *context, size_t i), void *context);

/*
 * What the first of two passes found may save the second: it is attached to the
 * reader, which owns it and calls `release` for it in the end; NULL takes it
 * off again.  csv_reader_forget: the text need not be kept for the second;
 * csv_reader_pass, after csv_reader_rewind: it counts as read.
 */
void csv_reader_attach(struct csv_reader *reader, void *what,
                       void (*release)(void *what));
void *csv_reader_attached(const struct csv_reader *reader); /* or NULL */
void csv_reader_forget(struct csv_reader *reader);
void csv_reader_pass(struct csv_reader *reader);

static inline const char *csv_bulk_cell(const struct csv_bulk *bulk,
                                        const struct csv_rows *rows,
                                        size_t record, size_t column,
                                        size_t *len)
{
    const uint32_t *entry = rows->start + record * bulk->stride +
                            bulk->field[column];

    *len = entry[1] - entry[0] - 1;
    return rows->text + entry[0];
}

#endif
