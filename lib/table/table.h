/*
 * table: the rows of a data file as the network's encoder wants them, parsed
 * but not yet fitted to anything: numbers, level numbers, n-gram counts, steps,
 * token numbers.
 *
 * The same call fills it for training and for prediction, so that a row means
 * the same in both.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/dict.h"
#include "table/image_rows.h"
#include "table/ngram.h"
#include "table/schema.h"
#include "table/sequence.h"
#include "table/tokens.h"

#define LEVEL_UNSEEN UINT32_MAX
#define LABEL_NONE UINT32_MAX

/*
 * Invariants: every array has n rows; features of one type stand in the order
 * of the schema; numbers are NaN where missing and have column.shift taken
 * off.  With `frozen`, dictionaries do not grow: a category's new value is
 * LEVEL_UNSEEN, a new token TOKEN_UNSEEN, a new label LABEL_NONE with
 * labelled[row] still true.
 */
struct table {
    const struct schema *schema; /* not owned */
    size_t *source; /* [schema->n] the reader's column, or CSV_NONE */
    size_t n, capacity;

    size_t n_numbers, n_categories;
    size_t n_texts;             /* 0 for FORM_TOKENS */
    float *numbers;             /* [n][n_numbers] */
    uint32_t *levels;           /* [n][n_categories] into dicts */
    struct dict *dicts;         /* [n_categories] */
    struct ngrams *texts;       /* [n_texts] */
    struct sequences sequences; /* of the sequence column, n cells or none */
    struct tokens tokens;       /* FORM_TOKENS: n rows, else none */
    struct image_rows *images;  /* of the image column, or NULL */

    uint32_t *label; /* [n] into labels, or LABEL_NONE */
    bool *labelled;  /* [n] the label cell is not missing */
    struct dict labels;
    uint32_t *part; /* [n] into parts: the split cell, "" without a column */
    struct dict parts;
    float *weight;         /* [n] 1 without a column or when frozen, NaN
                              where the cell is empty */
    uint64_t *fingerprint; /* [n] hash of the feature cells */

    const char *advice; /* what to do about a cell that is no number, sequence
                           or image, behind " "; NULL: where it is frozen to
                           take it for missing, else nothing */
    bool frozen;
    bool bad_as_missing;  /* a cell that is no number, no sequence or no
                              image counts as missing */
    size_t *bad;          /* [schema->n] such cells */
    size_t *unseen;       /* [schema->n] cells with LEVEL_UNSEEN */
    size_t unseen_labels; /* rows with a label that is not in labels */
};

/*
 * An empty table for the reader's columns.  Every feature of the schema must
 * be a column of the reader; label, split and weight need not.  Where both the
 * schema and the reader have long rows, their steps must be the same columns
 * in the same order.  Without a reader (NULL) rows are filled cell by cell
 * (table/table_cells.h).
 */
int table_init(struct table *table, const struct schema *schema,
               const struct csv_reader *reader, struct err *err);

/* Relative paths of images are below this folder; before any row. */
void table_set_root(struct table *table, const char *root);

/*
 * Adds the reader's current record.  A missing pixel of FORM_IMAGE is an error.
 */
int table_add(struct table *table, const struct csv_reader *reader,
              struct err *err);

/* Decodes the images of the rows added so far; nothing where there are none. */
int table_load_images(struct table *table, struct err *err);

/* image_rows_lost; 0 where there are none. */
int table_lost(const struct table *table, struct err *err);

/* Adds all further records, with their images. */
int table_read(struct table *table, struct csv_reader *reader, struct err *err);

void table_clear(struct table *table); /* no rows; dictionaries stay */
void table_release(struct table *table);

#endif
