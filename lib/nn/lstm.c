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
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/layer.h"
#include "nn/product.h"

enum { PARALLEL_WORK = 1 << 18, COLUMNS = 16, LANES = 8 };

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH };

struct lstm_state {
    real *room;   /* [rows][6 hidden] */
    real *before; /* [rows][steps][hidden] h of the step before */
    size_t room_capacity, before_capacity;
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

static real *room_for(struct layer *layer, const struct batch *batch)
{
    struct lstm_state *s = layer->own;

    s->room = mem_grow(s->room, &s->room_capacity,
                       batch->padded * 6 * layer->out.channels, sizeof(real));
    return s->room;
}

/* ---- sigmoid and tanh ---- */

/*
 * e^x - 1 = 2^k (e^r - 1) + 2^k - 1 with x = k ln 2 + r, |r| <= ln 2 / 2, and
 * Taylor's series for r: accurate near 0 too, and free of branches and calls,
 * so that LANES of them are computed side by side.
 */
static inline real expm1_of(real x)
{
    real limited = x > 88 ? 88 : x < -87 ? -87 : x;
#ifdef NN_DOUBLE
    return expm1(limited);
#else
    const float round = 0x1.8p23f; /* adding it leaves k in the low bits */
    float shifted = limited * (float)M_LOG2E + round, power, r, p;
    uint32_t bits;

    memcpy(&bits, &shifted, sizeof(bits));
    bits = (bits + 127) << 23;
    memcpy(&power, &bits, sizeof(power)); /* 2^k */
    shifted -= round;
    r = limited - shifted * 0x1.63p-1f + shifted * 2.12194440e-4f; /* ln 2 */
    p = 1.f / 5040;
    p = p * r + 1.f / 720;
    p = p * r + 1.f / 120;
    p = p * r + 1.f / 24;
    p = p * r + 1.f / 6;
    p = p * r + .5f;
    p = p * r * r + r;
    return (power - 1) + power * p;
#endif
}

static inline real tanh_of(real x)
{
    real e = expm1_of(2 * x);

    return e / (e + 2);
}

static void sigmoids(real *x, size_t n)
{
    size_t whole = n - n % LANES;

    for (size_t j = 0; j < whole; j += LANES)
        for (size_t l = 0; l < LANES; l++)
            x[j + l] = 1 / (2 + expm1_of(-x[j + l]));
    for (size_t j = whole; j < n; j++)
        x[j] = 1 / (2 + expm1_of(-x[j]));
}

static void tanhs(real *x, size_t n)
{
    size_t whole = n - n % LANES;

    for (size_t j = 0; j < whole; j += LANES)
        for (size_t l = 0; l < LANES; l++)
            x[j + l] = tanh_of(x[j + l]);
    for (size_t j = whole; j < n; j++)
        x[j] = tanh_of(x[j]);
}

/* ---- forward ---- */

/* gate: x W_ih before, the gates after; cell[hidden..) is the new one. */
static void cell_forward(const struct layer *layer, const real *sum, real *gate,
                         real *cell, real *h)
{
    const real *b_ih = layer->params[BIAS_IH].value,
               *b_hh = layer->params[BIAS_HH].value;
    size_t n = layer->out.channels;

    for (size_t j = 0; j < 4 * n; j++)
        gate[j] = gate[j] + sum[j] + (b_ih[j] + b_hh[j]);
    sigmoids(gate, 2 * n);
    tanhs(gate + 2 * n, n);
    sigmoids(gate + 3 * n, n);
    for (size_t j = 0; j < n; j++)
        cell[n + j] = gate[n + j] * cell[j] + gate[j] * gate[2 * n + j];
    memcpy(h, cell + n, n * sizeof(real));
    tanhs(h, n);
    for (size_t j = 0; j < n; j++)
        h[j] *= gate[3 * n + j];
}

static void tile_forward(const struct layer *layer, const struct layer_io *io,
                         size_t first, real *h)
{
    const real *weight = layer->params[WEIGHT_HH].value;
    size_t n = layer->out.channels, steps = io->batch->steps;
    size_t longest = longest_of_tile(io->batch, first);
    real *sum = h + PRODUCT_TILE * n;

    memset(h, 0, PRODUCT_TILE * n * sizeof(real));
    for (size_t r = first; r < first + PRODUCT_TILE; r++) {
        size_t own = io->batch->length[r];
        memset(cells_of(layer, io, r), 0, n * sizeof(real));
        memset(io->y + (r * steps + own) * n, 0,
               (steps - own) * n * sizeof(real));
    }
    for (size_t t = 0; t < longest; t++) {
        product_one(false, false, PRODUCT_TILE, 4 * n, n, h, n, weight, 4 * n,
                    0, sum, 4 * n);
        for (size_t i = 0; i < PRODUCT_TILE; i++) {
            size_t r = first + i;
            if (t >= io->batch->length[r])
                continue;
            cell_forward(layer, sum + i * 4 * n,
                         gates_of(layer, io, r) + t * 4 * n,
                         cells_of(layer, io, r) + t * n, h + i * n);
            memcpy(io->y + (r * steps + t) * n, h + i * n, n * sizeof(real));
        }
    }
}

static void lstm_forward(struct layer *layer, const struct layer_io *io)
{
    const struct param *weight = &layer->params[WEIGHT_IH];
    const struct batch *batch = io->batch;
    size_t n = layer->out.channels, rows = batch->padded * batch->steps;
    real *room = room_for(layer, batch);

    product_forward(io->keep, io->x, weight->value, rows, weight->rows, 4 * n);
#pragma omp parallel for schedule(static) if (rows * n * n > PARALLEL_WORK)
    for (size_t r = 0; r < batch->padded; r += PRODUCT_TILE)
        tile_forward(layer, io, r, room + r * 6 * n);
}

/* ---- backward ---- */

/*
 * dz from dh and dc (of the new cell, without what comes by h); dc becomes
 * that of the cell before.
 */
static void cell_backward(size_t n, const real *gate, const real *cell,
                          const real *dh, real *dc, real *dz)
{
    memcpy(dz + 3 * n, cell + n, n * sizeof(real));
    tanhs(dz + 3 * n, n);
    for (size_t j = 0; j < n; j++) {
        real i = gate[j], f = gate[n + j], g = gate[2 * n + j],
             o = gate[3 * n + j], squashed = dz[3 * n + j];
        dc[j] += dh[j] * o * (1 - squashed * squashed);
        dz[j] = dc[j] * g * i * (1 - i);
        dz[n + j] = dc[j] * cell[j] * f * (1 - f);
        dz[2 * n + j] = dc[j] * i * (1 - g * g);
        dz[3 * n + j] = dh[j] * squashed * o * (1 - o);
        dc[j] *= f;
    }
}

/* Step t of one row; behind its end dz is zero, and so is what came back. */
static void row_backward(const struct layer *layer, const struct layer_io *io,
                         size_t r, size_t t, real *dh, real *dc, real *dz)
{
    size_t n = layer->out.channels;
    const real *dy = io->dy + (r * io->batch->steps + t) * n;
    real *gate = gates_of(layer, io, r) + t * 4 * n;

    if (t >= io->batch->length[r]) {
        memset(dz, 0, 4 * n * sizeof(real));
        return;
    }
    for (size_t j = 0; j < n; j++)
        dh[j] += dy[j];
    cell_backward(n, gate, cells_of(layer, io, r) + t * n, dh, dc, dz);
    memcpy(gate, dz, 4 * n * sizeof(real));
}

static void tile_backward(const struct layer *layer, const struct layer_io *io,
                          size_t first, real *dh)
{
    const real *weight = layer->params[WEIGHT_HH].value;
    size_t n = layer->out.channels, steps = io->batch->steps;
    real *dc = dh + PRODUCT_TILE * n, *dz = dc + PRODUCT_TILE * n;

    memset(dh, 0, 2 * PRODUCT_TILE * n * sizeof(real));
    for (size_t r = first; r < first + PRODUCT_TILE; r++) {
        size_t own = io->batch->length[r];
        memset(gates_of(layer, io, r) + own * 4 * n, 0,
               (steps - own) * 4 * n * sizeof(real));
    }
    for (size_t t = longest_of_tile(io->batch, first); t-- > 0;) {
        for (size_t i = 0; i < PRODUCT_TILE; i++)
            row_backward(layer, io, first + i, t, dh + i * n, dc + i * n,
                         dz + i * 4 * n);
        product_one(false, true, PRODUCT_TILE, n, 4 * n, dz, 4 * n, weight,
                    4 * n, 0, dh, n);
    }
}

/* h of the step before, for every step. */
static const real *shifted(struct layer *layer, const struct layer_io *io)
{
    struct lstm_state *s = layer->own;
    size_t n = layer->out.channels, steps = io->batch->steps;

    s->before = mem_grow(s->before, &s->before_capacity,
                         io->batch->padded * steps * n, sizeof(real));
    for (size_t r = 0; r < io->batch->padded; r++) {
        real *before = s->before + r * steps * n;
        memset(before, 0, n * sizeof(real));
        memcpy(before + n, io->y + r * steps * n,
               (steps - 1) * n * sizeof(real));
    }
    return s->before;
}

static void sum_of_rows(real *sum, const real *x, size_t rows, size_t cols)
{
#pragma omp parallel for schedule(static) if (rows * cols > PARALLEL_WORK)
    for (size_t from = 0; from < cols; from += COLUMNS) {
        size_t to = from + COLUMNS < cols ? from + COLUMNS : cols;
        memset(sum + from, 0, (to - from) * sizeof(real));
        for (size_t r = 0; r < rows; r++)
            for (size_t j = from; j < to; j++)
                sum[j] += x[r * cols + j];
    }
}

static void parameter_gradients(struct layer *layer, const struct layer_io *io,
                                const real *dz)
{
    struct param *p = layer->params;
    size_t n = layer->out.channels, rows = io->batch->padded * io->batch->steps;

    if (!p[WEIGHT_IH].fixed)
        product_weight(p[WEIGHT_IH].grad, io->x, dz, rows, p[WEIGHT_IH].rows,
                       4 * n);
    if (!p[WEIGHT_HH].fixed)
        product_weight(p[WEIGHT_HH].grad, shifted(layer, io), dz, rows, n,
                       4 * n);
    if (p[BIAS_IH].fixed && p[BIAS_HH].fixed)
        return;
    sum_of_rows(p[BIAS_IH].grad, dz, rows, 4 * n);
    memcpy(p[BIAS_HH].grad, p[BIAS_IH].grad, 4 * n * sizeof(real));
}

static void lstm_backward(struct layer *layer, const struct layer_io *io)
{
    const struct param *weight = &layer->params[WEIGHT_IH];
    const struct batch *batch = io->batch;
    size_t n = layer->out.channels, rows = batch->padded * batch->steps;
    real *room = room_for(layer, batch);

#pragma omp parallel for schedule(static) if (rows * n * n > PARALLEL_WORK)
    for (size_t r = 0; r < batch->padded; r += PRODUCT_TILE)
        tile_backward(layer, io, r, room + r * 6 * n);
    parameter_gradients(layer, io, io->keep);
    if (io->dx)
        product_input(io->dx, io->keep, weight->value, rows, weight->rows,
                      4 * n);
}

/* ---- making one ---- */

static void lstm_release(struct layer *layer)
{
    struct lstm_state *s = layer->own;

    free(s->room);
    free(s->before);
    free(s);
}

static const struct layer_ops lstm_ops = {.name = "lstm",
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
