/*
 * scan: records without a quote, cut by looking for delimiters and newlines,
 * 64 bytes at a time.
 */
#ifndef CSV_SCAN_H
#define CSV_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "csv/cell_list.h"

/*
 * What to cut, data[at .. end) with a margin of 128 bytes behind, and what came
 * out: the cells of n records (cells.start; text has their bytes at the same
 * places as data), and the line on which each begins, counted from 0.
 */
struct scan {
    char *data;
    size_t at, end;
    char delimiter;
    size_t width;
    bool last; /* the last newline may be missing */

    struct cells *cells; /* empty at first */
    uint32_t *line;      /* owned by the caller, grown here */
    size_t lines_capacity, n, newlines;
};

/*
 * False where this is not enough: a quote, a NUL byte, bytes that are not
 * UTF-8, a carriage return that is no part of a CRLF, or a line with another
 * number of fields (but blank ones, which are left out unless width is 1).
 */
bool scan_records(struct scan *scan);

/* UTF-8, and no NUL byte. */
bool scan_is_text(const char *bytes, size_t len);

size_t scan_count(const char *bytes, size_t len, char c);

#endif
