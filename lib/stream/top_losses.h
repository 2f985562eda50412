/*
 * top_losses: the rows a model is most wrong about.
 *
 *     the prediction columns, largest loss first, then `conflict`
 *
 * conflict is `yes` where another row with the same kept cells (folded to
 * caseless form) has another label, so that one of the two must be wrong.
 */
#ifndef STREAM_TOP_LOSSES_H
#define STREAM_TOP_LOSSES_H

#include "stream/prediction_table.h"

struct top_options {
    size_t most; /* rows to be written */
};

/* Needs loss, or p: columns; 16 bytes a row where there are kept columns. */
extern const struct prediction_table top_table;

/* Whether a column of predictions is none of the stream's own. */
bool top_is_kept(const char *name);

#endif
