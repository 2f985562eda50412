/*
 * fit_result: what a training run leaves: a model (or, with folds, what each
 * fold's model said of the rows it had not seen), the learning curve, and
 * the predictions of all rows.
 */
#ifndef MODEL_FIT_RESULT_H
#define MODEL_FIT_RESULT_H

#include "model/fit.h"
#include "stream/prediction.h"

/* Told after every epoch: the epoch, how many are done, how many at most. */
typedef void fit_told_fn(void *context, const struct epoch *epoch, size_t done,
                         size_t most);

/* Owns everything in it but plan and table.  {0} is empty. */
struct fit_result {
    const struct fit_plan *plan;
    const struct table *table;
    struct model model; /* empty with folds */
    struct rows curve;  /* stream/curve.h, folds one after the other */
    uint32_t *fold;     /* [rows] the fold from 1, 0 for none; NULL without */
    float *prob;        /* [rows][classes], NULL before it is asked for */
};

/*
 * Trains as options say.  schema and table are as in fit_model; told may be
 * NULL.
 */
int fit_run(struct fit_result *result, struct schema *schema,
            struct table *table, const struct fit_plan *plan,
            const struct fit_options *options, fit_told_fn *told, void *context,
            struct err *err);
void fit_result_release(struct fit_result *result);

/* What of the data goes into the predictions. */
struct fit_prediction_options {
    const char *id;          /* column; NULL: `id`, else the record's number */
    const struct list *keep; /* further columns */
    bool probs;
};

/*
 * Writes the predictions of all rows (with folds: of those in a fold, as
 * `val`), reading the data once more for ids and kept columns.  data has been
 * rewound.
 */
int fit_predictions(struct fit_result *result, struct csv_reader *data,
                    const struct fit_prediction_options *options,
                    struct csv_writer *writer, struct err *err);

/*
 * Warns of rows that are held out and equal one that was trained on (not with
 * folds, where every row is held out once).
 */
void fit_note_leaks(const struct fit_result *result, struct buf *notes);

/*
 * `split,loss,error` for gates: of the epoch that was kept, or with folds of
 * all rows that were held out, as `val`.
 */
void fit_best_rows(const struct fit_result *result, struct rows *rows);

#endif
