/*
 * sequencer: long rows, one a step, to one record a sequence (reader.h says
 * what such a record looks like; csv_options which columns are what).
 *
 * It is fed the records of the file one by one.  Columns of the file are
 * numbered by its header, columns of the result by sequencer_names.
 *
 * A value of a step must be a number.  A sequence of a single step without any
 * value has an empty cell; other missing values are errors.
 */
#ifndef CSV_SEQUENCER_H
#define CSV_SEQUENCER_H

#include "base/dict.h"
#include "csv/reader.h"

struct sequencer;

/*
 * `names` are the file's columns, among them options.sequence, step_time and
 * step_columns.  NULL where the columns are not possible.
 */
struct sequencer *sequencer_new(const struct csv_options *options,
                                const struct dict *names, struct err *err);
void sequencer_free(struct sequencer *sequencer); /* NULL is fine */

const struct dict *sequencer_names(const struct sequencer *sequencer);
const struct list *sequencer_steps(const struct sequencer *sequencer);

/* The column that names the sequence. */
size_t sequencer_key(const struct sequencer *sequencer);

/* The file's column that is column i; of `sequence` its first step column. */
size_t sequencer_source(const struct sequencer *sequencer, size_t i);

/*
 * Begins a sequence with a record of the file: 0, or -1 with *column set to
 * the file's column that is to blame, CSV_NONE for none.
 */
int sequencer_begin(struct sequencer *sequencer, const struct csv_field *record,
                    size_t *column, struct err *err);

/* Adds a record: 1, or 0 where it belongs to another sequence, or -1. */
int sequencer_add(struct sequencer *sequencer, const struct csv_field *record,
                  size_t *column, struct err *err);

/* The cells of the sequence so far; valid until the next one begins. */
const struct csv_field *sequencer_fields(struct sequencer *sequencer);

/* Forgets which sequences there were: the file is read again. */
void sequencer_rewind(struct sequencer *sequencer);

#endif
