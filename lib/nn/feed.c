#include "nn/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/augment.h"
#include "nn/loss.h"

enum { MOST_BLOCK = 256, BLOCK_BYTES = 1 << 26, PARALLEL_VALUES = 1 << 10 };

void feed_init(struct feed *f, struct net *net, const struct encoder *encoder,
               const struct table *table)
{
    memset(f, 0, sizeof(*f));
    f->net = net;
    shards_init(&f->shards, net);
    f->encoder = encoder;
    f->table = table;
}

void feed_release(struct feed *f)
{
    batch_release(&f->batch);
    batch_release(&f->targets);
    shards_release(&f->shards);
    free(f->kept);
    free(f->place);
    free(f->x);
    memset(f, 0, sizeof(*f));
}

void feed_adapt(struct feed *f, struct adapt *adapt)
{
    f->shards.adapt = adapt_any(adapt) ? adapt : NULL;
}

void feed_hook(struct feed *f, const struct train_hooks *hooks)
{
    f->hooks = f->shards.hooks = hooks;
}

size_t feed_steps(const struct feed *f)
{
    const struct table *t = f->table;
    const size_t *start = f->encoder->form == FORM_TOKENS ? t->tokens.start
                                                          : t->sequences.start;
    size_t most = 1;

    if (f->encoder->form != FORM_TOKENS && f->encoder->form != FORM_STEPS)
        return 1;
    if (t->schema->n_shape)
        return t->schema->shape[0];
    for (size_t r = 0; r < t->n; r++)
        if (start[r + 1] - start[r] > most)
            most = start[r + 1] - start[r];
    return most;
}

size_t feed_row_work(const struct feed *f)
{
    return net_row_work(f->net, feed_steps(f));
}

size_t feed_block(const struct feed *f)
{
    size_t steps = feed_steps(f);
    size_t n = BLOCK_BYTES / (net_row_bytes(f->net, steps) + 1);

    n = n / BATCH_TILE * BATCH_TILE;
    return n < BATCH_TILE ? BATCH_TILE : n > MOST_BLOCK ? MOST_BLOCK : n;
}

/* ---- layers that never change ---- */

static void keep_block(struct feed *f, struct tape *tape, const size_t *rows,
                       size_t n, size_t at)
{
    struct pass pass = {.training = false};
    const real *y;

    encoder_encode(f->encoder, f->table, rows, n, &f->batch);
    y = net_forward_to(f->net, tape, &f->batch, &pass, f->first);
    memcpy(f->kept + at * f->size, y, n * f->size * sizeof(real));
    for (size_t i = 0; i < n; i++)
        f->place[rows[i]] = (uint32_t)(at + i) + 1;
}

void feed_keep(struct feed *f, const size_t *rows, size_t n)
{
    struct batch one = {.n = 1, .padded = 1, .steps = 1};
    size_t block = feed_block(f);
    struct tape tape = {0};

    f->first = augment_any(&f->net->spec) || f->shards.adapt
                   ? 0
                   : net_frozen_layers(f->net);
    if (!f->first)
        return;
    f->size = shape_size(&f->net->layers[f->first - 1].out, &one);
    f->kept = mem_alloc(n * f->size, sizeof(real));
    f->place = mem_zalloc(f->table->n, sizeof(*f->place));
    for (size_t at = 0; at < n; at += block)
        keep_block(f, &tape, rows + at, n - at < block ? n - at : block, at);
    tape_release(&tape);
}

/* The kept outputs of these rows side by side, as a batch. */
static const real *gather(struct feed *f, const size_t *rows, size_t n)
{
    struct batch *b = &f->batch;
    size_t need;

    b->n = n;
    b->padded = (n + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;
    b->steps = 1;
    need = b->padded * f->size;
    if (need > f->x_capacity) {
        free(f->x);
        f->x = mem_aligned(need, sizeof(real));
        f->x_capacity = need;
    }
    for (size_t i = 0; i < n; i++)
        memcpy(f->x + i * f->size,
               f->kept + (size_t)(f->place[rows[i]] - 1) * f->size,
               f->size * sizeof(real));
    memset(f->x + n * f->size, 0, (b->padded - n) * f->size * sizeof(real));
    return f->x;
}

/* ---- passes ---- */

/* The batch of these rows; what it passes through instead, or NULL. */
static const real *load(struct feed *f, const size_t *rows, size_t n)
{
    if (f->first)
        return gather(f, rows, n);
    encoder_encode(f->encoder, f->table, rows, n, &f->batch);
    return NULL;
}

static void hook_inputs(struct feed *f, bool training)
{
    if (f->hooks && f->hooks->inputs)
        f->hooks->inputs(f->hooks->context, &f->batch, training);
}

const real *feed_look(struct feed *f, const size_t *rows, size_t n)
{
    struct pass pass = {.training = false};
    const real *x = load(f, rows, n);

    if (f->hooks)
        pass = (struct pass){f->hooks->predicts_as_training, 0, f->looks++, 0};
    hook_inputs(f, false);
    return shards_predict(&f->shards, &f->batch, &pass, f->first, x);
}

static void join_targets(struct feed *f, const struct pass *pass)
{
    const struct adapt *a = f->shards.adapt;

    encoder_encode(f->encoder, a->to->target, a->rows, a->n_rows, &f->targets);
    augment_batch(&f->targets, &f->net->spec, f->encoder, a->rows, pass);
    batch_join(&f->batch, &f->targets);
}

size_t feed_train(struct feed *f, const size_t *rows, size_t n,
                  const struct pass *pass, shards_grade_fn *grade,
                  void *context)
{
    const real *x = load(f, rows, n);

    if (!x)
        augment_batch(&f->batch, &f->net->spec, f->encoder, rows, pass);
    if (!x && f->mixup)
        mixup_apply(f->mixup, &f->batch);
    if (f->shards.adapt)
        join_targets(f, pass);
    hook_inputs(f, true);
    return shards_train(&f->shards, &f->batch, pass, f->first, x, grade,
                        context);
}

/* The logits become probabilities where they stand. */
static void row_probabilities(float *prob, real *z, size_t classes)
{
    softmax(z, z, classes);
    for (size_t k = 0; k < classes; k++)
        prob[k] = (float)z[k];
}

void feed_predict(struct feed *feed, const size_t *rows, size_t n, float *prob)
{
    size_t classes = feed->net->spec.n_classes, block = feed_block(feed);

    for (size_t at = 0; at < n; at += block) {
        size_t some = n - at < block ? n - at : block;
        real *logits = (real *)feed_look(feed, rows + at, some);
#pragma omp parallel for schedule(static) if (some * classes > PARALLEL_VALUES)
        for (size_t i = 0; i < some; i++)
            row_probabilities(prob + (at + i) * classes, logits + i * classes,
                              classes);
    }
}
