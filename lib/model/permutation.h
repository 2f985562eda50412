/*
 * permutation: which features a model's success rests on (permutation
 * importance).
 *
 *     feature,metric,drop,low,high
 *
 * The cells of one feature are permuted among the rows that are scored
 * (table/exchange.h), so that it no longer belongs to its row, but has the
 * values it always has; `drop` is how much worse the metric is then, its mean
 * over the permutations, with the interval of stats/permuted_loss.h: what it
 * would be for other rows and other permutations.  A feature is a column: a
 * number, a category, a text, a sequence, the path of an image.
 *
 * Metrics are those of metric_kind.h; of macro_f1 the drop is what it falls by.
 * A log loss counts a probability below 1e-37 as that.
 *
 * The rows stay in memory as the table has them (table/table.h: 4 bytes a
 * number or category, 8 an n-gram, images as far as image_rows.h keeps them),
 * and 80 bytes a row besides; for a model of one feature 4 bytes a class too,
 * since its predictions are permuted in its place.  Time: a prediction of all
 * rows for each feature and permutation, else one for all.
 */
#ifndef MODEL_PERMUTATION_H
#define MODEL_PERMUTATION_H

#include "model/predictor.h"
#include "stream/metric_kind.h"

struct permutation_options {
    enum metric_kind metric;
    size_t repeats; /* permutations of each feature, at least 1 */
    uint64_t seed;
};

enum { PERMUTATION_REPEATS = 10 }; /* unless asked for others */

/*
 * Reads all records (predictor_load) for a predictor that is bound to them.
 * The largest drop comes first; equal ones in the order of the columns.  Notes
 * tell the metric as it is, and which features may not be needed.  A model
 * without features, or a single row, is an error.
 */
int permutation_rows(struct predictor *predictor, struct csv_reader *data,
                     const struct permutation_options *options,
                     struct rows *rows, struct buf *notes, struct err *err);

#endif
