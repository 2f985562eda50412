/*
 * sampler: which rows an epoch is made of, and in what order.
 *
 *   shuffle   every row once
 *   balanced  as many draws as there are rows, with replacement: a class, all
 *             alike, then one of its rows
 */
#ifndef NN_SAMPLER_H
#define NN_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "nn/hyper.h"

struct sampler_rows {
    const size_t *rows;       /* [n] */
    const uint32_t *class_of; /* [n] */
    size_t n, n_classes;
};

/* Fills order[n]; the same for the same seed and epoch. */
void sampler_order(size_t *order, const struct sampler_rows *rows,
                   enum sampler kind, uint64_t seed, size_t epoch);

#endif
