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
    for (size_t i = 1; i < s->n; i++)
        net_free(s->nets[i]);
    for (size_t i = 0; i < s->n_tapes; i++)
        tape_release(&s->tapes[i]);
    free(s->nets);
    free(s->tapes);
    free(s->logits);
    memset(s, 0, sizeof(*s));
}

/* ---- cutting ---- */

static bool is_heavy(struct net *net, const struct batch *batch)
{
    const struct param *p;
    size_t values = 0;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        values += p->sparse ? 0 : param_size(p);
    return net_row_work(net, batch->steps) >= WORK_PER_VALUE * values;
}

/* So many networks and tapes are there from now on. */
static void make(struct shards *s, size_t nets, size_t tapes)
{
    if (nets > s->n)
        s->nets = mem_resize(s->nets, nets, sizeof(*s->nets));
    for (; s->n < nets; s->n++)
        s->nets[s->n] = s->n == 0 ? s->net : net_replica(s->net);
    if (tapes <= s->n_tapes)
        return;
    s->tapes = mem_resize(s->tapes, tapes, sizeof(*s->tapes));
    memset(s->tapes + s->n_tapes, 0, (tapes - s->n_tapes) * sizeof(*s->tapes));
    s->n_tapes = tapes;
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

/* Forward through some rows of a batch. */
static const real *forward(const struct shards *s,
                           const struct shards_input *in, struct net *net,
                           struct tape *tape, const struct batch *rows)
{
    size_t first = in->first;
    const real *logits =
        in->x ? net_forward_from(
                    net, tape, rows, &in->pass, first,
                    in->x + rows->first *
                                shape_size(&net->layers[first - 1].out, rows))
              : net_forward(net, tape, rows, &in->pass);

    if (s->hooks && s->hooks->outputs)
        s->hooks->outputs(s->hooks->context, (real *)logits, rows->n,
                          net->spec.n_classes);
    return logits;
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

/* In tiles, which threads share. */
static const real *predict_tiles(struct shards *s,
                                 const struct shards_input *in)
{
    size_t tiles = in->batch->padded / BATCH_TILE,
           n = BATCH_TILE * s->net->spec.n_classes,
           threads = (size_t)parallel_threads();
    real *logits = room_for_logits(s, in->batch);

    threads = threads < tiles ? threads : tiles;
    make(s, threads, threads);
#pragma omp parallel for schedule(static) num_threads((int)threads)
    for (size_t t = 0; t < tiles; t++) {
        int own = threads > 1 ? omp_get_thread_num() : 0;
        struct batch rows =
            rows_of(in->batch, t * BATCH_TILE, (t + 1) * BATCH_TILE);
        memcpy(logits + t * n,
               forward(s, in, s->nets[own], &s->tapes[own], &rows),
               n * sizeof(real));
    }
    return logits;
}

const real *shards_predict(struct shards *s, const struct batch *batch,
                           const struct pass *pass, size_t first, const real *x)
{
    struct shards_input in = {batch, *pass, first, x};

    make(s, 1, 1);
    return batch->padded > BATCH_TILE && is_heavy(s->net, batch)
               ? predict_tiles(s, &in)
               : forward(s, &in, s->net, s->tapes, batch);
}

/* ---- training ---- */

size_t shards_count(struct net *net, const struct batch *batch)
{
    size_t tiles = batch->padded / BATCH_TILE;

    if (tiles < 2 || net_mixes_rows(net) || !is_heavy(net, batch))
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
                     net_param(s->nets[i], which)->grad + at,
                     n - at < SUM_CHUNK ? n - at : SUM_CHUNK);
}

static void sum_gradients(struct shards *s)
{
    struct param *p;
    size_t values = 0;

    for (size_t i = 0; (p = net_param(s->net, i)); i++) {
        for (size_t k = 1; k < s->used && p->sparse && !p->fixed; k++)
            param_add_touched(p, net_param(s->nets[k], i));
        values += p->fixed || p->sparse ? 0 : param_size(p);
    }
#pragma omp parallel private(p) if (values > PARALLEL_VALUES)
    for (size_t i = 0; (p = net_param(s->net, i)); i++)
        if (!p->fixed && !p->sparse)
            sum_dense(s, p, i);
}

static struct batch rows_of_shard(const struct shards *s, size_t i)
{
    const struct batch *batch = s->last.batch;
    size_t begin, end;

    parallel_piece(batch->padded / BATCH_TILE, (int)s->used, (int)i, &begin,
                   &end);
    return rows_of(batch, begin * BATCH_TILE, end * BATCH_TILE);
}

static void train_shard(struct shards *s, size_t i, struct tape *tape,
                        shards_grade_fn *grade, void *context)
{
    struct batch rows = rows_of_shard(s, i);
    struct net *net = s->nets[i];
    const real *logits = forward(s, &s->last, net, tape, &rows);
    real *dlogits = net_dlogits(net, tape, &rows);

    memset(dlogits, 0, rows.padded * net->spec.n_classes * sizeof(*dlogits));
    grade(context, i, rows.first, rows.n, logits, dlogits);
    if (s->adapt)
        adapt_gradient(s->adapt, net, tape, &rows);
    if (s->hooks && s->hooks->back)
        s->hooks->back(s->hooks->context, logits, dlogits, rows.n,
                       net->spec.n_classes);
    net_backward(net, tape, &rows, &s->last.pass);
}

size_t shards_train(struct shards *s, const struct batch *batch,
                    const struct pass *pass, size_t first, const real *x,
                    shards_grade_fn *grade, void *context)
{
    s->last = (struct shards_input){batch, *pass, first, x};
    s->used = shards_count(s->net, batch);
    make(s, s->used, s->used > 1 ? (size_t)parallel_threads() : 1);
    if (s->used == 1) {
        train_shard(s, 0, s->tapes, grade, context);
        return 1;
    }
#pragma omp parallel for schedule(static) num_threads(parallel_threads())
    for (size_t i = 0; i < s->used; i++)
        train_shard(s, i, &s->tapes[omp_get_thread_num()], grade, context);
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
                to->ops->gather(to, &s->nets[i]->layers[l]);
        }
}

/* The gradients of the network itself are the sums of all. */
const char *shards_lost(struct shards *s)
{
    const char *where = NULL;
    struct batch rows;

    for (size_t i = s->used; i-- > 0 && !where;) {
        rows = rows_of_shard(s, i);
        forward(s, &s->last, s->net, s->tapes, &rows);
        where = finite_lost_output(s->net, s->tapes, &rows);
    }
    if (!where)
        where = finite_lost(s->net, s->tapes, &rows);
    return where ? where : "the loss";
}
