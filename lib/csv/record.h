/*
 * record: bytes in memory, cut into records and fields by libcsv.
 *
 * libcsv is fed one physical line at a time and says whether a record ends
 * with it; so it stays the grammar, while the line numbers, the raw bytes of
 * every field and the place of an error are exact.
 */
#ifndef CSV_RECORD_H
#define CSV_RECORD_H

#include <csv.h>
#include <stdbool.h>

#include "base/err.h"
#include "csv/cell_list.h"

/* What the bytes of a file have in common. */
struct record_form {
    const char *name; /* of the file */
    char delimiter;
    bool skip_bad; /* a line that is not UTF-8 makes a bad record, no error */
};

/*
 * Invariant: data[record .. scan) is the current record, data[scan .. end) not
 * yet looked at.
 */
struct record_parser {
    const struct record_form *form; /* not owned */
    const char *data; /* [end] and 16 more, whatever they are, not owned */
    size_t record, scan, end;
    bool last;     /* no bytes follow: a newline at the end may be missing */
    bool too_long; /* and the bytes are the beginning of one long record */
    bool clean;    /* they are known to be text */
    struct csv_parser csv;

    struct cells *cells; /* not owned; records are added to it */
    size_t n_fields;     /* of the current record; none: a blank line */
    size_t cursor;       /* where the next field starts, from `record` */
    int row_ends;        /* records that ended in the last line, by libcsv */
    int last_end;        /* and the character that ended the last of them */

    /* Lines are counted from 0, the one of data[0]. */
    long line;      /* on which the record starts */
    long next_line; /* of the byte at scan */
};

/* libcsv with the grammar of this folder. */
void record_grammar(struct csv_parser *csv, char delimiter);

/*
 * Starts with data[at .. end), which begin with a record.  The visible flags
 * are false, and to be set then.
 */
void record_start(struct record_parser *parser, const struct record_form *form,
                  struct cells *cells, const char *data, size_t at, size_t end);
void record_release(struct record_parser *parser);

/*
 * Adds the next record to the cells: 1, or 0 at the end, or -1 (an error whose
 * line counts from 0; -1 where it has none).  *bad is set where a line is not
 * UTF-8 and skip_bad is on.
 */
int record_next(struct record_parser *parser, bool *bad, struct err *err);

/* Takes the current record out of the cells. */
void record_drop(struct record_parser *parser);

/* Makes one more, empty field of a blank line. */
void record_add_empty(struct record_parser *parser);

/* Longer records are errors: a quote was probably forgotten. */
#define RECORD_LIMIT (1 << 28)

#endif
