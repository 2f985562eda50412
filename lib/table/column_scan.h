/*
 * column_scan: what one pass over a column's cells tells, in memory of 16
 * bytes a distinct value.
 */
#ifndef TABLE_COLUMN_SCAN_H
#define TABLE_COLUMN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash_set.h"
#include "table/sequence.h"

/*
 * A cell that is a number a network can take: finite, and well inside the
 * range of float.
 */
bool column_number(const char *text, size_t len, double *value);

enum { SMALL_NUMBERS = 1024 };

/* {0} is a valid start. */
struct column_scan {
    size_t cells; /* not missing */
    size_t missing;
    size_t numbers;         /* cells that are finite numbers */
    size_t wholes;          /* of these, whole numbers */
    size_t ranges;          /* cells like 1809-1811, 1871-, [1871?], 10:30 */
    size_t commas;          /* cells like 3,5 or 1.023,50 */
    size_t words;           /* in all cells */
    double low, high, mean; /* of the numbers */
    struct hash_set others; /* of the distinct cells not in `small` */
    uint64_t small[SMALL_NUMBERS / 64]; /* bits: whole numbers seen, 0, 1, … */
    char *example;                      /* the first cell */
    char *other; /* the first cell that is no number; a range only as long
                    as there is nothing else */
    size_t other_len;
    bool other_is_range;
    const char *other_file; /* as passed to column_scan_add */
    long other_line;
    int other_field; /* set by the caller */

    size_t sequences;       /* cells that are one, as wide as the first */
    size_t several;         /* of these, of two steps or more */
    struct sequences steps; /* scratch, and the width */
    char *fault;            /* of the first cell that is no sequence */
    const char *fault_file;
    long fault_line;
    int fault_field; /* set by the caller */
};

/*
 * Adds a cell that is not missing, of the record at file:line; `file` must
 * stay valid.
 */
void column_scan_add(struct column_scan *scan, const char *text, size_t len,
                     const char *file, long line);

/* Different cells so far. */
size_t column_scan_distinct(const struct column_scan *scan);
void column_scan_release(struct column_scan *scan);

#endif
