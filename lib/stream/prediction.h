/*
 * prediction: the stream of predictions, from our tools or anybody's.
 *
 *     id,split,label,pred,prob,loss[,fold][,replica][,train_size]
 *         [,p:CLASS ...][,kept columns]
 *
 * `label` is "" where it is unknown.  `prob` is that of `pred`, `loss` is
 * -ln p(label), inf where the model does not know the label.
 */
#ifndef STREAM_PREDICTION_H
#define STREAM_PREDICTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/dict.h"
#include "csv/list.h"
#include "csv/reader.h"
#include "csv/writer.h"
#include "stream/run_id.h"

/* The stream's own columns: the first ones are always written. */
enum { PREDICTION_FIXED = 6, PREDICTION_COLUMNS = 9 };
extern const char *const prediction_columns[PREDICTION_COLUMNS];

/* ---- reading ---- */

#define CLASS_NONE SIZE_MAX

/* One row.  Classes are numbers in prediction_reader.classes. */
struct prediction {
    size_t split; /* in prediction_reader.splits */
    size_t label; /* CLASS_NONE where unknown */
    size_t pred;
    double prob;       /* NaN where there is none */
    double loss;       /* NaN where there is none; may be inf */
    float *p;          /* [n_classes of the p: columns], NULL without them */
    size_t replica;    /* in prediction_reader.replicas; CLASS_NONE: none */
    size_t train_size; /* in rows; 0 where there is no such column */
};

/*
 * Only label, and pred or p: columns, must be there.  No split column means
 * `test`; no pred the largest p:.  Where prob or loss are missing they come
 * from the p: columns.  The classes of the p: columns have the first numbers.
 */
struct prediction_reader {
    struct csv_reader *csv;                    /* owned */
    size_t id, split, label, pred, prob, loss; /* CSV_NONE: none */
    size_t fold, replica, train_size;
    size_t *p; /* [n_p] columns */
    size_t n_p;
    struct dict classes, splits, replicas;
    struct prediction row;
    size_t unlabelled;   /* rows without a label so far */
    bool any;            /* prediction_reader_any */
    bool bare;           /* prediction_reader_bare */
    const char *option;  /* that gave the names, for messages */
    unsigned char *seen; /* [seen_capacity] of a class: as label, as pred */
    size_t seen_capacity;
};

/* names: "label=y_true" says which column is the label; may be empty. */
int prediction_reader_open(struct prediction_reader *reader, char *const *paths,
                           size_t n_paths, const struct csv_options *options,
                           const struct list *names, struct err *err);

/* The same over a reader that is open already, which it takes over. */
int prediction_reader_over(struct prediction_reader *reader,
                           struct csv_reader *csv, const struct list *names,
                           struct err *err);

/*
 * The same, for looking at what is wrong: numbers are as they stand, whether or
 * not they are probabilities or losses; pred may be CLASS_NONE, a class may
 * have no p: column, and labels and predictions share no value.
 */
int prediction_reader_any(struct prediction_reader *reader,
                          struct csv_reader *csv, const struct list *names,
                          struct err *err);

/* The same as prediction_reader_over, but there may be no column of labels:
 * then all are unknown. */
int prediction_reader_bare(struct prediction_reader *reader,
                           struct csv_reader *csv, const struct list *names,
                           struct err *err);
void prediction_reader_close(struct prediction_reader *reader);

/*
 * The next row is in reader->row: 1, or 0 at the end, or -1 (a number that is
 * none, p: that do not sum to 1 within 1e-3, a prediction without its p:
 * column, labels and predictions that share no value).
 */
int prediction_reader_next(struct prediction_reader *reader, struct err *err);

/* Starts over at the first row (csv_options.reread). */
int prediction_reader_rewind(struct prediction_reader *reader, struct err *err);

/*
 * Two classes that are one number, or one word but for case: *one of those in
 * some[classes], *other of others (NULL: all).  false: there are none.
 */
bool prediction_find_alike(const struct dict *classes, const bool *some,
                           const bool *others, size_t *one, size_t *other);

/*
 * Adds a line where the rows are of several models (columns replica or
 * train_size): scores count a row once for each, and intervals are too narrow.
 */
void prediction_note_models(const struct prediction_reader *reader,
                            struct buf *notes);

/* After the last row: an error where no row had a split that `on` names. */
int prediction_check_on(const struct prediction_reader *reader,
                        const struct list *on, struct err *err);

/* ---- writing ---- */

/* What a prediction stream holds besides its fixed columns. */
struct prediction_format {
    struct run_columns run;
    bool probs;
    char *const *classes; /* [n_classes] */
    size_t n_classes;
    size_t *keep; /* [n_keep] columns of the data */
    size_t n_keep;
};

/* Finds the columns called `names` for format.keep. */
int prediction_keep(struct prediction_format *format,
                    const struct csv_reader *data, const struct list *names,
                    struct err *err);

/* The predicted class: the one with the largest probability, the first if
 * several have it. */
size_t prediction_class(const float *prob, size_t n_classes);

/* The header. */
int prediction_write_header(struct csv_writer *writer,
                            const struct prediction_format *format,
                            const struct csv_reader *data, struct err *err);

/*
 * One row: id, split and label as cells, prob[n_classes], the class of the
 * label (CLASS_NONE where the model does not know it; an empty label has no
 * loss), the training run (may be NULL where the format has no column of it),
 * and the data's current record for the kept columns.
 */
int prediction_write(struct csv_writer *writer,
                     const struct prediction_format *format, const char *id,
                     const char *split, const char *label, size_t class,
                     const float *prob, const struct run_id *run,
                     const struct csv_field *record, struct err *err);

#endif
