/*
 * record: the bytes of one file, cut into records and fields by libcsv.
 *
 * libcsv is fed one physical line at a time and says whether a record ends
 * with it; so it stays the grammar, while the line numbers, the raw bytes of
 * every field and the place of an error are exact.
 */
#ifndef CSV_RECORD_H
#define CSV_RECORD_H

#include <csv.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "csv/input.h"

/*
 * One field, as offsets: its value (NUL-terminated) in record_parser.text, and
 * its raw bytes, quotes and all, from the record's first byte.
 */
struct span {
    size_t text, len;
    size_t raw, raw_len;
};

/*
 * Invariant: data[record .. scan) is the current record, data[scan .. end) not
 * yet looked at.  Offsets are good until the next record is parsed.
 */
struct record_parser {
    struct input *input; /* not owned */
    char delimiter;
    bool skip_bad; /* a line that is not UTF-8 makes a bad record, no error */
    struct csv_parser csv;

    char *data;
    size_t capacity, record, scan, end;
    bool ended;

    struct buf text;
    struct span *spans; /* [n_spans] the fields; none: a blank line */
    size_t n_spans, spans_capacity;
    size_t cursor; /* where the next field starts, from `record` */
    int row_ends;  /* records that ended in the last line, by libcsv */
    int last_end;  /* and the character that ended the last of them */

    long line;      /* on which the record starts */
    long next_line; /* of the byte at scan */
};

/* All-zero bytes are a valid start; the same parser can start again. */
void record_start(struct record_parser *parser, struct input *input);
void record_release(struct record_parser *parser);

/* Steps over a byte order mark at the start of the file. */
int record_skip_mark(struct record_parser *parser, struct err *err);

/*
 * Parses the next record: 1, or 0 at the end of the file, or -1.  *bad is set
 * where a line is not UTF-8 and skip_bad is on.
 */
int record_next(struct record_parser *parser, bool *bad, struct err *err);

/* Makes one more, empty field of a blank line. */
void record_add_empty(struct record_parser *parser);

#endif
