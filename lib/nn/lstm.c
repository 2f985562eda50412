/*
 * lstm: with z = x W_ih + b_ih + h W_hh + b_hh of the step before's h
 *     i, f, o = sigmoid(z),  g = tanh(z),  c' = f c + i g,  h' = o tanh(c')
 * and back, dh being dy + what comes from the step after:
 *     dc += dh o (1 - tanh(c')^2),  do = dh tanh(c'),  di = dc g,  dg = dc i,
 *     df = dc c,  and on to the step before dc f and dz W_hh^T
 *
 * What does not wait for the step before is one product over all steps; the
 * rest goes step by step, 16 rows through all their steps on one thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/elementary.h"
#include "nn/layer.h"
#include "nn/product.h"

enum { PARALLEL_WORK = 1 << 18 };

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH };

struct lstm_state {
    struct room room;   /* in forward the bias, h and sum; struct back */
    struct room before; /* [rows][steps][hidden] h of the step before */
    struct room sums;   /* of the gradients of weights */
};

/*
 * What is kept: the gates [rows][steps][4 hidden], in whose place backward
 * puts its dz, and the cells [rows][steps + 1][hidden], a zero one first.
 */
static size_t lstm_keep(const struct layer *layer, const struct batch *batch)
{
    return (5 * batch->steps + 1) * layer->out.channels;
}

static real *gates_of(const struct layer *layer, const struct layer_io *io,
                      size_t r)
{
    return io->keep + r * io->batch->steps * 4 * layer->out.channels;
}

static real *cells_of(const struct layer *layer, const struct layer_io *io,
                      size_t r)
{
    return gates_of(layer, io, io->batch->padded) +
           r * (io->batch->steps + 1) * layer->out.channels;
}

static size_t longest_of_tile(const struct batch *batch, size_t first)
{
    size_t longest = 0;

    for (size_t r = first; r < first + PRODUCT_TILE; r++)
        if (batch->length[r] > longest)
            longest = batch->length[r];
    return longest;
}

/* ---- forward ---- */

/*
 * gate: what comes of x and the bias before, the gates after; sum: what comes
 * of h; cell[n..) and h are the new ones.
 */
SIMD_CLONES static void cell_forward(size_t n, const real *sum, real *gate,
                                     real *cell, real *h)
{
#pragma omp simd
    for (size_t j = 0; j < n; j++) {
        real i = sigmoid_of(gate[j] + sum[j]),
             f = sigmoid_of(gate[n + j] + sum[n + j]),
             g = tanh_of(gate[2 * n + j] + sum[2 * n + j]),
             o = sigmoid_of(gate[3 * n + j] + sum[3 * n + j]),
             c = f * cell[j] + i * g;
        gate[j] = i;
        gate[n + j] = f;
        gate[2 * n + j] = g;
        gate[3 * n + j] = o;
        cell[n + j] = c;
        h[j] = o * tanh_of(c);
    }
}

/* Cells start from zero; behind its end a row's h is zero. */
static void clear_tile(const struct layer *layer, const struct layer_io *io,
                       size_t first)
{
    size_t n = layer->out.channels, steps = io->batch->steps;

    for (size_t r = first; r < first + PRODUCT_TILE; r++) {
        size_t own = io->batch->length[r];
        memset(cells_of(layer, io, r), 0, n * sizeof(real));
        memset(io->y + (r * steps + own) * n, 0,
               (steps - own) * n * sizeof(real));
    }
}

/* h and sum stand by themselves: a product's bits may depend on strides. */
static void tile_forward(const struct layer *layer, const struct layer_io *io,
                         size_t first, real *h)
{
    const real *weight = layer->params[WEIGHT_HH].value;
    size_t n = layer->out.channels, steps = io->batch->steps;
    size_t longest = longest_of_tile(io->batch, first);
    real *sum = h + PRODUCT_TILE * n;

    clear_tile(layer, io, first);
    memset(h, 0, PRODUCT_TILE * n * sizeof(real));
    for (size_t t = 0; t < longest; t++) {
        product_one(false, false, PRODUCT_TILE, 4 * n, n, h, n, weight, 4 * n,
                    0, sum, 4 * n);
        for (size_t i = 0; i < PRODUCT_TILE; i++) {
            size_t r = first + i;
            if (t >= io->batch->length[r])
                continue;
            cell_forward(n, sum + i * 4 * n, gates_of(layer, io, r) + t * 4 * n,
                         cells_of(layer, io, r) + t * n, h + i * n);
            memcpy(io->y + (r * steps + t) * n, h + i * n, n * sizeof(real));
        }
    }
}

static void lstm_forward(struct layer *layer, const struct layer_io *io)
{
    const struct param *weight = &layer->params[WEIGHT_IH];
    const struct batch *batch = io->batch;
    struct lstm_state *s = layer->own;
    size_t n = layer->out.channels, rows = batch->padded * batch->steps;
    real *bias = room_take(&s->room, 4 * n + batch->padded * 5 * n);

    for (size_t j = 0; j < 4 * n; j++)
        bias[j] = layer->params[BIAS_IH].value[j] +
                  layer->params[BIAS_HH].value[j];
    product_forward(io->keep, io->x, weight->value, bias, rows, weight->rows,
                    4 * n);
#pragma omp parallel for schedule(static) if (rows * n * n > PARALLEL_WORK)
    for (size_t r = 0; r < batch->padded; r += PRODUCT_TILE)
        tile_forward(layer, io, r, bias + 4 * n + r * 5 * n);
}

/* ---- backward ---- */

/*
 * What backward works in: W_hh transposed, and for each tile dh and dc
 * [PRODUCT_TILE][n] and the sum of its dz, [4 n].
 */
struct back {
    real *transposed, *dh, *dc, *sum;
};

static size_t tile_room(size_t n)
{
    return (2 * PRODUCT_TILE + 4) * n;
}

static struct back back_of(const struct layer *layer, size_t tile)
{
    size_t n = layer->out.channels;
    real *room = ((struct lstm_state *)layer->own)->room.at;
    real *own = room + 4 * n * n + tile * tile_room(n);

    return (struct back){room, own, own + PRODUCT_TILE * n,
                         own + 2 * PRODUCT_TILE * n};
}

/*
 * dz, in the gates' place, from dy, dh and dc (of the new cell, without what
 * comes by h); dc becomes that of the cell before.
 */
SIMD_CLONES static void cell_backward(size_t n, const real *dy, real *gate,
                                      const real *cell, const real *dh_in,
                                      real *dc, real *sum)
{
#pragma omp simd
    for (size_t j = 0; j < n; j++) {
        real i = gate[j], f = gate[n + j], g = gate[2 * n + j],
             o = gate[3 * n + j], squashed = tanh_of(cell[n + j]),
             dh = dy[j] + dh_in[j],
             d = dc[j] + dh * o * (1 - squashed * squashed),
             di = d * g * i * (1 - i), df = d * cell[j] * f * (1 - f),
             dg = d * i * (1 - g * g), d_o = dh * squashed * o * (1 - o);
        gate[j] = di;
        gate[n + j] = df;
        gate[2 * n + j] = dg;
        gate[3 * n + j] = d_o;
        sum[j] += di;
        sum[n + j] += df;
        sum[2 * n + j] += dg;
        sum[3 * n + j] += d_o;
        dc[j] = d * f;
    }
}

static void tile_backward(const struct layer *layer, const struct layer_io *io,
                          size_t first)
{
    size_t n = layer->out.channels, steps = io->batch->steps;
    struct back b = back_of(layer, first / PRODUCT_TILE);
    real *gate = gates_of(layer, io, first);

    memset(b.dh, 0, tile_room(n) * sizeof(real));
    for (size_t r = first; r < first + PRODUCT_TILE; r++) {
        size_t own = io->batch->length[r];
        memset(gates_of(layer, io, r) + own * 4 * n, 0,
               (steps - own) * 4 * n * sizeof(real));
    }
    for (size_t t = longest_of_tile(io->batch, first); t-- > 0;) {
        for (size_t i = 0; i < PRODUCT_TILE; i++)
            if (t < io->batch->length[first + i])
                cell_backward(n, io->dy + ((first + i) * steps + t) * n,
                              gate + (i * steps + t) * 4 * n,
                              cells_of(layer, io, first + i) + t * n,
                              b.dh + i * n, b.dc + i * n, b.sum);
        if (t > 0)
            product_one(false, false, PRODUCT_TILE, n, 4 * n, gate + t * 4 * n,
                        steps * 4 * n, b.transposed, n, 0, b.dh, n);
    }
}

/* h of the step before, for every step. */
static const real *shifted(struct layer *layer, const struct layer_io *io)
{
    struct lstm_state *s = layer->own;
    size_t n = layer->out.channels, steps = io->batch->steps,
           rows = io->batch->padded;
    real *all = room_take(&s->before, rows * steps * n);

#pragma omp parallel for schedule(static) if (rows * steps * n > PARALLEL_WORK)
    for (size_t r = 0; r < rows; r++) {
        real *before = all + r * steps * n;
        memset(before, 0, n * sizeof(real));
        memcpy(before + n, io->y + r * steps * n,
               (steps - 1) * n * sizeof(real));
    }
    return all;
}

static void bias_gradients(struct layer *layer, const struct layer_io *io)
{
    struct param *p = layer->params;
    size_t n = 4 * layer->out.channels;
    real *grad = p[BIAS_IH].grad;

    memset(grad, 0, n * sizeof(real));
    for (size_t i = 0; i < io->batch->padded / PRODUCT_TILE; i++) {
        const real *sum = back_of(layer, i).sum;
        for (size_t j = 0; j < n; j++)
            grad[j] += sum[j];
    }
    memcpy(p[BIAS_HH].grad, grad, n * sizeof(real));
}

static void parameter_gradients(struct layer *layer, const struct layer_io *io,
                                const real *dz)
{
    struct param *p = layer->params;
    struct lstm_state *s = layer->own;
    size_t n = layer->out.channels, rows = io->batch->padded * io->batch->steps;

    if (!p[WEIGHT_IH].fixed)
        product_weight(p[WEIGHT_IH].grad, NULL, io->x, dz, rows,
                       p[WEIGHT_IH].rows, 4 * n, &s->sums);
    if (!p[WEIGHT_HH].fixed)
        product_weight(p[WEIGHT_HH].grad, NULL, shifted(layer, io), dz, rows, n,
                       4 * n, &s->sums);
    if (!p[BIAS_IH].fixed || !p[BIAS_HH].fixed)
        bias_gradients(layer, io);
}

static void lstm_backward(struct layer *layer, const struct layer_io *io)
{
    const struct param *weight = &layer->params[WEIGHT_IH];
    const struct batch *batch = io->batch;
    size_t n = layer->out.channels, rows = batch->padded * batch->steps;
    struct lstm_state *s = layer->own;
    real *room = room_take(&s->room, 4 * n * n + batch->padded / PRODUCT_TILE *
                                                     tile_room(n));

    product_transpose(room, layer->params[WEIGHT_HH].value, n, 4 * n);
#pragma omp parallel for schedule(static) if (rows * n * n > PARALLEL_WORK)
    for (size_t r = 0; r < batch->padded; r += PRODUCT_TILE)
        tile_backward(layer, io, r);
    parameter_gradients(layer, io, io->keep);
    if (io->dx)
        product_input(io->dx, io->keep, weight->value, rows, weight->rows,
                      4 * n);
}

/* ---- making one ---- */

static void lstm_release(struct layer *layer)
{
    struct lstm_state *s = layer->own;

    room_release(&s->room);
    room_release(&s->before);
    room_release(&s->sums);
    free(s);
}

static const struct layer_ops lstm_ops = {.name = "lstm",
                                          .needs_y = true,
                                          .forward = lstm_forward,
                                          .backward = lstm_backward,
                                          .keep = lstm_keep,
                                          .release = lstm_release};

static void init_param(struct layer *layer, const char *name, size_t number,
                       const char *which, enum param_layout layout, size_t rows)
{
    char end[PARAM_NAME], full[PARAM_NAME];

    snprintf(end, sizeof(end), "%s_l%zu", which, number);
    layer_name(full, name, end);
    param_init(&layer->params[layer->n_params++], full, layout, rows,
               4 * layer->out.channels);
}

void layer_lstm(struct layer *layer, const char *name, size_t number,
                struct shape in, size_t hidden, const struct weight_init *init,
                struct rng *rng)
{
    memset(layer, 0, sizeof(*layer));
    layer->ops = &lstm_ops;
    layer->in = in;
    layer->out = SHAPE_STEPS(hidden);
    layer->own = mem_zalloc(1, sizeof(struct lstm_state));
    init_param(layer, name, number, "weight_ih", PARAM_LINEAR, in.channels);
    init_param(layer, name, number, "weight_hh", PARAM_LINEAR, hidden);
    init_param(layer, name, number, "bias_ih", PARAM_VECTOR, 1);
    init_param(layer, name, number, "bias_hh", PARAM_VECTOR, 1);
    for (int i = WEIGHT_IH; i <= WEIGHT_HH; i++)
        for (size_t gate = 0; gate < 4; gate++) {
            struct param *p = &layer->params[i];
            initialise(p->value + gate * hidden, p->rows, hidden, p->cols,
                       p->rows, hidden, init, rng);
        }
    for (size_t j = hidden; j < 2 * hidden; j++)
        layer->params[BIAS_IH].value[j] = 1;
}
