/*
 * schema: which columns a network learns from, and as what.
 *
 * Types are found from the fitting rows (those of the training parts; all
 * rows where there is no split column):
 *   number    every non-empty cell is a number up to 1e30 (99 % but not all: an
 *             error that names the first other cell, unless all the others
 *             are ranges, dates or times: 1809-1811, [1871?], 10:30)
 *   sequence  every cell is one (table/sequence.h), all with the same number of
 *             values a step, and some cell has two steps or more (99 %: an
 *             error that names the first other cell)
 *   image     every cell is the name of an image file (.png, .jpg, …)
 *   category  at most 50 distinct values, or at most 5 % of the rows, unless
 *             cells hold more than one word on average and more than half of
 *             them are distinct
 *   text      anything else
 * Columns whose values nearly all differ (99 %) and are whole numbers or
 * single words are identifiers: not used unless asked for by name.
 */
#ifndef TABLE_SCHEMA_H
#define TABLE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "csv/list.h"
#include "csv/reader.h"
#include "table/cell_kind.h"

enum column_type {
    TYPE_NUMBER,
    TYPE_CATEGORY,
    TYPE_TEXT,
    TYPE_SEQUENCE,
    TYPE_IMAGE
};

enum column_role {
    ROLE_FEATURE,
    ROLE_LABEL,
    ROLE_ID,
    ROLE_SPLIT,
    ROLE_GROUP,
    ROLE_TIME,
    ROLE_WEIGHT,
    ROLE_UNUSED
};

/* The sizes of the n-grams of text: words low..high, characters low..high. */
struct ngram_sizes {
    int word_low, word_high; /* 0, 0: none */
    int char_low, char_high;
};

/*
 * What a network reads of a row:
 *   row     all its features side by side
 *   image   its numbers are the pixels, row by row, then column by column, then
 *           channel by channel; or a column of type image names the file
 *   steps   a sequence of steps of some values each: a column of type
 *           sequence, or numbers that are STEPS x VALUES
 *   tokens  the words or characters of its text columns, one after the other
 */
enum input_form { FORM_ROW, FORM_IMAGE, FORM_STEPS, FORM_TOKENS };

enum token_kind { TOKENS_NONE, TOKENS_WORD, TOKENS_CHAR };

/*
 * One column of the data.  The numbers describe the fitting rows and are not
 * kept in a model file.
 */
struct column {
    char *name;
    enum column_role role;
    enum column_type type; /* of a feature */
    double shift;          /* subtracted from numbers before they are floats;
                              0 where they are pixels or steps */
    size_t width;          /* values a step, of a sequence; 0 else */

    size_t cells, missing, distinct;   /* the last not with request.quick */
    double low, high;                  /* of a number; NaN: there is none */
    size_t numbers, kinds[CELL_KINDS]; /* cells that are, and the others */
    size_t words;  /* in all cells, unless they are numbers */
    char *odd;     /* the first cell that is CELL_OTHER, or NULL */
    long odd_line; /* where it stands */
    char *example;
    char *reason; /* why it is not used, or NULL */
    bool empty;   /* … because no fitting row has a value */
    bool unique;  /* nearly all values differ: whole numbers or single words */
};

/*
 * What the user asked for.  Names that are NULL were not given: the columns
 * `label`, `id` and `split` then have their roles by name where they exist.
 */
struct schema_request {
    const char *label, *id, *group, *time, *weight;
    struct list features, exclude; /* empty features: all that can be */
    struct list types;             /* "COLUMN=TYPE" */
    struct list missing;           /* words that mean an empty cell */
    struct list fit_parts; /* split values of the fitting rows; empty: all
                              but `test` */
    struct ngram_sizes ngrams;

    bool whole;               /* from all rows, whatever their part; an empty
                                 column is a category; nothing is kept for a
                                 second pass */
    bool quick;               /* distinct counts no fractions */
    bool describe;            /* no network: nothing is refused */
    bool sequential;          /* the network reads sequences */
    bool any_input;           /* it reads them, or anything else */
    size_t shape[3], n_shape; /* --shape: H W C, STEPS VALUES, or none (0) */
    enum token_kind tokens;   /* for text columns; TOKENS_NONE: words */
    size_t max_steps;         /* tokens a row; 0: no limit */
    double pixel_mean[3], pixel_std[3];
    size_t n_pixel_stats; /* channels they are for; 0: none */
};

/* Invariant: columns[n] in the order of the file.  {0} is empty. */
struct schema {
    struct column *columns;
    size_t n;
    struct list missing;
    struct ngram_sizes ngrams;
    size_t fit_rows; /* rows the types were found from */

    enum input_form form;
    size_t shape[3], n_shape;
    enum token_kind tokens; /* TOKENS_NONE unless the form is tokens */
    size_t max_steps;
    double pixel_mean[3], pixel_std[3];
    size_t n_pixel_stats;   /* 0, or the channels */
    struct list step_names; /* of a step's values, where rows were long */
};

#define NGRAM_DEFAULTS ((struct ngram_sizes){1, 2, 3, 5})

/* Reads "word=1-2,char=3-5" (either may be left out; "word=1"). */
int ngram_sizes_parse(struct ngram_sizes *sizes, const char *text,
                      struct err *err);

/*
 * Reads "28x28x1" (height, width, channels) or "100x12" (steps, values) into
 * shape and n_shape; anything else is an ERR_USAGE error, and so are sides over
 * 100,000 and shapes of over 10,000,000 values.
 */
int shape_parse(size_t shape[3], size_t *n_shape, const char *text,
                struct err *err);

/*
 * Gives every column of the reader its role and, reading all records, every
 * feature its type.  What the user should know (columns not used, numbers
 * taken for categories) is added to notes, a line each.
 *
 * With `any_input` the features are read as a sequence where one of them is a
 * sequence, or a shape of STEPS x VALUES or tokens were asked for.
 *
 * With `sequential` the features must be one of: numbers, with a shape of
 * STEPS x VALUES; one sequence; texts.  Else they may be anything but a
 * sequence, and the form is image where the shape has three numbers.  With a
 * shape the features are all columns of numbers, as many as it says, or one
 * column of images.  What does not fit is an error that names the columns.
 *
 * With `quick` fractions are told apart only in a column where other cells are
 * no numbers, if need be by reading all records again (csv_options.reread).
 * With `describe` the columns are only described: a column that would be an
 * error has its type and the error as its reason, and there is no form.
 *
 * Where the reader has long rows (csv_reader_steps), a step column among the
 * features stands for the column `sequence`, and the column that names the
 * sequence is the id if there is no other, and never a feature unless asked
 * for by name.
 */
int schema_infer(struct schema *schema, struct csv_reader *reader,
                 const struct schema_request *request, struct buf *notes,
                 struct err *err);

void schema_request_release(struct schema_request *request);
void schema_release(struct schema *schema);

/* The column with this role (the first), or CSV_NONE. */
size_t schema_role(const struct schema *schema, enum column_role role);

/* Whether a cell counts as missing: empty, or one of the missing words. */
bool schema_missing(const struct schema *schema, const char *text, size_t len);

/* "number", "category", "text", "sequence", "image", and back (-1 for another
 * word). */
const char *column_type_name(enum column_type type);
int column_type_parse(const char *word, enum column_type *type);
const char *column_role_name(enum column_role role);

/* "row", "image", "steps", "tokens"; "none", "word", "char"; and back. */
const char *input_form_name(enum input_form form);
int input_form_parse(const char *word, enum input_form *form);
const char *token_kind_name(enum token_kind kind);
int token_kind_parse(const char *word, enum token_kind *kind);

#endif
