/*
 * profile_block: some rows of a file, read, predicted and put into their
 * profiles.
 */
#ifndef ANALYSIS_PROFILE_BLOCK_H
#define ANALYSIS_PROFILE_BLOCK_H

#include "analysis/profile_fill.h"

/* Rows of the block that go to one side. */
struct block_side {
    size_t *row, n, capacity;
};

/*
 * bulk: the records as text.  prob[n][classes], pred[n] (PREDICTION_NONE:
 * none), trained[n]: whether the model was trained on that row.
 */
#define PREDICTION_NONE UINT32_MAX
struct profile_block {
    const struct profile_frame *frame;
    struct csv_reader *reader;
    const struct csv_bulk *bulk;
    const struct table *table;
    float *prob;
    uint32_t *pred;
    bool *trained;
    size_t capacity;
    size_t first_record; /* its number in the file, from 1 */
    struct block_side *side;
    size_t n_sides, sides_capacity;
};

/* Adds the block's rows to items and features, by all threads. */
void profile_block_add(const struct profile_block *block,
                       struct profile_sides *sides);

/* Adds those that belong to the samples. */
void profile_block_sample(const struct profile_block *block,
                          struct profile_sides *sides);

#endif
