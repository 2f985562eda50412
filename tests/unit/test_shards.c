/*
 * A batch in shards against the same batch in one: gradients, logits, what
 * layers saw, and the same bits at any number of threads.
 */
#include "nn/shards.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "nn/loss.h"
#include "nn/networks.h"

enum { CLASSES = 3, ROWS = 50, STEPS = 6, TOKENS = 40 };

/* ---- networks and batches ---- */

struct kind {
    enum net_kind net;
    bool tokens;
    const char *option, *value;
    size_t shards; /* of a batch of ROWS */
};

static const struct kind kinds[] = {
    {NET_LENET, false, "filters", "3,5", 4},
    {NET_LENET, false, "dropout", "0.3", 4},
    {NET_LENET, false, "norm", "layer", 4},
    {NET_LENET, false, "norm", "batch", 1}, /* mixes rows */
    {NET_LSTM, false, "hidden", "24", 4},
    {NET_LSTM, true, "dropout", "0.2", 4},
    {NET_ATTENTION, false, "dropout", "0.2", 4},
    {NET_ATTENTION, true, "width", "32", 4},
    {NET_MLP, false, "hidden", "16", 1}, /* little work a weight */
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static struct net *make_net(const struct kind *kind)
{
    struct net_spec spec = {.n_classes = CLASSES};
    struct err err = {0};

    if (kind->net == NET_LSTM || kind->net == NET_ATTENTION) {
        spec.input.n_step = kind->tokens ? 0 : 5;
        spec.input.n_tokens = kind->tokens ? TOKENS : 0;
    } else {
        spec.input.height = spec.input.width = 12;
        spec.input.channels = 1;
        spec.input.n_dense = 144;
    }
    hyper_init(&spec.hyper, kind->net);
    if (kind->net == NET_LENET) {
        spec.hyper.kernel = 3;
        spec.hyper.hidden = (struct widths){1, {8}};
    }
    assert_int_equal(
        hyper_set(&spec.hyper, hyper_find(kind->option), kind->value, &err), 0);
    return net_new(&spec, 7);
}

static void make_batch(struct batch *b, const struct net_input *in)
{
    bool sequence = in->n_step || in->n_tokens;
    struct rng rng;

    rng_init(&rng, 3, RNG_INIT);
    memset(b, 0, sizeof(*b));
    b->n = ROWS;
    b->padded = b->capacity = (ROWS + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;
    b->n_dense = in->n_dense;
    b->n_step = in->n_step;
    b->steps = sequence ? STEPS : 1;
    b->dense = mem_aligned(b->padded * in->n_dense, sizeof(float));
    b->start = mem_zalloc(1, sizeof(*b->start));
    b->length = mem_alloc(b->padded, sizeof(*b->length));
    b->step = mem_aligned(b->padded * b->steps * in->n_step, sizeof(float));
    b->token = mem_alloc(b->padded * b->steps, sizeof(*b->token));
    for (size_t i = 0; i < ROWS * in->n_dense; i++)
        b->dense[i] = (float)rng_normal(&rng);
    for (size_t r = 0; r < b->padded; r++) {
        b->length[r] = sequence && r < ROWS ? 1 + (uint32_t)(r % STEPS) : 1;
        for (size_t t = 0; t < b->steps; t++) {
            size_t at = r * b->steps + t;
            bool inside = r < ROWS && t < b->length[r];
            for (size_t k = 0; k < in->n_step && inside; k++)
                b->step[at * in->n_step + k] = (float)rng_normal(&rng);
            b->token[at] = inside ? (uint32_t)(r * 7 + t) % TOKENS : TOKEN_NONE;
        }
    }
}

static void free_batch(struct batch *b)
{
    free(b->dense);
    free(b->start);
    free(b->length);
    free(b->step);
    free(b->token);
}

/* ---- one pass ---- */

static const struct pass TRAINING = {.training = true, .seed = 5, .step = 2};
static const struct pass LOOKING = {.training = false};

static void grade(void *context, size_t shard, size_t begin, size_t rows,
                  const real *logits, real *dlogits)
{
    const struct net *net = context;
    real scratch[CLASSES];

    (void)shard;
    for (size_t r = 0; r < rows; r++)
        loss_add_gradient(&net->spec.hyper, dlogits + r * CLASSES,
                          logits + r * CLASSES, CLASSES, (begin + r) % CLASSES,
                          (real)(1 + (begin + r) % 4) / ROWS, scratch);
}

static void train_whole(struct net *net, struct tape *tape,
                        const struct batch *batch)
{
    const real *z = net_forward(net, tape, batch, &TRAINING);
    real *dz = net_dlogits(net, tape, batch);

    memset(dz, 0, batch->padded * CLASSES * sizeof(*dz));
    grade(net, 0, 0, batch->n, z, dz);
    net_backward(net, tape, batch, &TRAINING);
}

/* All gradients, those of a sparse parameter at the places of its rows. */
static real *gradients(struct net *net, size_t *n)
{
    const struct param *p;
    real *all = NULL;

    *n = 0;
    for (size_t i = 0; (p = net_param(net, i)); i++) {
        all = mem_resize(all, *n + param_size(p), sizeof(real));
        memset(all + *n, 0, param_size(p) * sizeof(real));
        for (size_t k = 0; k < param_grad_size(p) && !p->fixed; k++) {
            size_t at =
                p->sparse ? p->touched[k / p->cols] * p->cols + k % p->cols : k;
            all[*n + at] = p->grad[k];
        }
        *n += param_size(p);
    }
    return all;
}

static double largest_of(const real *x, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs((double)x[i]));
    return most;
}

static void check_gradients(const struct kind *kind)
{
    struct net *net = make_net(kind), *other = make_net(kind);
    struct shards shards;
    struct tape tape = {0};
    struct batch batch;
    size_t n;
    real *want, *got;
    double most;

    make_batch(&batch, &net->spec.input);
    shards_init(&shards, net);
    for (int twice = 0; twice < 2; twice++)
        assert_int_equal(
            shards_train(&shards, &batch, &TRAINING, 0, NULL, grade, net),
            kind->shards);
    assert_string_equal(shards_lost(&shards), "the loss");
    got = gradients(net, &n);
    train_whole(other, &tape, &batch);
    want = gradients(other, &n);
    most = largest_of(want, n);
    assert_true(most > 1e-3);
    for (size_t i = 0; i < n; i++)
        assert_true(fabs((double)(got[i] - want[i])) <= 1e-5 * most);
    free(want);
    free(got);
    tape_release(&tape);
    shards_release(&shards);
    free_batch(&batch);
    net_free(net);
    net_free(other);
}

static void shards_train__gradients_of_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        check_gradients(&kinds[i]);
}

static real *gradients_at(const struct kind *kind, int threads, size_t *n)
{
    struct net *net = make_net(kind);
    struct shards shards;
    struct batch batch;
    real *all;

    make_batch(&batch, &net->spec.input);
    shards_init(&shards, net);
    parallel_set_threads(threads);
    shards_train(&shards, &batch, &TRAINING, 0, NULL, grade, net);
    all = gradients(net, n);
    shards_release(&shards);
    free_batch(&batch);
    net_free(net);
    return all;
}

static void shards_train__same_bits_at_any_threads(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        size_t n;
        real *one = gradients_at(&kinds[i], 1, &n);
        for (int threads = 2; threads <= 3; threads++) {
            real *many = gradients_at(&kinds[i], threads, &n);
            assert_memory_equal(one, many, n * sizeof(*one));
            free(many);
        }
        free(one);
    }
    parallel_set_threads(0);
}

static void shards_predict__logits_of_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        for (int threads = 1; threads <= 3; threads += 2) {
            struct net *net = make_net(&kinds[i]);
            struct shards shards;
            struct tape tape = {0};
            struct batch batch;
            const real *got;
            make_batch(&batch, &net->spec.input);
            shards_init(&shards, net);
            parallel_set_threads(threads);
            got = shards_predict(&shards, &batch, &LOOKING, 0, NULL);
            assert_memory_equal(got, net_forward(net, &tape, &batch, &LOOKING),
                                ROWS * CLASSES * sizeof(*got));
            tape_release(&tape);
            shards_release(&shards);
            free_batch(&batch);
            net_free(net);
        }
    parallel_set_threads(0);
}

/* How many threads are at work on the shards. */
static void count_threads(void *context, size_t shard, size_t begin,
                          size_t rows, const real *logits, real *dlogits)
{
    (void)begin;
    (void)rows;
    (void)logits;
    (void)dlogits;
    ((int *)context)[shard] = omp_get_num_threads();
}

static void shards_train__threads_of_a_model_beside_another(void **state)
{
    int threads[2][SHARDS_MOST] = {{0}};

    (void)state;
    parallel_nest(true);
#pragma omp parallel num_threads(2)
    {
        struct net *net = make_net(&kinds[0]);
        struct shards shards;
        struct batch batch;
        make_batch(&batch, &net->spec.input);
        shards_init(&shards, net);
        parallel_set_threads(2);
        shards_train(&shards, &batch, &TRAINING, 0, NULL, count_threads,
                     threads[omp_get_thread_num()]);
        shards_release(&shards);
        free_batch(&batch);
        net_free(net);
    }
    parallel_nest(false);
    for (size_t i = 0; i < 2 * kinds[0].shards; i++)
        assert_int_equal(threads[i / kinds[0].shards][i % kinds[0].shards], 2);
}

/* ---- looking ---- */

/* What all layers together saw. */
static struct activity activity_of(struct net *net)
{
    struct activity sum = {0};

    for (size_t i = 0; i < net->n_layers; i++) {
        struct layer *layer = &net->layers[i];
        struct activity a;
        if (!layer->ops->activity)
            continue;
        layer->ops->activity(layer, &a);
        sum.units += a.units;
        sum.dead += a.dead;
        sum.saturated += a.saturated;
    }
    return sum;
}

/* Units that are dead in all shards, and some that only one shard uses. */
static void check_activity(const char *activation)
{
    static const struct kind lenet = {NET_LENET, false, "activation", NULL, 4};
    struct kind kind = lenet;
    struct net *net, *other;
    struct shards shards;
    struct tape tape = {0};
    struct batch batch;
    struct activity got, want;

    kind.value = activation;
    net = make_net(&kind);
    other = make_net(&kind);
    net_param(net, 1)->value[0] = net_param(other, 1)->value[0] = -40;
    net_param(net, 3)->value[0] = net_param(other, 3)->value[0] = -1e6;
    make_batch(&batch, &net->spec.input);
    for (size_t i = 40 * 144; i < 41 * 144; i++)
        batch.dense[i] *= 100; /* of row 40, which alone uses a unit */
    shards_init(&shards, net);
    shards_train(&shards, &batch, &TRAINING, 0, NULL, grade, net);
    shards_gather_activity(&shards);
    got = activity_of(net);
    train_whole(other, &tape, &batch);
    want = activity_of(other);
    assert_true(want.units > 0 || want.saturated > 0);
    assert_int_equal(got.units, want.units);
    assert_int_equal(got.dead, want.dead);
    assert_true(fabs(got.saturated - want.saturated) < 1e-12);
    shards_gather_activity(&shards); /* of nothing since then */
    got = activity_of(net);
    assert_int_equal(got.units, 0);
    assert_true(got.saturated == 0);
    tape_release(&tape);
    shards_release(&shards);
    free_batch(&batch);
    net_free(net);
    net_free(other);
}

static void shards_gather_activity__as_the_whole(void **state)
{
    (void)state;
    check_activity("relu");
    check_activity("tanh");
}

static void shards_lost__in_a_later_shard(void **state)
{
    struct net *net = make_net(&kinds[0]);
    struct shards shards;
    struct batch batch;

    (void)state;
    make_batch(&batch, &net->spec.input);
    shards_init(&shards, net);
    batch.dense[40 * 144] = INFINITY; /* of row 40, in the third */
    shards_train(&shards, &batch, &TRAINING, 0, NULL, grade, net);
    assert_string_equal(shards_lost(&shards), "the output of conv.0");
    shards_release(&shards);
    free_batch(&batch);
    net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_train__gradients_of_the_whole),
        cmocka_unit_test(shards_train__same_bits_at_any_threads),
        cmocka_unit_test(shards_predict__logits_of_the_whole),
        cmocka_unit_test(shards_train__threads_of_a_model_beside_another),
        cmocka_unit_test(shards_gather_activity__as_the_whole),
        cmocka_unit_test(shards_lost__in_a_later_shard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
