/*
 * shift_errors: which slices carry the extra error of one part of predictions
 * over another.
 *
 *     slice,value,n,error,low,high,share,excess,p_value,p_adjusted,
 *         excess_low,excess_high,by_share,by_share_low,by_share_high,
 *         by_rate,by_rate_low,by_rate_high,
 *         n_reference,error_reference,share_reference,p_share,p_rate
 *
 * The first row, slice `total`, is of all rows; then the slices, largest excess
 * first.  n, error (with its interval) and share, of the rows, are of the
 * current part.  stats/extra_error.h says what excess, by_share and by_rate
 * are, in units of the error; p_share and p_rate are theirs, p_value is that of
 * excess, p_adjusted (Benjamini & Hochberg 1995) over all slices.
 *
 * Slices are those of stream/slice_columns.h, of the label, the predicted
 * class and the kept columns, and of pairs of two columns, but for words and
 * the predicted class.  Levels are found in both parts together: a slice has
 * enough rows if both parts together have so many.  Over the levels of a column
 * that is not of words excess, by_share and by_rate add up to the total's
 * excess: rows whose value is rare are the level "(other values)".
 *
 *     struct shift_errors e;
 *
 *     if (shift_errors_read(&e, &options, &reader, &notes, &err) == 0)
 *         shift_errors_rows(&e, &rows);
 *     shift_errors_release(&e);
 */
#ifndef STREAM_SHIFT_ERRORS_H
#define STREAM_SHIFT_ERRORS_H

#include "stream/prediction_table.h"
#include "stream/slice_columns.h"

/* Of the result's rows, for gates. */
#define SHIFT_ERRORS_KEYS "slice,value"
#define SHIFT_ERRORS_VALUE "excess"

enum { SHIFT_ERRORS_LEAST = 10 };

/* Slices with an adjusted p-value below it are said to carry extra error. */
#define SHIFT_ERRORS_LEVEL .05

/*
 * pair: "trainval:testval", reference and current; NULL: `trainval`, or `val`
 * where there is none, and `testval`, or `test`.  columns: the kept ones to
 * look at; empty: all but ids.  exclude: but for these.  least: rows of a
 * slice.
 */
struct shift_errors_options {
    const char *pair;
    const struct list *columns, *exclude; /* NULL: empty */
    size_t least;
};

/* other: SLICE_NONE, or the second column of a pair. */
struct error_slice {
    size_t column, level, other, other_level, place;
    struct extra_counts counts;
    struct extra_error extra;
    double p_adjusted;
};

/* The first two columns are the label and the predicted class, if they are of
 * use; columns[i].at tells: SHIFT_LABEL, SHIFT_PRED, or a kept column. */
#define SHIFT_LABEL (CSV_NONE - 1)
#define SHIFT_PRED (CSV_NONE - 2)

struct shift_errors {
    const struct shift_errors_options *options;
    size_t part[EXTRA_SETS];      /* in reader->splits */
    size_t unlabelled;            /* rows of the stream without a label */
    struct slice_column *columns; /* [n_columns] */
    size_t n_columns;
    unsigned char *outcome; /* [n], stream/slice_columns.h */
    size_t n, outcome_capacity;
    struct extra_counts all;
    struct extra_error total;
    struct error_slice *slices; /* [n_slices], largest excess first */
    size_t n_slices, slice_capacity;
};

/*
 * Reads all rows three times, so the reader has to be one that can be rewound;
 * those of other parts and without a label are passed over.  Takes 1 byte a row
 * and 2 a row and column, 8 a row and column of numbers for the second time,
 * and about 120 bytes a different value (at most 65,536 a column) or word; and
 * for the time that pairs are counted 32 bytes a pair of levels.
 *
 * -1: a part has no labelled row, or a column is not there.  notes: what a
 * person should know, a line each.  e is to be released either way, and holds
 * views of the reader and of the options.
 */
int shift_errors_read(struct shift_errors *e,
                      const struct shift_errors_options *options,
                      struct prediction_reader *reader, struct buf *notes,
                      struct err *err);
void shift_errors_rows(const struct shift_errors *e, struct rows *rows);
void shift_errors_release(struct shift_errors *e);

/* The cell that a column of e has in the reader's row. */
struct csv_field shift_errors_cell(const struct slice_column *column,
                                   const struct prediction_reader *reader);

#endif
