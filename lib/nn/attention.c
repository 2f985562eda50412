/*
 * attention: for each head, with s = 1 / sqrt(width / heads) and f what
 * dropout leaves of a probability (0 or 1 / (1 - rate); 1 in prediction)
 *     P = softmax(s q k^T),  y = (f P) v
 * and back
 *     dv = (f P)^T dy,  dP = f (dy v^T),
 *     dZ = s P (dP - sum over keys of dP P),  dq = dZ k,  dk = dZ^T q
 *
 * The work of one head of one row is done by one thread, in blocks of
 * queries, in an order that depends on the row's own length only.  P is
 * computed again in backward: it would take steps x steps.
 */
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/simd.h"
#include "nn/elementary.h"
#include "nn/layer.h"
#include "nn/product.h"

enum { BLOCK = 64, PARALLEL_WORK = 1 << 18 };

struct attention_state {
    size_t heads;
    double dropout;
    real *room;
    size_t room_capacity;
};

/*
 * One head of one row: where its part of x, y, ... starts, and the room of
 * the thread that is on it.
 */
struct head {
    size_t n, width, row, number; /* steps; channels */
    size_t in, out;               /* from one step of x, of y to the next */
    size_t x, y;
    real *p, *dp; /* [BLOCK][n] */
    real *factor; /* [n] */
};

static size_t room_of_thread(const struct batch *batch)
{
    return batch->steps * (2 * BLOCK + 1);
}

static void make_room(struct layer *layer, const struct batch *batch)
{
    struct attention_state *s = layer->own;
    size_t threads = (size_t)omp_get_max_threads();

    s->room = mem_grow(s->room, &s->room_capacity,
                       threads * room_of_thread(batch), sizeof(real));
}

/* Unit i of padded x heads. */
static struct head head_of(const struct layer *layer, const struct batch *batch,
                           size_t i)
{
    const struct attention_state *s = layer->own;
    struct head h = {.row = i / s->heads, .number = i % s->heads};

    h.n = batch->length[h.row];
    h.width = layer->out.channels / s->heads;
    h.in = layer->in.channels;
    h.out = layer->out.channels;
    h.x = h.row * batch->steps * h.in + h.number * h.width;
    h.y = h.row * batch->steps * h.out + h.number * h.width;
    h.p = s->room + (size_t)omp_get_thread_num() * room_of_thread(batch);
    h.dp = h.p + BLOCK * h.n;
    h.factor = h.dp + BLOCK * h.n;
    return h;
}

static void clear_behind(real *to, size_t channels, const struct head *h,
                         const struct batch *batch)
{
    memset(to + (h->row * batch->steps + h->n) * channels, 0,
           (batch->steps - h->n) * channels * sizeof(real));
}

/* ---- probabilities ---- */

/* p = softmax(scale p) */
SIMD_CLONES static void soften(real *p, size_t n, real scale)
{
    real most = p[0], sum = 0, share;

#pragma omp simd reduction(max : most)
    for (size_t j = 0; j < n; j++)
        most = p[j] > most ? p[j] : most;
#pragma omp simd
    for (size_t j = 0; j < n; j++)
        p[j] = exp_of(scale * (p[j] - most));
    for (size_t j = 0; j < n; j++)
        sum += p[j];
    share = 1 / sum;
#pragma omp simd
    for (size_t j = 0; j < n; j++)
        p[j] *= share;
}

/* P of queries [at, at + m). */
static void probabilities(const struct head *h, const real *x, size_t at,
                          size_t m)
{
    const real *query = x + h->x, *key = query + h->out;
    real scale = (real)(1 / sqrt((double)h->width));

    product_one(false, true, m, h->n, h->width, query + at * h->in, h->in, key,
                h->in, 0, h->p, h->n);
    for (size_t i = 0; i < m; i++)
        soften(h->p + i * h->n, h->n, scale);
}

static bool drops(const struct layer *layer, const struct pass *pass)
{
    const struct attention_state *s = layer->own;

    return pass->training && s->dropout > 0;
}

/*
 * What dropout leaves of each key of a query: splitmix64 from a hash of
 * (seed, step, layer, row, head, query), the same both ways.
 */
static void fill_factor(const struct layer *layer, const struct pass *pass,
                        const struct head *h, size_t query)
{
    const struct attention_state *s = layer->own;
    uint64_t name[6] = {pass->seed, pass->step, layer->index,
                        h->row,     h->number,  query};
    uint64_t state = hash_bytes(name, sizeof(name));
    real left = (real)(1 / (1 - s->dropout));

    for (size_t j = 0; j < h->n; j++) {
        uint64_t hash = hash_finish(state += 0x9e3779b97f4a7c15u);
        bool kept = (double)(hash >> 11) * 0x1p-53 >= s->dropout;
        h->factor[j] = kept ? left : 0;
    }
}

/* ---- forward ---- */

static void head_forward(const struct layer *layer, const struct layer_io *io,
                         const struct head *h)
{
    const real *value = io->x + h->x + 2 * h->out;

    for (size_t at = 0; at < h->n; at += BLOCK) {
        size_t m = h->n - at < BLOCK ? h->n - at : BLOCK;
        probabilities(h, io->x, at, m);
        for (size_t i = 0; drops(layer, io->pass) && i < m; i++) {
            fill_factor(layer, io->pass, h, at + i);
            for (size_t j = 0; j < h->n; j++)
                h->p[i * h->n + j] *= h->factor[j];
        }
        product_one(false, false, m, h->width, h->n, h->p, h->n, value, h->in,
                    0, io->y + h->y + at * h->out, h->out);
    }
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
        struct head h = head_of(layer, batch, i);
        head_forward(layer, io, &h);
        if (h.number == 0)
            clear_behind(io->y, h.out, &h, batch);
    }
}

/* ---- backward ---- */

/* dp: dZ from dy v^T; p: f P. */
static void soften_backward(const struct head *h, real *p, real *dp)
{
    real scale = (real)(1 / sqrt((double)h->width));
    double sum = 0;

    for (size_t j = 0; j < h->n; j++) {
        dp[j] *= h->factor[j];
        sum += (double)dp[j] * (double)p[j];
    }
    for (size_t j = 0; j < h->n; j++) {
        dp[j] = scale * p[j] * (dp[j] - (real)sum);
        p[j] *= h->factor[j];
    }
}

/* Of queries [at, at + m): dq, and what they add to dk and dv. */
static void block_backward(const struct layer *layer, const struct layer_io *io,
                           const struct head *h, size_t at, size_t m)
{
    const real *query = io->x + h->x, *key = query + h->out,
               *value = key + h->out, *dy = io->dy + h->y + at * h->out;
    real *d_query = io->dx + h->x, *d_key = d_query + h->out,
         *d_value = d_key + h->out, beta = at > 0;

    probabilities(h, io->x, at, m);
    product_one(false, true, m, h->n, h->width, dy, h->out, value, h->in, 0,
                h->dp, h->n);
    for (size_t i = 0; i < m; i++) {
        if (drops(layer, io->pass))
            fill_factor(layer, io->pass, h, at + i);
        soften_backward(h, h->p + i * h->n, h->dp + i * h->n);
    }
    product_one(false, false, m, h->width, h->n, h->dp, h->n, key, h->in, 0,
                d_query + at * h->in, h->in);
    product_one(true, false, h->n, h->width, m, h->dp, h->n, query + at * h->in,
                h->in, beta, d_key, h->in);
    product_one(true, false, h->n, h->width, m, h->p, h->n, dy, h->out, beta,
                d_value, h->in);
}

static void head_backward(const struct layer *layer, const struct layer_io *io,
                          const struct head *h)
{
    for (size_t j = 0; j < h->n; j++)
        h->factor[j] = 1;
    for (size_t at = 0; at < h->n; at += BLOCK)
        block_backward(layer, io, h, at, h->n - at < BLOCK ? h->n - at : BLOCK);
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
        struct head h = head_of(layer, batch, i);
        head_backward(layer, io, &h);
        if (h.number == 0)
            clear_behind(io->dx, h.in, &h, batch);
    }
}

/* ---- making one ---- */

static void attention_release(struct layer *layer)
{
    struct attention_state *s = layer->own;

    free(s->room);
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
