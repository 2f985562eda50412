/*
 * batch_rows: copies of encoded batches, for faults that give a step other
 * rows than its own.
 */
#ifndef FAULTS_BATCH_ROWS_H
#define FAULTS_BATCH_ROWS_H

#include "table/encoder.h"

/* A copy of all that is encoded; batch_release frees it. */
void batch_copy(struct batch *to, const struct batch *from);

/*
 * Row i of `to` becomes row order[i] of `from`, i < to->n; both are of one
 * network and have as many rows.
 */
void batch_fill(struct batch *to, const struct batch *from,
                const size_t *order);

#endif
