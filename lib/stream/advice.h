/*
 * advice: what to try next, in the lecture's order (Tobin, "Troubleshooting
 * Deep Neural Networks"), for the largest gap that is beyond noise.
 */
#ifndef STREAM_ADVICE_H
#define STREAM_ADVICE_H

#include "csv/rows.h"
#include "stats/gaps.h"

/*
 * Adds the `next` rows to a table of sources.  Where no gap is beyond noise
 * they say how many rows it would take to tell.
 */
void advice_rows(struct rows *rows, const struct gaps *gaps,
                 const struct split_errors part[SPLIT_COUNT]);

#endif
