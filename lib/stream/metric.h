/*
 * metric: scores of predictions, split by split.
 *
 *     split,metric,class,value,low,high,n,method
 *
 *   error, accuracy   share of rows; Wilson
 *   log_loss          mean of -ln p(label); Student t (inf where a label was
 *                     unknown to the model)
 *   brier             mean of sum over classes of (p - [label])², 0 to 2 (Brier
 *                     1950); Student t
 *   macro_f1, balanced_error   see stats/confusion.h; bootstrap
 *   ece               15 bins of equal width (stats/calibration.h); bootstrap
 *   auroc             two classes: of the second one in sorted order; else of
 *                     each against the rest, and their mean (without a class,
 *                     its ends the means of theirs); DeLong
 *
 * Metrics that the columns do not allow are left out.
 */
#ifndef STREAM_METRIC_H
#define STREAM_METRIC_H

#include "csv/rows.h"
#include "stats/calibration.h"
#include "stats/confusion.h"
#include "stats/moments.h"
#include "stream/prediction.h"

/* The sums of one split; score is [rows][n_p] for auroc, where p: exist. */
struct metric_split {
    struct confusion confusion;
    struct moments loss, brier;
    struct calibration calibration;
    size_t n, without_prob;
    float *score;
    uint32_t *label;
    size_t score_capacity, label_capacity;
};

/* Grows by 4 (classes + 1) bytes a row where there are p: columns. */
struct metric_sums {
    struct metric_split *splits; /* [n_splits], numbered as in the reader */
    size_t n_splits;
    size_t unlabelled;
};

/* Adds the reader's current row (rows without a label are only counted). */
void metric_add(struct metric_sums *sums, const struct prediction_reader *from);

/* The metrics of all splits, train first, test last. */
void metric_rows(struct rows *rows, const struct metric_sums *sums,
                 const struct prediction_reader *from, uint64_t seed);

void metric_release(struct metric_sums *sums);

/* Numbers of the splits in the order of the workflow: order[n_splits]. */
void split_order(const struct dict *splits, size_t *order);

#endif
