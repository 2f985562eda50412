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
#include "stats/extra_error.h"
#include "stats/slices.h"

enum slice_kind { SLICE_VALUES, SLICE_BINS, SLICE_WORDS };

enum { SLICE_BIN_COUNT = 10, SLICE_MOST_LEVELS = 1000 };

/* Of a word: the rows that have it, and the last one of them, from 1. */
struct word_rows {
    struct extra_counts counts;
    size_t last;
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
    size_t *level_value;  /* [n_levels] of values and words: which one */
    uint16_t *value_code; /* of a value or word: its level + 1, 0: none */
    size_t n_levels;

    /* second pass: rows of values and bins, words */
    uint16_t *code;
    size_t n_coded, code_capacity;
    struct dict words;
    struct word_rows *word_rows;
    struct extra_counts missing_rows;
    size_t word_capacity;
};

void slice_column_release(struct slice_column *column);

/* A row of the first pass. */
void slice_column_see(struct slice_column *column, const char *cell,
                      size_t len);

/* After it: decides on the levels, of at least `least` rows. */
void slice_column_decide(struct slice_column *column, size_t least);

/* Then: why the column is of no use, or NULL; words are not yet counted.  Whole
 * numbers that are all different are ids unless the column was named. */
const char *slice_column_useless(const struct slice_column *column, bool named);

/* Appends the line "column 'name' left out: why". */
void slice_column_note(const struct slice_column *column, const char *why,
                       struct buf *notes);

/* A row of the second pass. */
void slice_column_take(struct slice_column *column, const char *cell,
                       size_t len, bool wrong);

/* The same of a row of that set, below EXTRA_SETS; the above is of set 0. */
void slice_column_take_of(struct slice_column *column, const char *cell,
                          size_t len, bool wrong, size_t set);

/*
 * After it: the counts of all levels, [n_levels + 1], the caller's to free; the
 * last is of empty cells where levels are words, else of rows that have none of
 * the levels.  outcome[i] of row i: its set * 2, + 1 where it is wrong.  Words
 * are levels if at least `least` rows of both sets have them.
 */
struct extra_counts *slice_column_count(struct slice_column *column,
                                        size_t least,
                                        const unsigned char *outcome);

/*
 * The level of the cell, of several words the one with the largest weight and
 * of these the first; weight[n_levels + 1], as above.  SLICE_NONE where there
 * is no such word.  For any cell, once the column was counted.
 */
size_t slice_column_heaviest(const struct slice_column *column,
                             const char *cell, size_t len,
                             const double *weight);

/*
 * After it: adds the column's slices to s, under the number `column` has there.
 * wrong[i] as in stats/slices.h.  Columns of words have no pairs.
 */
void slice_column_add(struct slice_column *column, size_t number,
                      const unsigned char *wrong, struct slices *s);

/*
 * Appends what a slice is called: the level of a column, or a column's name (of
 * two, joined by SLICE_AND).  A level is a value; "[low,high)", the last bin
 * "[low,high]"; "*word*"; "(missing)"; "(other values)", of level n_levels
 * where levels are values.  Names and values that could be taken for something
 * else stand in double quotes, doubled inside.
 */
#define SLICE_AND " + "
void slice_column_name(const struct slice_column *column, struct buf *out);
void slice_column_level(const struct slice_column *column, size_t level,
                        struct buf *out);

/* Bytes of the first name or level in a text that joins two or is one. */
size_t slice_first_name(const char *text);

#endif
