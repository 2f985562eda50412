/*
 * fit_result: what training leaves: a model, or the predictions of many; the
 * learning curves.
 */
#ifndef MODEL_FIT_RESULT_H
#define MODEL_FIT_RESULT_H

#include "model/runs.h"
#include "stream/prediction.h"

/* Told after every epoch: the run, the epoch, how many are done, of how many.
 */
typedef void fit_told_fn(void *context, const struct run *run,
                         const struct epoch *epoch, size_t done, size_t most);

/*
 * Told after every batch: the run, rows of the batch, the epoch's loss so far,
 * how many epochs there will be at most.
 */
typedef void fit_batch_fn(void *context, const struct run *run, size_t rows,
                          double loss, size_t most);

/* Who is told how it goes; any of it may be NULL. */
struct fit_watch {
    fit_told_fn *epoch;
    fit_batch_fn *batch;
    void *context;
};

/* Owns everything in it but plan and table.  {0} is empty. */
struct fit_result {
    const struct fit_plan *plan;
    struct table *table;
    struct runs runs;
    struct model model; /* empty where there are several runs */
    struct list anew;   /* parameters that --init-from did not give */
};

/*
 * Trains as options say, and predicts where `predict` (with folds always).
 * Where there is a single run, its model takes *schema over: it is empty
 * afterwards and the table's schema is the model's.  watch may be NULL.
 */
int fit_run(struct fit_result *result, struct schema *schema,
            struct table *table, const struct fit_plan *plan,
            const struct fit_options *options, bool predict,
            const struct fit_watch *watch, struct err *err);
void fit_result_release(struct fit_result *result);

/* The curves of all runs, one after the other (stream/curve.h). */
void fit_curve(const struct fit_result *result, struct rows *rows);

/*
 * The learning-rate range test of the first run (nn/trainer.h): its steps as
 * a curve, and the rate it suggests (NaN: none).
 */
int fit_range_test(struct rows *curve, double *suggested,
                   const struct table *table, const struct fit_plan *plan,
                   const struct fit_options *options,
                   const struct fit_watch *watch, struct err *err);

/* What of the data goes into the predictions. */
struct fit_prediction_options {
    const char *id;          /* column; NULL: `id`, else the record's number */
    const struct list *keep; /* further columns */
    bool probs;
};

/*
 * Writes the predictions of all runs (with folds as `val`, each row by the run
 * that held it out), reading the data once more for each training size and
 * replica.
 */
int fit_predictions(const struct fit_result *result, struct csv_reader *data,
                    const struct fit_prediction_options *options,
                    struct csv_writer *writer, struct err *err);

/*
 * Warns of rows that are held out and equal one that was trained on (not with
 * folds, where every row is held out once).
 */
void fit_note_leaks(const struct fit_result *result, struct buf *notes);

/*
 * `split,loss,error` for gates: of the epochs that were kept, or with folds of
 * all rows that were held out, as `val`; the mean over runs of the largest
 * training size.
 */
void fit_best_rows(const struct fit_result *result, struct rows *rows);

/* The same rows before the training: empty but for `split`. */
void fit_best_names(const struct fit_plan *plan,
                    const struct fit_options *options, struct rows *rows);

#endif
