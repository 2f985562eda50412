/*
 * sequence: cells that hold a sequence, "1 2 3;4 5 6": steps parted by `;`,
 * the values of a step by blanks.
 *
 * All steps of a column have the same number of values, finite numbers
 * (column_scan.h); none may be missing.
 */
#ifndef TABLE_SEQUENCE_H
#define TABLE_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * The steps of many cells.  Cell i has the steps start[i] .. start[i + 1], one
 * or more, of width values each: value[step * width + k].  A missing cell is
 * one step of NaN.  {0} is empty; width 0 becomes that of the first step.
 */
struct sequences {
    size_t n, starts_capacity;
    size_t *start; /* [n + 1] */
    size_t width;
    float *value;
    size_t values, capacity;
};

/* What is wrong with a cell. */
struct sequence_fault {
    size_t step;      /* from 1 */
    const char *text; /* in the cell: no number; NULL: the width is */
    size_t len;
    size_t values, expected; /* in that step, in others (0: there are none) */
};

/* Appends the next cell; on false there was a fault and nothing is added. */
bool sequences_add(struct sequences *sequences, const char *text, size_t len,
                   struct sequence_fault *fault);
void sequences_add_missing(struct sequences *sequences);

/*
 * Appends the fault in words: "step 3 has 11 values, others have 12", "not a
 * number: 'x' in step 3".
 */
void sequence_fault_text(const struct sequence_fault *fault, struct buf *out);

void sequences_clear(struct sequences *sequences); /* memory, width are kept */
void sequences_release(struct sequences *sequences);

#endif
