/*
 * param: a tensor that is learned, with its gradient and what the optimizer
 * keeps of it.
 */
#ifndef NN_PARAM_H
#define NN_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "nn/real.h"

enum { PARAM_NAME = 96, PARAM_RANK = 4 };

/*
 * Invariants: value, first and second are [rows][cols].  A dense parameter's
 * grad is [rows][cols] too.  A sparse one (an embedding) has gradients for the
 * n_touched rows of the last batch only: grad is [n_touched][cols], of the rows
 * touched[…]; place[row] says where + 1, 0 for rows not touched.
 *
 * A fixed parameter is not stepped by the optimizer (--freeze, running
 * averages); its gradient need not be computed.
 *
 * In a file a parameter has the shape and order that PyTorch gives it:
 *   PARAM_VECTOR  [cols]
 *   PARAM_TABLE   [rows][cols], as here (embeddings)
 *   PARAM_LINEAR  [cols][rows]; rows are (pixel, channel) here and (channel,
 *                 pixel) there, where there is more than one pixel
 *   PARAM_CONV    [cols][channels][kernel][kernel], pixels = kernel x kernel
 */
enum param_layout { PARAM_VECTOR, PARAM_TABLE, PARAM_LINEAR, PARAM_CONV };

struct param {
    char name[PARAM_NAME]; /* that of the file */
    size_t rows, cols;
    enum param_layout layout;
    size_t pixels;
    bool sparse, fixed, borrowed; /* the values are another's */
    real *value, *grad, *first, *second;
    uint32_t *touched, *place;
    size_t n_touched, touched_capacity, grad_capacity;
};

/* Zeroed, of 1 pixel. */
void param_init(struct param *param, const char *name, enum param_layout layout,
                size_t rows, size_t cols);

/* The same for an embedding, with layout PARAM_TABLE. */
void param_init_sparse(struct param *param, const char *name, size_t rows,
                       size_t cols);
void param_release(struct param *param);

/* From now on it has the values of another one, of its shape, and no moments.
 */
void param_borrow(struct param *param, const struct param *from);

/* Independent normal values with this standard deviation; rng NULL: none. */
void param_fill_normal(struct param *param, double deviation, struct rng *rng);

/* Forgets the touched rows; then param_touch marks those of a batch. */
void param_untouch(struct param *param);
void param_touch(struct param *param, uint32_t row);

/* Zeroes the gradient of the touched rows, making room for it. */
void param_clear_touched(struct param *param);

/* Adds the gradients of another sparse one, whose rows are touched here too. */
void param_add_touched(struct param *param, const struct param *from);

size_t param_size(const struct param *param);      /* values */
size_t param_grad_size(const struct param *param); /* values of grad */

/* The shape in a file; returns the rank. */
size_t param_shape(const struct param *param, size_t shape[PARAM_RANK]);

/* Values in the order of the file. */
void param_export(const struct param *param, float *to);
void param_import(struct param *param, const float *from);

#endif
