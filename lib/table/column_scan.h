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

/* {0} is a valid start; column_scan_finish makes it complete. */
struct column_scan {
    size_t cells; /* not missing */
    size_t missing;
    size_t numbers; /* cells that are finite numbers */
    size_t smalls;  /* small whole numbers that are not in cells, numbers,
                       wholes, words and sequences until the end */
    size_t wholes;  /* of the numbers, whole ones */
    size_t ranges;  /* cells like 1809-1811, 1871-, [1871?], 10:30 */
    size_t commas;  /* cells like 3,5 or 1.023,50 */
    size_t words;   /* in all cells */
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

/*
 * The value of a whole number from 0 to 999 as it is usually written, else
 * SMALL_NUMBERS.  Up to 4 bytes of the text are read, whatever its length.
 */
static inline unsigned column_small(const char *text, size_t len)
{
    static const unsigned least[] = {SMALL_NUMBERS, 0, 10, 100};
    uint32_t digits, value;

    if (len - 1 > 2)
        return SMALL_NUMBERS;
    digits = (uint32_t)(unsigned char)text[0] |
             (uint32_t)(unsigned char)text[1] << 8 |
             (uint32_t)(unsigned char)text[2] << 16 |
             (uint32_t)(unsigned char)text[3] << 24;
    digits = (digits << (32 - 8 * len) | 0x30303030u >> 8 * len) ^ 0x30303030u;
    value = (digits >> 8 & 0xff) * 100 + (digits >> 16 & 0xff) * 10 +
            (digits >> 24);
    return ((digits + 0x76767676u) | digits) & 0x80808080u || value < least[len]
               ? SMALL_NUMBERS
               : value;
}

/*
 * As column_scan_add, of the most frequent cells by far: true where it is a
 * small whole number, and not the first number.  May read as column_small.
 */
static inline bool column_scan_small(struct column_scan *scan, const char *text,
                                     size_t len)
{
    unsigned small = column_small(text, len);
    double value = (double)small;

    if (small == SMALL_NUMBERS || !scan->numbers || scan->steps.width != 1)
        return false;
    scan->smalls++;
    scan->small[small / 64] |= (uint64_t)1 << small % 64;
    scan->low = value < scan->low ? value : scan->low;
    scan->high = value > scan->high ? value : scan->high;
    scan->mean += (value - scan->mean) / (double)(scan->numbers + scan->smalls);
    return true;
}

/* After the last cell. */
void column_scan_finish(struct column_scan *scan);

/* Different cells so far. */
size_t column_scan_distinct(const struct column_scan *scan);
void column_scan_release(struct column_scan *scan);

#endif
