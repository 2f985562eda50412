#include "nn/shards.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "nn/finite.h"
#include "nn/passes.h"

/* Multiply-adds of a row for each weight, from which on shards are worth it. */
enum { WORK_PER_VALUE = 4, SUM_CHUNK = 1 << 12, PARALLEL_VALUES = 1 << 15 };

void shards_init(struct shards *s, struct net *net)
{
    memset(s, 0, sizeof(*s));
    s->net = net;
}

void shards_release(struct shards *s)
{
    for (size_t i = 0; i < s->n; i++) {
        tape_release(&s->at[i].tape);
        if (i > 0)
            net_free(s->at[i].net);
    }
    free(s->at);
    free(s->logits);
    memset(s, 0, sizeof(*s));
}

/* ---- cutting ---- */

static bool mixes_rows(const struct net *net)
{
    for (size_t i = 0; i < net->n_layers; i++)
        if (net->layers[i].ops->mixes_rows)
            return true;
    return false;
}

static bool is_heavy(struct net *net, const struct batch *batch)
{
    const struct param *p;
    size_t values = 0;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        values += p->sparse ? 0 : param_size(p);
    return net_row_work(net, batch->steps) >= WORK_PER_VALUE * values;
}

/* So many shards are there from now on. */
static void make(struct shards *s, size_t n)
{
    if (n <= s->n)
        return;
    s->at = mem_resize(s->at, n, sizeof(*s->at));
    memset(s->at + s->n, 0, (n - s->n) * sizeof(*s->at));
    for (; s->n < n; s->n++)
        s->at[s->n].net = s->n == 0 ? s->net : net_replica(s->net);
}

static struct batch rows_of(const struct batch *whole, size_t begin, size_t end)
{
    struct batch part = *whole;

    part.shard = end - begin < whole->padded;
    part.first = begin;
    part.padded = part.capacity = end - begin;
    part.n = whole->n < begin ? 0 : whole->n - begin;
    part.n = part.n < part.padded ? part.n : part.padded;
    part.dense += begin * whole->n_dense;
    part.start += begin * whole->n_slots;
    part.length = whole->length ? whole->length + begin : NULL;
    part.step = whole->step ? whole->step + begin * whole->steps * whole->n_step
                            : NULL;
    part.token = whole->token ? whole->token + begin * whole->steps : NULL;
    return part;
}

/* Forward through rows [begin, end) of a batch. */
static const real *forward(struct shards *s, struct shard *shard,
                           const struct batch *batch, size_t begin, size_t end,
                           const struct pass *pass, size_t first, const real *x)
{
    shard->batch = rows_of(batch, begin, end);
    if (!x)
        return net_forward(shard->net, &shard->tape, &shard->batch, pass);
    x += begin * shape_size(&s->net->layers[first - 1].out, batch);
    return net_forward_from(shard->net, &shard->tape, &shard->batch, pass,
                            first, x);
}

/* ---- prediction ---- */

static real *room_for_logits(struct shards *s, const struct batch *batch)
{
    size_t n = batch->padded * s->net->spec.n_classes;

    if (n > s->logits_capacity) {
        free(s->logits);
        s->logits = mem_aligned(n, sizeof(real));
        s->logits_capacity = n;
    }
    return s->logits;
}

const real *shards_predict(struct shards *s, const struct batch *batch,
                           const struct pass *pass, size_t first, const real *x)
{
    size_t tiles = batch->padded / BATCH_TILE, classes = s->net->spec.n_classes,
           threads;
    real *logits;

    make(s, 1);
    if (tiles < 2 || !is_heavy(s->net, batch))
        return forward(s, s->at, batch, 0, batch->padded, pass, first, x);
    threads = (size_t)parallel_threads();
    threads = threads < tiles ? threads : tiles;
    make(s, threads);
    logits = room_for_logits(s, batch);
#pragma omp parallel for schedule(static) num_threads((int)threads)
    for (size_t t = 0; t < tiles; t++) {
        struct shard *shard = &s->at[threads > 1 ? omp_get_thread_num() : 0];
        const real *z = forward(s, shard, batch, t * BATCH_TILE,
                                (t + 1) * BATCH_TILE, pass, first, x);
        memcpy(logits + t * BATCH_TILE * classes, z,
               BATCH_TILE * classes * sizeof(real));
    }
    return logits;
}

/* ---- training ---- */

size_t shards_count(struct net *net, const struct batch *batch)
{
    size_t tiles = batch->padded / BATCH_TILE;

    if (tiles < 2 || mixes_rows(net) || !is_heavy(net, batch))
        return 1;
    return tiles < SHARDS_MOST ? tiles : SHARDS_MOST;
}

static void sum_dense(struct shards *s, struct param *sum, size_t which)
{
    size_t n = param_size(sum);

#pragma omp for schedule(static) nowait
    for (size_t at = 0; at < n; at += SUM_CHUNK)
        for (size_t i = 1; i < s->used; i++)
            pass_add(sum->grad + at, sum->grad + at,
                     net_param(s->at[i].net, which)->grad + at,
                     n - at < SUM_CHUNK ? n - at : SUM_CHUNK);
}

static void sum_gradients(struct shards *s)
{
    struct param *p;
    size_t values = 0;

    for (size_t i = 0; (p = net_param(s->net, i)); i++) {
        for (size_t k = 1; k < s->used && p->sparse && !p->fixed; k++)
            param_add_touched(p, net_param(s->at[k].net, i));
        values += p->fixed || p->sparse ? 0 : param_size(p);
    }
#pragma omp parallel private(p) if (values > PARALLEL_VALUES)
    for (size_t i = 0; (p = net_param(s->net, i)); i++)
        if (!p->fixed && !p->sparse)
            sum_dense(s, p, i);
}

static void train_shard(struct shards *s, size_t i, const struct batch *batch,
                        const struct pass *pass, size_t first, const real *x,
                        shards_grade_fn *grade, void *context)
{
    size_t tiles = batch->padded / BATCH_TILE, begin, end;
    struct shard *shard = &s->at[i];
    const real *logits;
    real *dlogits;

    parallel_piece(tiles, (int)s->used, (int)i, &begin, &end);
    logits = forward(s, shard, batch, begin * BATCH_TILE, end * BATCH_TILE,
                     pass, first, x);
    dlogits = net_dlogits(shard->net, &shard->tape, &shard->batch);
    memset(dlogits, 0,
           shard->batch.padded * s->net->spec.n_classes * sizeof(*dlogits));
    grade(context, i, shard->batch.first, shard->batch.n, logits, dlogits);
    net_backward(shard->net, &shard->tape, &shard->batch, pass);
}

size_t shards_train(struct shards *s, const struct batch *batch,
                    const struct pass *pass, size_t first, const real *x,
                    shards_grade_fn *grade, void *context)
{
    s->used = shards_count(s->net, batch);
    make(s, s->used);
    if (s->used == 1) {
        train_shard(s, 0, batch, pass, first, x, grade, context);
        return 1;
    }
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < s->used; i++)
        train_shard(s, i, batch, pass, first, x, grade, context);
    sum_gradients(s);
    return s->used;
}

/* ---- looking ---- */

void shards_gather_activity(struct shards *s)
{
    for (size_t i = 1; i < s->n; i++)
        for (size_t l = 0; l < s->net->n_layers; l++) {
            struct layer *to = &s->net->layers[l];
            if (to->ops->gather)
                to->ops->gather(to, &s->at[i].net->layers[l]);
        }
}

/* The first shard's gradients are the sums of all. */
const char *shards_lost(const struct shards *s)
{
    const char *where = NULL;

    for (size_t i = 0; i < s->used && !where; i++)
        where =
            finite_lost_output(s->at[i].net, &s->at[i].tape, &s->at[i].batch);
    if (!where)
        where = finite_lost(s->net, &s->at[0].tape, &s->at[0].batch);
    return where ? where : "the loss";
}
