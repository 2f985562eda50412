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

#include "csv/rows.h"
#include "stream/prediction.h"

struct top_row;

/* The `most` worst rows so far; 16 bytes a row more for conflicts. */
struct top_losses {
    size_t most, n, seen;
    struct top_row *rows; /* [most] a heap, the smallest loss first */
    struct sighting *sightings;
    size_t n_sightings, capacity;
    size_t *kept; /* [n_kept] columns that are kept ones */
    size_t n_kept;
};

/* Whether a column of predictions is none of the stream's own. */
bool top_is_kept(const char *name);

void top_init(struct top_losses *top, size_t most,
              const struct prediction_reader *from);

/* Adds the reader's current row (one with a label and a loss). */
void top_add(struct top_losses *top, const struct prediction_reader *from);

void top_rows(struct rows *rows, struct top_losses *top,
              const struct prediction_reader *from);
void top_release(struct top_losses *top);

#endif
