/*
 * log_columns: which column of somebody's training log is what, by its name.
 *
 * A name is taken apart into words at capitals, digits, blanks and signs, in
 * any order and case: val_loss, "Validation Loss", loss/val and valLoss are
 * one.  A column of which a word is not known is left alone ("box_loss").
 *
 *     epoch          epoch epochs ep
 *     step           step steps iteration iter batch (global, trainer)
 *     split          split phase set subset mode stage partition: one loss a
 *                    row, and the part it is of in this column
 *     loss           loss cost nll ce xent crossentropy, cross entropy
 *     error          error err (rate)
 *     accuracy       accuracy acc top1 (categorical, sparse, binary, mean, avg)
 *     learning_rate  lr, learning rate, whatever follows (an optimizer)
 *     run            fold replica train_size run seed trial
 *     train…         train training tr
 *     val…           val valid validation eval evaluation dev testval trainval
 *     test…          test testing
 *
 * A loss that names no part is that of train.  So are an error and an accuracy,
 * but where only losses that name one are there (fastai), they are of val.
 * Where two columns would do, the first, but one that says `step` only if there
 * is no other.
 */
#ifndef STREAM_LOG_COLUMNS_H
#define STREAM_LOG_COLUMNS_H

#include <stdbool.h>

#include "base/buf.h"
#include "csv/list.h"
#include "csv/reader.h"

enum log_part { LOG_TRAIN, LOG_VAL, LOG_TEST, LOG_PARTS };
enum log_measure { LOG_LOSS, LOG_ERROR, LOG_ACCURACY, LOG_MEASURES };
enum { LOG_RUNS = 6 };

/* CSV_NONE where there is none. */
struct log_columns {
    size_t epoch, step, split, rate;
    size_t run[LOG_RUNS], n_runs;
    size_t measure[LOG_PARTS][LOG_MEASURES];
};

/*
 * names: "NAME=COLUMN", NAME one of epoch, step, split, run, learning_rate,
 * loss, error, accuracy, or one of these three behind train_, val_ or test_;
 * they come before what is found.  -1 without a column of losses, or where a
 * column that is named is not there.
 */
int log_columns_find(struct log_columns *columns, const struct csv_reader *csv,
                     const struct list *names, struct err *err);

/* What a cell of the split column says: any other word is a part for
 * validation. */
enum log_part log_part_of(const char *text);

/* Whether it is a curve as `assay train` writes it. */
bool log_columns_own(const struct csv_reader *csv);

/* A line: what was taken for what. */
void log_columns_note(const struct log_columns *columns,
                      const struct csv_reader *csv, struct buf *notes);

#endif
