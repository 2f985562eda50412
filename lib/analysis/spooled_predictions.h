/*
 * spooled_predictions: a model's predictions of data, as a stream that can be
 * read twice.
 */
#ifndef ANALYSIS_SPOOLED_PREDICTIONS_H
#define ANALYSIS_SPOOLED_PREDICTIONS_H

#include "model/predictor.h"
#include "stream/prediction.h"

/*
 * Predicts all records of a file by the model, into a file without a name in
 * TMPDIR, and opens it; options->probs says whether there are p: columns.
 * notes: predictor_notes.  Memory does not grow with the rows.
 */
int spooled_predictions_open(struct prediction_reader *reader,
                             const char *model,
                             const struct predictor_options *options,
                             char *path, const struct csv_options *csv,
                             struct buf *notes, struct err *err);

#endif
