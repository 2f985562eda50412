/*
 * column_scan: what one pass over a column's cells tells, in memory of 16
 * bytes a distinct value.
 */
#ifndef TABLE_COLUMN_SCAN_H
#define TABLE_COLUMN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash_count.h"
#include "base/small.h"
#include "table/cell_kind.h"
#include "table/sequence.h"

/*
 * A cell that is a number a network can take: finite, and well inside the
 * range of float.
 */
bool column_number(const char *text, size_t len, double *value);

/* {0} is a valid start; column_scan_finish makes it complete. */
struct column_scan {
    size_t cells; /* not missing */
    size_t missing;
    size_t numbers; /* cells that are finite numbers */
    size_t smalls;  /* small numbers that the caller has put into mean and
                       small; not in low and high, cells, numbers, wholes,
                       words and sequences until the end */
    bool plain;     /* the caller may do so from now on */
    double low, high, mean;       /* of the numbers */
    uint8_t small[SMALL_NUMBERS]; /* 1 where this number has been seen */
    struct hash_count others;     /* of the distinct cells that are not small */
    size_t wholes;                /* of the numbers, whole ones */
    bool quick;                   /* fractions need not be told apart … */
    size_t uncounted;             /* … as long as all cells are numbers */
    size_t ranges;            /* cells like 1809-1811, 1871-, [1871?], 10:30 */
    size_t commas;            /* cells like 3,5 or 1.023,50 */
    size_t kinds[CELL_KINDS]; /* cells that are no number, by their looks */
    char *odd;                /* the first of them that is CELL_OTHER */
    long odd_line;
    size_t words;  /* in all cells */
    size_t images; /* cells that are named as files of images */
    double last;   /* the last cell's value, NaN where it is no number */
    char *example; /* the first cell */
    char *other;   /* the first cell that is no number; a range only as long
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

/* After the last cell. */
void column_scan_finish(struct column_scan *scan);

/*
 * Different cells so far; without the uncounted ones, which matter where there
 * is a cell that is no number.
 */
size_t column_scan_distinct(const struct column_scan *scan);
void column_scan_release(struct column_scan *scan);

#endif
