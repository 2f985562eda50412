/*
 * reader_state: what is in a csv_reader, for the files that make it up.
 */
#ifndef CSV_READER_STATE_H
#define CSV_READER_STATE_H

#include "csv/columns.h"
#include "csv/reader.h"
#include "csv/sequencer.h"
#include "csv/stock.h"

/* Which record the fields show; apart, since they are filled when asked for. */
struct shown {
    const struct block *block;
    size_t record;
};

struct csv_reader {
    struct csv_options options;
    struct input **inputs;
    size_t n_inputs, current;
    struct stock stock;    /* of the current file */
    size_t block;          /* the current one of the stock … */
    size_t record;         /* … and the current record of it */
    struct csv_rows *rows; /* [stock.n] for csv_reader_bulk */
    size_t rows_capacity;
    bool bulk_failed; /* the last block of the stock has an error */
    void *attached;   /* or NULL */
    void (*release)(void *attached);

    struct csv_field *fields; /* [width], in the order of the first header */
    struct shown *shown;
    struct columns columns;
    size_t records, skipped;
    size_t last_records, last_skipped; /* of the pass before */

    /* Long rows: `fields` are one step. */
    struct sequencer *sequencer; /* or NULL */
    size_t sequences;
    bool waiting;        /* fields begin the next record */
    size_t first_file;   /* of the current record … */
    long first_line;     /* … its first line … */
    size_t *first_place; /* … and how columns stood there */
};

/*
 * The next blocks, of this file or a later one, `bulk` as in stock_next: 1, or
 * 0 at the end, or -1.
 */
int reader_next_blocks(struct csv_reader *reader, bool bulk, struct err *err);

#endif
