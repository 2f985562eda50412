/*
 * block: whole records of a file, some hundred thousand bytes, cut into cells.
 *
 * A block is cut by any thread, without knowing what stands before it: lines
 * and records are counted from its beginning.  A block without quotes and with
 * the right number of fields in every line is cut by looking for delimiters and
 * newlines alone; whatever else there is goes through libcsv (csv/record.h),
 * which says what is wrong with it.
 */
#ifndef CSV_BLOCK_H
#define CSV_BLOCK_H

#include <stdbool.h>

#include "base/err.h"
#include "csv/cell_list.h"
#include "csv/record.h"

/* Bytes that may be read (and are no text) behind the last one. */
#define BLOCK_MARGIN 128

struct block {
    char *data; /* [capacity] */
    size_t at;  /* its first record; before it there may be a header */
    size_t len, capacity;
    bool last, too_long; /* as in record_parser */
    bool quotes;         /* there are some */

    struct cells cells; /* record i has the entries from i * (width + 1) */
    bool direct;        /* data holds the raw bytes: cells.start for raw */
    uint32_t *line;     /* [n] on which a record begins */
    size_t lines_capacity;
    size_t n, skipped, newlines; /* of data[at .. len) */
    bool failed;                 /* `fault` stands behind the n-th record */
    struct err fault;            /* its line counts from 0; -1: none */
};

/* Every record of the file must have `width` fields, like its header. */
struct block_form {
    struct record_form record;
    size_t width;
    long header_line;
    bool libcsv; /* nothing but libcsv */
};

struct block *block_new(void);
void block_free(struct block *block); /* NULL is fine */

/* Room for n more bytes, and the margin; returns where they go. */
char *block_reserve(struct block *block, size_t n);

/* Cuts data[at .. len) into records. */
void block_parse(struct block *block, const struct block_form *form);

/* The record's bytes as they stood, without the newline. */
const char *block_raw(const struct block *block, size_t width, size_t record,
                      size_t *len);

#endif
