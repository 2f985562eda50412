/*
 * profile: what there is to know of a set of rows, in a size that does not grow
 * with them, to hold another set against it.
 *
 * Either side of a comparison is one, whether its rows were just read or its
 * file was written a year ago.  Profiles of the parts of a table, merged in any
 * order, are the profile of the whole.
 */
#ifndef STREAM_PROFILE_H
#define STREAM_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/dict.h"
#include "csv/list.h"
#include "csv/reader.h"
#include "csv/writer.h"
#include "stats/mean_features.h"
#include "stats/quantiles.h"

/* ---- the kinds of facts ---- */

/*
 * Levels and their rows.  Up to PROFILE_LEVELS different ones have their names;
 * with more, rows are counted by the hash of the level in PROFILE_BUCKETS
 * places, whose names are "#0" …, and no name is kept: whether there were more
 * does not depend on the order of rows or of merging.
 */
enum { PROFILE_LEVELS = 2000, PROFILE_BUCKETS = 512 };
struct level_counts {
    struct dict names; /* empty when hashed */
    double *count;     /* [names], or [PROFILE_BUCKETS] */
    size_t capacity;
    bool hashed;
};

/* Adds `rows` rows of a level. */
void level_counts_add(struct level_counts *levels, const char *level,
                      size_t len, double rows);
void level_counts_merge(struct level_counts *levels,
                        const struct level_counts *other);
void level_counts_release(struct level_counts *levels);

/* From names to buckets, as they are with too many levels. */
void level_counts_bucket(struct level_counts *levels);

/*
 * Counts of both by the same levels, in the order of their bytes: writes *a, *b
 * and *names [n], all to be freed; the names themselves belong to the two.
 * Where either is hashed n is PROFILE_BUCKETS and *names NULL.
 */
size_t level_counts_align(const struct level_counts *x,
                          const struct level_counts *y, double **a, double **b,
                          const char ***names);

/* In how many rows a word stood, by the hash of the word: none, one, more. */
enum { PROFILE_WORDS = 1 << 16 };
struct word_rows {
    uint8_t *rows; /* [PROFILE_WORDS] 0, 1 or 2; NULL: empty */
};
void word_rows_merge(struct word_rows *words, const struct word_rows *other);
void word_rows_release(struct word_rows *words);

/* ---- a profile ---- */

enum profile_kind { PROFILE_NUMBERS, PROFILE_COUNTS, PROFILE_VOCABULARY };

/*
 * One distribution: of what (check: number, category, missing, length, words,
 * steps, pixels, label, prediction, softmax, error) of which subject (a column,
 * a class).
 */
struct profile_item {
    char *check, *subject; /* owned */
    enum profile_kind kind;
    struct quantiles *numbers;
    struct level_counts levels;
    struct word_rows words;
};

/*
 * A column of the data, as text: type and role are the words of table/schema.h.
 * shift, centre, scale: of a number, as it was read (struct column.shift) and
 * as features see it (analysis/row_vectors.h); of an image its height, width
 * and channels.  width: values a step.
 */
struct profile_column {
    char *name, *type, *role; /* owned */
    double shift, centre, scale;
    size_t width;
};

/*
 * A row of the sample: those `most` rows whose keys are the smallest, which is
 * a random sample, of parts that are merged too.  cells[columns] as they stood
 * (NULL: not kept).  id, label and pred are "" where there is none, p[classes]
 * NULL without a model; wrong: 0, 1, or NaN.
 */
struct profile_row {
    uint64_t key;
    char *id, *label, *pred;
    char **cells;
    float *p;
    float wrong;
};

/*
 * Rows are owned.  columns: cells of each, to be set before the first is added,
 * as `most` is.  Invariant: n <= most; after profile_sample_settle rising keys,
 * and of equal ones rising ids and so on, until a row is added.
 */
struct profile_sample {
    struct profile_row *row;
    size_t n, capacity, most, columns;
};

/*
 * accuracy: of the sketches, 0 where all numbers are kept.  {0} is empty.
 * missing_words: --missing.  classes: names of p.  Accuracy and seed are set
 * before the first item is made.
 */
struct profile {
    double accuracy, rows;
    uint64_t seed;
    struct list missing_words, classes;
    struct profile_column *columns;
    size_t n_columns;
    struct profile_item *items;
    size_t n_items, items_capacity;
    struct dict index; /* of items: check, NUL, subject */
    struct feature_sums features;
    struct profile_sample sample;
};

enum { PROFILE_SAMPLE = 2000 };

/* The item, made where there is none yet, with an empty sketch if it is of
 * numbers.  Valid until the next one is made. */
struct profile_item *profile_item(struct profile *profile, const char *check,
                                  const char *subject, enum profile_kind kind);

/* The item, or NULL. */
struct profile_item *profile_find(const struct profile *profile,
                                  const char *check, const char *subject);

/* Whether a row with this key is among the `most` smallest so far, so that it
 * is worth making; and adds it (taking what it points to). */
bool profile_sample_wants(const struct profile_sample *sample, uint64_t key);
void profile_sample_add(struct profile_sample *sample, struct profile_row *row);
void profile_sample_settle(struct profile_sample *sample);

/* What a row points to, of so many cells. */
void profile_row_release(struct profile_row *row, size_t columns);

/*
 * Adds `other` (to {0}: a copy): the same accuracy, seed, columns with types,
 * missing words and classes, else an ERR_DATA error that names what differs,
 * and nothing is added.  Scales of columns that differ leave features empty
 * (n = 0) on the sum, with a line in notes.  Numbers that were read with
 * another shift are as they would be with this one (stream/profile_number.h).
 */
int profile_merge(struct profile *profile, const struct profile *other,
                  struct buf *notes, struct err *err);

/*
 * The numbers of `profile` as if its columns had been read with the shifts of
 * those of `like` of the same name: two profiles must be alike in that before
 * their numbers are held against each other.
 */
void profile_rebase(struct profile *profile, const struct profile *like);

void profile_release(struct profile *profile);

/* ---- the stream ---- */

/*
 * CSV: fact,check,subject,name,value, in this order.  Several numbers in a cell
 * are parted by blanks; cells that are not named are empty.
 *
 *   format,,,assay-profile,1
 *   rows,,,,N
 *   accuracy,,,,X              of the sketches
 *   seed,,,,N
 *   sample,,,,N                rows of it at most
 *   missing,,,WORD,            means an empty cell; one row a word
 *   class,,,NAME,              one row each, in the order of p
 *   column,TYPE,NAME,ROLE,SHIFT CENTRE SCALE WIDTH
 *   item,CHECK,SUBJECT,numbers,N MEAN M2 LOW HIGH   (nothing: N is 0)
 *   sketch,CHECK,SUBJECT,H,X … each for 2^H numbers; one row or more a level
 *   item,CHECK,SUBJECT,counts,
 *   level,CHECK,SUBJECT,LEVEL,ROWS
 *   item,CHECK,SUBJECT,buckets,
 *   bucket,CHECK,SUBJECT,FIRST,ROWS … of PROFILE_BUCKETS, 64 a row
 *   item,CHECK,SUBJECT,vocabulary,
 *   words,CHECK,SUBJECT,FIRST,DIGITS  of 1,024 places, where any is not 0
 *   features,,,sum,N SUM …     where there are any …
 *   features,,,I,PRODUCT …     … row I of the products
 *   row,,ID,KEY,RECORD         of the sample: KEY in hexadecimal, RECORD a CSV
 *                              record: label, pred, wrong, p … and the cells,
 *                              "" for one that was not kept
 *   end,,,,N                   facts before it
 *
 * X, LOW and HIGH of the check `number` of a column are as they were read: the
 * shortest number that, less SHIFT, is the same float; MEAN is less SHIFT.
 * Items stand in the order of their columns, then by check and subject.  The
 * bytes are those of the profile whatever order its rows came in, but for
 * sketches and for rounding in moments and features.  The sample must be
 * settled.
 */
int profile_write(const struct profile *profile, struct csv_writer *writer,
                  struct err *err);

/* Whether the reader's columns are those of a profile. */
bool profile_is(const struct csv_reader *reader);

/* Reads one; a fact that is not understood, a number that is none, a profile
 * of another version, or one that is not whole is an error with its place, and
 * the profile is empty then. */
int profile_read(struct profile *profile, struct csv_reader *reader,
                 struct err *err);

#endif
