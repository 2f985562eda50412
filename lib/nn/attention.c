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

enum { BLOCK = 64, PARALLEL_WORK = 1 << 18 };

struct attention_state {
    size_t heads;
    double dropout;
    real *room;
    size_t room_capacity;
};

/* ---- one head of one row, and the room of the thread that is on it ---- */

/*
 * Vectors stand in rows that are padded with zeros: `wide` values for the
 * width of a head, `longer` ones for the n steps.
 */
struct head {
    size_t n, width, row, number;
    size_t in, out; /* from one step of x, of y to the next */
    size_t x, y;    /* where its parts of x and y start */
    size_t wide, longer;
    real *q, *k, *v, *dy;  /* [n][wide] */
    real *dq, *dk, *dv;    /* [n][wide]; y is in the place of dq */
    real *k_t, *v_t;       /* [width][longer] */
    real *p, *dp, *factor; /* [BLOCK][longer], [longer] */
};

static size_t room_of_thread(const struct layer *layer,
                             const struct batch *batch)
{
    const struct attention_state *s = layer->own;
    size_t wide = in_lanes(layer->out.channels / s->heads),
           longer = in_lanes(batch->steps);

    return 7 * batch->steps * wide + 2 * wide * longer +
           (2 * BLOCK + 1) * longer;
}

static void make_room(struct layer *layer, const struct batch *batch)
{
    struct attention_state *s = layer->own;
    size_t need = (size_t)omp_get_max_threads() * room_of_thread(layer, batch);

    if (need <= s->room_capacity)
        return;
    free(s->room);
    s->room = mem_aligned(need, sizeof(real));
    s->room_capacity = need;
}

static real *take(real **room, size_t n)
{
    real *taken = *room;

    *room += n;
    return taken;
}

/* Unit i of padded x heads. */
static struct head head_of(const struct layer *layer, const struct batch *batch,
                           size_t i)
{
    const struct attention_state *s = layer->own;
    struct head h = {.row = i / s->heads, .number = i % s->heads};
    real *room = s->room +
                 (size_t)omp_get_thread_num() * room_of_thread(layer, batch);
    real **tables[7] = {&h.q, &h.k, &h.v, &h.dy, &h.dq, &h.dk, &h.dv};

    h.n = batch->length[h.row];
    h.width = layer->out.channels / s->heads;
    h.in = layer->in.channels;
    h.out = layer->out.channels;
    h.x = h.row * batch->steps * h.in + h.number * h.width;
    h.y = h.row * batch->steps * h.out + h.number * h.width;
    h.wide = in_lanes(h.width);
    h.longer = in_lanes(h.n);
    for (int t = 0; t < 7; t++)
        *tables[t] = take(&room, h.n * h.wide);
    h.k_t = take(&room, h.width * h.longer);
    h.v_t = take(&room, h.width * h.longer);
    h.p = take(&room, BLOCK * h.longer);
    h.dp = take(&room, BLOCK * h.longer);
    h.factor = take(&room, h.longer);
    return h;
}

/* to[n][wide] from steps of x or dy. */
static void load(const struct head *h, const real *from, size_t step, real *to)
{
    for (size_t t = 0; t < h->n; t++) {
        memcpy(to + t * h->wide, from + t * step, h->width * sizeof(real));
        memset(to + t * h->wide + h->width, 0,
               (h->wide - h->width) * sizeof(real));
    }
}

static void store(const struct head *h, const real *from, size_t step, real *to)
{
    for (size_t t = 0; t < h->n; t++)
        memcpy(to + t * step, from + t * h->wide, h->width * sizeof(real));
}

/* to[width][longer] = from[n][wide]^T */
static void transpose(const struct head *h, const real *from, real *to)
{
    for (size_t j = 0; j < h->width; j++) {
        for (size_t t = 0; t < h->n; t++)
            to[j * h->longer + t] = from[t * h->wide + j];
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

static real sum_of(const real sum[LANES])
{
    real all = 0;

    for (size_t l = 0; l < LANES; l++)
        all += sum[l];
    return all;
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
    top = most[0];
    for (size_t l = 1; l < LANES; l++)
        top = most[l] > top ? most[l] : top;
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
    struct strided q = {h->q + at * h->wide, h->wide, 1};
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
    real *y = h->dq;

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
                      h->v, h->wide, y + at * h->wide, h->wide, false);
    }
    store(h, y, h->out, io->y + h->y);
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
    const real *q = h->q + at * h->wide, *dy = h->dy + at * h->wide;
    struct strided from_p = {h->p, 1, h->longer},
                   from_dp = {h->dp, 1, h->longer};
    real scale = (real)(1 / sqrt((double)h->width));
    bool more = at > 0;

    probabilities(h, at, m);
    product_small(m, h->longer, h->width, (struct strided){dy, h->wide, 1},
                  h->v_t, h->longer, h->dp, h->longer, false);
    for (size_t i = 0; i < m; i++) {
        if (drops(layer, io->pass))
            fill_factor(layer, io->pass, h, at + i);
        soften_backward(h->factor, h->p + i * h->longer, h->dp + i * h->longer,
                        h->longer, scale);
    }
    product_small(m, h->wide, h->n, (struct strided){h->dp, h->longer, 1}, h->k,
                  h->wide, h->dq + at * h->wide, h->wide, false);
    product_small(h->n, h->wide, m, from_dp, q, h->wide, h->dk, h->wide, more);
    product_small(h->n, h->wide, m, from_p, dy, h->wide, h->dv, h->wide, more);
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
