/*
 * attention: for each head, with s = 1 / sqrt(width / heads) and f what
 * dropout leaves of a probability (0 or 1 / (1 - rate); 1 in prediction)
 *     P = softmax(s q k^T),  y = (f P) v
 * and back
 *     dv = (f P)^T dy,  dP = f (dy v^T),
 *     dZ = s P (dP - sum over keys of dP P),  dq = dZ k,  dk = dZ^T q
 *
 * The work of one head of one row is done by one thread, in blocks of
 * queries, in an order that depends on the row's own length only.  Matrices of
 * probabilities stand transposed, a row for each key, so that the queries of a
 * block are summed side by side.  P is computed again in backward: it would
 * take steps x steps.
 */
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/simd.h"
#include "nn/elementary.h"
#include "nn/layer.h"
#include "nn/product_small.h"
#include "nn/room.h"

enum { BLOCK = 64, PARALLEL_WORK = 1 << 18 };

struct attention_state {
    size_t heads;
    double dropout;
    struct room room;
};

/* ---- one head of one row, and the room of the thread that is on it ---- */

/*
 * Its matrices, vectors of `width` values a step, from one to the next of
 * which it is `step` values in x and dx and `y_step` in y and dy.  They are
 * where the tensors are if vectors fill whole lanes, else copies in rows that
 * are padded with zeros.
 */
struct head {
    size_t n, width, row, number;
    size_t in, out; /* from one step of x, of y to the next */
    size_t x, y;    /* where its parts of x and y start */
    size_t wide, step, y_step;
    bool copied;
    real *q, *k, *v, *dq, *dk, *dv, *to, *dy; /* `to` is its y */
    real *q_t, *dy_t;                         /* [width][BLOCK], of a block */
    real *p, *dp, *factor;                    /* [n][BLOCK], of a block */
};

enum { TABLES = 8 };

static size_t room_of_thread(const struct layer *layer,
                             const struct batch *batch)
{
    const struct attention_state *s = layer->own;
    size_t wide = in_lanes(layer->out.channels / s->heads);

    return TABLES * batch->steps * wide + 2 * wide * BLOCK +
           3 * batch->steps * BLOCK;
}

static void make_room(struct layer *layer, const struct batch *batch)
{
    struct attention_state *s = layer->own;

    room_take(&s->room,
              (size_t)omp_get_max_threads() * room_of_thread(layer, batch));
}

static real *take(real **room, size_t n)
{
    real *taken = *room;

    *room += n;
    return taken;
}

static void place_tables(struct head *h, const struct layer_io *io, real **room)
{
    real **own[TABLES] = {&h->q,  &h->k,  &h->v,  &h->dq,
                          &h->dk, &h->dv, &h->to, &h->dy};

    h->copied = h->width % LANES != 0;
    h->step = h->copied ? h->wide : h->in;
    h->y_step = h->copied ? h->wide : h->out;
    if (h->copied) {
        for (int t = 0; t < TABLES; t++)
            *own[t] = take(room, h->n * h->wide);
        return;
    }
    h->q = (real *)io->x + h->x;
    h->k = h->q + h->out;
    h->v = h->k + h->out;
    h->to = io->y + h->y;
    h->dy = (real *)io->dy + (io->dy ? h->y : 0);
    h->dq = io->dx + (io->dx ? h->x : 0);
    h->dk = h->dq + (io->dx ? h->out : 0);
    h->dv = h->dk + (io->dx ? h->out : 0);
}

/* Unit i of padded x heads. */
static struct head head_of(const struct layer *layer, const struct layer_io *io,
                           size_t i)
{
    const struct attention_state *s = layer->own;
    const struct batch *batch = io->batch;
    struct head h = {.row = i / s->heads, .number = i % s->heads};
    real *room = s->room.at +
                 (size_t)omp_get_thread_num() * room_of_thread(layer, batch);

    h.n = batch->length[h.row];
    h.width = layer->out.channels / s->heads;
    h.in = layer->in.channels;
    h.out = layer->out.channels;
    h.x = h.row * batch->steps * h.in + h.number * h.width;
    h.y = h.row * batch->steps * h.out + h.number * h.width;
    h.wide = in_lanes(h.width);
    h.q_t = take(&room, h.width * BLOCK);
    h.dy_t = take(&room, h.width * BLOCK);
    h.p = take(&room, h.n * BLOCK);
    h.dp = take(&room, h.n * BLOCK);
    h.factor = take(&room, h.n * BLOCK);
    place_tables(&h, io, &room);
    return h;
}

/* to[n][wide] from steps of x or dy, where copies are needed. */
static void load(const struct head *h, const real *from, size_t step, real *to)
{
    for (size_t t = 0; t < h->n && h->copied; t++) {
        memcpy(to + t * h->wide, from + t * step, h->width * sizeof(real));
        memset(to + t * h->wide + h->width, 0,
               (h->wide - h->width) * sizeof(real));
    }
}

static void store(const struct head *h, const real *from, size_t step, real *to)
{
    for (size_t t = 0; t < h->n && h->copied; t++)
        memcpy(to + t * step, from + t * h->wide, h->width * sizeof(real));
}

/* Queries [at, at + m), side by side in `lanes` places. */
struct block {
    size_t at, m, lanes;
};

static struct block block_at(const struct head *h, size_t at)
{
    size_t m = h->n - at < BLOCK ? h->n - at : BLOCK;

    return (struct block){at, m, in_lanes(m)};
}

/* to[width][lanes] = the rows of a block, transposed; zero behind them. */
static void transpose(const struct head *h, const struct block *b,
                      const real *from, size_t step, real *to)
{
    from += b->at * step;
    for (size_t j = 0; j < h->width; j++) {
        real *row = to + j * b->lanes;
        for (size_t i = 0; i < b->m; i++)
            row[i] = from[i * step + j];
        for (size_t i = b->m; i < b->lanes; i++)
            row[i] = 0;
    }
}

static void clear_behind(real *to, size_t channels, const struct head *h,
                         const struct batch *batch)
{
    memset(to + (h->row * batch->steps + h->n) * channels, 0,
           (batch->steps - h->n) * channels * sizeof(real));
}

/* ---- probabilities ---- */

/* p[n][lanes]: softmax(scale p) over the n keys of each query. */
SIMD_CLONES static void soften(real *p, size_t n, size_t lanes, real scale)
{
    for (size_t c = 0; c < lanes; c += LANES, p += LANES) {
        real most[LANES], sum[LANES] = {0};
        memcpy(most, p, sizeof(most));
        for (size_t k = 1; k < n; k++)
#pragma omp simd
            for (size_t l = 0; l < LANES; l++)
                most[l] = p[k * lanes + l] > most[l] ? p[k * lanes + l]
                                                     : most[l];
        for (size_t k = 0; k < n; k++)
#pragma omp simd
            for (size_t l = 0; l < LANES; l++) {
                real e = exp_of(scale * (p[k * lanes + l] - most[l]));
                p[k * lanes + l] = e;
                sum[l] += e;
            }
#pragma omp simd
        for (size_t l = 0; l < LANES; l++)
            sum[l] = 1 / sum[l];
        for (size_t k = 0; k < n; k++)
#pragma omp simd
            for (size_t l = 0; l < LANES; l++)
                p[k * lanes + l] *= sum[l];
    }
}

static real scale_of(const struct head *h)
{
    return (real)(1 / sqrt((double)h->width));
}

static void probabilities(const struct head *h, const struct block *b)
{
    transpose(h, b, h->q, h->step, h->q_t);
    product_small(h->n, b->lanes, h->width, (struct strided){h->k, h->step, 1},
                  h->q_t, b->lanes, h->p, b->lanes, false);
    soften(h->p, h->n, b->lanes, scale_of(h));
}

static bool drops(const struct layer *layer, const struct pass *pass)
{
    const struct attention_state *s = layer->own;

    return pass->training && s->dropout > 0;
}

/*
 * What dropout leaves of each key of a query, [n][lanes]: splitmix64 from a
 * hash of (seed, step, layer, row, head, query), the same both ways.
 */
static void fill_factor(const struct layer *layer, const struct layer_io *io,
                        const struct head *h, const struct block *b)
{
    const struct attention_state *s = layer->own;
    real left = (real)(1 / (1 - s->dropout));

    for (size_t i = 0; i < b->m; i++) {
        uint64_t name[6] = {io->pass->seed, io->pass->step,
                            layer->index,   io->batch->first + h->row,
                            h->number,      b->at + i};
        uint64_t state = hash_bytes(name, sizeof(name));
        for (size_t k = 0; k < h->n; k++) {
            uint64_t hash = hash_finish(state += 0x9e3779b97f4a7c15u);
            bool kept = (double)(hash >> 11) * 0x1p-53 >= s->dropout;
            h->factor[k * b->lanes + i] = kept ? left : 0;
        }
    }
}

/* p = f p */
SIMD_CLONES static void scale_by(real *p, const real *factor, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        p[i] *= factor[i];
}

/* ---- forward ---- */

static void load_inputs(const struct head *h, const real *x)
{
    load(h, x + h->x, h->in, h->q);
    load(h, x + h->x + h->out, h->in, h->k);
    load(h, x + h->x + 2 * h->out, h->in, h->v);
}

static void head_forward(const struct layer *layer, const struct layer_io *io,
                         const struct head *h)
{
    load_inputs(h, io->x);
    for (size_t at = 0; at < h->n; at += BLOCK) {
        struct block b = block_at(h, at);
        probabilities(h, &b);
        if (drops(layer, io->pass)) {
            fill_factor(layer, io, h, &b);
            scale_by(h->p, h->factor, h->n * b.lanes);
        }
        product_small(b.m, h->wide, h->n, (struct strided){h->p, 1, b.lanes},
                      h->v, h->step, h->to + at * h->y_step, h->y_step, false);
    }
    store(h, h->to, h->out, io->y + h->y);
}

/* Worth several threads: about the products of one pass. */
static bool is_large(const struct layer *layer, const struct batch *batch)
{
    return batch->padded * batch->steps * batch->steps * layer->out.channels >
           PARALLEL_WORK;
}

static void attention_forward(struct layer *layer, const struct layer_io *io)
{
    const struct batch *batch = io->batch;
    size_t units = batch->padded *
                   ((struct attention_state *)layer->own)->heads;

    make_room(layer, batch);
#pragma omp parallel for schedule(static) if (is_large(layer, batch))
    for (size_t i = 0; i < units; i++) {
        struct head h = head_of(layer, io, i);
        head_forward(layer, io, &h);
        if (h.number == 0)
            clear_behind(io->y, h.out, &h, batch);
    }
}

/* ---- backward ---- */

/* dp: dZ from dy v^T of n keys, without dropout; p is P. */
SIMD_CLONES static void soften_backward(const real *p, real *dp, size_t n,
                                        size_t lanes, real scale)
{
    for (size_t c = 0; c < lanes; c += LANES, p += LANES, dp += LANES) {
        real sum[LANES] = {0};
        for (size_t k = 0; k < n; k++)
#pragma omp simd
            for (size_t l = 0; l < LANES; l++)
                sum[l] += dp[k * lanes + l] * p[k * lanes + l];
        for (size_t k = 0; k < n; k++)
#pragma omp simd
            for (size_t l = 0; l < LANES; l++)
                dp[k * lanes + l] = scale * p[k * lanes + l] *
                                    (dp[k * lanes + l] - sum[l]);
    }
}

/* dq of a block, and what it adds to dk and dv. */
static void block_backward(const struct layer *layer, const struct layer_io *io,
                           const struct head *h, const struct block *b)
{
    const real *q = h->q + b->at * h->step, *dy = h->dy + b->at * h->y_step;
    struct strided p = {h->p, b->lanes, 1}, dp = {h->dp, b->lanes, 1};
    bool more = b->at > 0, dropped = drops(layer, io->pass);

    probabilities(h, b);
    transpose(h, b, h->dy, h->y_step, h->dy_t);
    product_small(h->n, b->lanes, h->width, (struct strided){h->v, h->step, 1},
                  h->dy_t, b->lanes, h->dp, b->lanes, false);
    if (dropped) {
        fill_factor(layer, io, h, b);
        scale_by(h->dp, h->factor, h->n * b->lanes);
    }
    soften_backward(h->p, h->dp, h->n, b->lanes, scale_of(h));
    if (dropped)
        scale_by(h->p, h->factor, h->n * b->lanes);
    product_small(b->m, h->wide, h->n, (struct strided){h->dp, 1, b->lanes},
                  h->k, h->step, h->dq + b->at * h->step, h->step, false);
    product_small(h->n, h->wide, b->m, dp, q, h->step, h->dk, h->step, more);
    product_small(h->n, h->wide, b->m, p, dy, h->y_step, h->dv, h->step, more);
}

static void head_backward(const struct layer *layer, const struct layer_io *io,
                          const struct head *h)
{
    real *dx = io->dx + h->x;

    load_inputs(h, io->x);
    load(h, io->dy + h->y, h->out, h->dy);
    for (size_t at = 0; at < h->n; at += BLOCK) {
        struct block b = block_at(h, at);
        block_backward(layer, io, h, &b);
    }
    store(h, h->dq, h->in, dx);
    store(h, h->dk, h->in, dx + h->out);
    store(h, h->dv, h->in, dx + 2 * h->out);
}

static void attention_backward(struct layer *layer, const struct layer_io *io)
{
    const struct batch *batch = io->batch;
    size_t units = batch->padded *
                   ((struct attention_state *)layer->own)->heads;

    if (!io->dx)
        return;
    make_room(layer, batch);
#pragma omp parallel for schedule(static) if (is_large(layer, batch))
    for (size_t i = 0; i < units; i++) {
        struct head h = head_of(layer, io, i);
        head_backward(layer, io, &h);
        if (h.number == 0)
            clear_behind(io->dx, h.in, &h, batch);
    }
}

/* ---- making one ---- */

static void attention_release(struct layer *layer)
{
    struct attention_state *s = layer->own;

    room_release(&s->room);
    free(s);
}

static const struct layer_ops attention_ops = {.name = "attention",
                                               .forward = attention_forward,
                                               .backward = attention_backward,
                                               .release = attention_release};

void layer_attention(struct layer *layer, size_t width, size_t heads,
                     double dropout)
{
    struct attention_state *s = mem_zalloc(1, sizeof(*s));

    memset(layer, 0, sizeof(*layer));
    layer->ops = &attention_ops;
    layer->in = SHAPE_STEPS(3 * width);
    layer->out = SHAPE_STEPS(width);
    layer->own = s;
    s->heads = heads;
    s->dropout = dropout;
}
