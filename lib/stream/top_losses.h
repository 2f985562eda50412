/*
 * top_losses: the rows a model is most wrong about.
 *
 *     the prediction columns, largest loss first, then
 *     conflict,conflict_label
 *
 * Where another row says nearly the same in the kept columns
 * (stream/top_conflicts.h) and has another label, one of the two must be wrong:
 * conflict is the id of the first such row (its number, from 1, where there is
 * no id), conflict_label its label.
 */
#ifndef STREAM_TOP_LOSSES_H
#define STREAM_TOP_LOSSES_H

#include "stream/prediction_table.h"

struct top_options {
    size_t most; /* rows to be written */
};

/*
 * Needs loss, or p: columns.  Where there are kept columns the rows are read
 * twice; memory is for the N rows only.
 */
extern const struct prediction_table top_table;

/* Whether a column of predictions is none of the stream's own. */
bool top_is_kept(const char *name);

#endif
