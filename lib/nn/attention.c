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
 * are padded with zeros.  `longer` is n in whole lanes.
 */
struct head {
    size_t n, width, row, number;
    size_t in, out; /* from one step of x, of y to the next */
    size_t x, y;    /* where its parts of x and y start */
    size_t wide, longer, step, y_step;
    bool copied;
    real *q, *k, *v, *dq, *dk, *dv, *to, *dy; /* `to` is its y */
    real *k_t, *v_t;                          /* [width][longer] */
    real *p, *dp, *factor;                    /* [BLOCK][longer], [longer] */
};

enum { TABLES = 8 };

static size_t room_of_thread(const struct layer *layer,
                             const struct batch *batch)
{
    const struct attention_state *s = layer->own;
    size_t wide = in_lanes(layer->out.channels / s->heads),
           longer = in_lanes(batch->steps);

    return TABLES * batch->steps * wide + 2 * wide * longer +
           (2 * BLOCK + 1) * longer;
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
    h.longer = in_lanes(h.n);
    h.k_t = take(&room, h.width * h.longer);
    h.v_t = take(&room, h.width * h.longer);
    h.p = take(&room, BLOCK * h.longer);
    h.dp = take(&room, BLOCK * h.longer);
    h.factor = take(&room, h.longer);
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

/* to[width][longer] = from[n][step]^T */
static void transpose(const struct head *h, const real *from, real *to)
{
    for (size_t j = 0; j < h->width; j++) {
        for (size_t t = 0; t < h->n; t++)
            to[j * h->longer + t] = from[t * h->step + j];
        for (size_t t = h->n; t < h->longer; t++)
            to[j * h->longer + t] = 0;
    }
}

static void clear_behind(real *to, size_t channels, const struct head *h,
                         const struct batch *batch)
{
    memset(to + (h->row * batch->steps + h->n) * channels, 0,
           (batch->steps - h->n) * channels * sizeof(real));
}

/* ---- probabilities ---- */

/* By halves: a fixed order, and few steps that wait for each other. */
static inline real sum_of(real sum[LANES])
{
    for (size_t half = LANES / 2; half > 0; half /= 2)
#pragma omp simd
        for (size_t l = 0; l < half; l++)
            sum[l] += sum[l + half];
    return sum[0];
}

static inline real most_of(real most[LANES])
{
    for (size_t half = LANES / 2; half > 0; half /= 2)
#pragma omp simd
        for (size_t l = 0; l < half; l++)
            most[l] = most[l + half] > most[l] ? most[l + half] : most[l];
    return most[0];
}

/* p = softmax(scale p) of n values; the padding up to `longer` becomes zero. */
SIMD_CLONES static void soften(real *p, size_t n, size_t longer, real scale)
{
    real most[LANES], sum[LANES] = {0}, top, share;

    for (size_t j = n; j < longer; j++)
        p[j] = p[0];
    memcpy(most, p, sizeof(most));
    for (size_t j = 0; j < longer; j += LANES)
#pragma omp simd
        for (size_t l = 0; l < LANES; l++)
            most[l] = p[j + l] > most[l] ? p[j + l] : most[l];
    top = most_of(most);
#pragma omp simd
    for (size_t j = 0; j < longer; j++)
        p[j] = exp_of(scale * (p[j] - top));
    for (size_t j = n; j < longer; j++)
        p[j] = 0;
    for (size_t j = 0; j < longer; j += LANES)
#pragma omp simd
        for (size_t l = 0; l < LANES; l++)
            sum[l] += p[j + l];
    share = 1 / sum_of(sum);
#pragma omp simd
    for (size_t j = 0; j < longer; j++)
        p[j] *= share;
}

/* P of queries [at, at + m). */
static void probabilities(const struct head *h, size_t at, size_t m)
{
    struct strided q = {h->q + at * h->step, h->step, 1};
    real scale = (real)(1 / sqrt((double)h->width));

    product_small(m, h->longer, h->width, q, h->k_t, h->longer, h->p, h->longer,
                  false);
    for (size_t i = 0; i < m; i++)
        soften(h->p + i * h->longer, h->n, h->longer, scale);
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

static size_t block_of(const struct head *h, size_t at)
{
    return h->n - at < BLOCK ? h->n - at : BLOCK;
}

static void load_inputs(const struct head *h, const real *x)
{
    load(h, x + h->x, h->in, h->q);
    load(h, x + h->x + h->out, h->in, h->k);
    load(h, x + h->x + 2 * h->out, h->in, h->v);
    transpose(h, h->k, h->k_t);
}

static void head_forward(const struct layer *layer, const struct layer_io *io,
                         const struct head *h)
{
    load_inputs(h, io->x);
    for (size_t at = 0; at < h->n; at += BLOCK) {
        size_t m = block_of(h, at);
        probabilities(h, at, m);
        for (size_t i = 0; drops(layer, io->pass) && i < m; i++) {
            fill_factor(layer, io->pass, h, at + i);
            for (size_t j = 0; j < h->n; j++)
                h->p[i * h->longer + j] *= h->factor[j];
        }
        product_small(m, h->wide, h->n, (struct strided){h->p, h->longer, 1},
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

/* dp: dZ from dy v^T; p: f P. */
SIMD_CLONES static void soften_backward(const real *factor, real *p, real *dp,
                                        size_t longer, real scale)
{
    real sum[LANES] = {0}, all;

    for (size_t j = 0; j < longer; j += LANES)
#pragma omp simd
        for (size_t l = 0; l < LANES; l++) {
            dp[j + l] *= factor[j + l];
            sum[l] += dp[j + l] * p[j + l];
        }
    all = sum_of(sum);
#pragma omp simd
    for (size_t j = 0; j < longer; j++) {
        dp[j] = scale * p[j] * (dp[j] - all);
        p[j] *= factor[j];
    }
}

/* Of queries [at, at + m): dq, and what they add to dk and dv. */
static void block_backward(const struct layer *layer, const struct layer_io *io,
                           const struct head *h, size_t at, size_t m)
{
    const real *q = h->q + at * h->step, *dy = h->dy + at * h->y_step;
    struct strided from_p = {h->p, 1, h->longer},
                   from_dp = {h->dp, 1, h->longer};
    real scale = (real)(1 / sqrt((double)h->width));
    bool more = at > 0;

    probabilities(h, at, m);
    product_small(m, h->longer, h->width, (struct strided){dy, h->y_step, 1},
                  h->v_t, h->longer, h->dp, h->longer, false);
    for (size_t i = 0; i < m; i++) {
        if (drops(layer, io->pass))
            fill_factor(layer, io->pass, h, at + i);
        soften_backward(h->factor, h->p + i * h->longer, h->dp + i * h->longer,
                        h->longer, scale);
    }
    product_small(m, h->wide, h->n, (struct strided){h->dp, h->longer, 1}, h->k,
                  h->step, h->dq + at * h->step, h->step, false);
    product_small(h->n, h->wide, m, from_dp, q, h->step, h->dk, h->step, more);
    product_small(h->n, h->wide, m, from_p, dy, h->y_step, h->dv, h->step,
                  more);
}

static void head_backward(const struct layer *layer, const struct layer_io *io,
                          const struct head *h)
{
    real *dx = io->dx + h->x;

    load_inputs(h, io->x);
    load(h, io->dy + h->y, h->out, h->dy);
    transpose(h, h->v, h->v_t);
    for (size_t j = 0; j < h->longer; j++)
        h->factor[j] = 1;
    for (size_t at = 0; at < h->n; at += BLOCK)
        block_backward(layer, io, h, at, block_of(h, at));
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
