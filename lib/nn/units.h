/*
 * units: which channels of a layer that sets negative values to zero were ever
 * above it.
 */
#ifndef NN_UNITS_H
#define NN_UNITS_H

#include "nn/layer.h"

/* Zeroed: not watching.  Owns used and sums. */
struct units {
    unsigned char *used; /* [channels] */
    double *sums;        /* room */
    size_t channels, unused;
    bool seen; /* anything at all */
};

void units_init(struct units *units, size_t channels);
void units_release(struct units *units);

/*
 * Looks at the output of a training pass: not at padded rows and steps behind
 * the end of a row, and at nothing where all channels are known to be used.
 */
void units_observe(struct units *units, const struct layer *layer,
                   const struct layer_io *io);

/* Takes over what `from` saw, which starts anew. */
void units_gather(struct units *units, struct units *from);

/* Adds what was seen to *activity and starts anew. */
void units_report(struct units *units, struct activity *activity);

#endif
