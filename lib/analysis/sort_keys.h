/*
 * sort_keys: the cells of a column, to be put in order in the ways in which
 * programs list things.
 */
#ifndef ANALYSIS_SORT_KEYS_H
#define ANALYSIS_SORT_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 *   numbers       by value; only where all cells but empty ones are numbers
 *   text          byte by byte: 10 before 9
 *   alike         the same with small letters in place of capitals (ASCII)
 *   natural       small letters, and digits in a row are a number: 9 before 10
 *   name          text behind the last slash or backslash
 *   natural name  natural order of that
 */
enum sort_kind {
    SORT_NUMBERS,
    SORT_TEXT,
    SORT_ALIKE,
    SORT_NATURAL,
    SORT_NAME,
    SORT_NATURAL_NAME,
    SORT_KINDS
};

/* {0} is empty. */
struct sort_keys {
    struct buf text; /* the cells, each followed by a NUL */
    size_t *start;   /* [n] */
    size_t n, capacity;
    bool paths; /* some cell has a slash */
};

/* Kept up to its 200th byte. */
void sort_keys_add(struct sort_keys *keys, const char *text, size_t len);
void sort_keys_release(struct sort_keys *keys);

/*
 * Writes at[n], the cells' numbers in order, equal ones as they came; false
 * where they have no order of this kind.
 */
bool sort_keys_order(const struct sort_keys *keys, enum sort_kind kind,
                     uint32_t *at);

/* "as text (10 before 9)" */
const char *sort_kind_words(enum sort_kind kind);

#endif
