/*
 * trial_score: how well a network does on some rows.
 */
#ifndef ANALYSIS_TRIAL_SCORE_H
#define ANALYSIS_TRIAL_SCORE_H

#include "nn/trainer.h"
#include "stream/metric_kind.h"

/*
 * `objective` is the metric as a loss; per_row[n] gets '1' where a row is
 * wrong, else '0'.  Rows whose label the network does not know are wrong; they
 * are not in the log loss.
 */
struct trial_score {
    double objective, error, loss;
};

struct trial_score trial_score(struct net *net, const struct train_rows *of,
                               const size_t *rows, size_t n,
                               enum metric_kind metric, char *per_row);

#endif
