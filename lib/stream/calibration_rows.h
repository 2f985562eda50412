/*
 * calibration_rows: how often predictions of each probability are right.
 *
 *     bin,low,high,n,confidence,accuracy,accuracy_low,accuracy_high
 *
 * low and high are the edges of the bin (equal width: low < prob <= high, the
 * first with 0; equal mass: its smallest and largest probability), confidence
 * the mean probability of its n rows, accuracy the share of them that is right
 * (Wilson).  An empty bin has neither.
 *
 * The notes tell the expected calibration error (stats/calibration.h), the
 * Brier score with its parts and whether the whole is over- or underconfident
 * (stats/reliability.h), and, where there are p: columns, the temperature that
 * would mend it (stats/temperature.h).
 *
 * For gates the same numbers are rows `name,value,low,high`, with the names ece
 * brier reliability resolution uncertainty within_bins overconfidence
 * temperature.
 */
#ifndef STREAM_CALIBRATION_ROWS_H
#define STREAM_CALIBRATION_ROWS_H

#include "stream/prediction_table.h"

enum { CALIBRATION_USUAL_BINS = 15 };

struct calibration_options {
    size_t bins; /* at least 1 */
    bool equal_mass;
    uint64_t seed;
};

/*
 * Needs a column prob or p: columns; rows without a probability are left out
 * and counted.  Memory: 4 (classes + 1) bytes a row where there are p: columns,
 * and 8 with equal_mass.
 */
extern const struct prediction_table calibration_table;

#endif
