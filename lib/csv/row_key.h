/*
 * row_key: what a row says in some columns, in a form in which rows that say
 * the same are the same bytes.
 *
 * A column is of numbers if all of its cells are numbers or empty.  Numbers are
 * rounded to four significant digits.  Text is folded (NFKC, caseless), its
 * words are joined by single blanks, signs and punctuation left out (but for
 * text that has no words).  The numbers of all columns stand first, then the
 * texts.
 */
#ifndef CSV_ROW_KEY_H
#define CSV_ROW_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "csv/reader.h"

struct row_key {
    size_t *columns; /* [n_columns], owned */
    size_t n_columns;
    bool *text;       /* [n_columns]: a cell is no number */
    struct buf bytes; /* of the latest row */
    struct buf folded;
};

/* Room for so many columns; the caller fills columns[]. */
void row_key_init(struct row_key *key, size_t n_columns);
void row_key_release(struct row_key *key);

/* First for each record, until true: no column can be one of numbers. */
bool row_key_scan(struct row_key *key, const struct csv_field *record);

/* Whether any column is of text. */
bool row_key_has_text(const struct row_key *key);

/*
 * Then again: key->bytes are those of the record.  Returns how many of them are
 * of its numbers, 0 where all cells are empty.
 */
size_t row_key_make(struct row_key *key, const struct csv_field *record);

#endif
