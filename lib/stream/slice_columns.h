/*
 * slice_columns: how the columns of predictions cut rows into slices.
 *
 * Two passes over the rows: the first sees what a column holds, the second
 * says which of its levels a row has.
 *
 *     numbers   all cells that are not empty are finite numbers, more than ten
 *               different ones: ten bins with as many rows each
 *     words     more than one word a cell on average, and more different cells
 *               than 5 % of the rows and than 50: the rows that have a word in
 *               that column, whatever its case
 *     values    anything else: the cells as they are
 *
 * Empty cells are a level of their own.  Only levels with enough rows count,
 * of them the 1,000 that have most.
 */
#ifndef STREAM_SLICE_COLUMNS_H
#define STREAM_SLICE_COLUMNS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/dict.h"
#include "stats/slices.h"

enum slice_kind { SLICE_VALUES, SLICE_BINS, SLICE_WORDS };

enum { SLICE_BIN_COUNT = 10, SLICE_MOST_LEVELS = 1000 };

/* Of a word: the rows that have it, and the last one of them, from 1. */
struct word_rows {
    size_t n, errors, last;
};

/* {.at = column, .name = its name (a view), .is_number = true} is a start. */
struct slice_column {
    size_t at;
    const char *name;

    /* first pass */
    size_t rows, missing, cell_words;
    bool is_number, is_whole; /* all cells so far */
    struct dict values;       /* all that occur, unless there are too many */
    size_t *value_rows, value_capacity;
    bool too_many;
    double *numbers; /* while all are */
    size_t n_numbers, number_capacity;

    /* between them: what the levels are */
    enum slice_kind kind;
    bool is_id; /* whole numbers, all different */
    double cuts[SLICE_BIN_COUNT], lowest, highest;
    size_t n_cuts;
    size_t *level_value; /* [n_levels] of values and words: which one */
    uint16_t *value_code;
    size_t n_levels;

    /* second pass: rows of values and bins, words */
    uint16_t *code;
    size_t n_coded, code_capacity;
    struct dict words;
    struct word_rows *word_rows, missing_rows;
    size_t word_capacity;
};

void slice_column_release(struct slice_column *column);

/* A row of the first pass. */
void slice_column_see(struct slice_column *column, const char *cell,
                      size_t len);

/* After it: decides on the levels, of at least `least` rows. */
void slice_column_decide(struct slice_column *column, size_t least);

/* A row of the second pass. */
void slice_column_take(struct slice_column *column, const char *cell,
                       size_t len, bool wrong);

/*
 * After it: adds the column's slices to s, under the number `column` has there.
 * wrong[i] as in stats/slices.h.  Columns of words have no pairs.
 */
void slice_column_add(struct slice_column *column, size_t number,
                      const unsigned char *wrong, struct slices *s);

/*
 * Appends what a slice is called: the level of a column, or a column's name (of
 * two, joined by SLICE_AND).  A level is a value; "[low,high)", the last bin
 * "[low,high]"; "*word*"; "(missing)".  Names and values that could be taken
 * for something else stand in double quotes, doubled inside.
 */
#define SLICE_AND " + "
void slice_column_name(const struct slice_column *column, struct buf *out);
void slice_column_level(const struct slice_column *column, size_t level,
                        struct buf *out);

/* Bytes of the first name or level in a text that joins two or is one. */
size_t slice_first_name(const char *text);

#endif
