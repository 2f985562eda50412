/*
 * predictor: applies a model to a stream of rows, a block at a time.
 *
 * Memory does not grow with the number of rows, but for predictor_load.
 */
#ifndef MODEL_PREDICTOR_H
#define MODEL_PREDICTOR_H

#include "base/buf.h"
#include "csv/list.h"
#include "csv/rows.h"
#include "csv/writer.h"
#include "model/model.h"
#include "nn/feed.h"

struct predictor;

struct predictor_options {
    const char *label; /* column with the truth; NULL: as in training */
    const char *id;    /* NULL: `id`, else the record's number */
    struct list keep;  /* further columns of the data */
    const char *root;  /* where paths of images begin; NULL: here */
    bool probs, bad_as_missing;
};

/* Loads the model; options must live as long as the predictor. */
struct predictor *predictor_new(const char *model,
                                const struct predictor_options *options,
                                struct err *err);
void predictor_free(struct predictor *predictor); /* NULL is fine */

/*
 * The values of a step, where the model was trained on long rows: what
 * csv_options.step_columns wants.  Empty else.
 */
const struct list *predictor_steps(const struct predictor *predictor);

/*
 * Prepares for the reader's columns.  A feature that is not among them is an
 * error; `on` names the splits to predict (empty: all).
 */
int predictor_bind(struct predictor *predictor, const struct csv_reader *data,
                   const struct list *on, struct err *err);

enum { PREDICTOR_BLOCK = 256 };

/*
 * Reads all records and writes their predictions, `block` rows at a time (as
 * a rule PREDICTOR_BLOCK; 1 answers each row before it reads the next).
 */
int predictor_run(struct predictor *predictor, struct csv_reader *data,
                  struct csv_writer *writer, size_t block, struct err *err);

/*
 * For what looks at all rows again and again (model/permutation.h): reads all
 * records of the splits, all but `train` where none were named, that have a
 * label the model knows, into the table; others are counted.  Tokens are not
 * cut to the schema's max_steps.  Nothing to score is an error.
 */
int predictor_load(struct predictor *predictor, struct csv_reader *data,
                   struct err *err);
struct model *predictor_model(struct predictor *predictor);
struct table *predictor_table(struct predictor *predictor);
struct feed *predictor_feed(struct predictor *predictor);

/*
 * What the user should know, a line each: values that training never saw,
 * cells taken for missing, labels the model does not know, rows called val or
 * test that it was trained on.
 */
void predictor_notes(const struct predictor *predictor, struct buf *notes);

/* `split,error,n` of the labelled rows, for gates. */
void predictor_errors(const struct predictor *predictor, struct rows *rows);

#endif
