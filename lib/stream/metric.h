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
 *   macro_f1, balanced_error   see stats/confusion.h; bootstrap.  Where no row
 *                     is wrong, or every row, all samples are alike: then the
 *                     ends are the means of Wilson's of F1 and of the recall,
 *                     class by class.  Of 200,000 random classifiers (2 to 7
 *                     classes of 2 to 200 rows) none was beyond them and yet
 *                     without an error more often than .044 (F1), .029
 *   ece               15 bins of equal width (stats/calibration.h); bootstrap
 *   auroc             two classes: of the second one in sorted order; else of
 *                     each against the rest, and their mean (without a class,
 *                     its ends the means of theirs); DeLong
 *
 * Metrics that the columns do not allow are left out.
 */
#ifndef STREAM_METRIC_H
#define STREAM_METRIC_H

#include <stdint.h>

#include "stream/prediction_table.h"

struct metric_options {
    uint64_t seed; /* of the bootstraps */
};

/*
 * All splits, train first, test last.  Takes rows without a label too, to count
 * them.  Where there are p: columns, 4 bytes a row and class are kept, and once
 * more 4 bytes a row of one class while its area is computed.
 */
extern const struct prediction_table metric_table;

/* Of the current row, which has a label; the reader has p: columns. */
double metric_brier(const struct prediction_reader *from);

/* Numbers of the splits in the order of the workflow: order[n_splits]. */
void split_order(const struct dict *splits, size_t *order);

#endif
