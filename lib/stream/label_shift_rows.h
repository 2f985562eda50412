/*
 * label_shift_rows: how the mix of classes has changed between two streams of
 * predictions, and predictions that allow for it.
 *
 *     class,reference,current,low,high,weight,weight_low,weight_high,method
 *
 * reference, current: shares of the class; the second is estimated from
 * predictions alone, its labels are not looked at (stats/label_shift.h).
 * weight: their ratio.  A class without reference rows has weight 1 and no
 * intervals.
 */
#ifndef STREAM_LABEL_SHIFT_ROWS_H
#define STREAM_LABEL_SHIFT_ROWS_H

#include "csv/rows.h"
#include "stats/label_shift.h"
#include "stream/prediction.h"

/*
 * Both streams need p: columns, of the same classes in any order; `current`
 * needs no column of labels (prediction_reader_bare), and csv_options.reread
 * for label_shift_rewrite.  Names are for messages (NULL: the files').
 *
 * Of the reference count the labelled rows of the splits in `on`; where that is
 * NULL or empty, all but `train` if there are others: a model is surer of rows
 * that it was trained on, and a note warns where they count all the same.  Of
 * several models (replica, train_size) in one
 * stream the first row's counts.
 */
struct label_shift_streams {
    struct prediction_reader *reference, *current;
    const char *reference_name, *current_name;
    const struct list *on;
    struct label_shift_options options;
};

/*
 * Reads both and fills rows (rows_init is done here).  notes: which method and
 * why, whether the mix has changed at all, what it assumes, what is missing.
 * Memory: 4 (classes + 1) bytes a labelled row of the reference and 4 classes a
 * row of the other; as much again while the method needs calibrated
 * probabilities.
 */
int label_shift_rows(struct label_shift_streams *streams, struct rows *rows,
                     struct buf *notes, struct err *err);

/*
 * Reads both, then writes the current stream, read once more, with p:, pred,
 * prob and loss as they are under its own mix of classes, where it has these
 * columns; order and all other cells stay, byte for byte.  Several models in it
 * are an error.
 */
int label_shift_rewrite(struct label_shift_streams *streams,
                        struct csv_writer *writer, struct buf *notes,
                        struct err *err);

#endif
