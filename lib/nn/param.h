/*
 * param: a tensor that is learned, with its gradient and Adam's moments.
 */
#ifndef NN_PARAM_H
#define NN_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "nn/real.h"

/*
 * Invariants: value, first and second are [rows][cols].  A dense parameter's
 * grad is [rows][cols] too.  A sparse one (an embedding) has gradients for the
 * n_touched rows of the last batch only: grad is [n_touched][cols], of the rows
 * touched[…]; place[row] says where + 1, 0 for rows not touched.
 *
 * `transposed`: the file holds [cols][rows], as PyTorch's Linear has it.
 */
struct param {
    char name[64];
    size_t rows, cols;
    bool sparse, transposed;
    real *value, *grad, *first, *second;
    uint32_t *touched, *place;
    size_t n_touched, touched_capacity, grad_capacity;
};

/* Zeroed.  `name` is that of the file. */
void param_init(struct param *param, const char *name, size_t rows, size_t cols,
                bool sparse);
void param_release(struct param *param);

/* Independent normal values with this standard deviation. */
void param_fill_normal(struct param *param, double deviation, struct rng *rng);

/* Forgets the touched rows; then param_touch marks those of a batch. */
void param_untouch(struct param *param);
void param_touch(struct param *param, uint32_t row);

/* Zeroes the gradient of the touched rows, making room for it. */
void param_clear_touched(struct param *param);

/* Number of values of grad. */
size_t param_grad_size(const struct param *param);

#endif
