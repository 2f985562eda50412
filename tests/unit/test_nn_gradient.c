/*
 * Analytic gradients against central differences, in double precision:
 * relative error at most 1e-6, everywhere.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "nn/loss.h"
#include "nn/net.h"

#ifndef NN_DOUBLE
#error "needs the double-precision build of lib/nn"
#endif

#define LIMIT 1e-6

static const double STEP = 1e-5;

/* ---- a batch of random inputs ---- */

/* Rows n of dense numbers and, in every slot, 0 to 4 entries of `bag` rows. */
static void make_batch(struct batch *b, size_t n, size_t n_dense, size_t slots,
                       size_t bag, struct rng *rng)
{
    memset(b, 0, sizeof(*b));
    b->n = n;
    b->padded = b->capacity = (n + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;
    b->n_dense = n_dense;
    b->n_slots = slots;
    b->dense = mem_aligned(b->padded * n_dense, sizeof(float));
    b->start = mem_zalloc(b->padded * slots + 1, sizeof(*b->start));
    b->index = mem_alloc(n * slots * 4, sizeof(*b->index));
    b->value = mem_alloc(n * slots * 4, sizeof(*b->value));
    for (size_t i = 0; i < n * n_dense; i++)
        b->dense[i] = (float)rng_normal(rng);
    for (size_t i = 0; i < n * slots; i++) {
        b->start[i] = b->entries;
        for (uint64_t k = rng_below(rng, 5); k; k--) {
            b->index[b->entries] = (uint32_t)rng_below(rng, bag);
            b->value[b->entries++] = (float)rng_normal(rng);
        }
    }
    for (size_t i = n * slots; i <= b->padded * slots; i++)
        b->start[i] = b->entries;
}

static double *normals(size_t n, struct rng *rng)
{
    double *x = mem_aligned(n, sizeof(*x));

    for (size_t i = 0; i < n; i++)
        x[i] = rng_normal(rng);
    return x;
}

/* ---- something with a loss, a value to vary, and its gradient ---- */

struct problem {
    double (*loss)(void *context);
    void *context;
};

/* Below 1e-4 a central difference has too few digits: absolute, 1e-10. */
static double relative(double a, double b)
{
    return fabs(a - b) / fmax(fmax(fabs(a), fabs(b)), 1e-4);
}

static double difference(const struct problem *p, double *value)
{
    double kept = *value, above, below;

    *value = kept + STEP;
    above = p->loss(p->context);
    *value = kept - STEP;
    below = p->loss(p->context);
    *value = kept;
    return (above - below) / (2 * STEP);
}

/* The largest relative error of gradient[n] with respect to value[n]. */
static double worst(const struct problem *p, double *value,
                    const double *gradient, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, relative(difference(p, &value[i]), gradient[i]));
    return most;
}

static void assert_small(double error, const char *what)
{
    if (!(error <= LIMIT))
        fail_msg("%s: relative error %.3g", what, error);
}

/* The gradient of a parameter as [rows][cols], whether sparse or not. */
static double *full_gradient(const struct param *p)
{
    double *full = mem_zalloc(p->rows * p->cols, sizeof(*full));

    if (!p->sparse)
        memcpy(full, p->grad, p->rows * p->cols * sizeof(*full));
    for (size_t i = 0; p->sparse && i < p->n_touched; i++)
        memcpy(full + p->touched[i] * p->cols, p->grad + i * p->cols,
               p->cols * sizeof(*full));
    return full;
}

static double worst_of_param(const struct problem *p, struct param *param)
{
    double *gradient = full_gradient(param);
    double error = worst(p, param->value, gradient, param->rows * param->cols);

    free(gradient);
    return error;
}

/* ---- one layer: loss = sum of c y over the batch's rows ---- */

struct layer_case {
    struct layer layer;
    struct batch batch;
    struct pass pass;
    double *x, *y, *c, *dy, *dx;
};

static double layer_loss(void *context)
{
    struct layer_case *k = context;
    double sum = 0;

    k->layer.ops->forward(&k->layer, &k->batch, k->x, k->y, &k->pass);
    for (size_t i = 0; i < k->batch.n * k->layer.out; i++)
        sum += k->c[i] * k->y[i];
    return sum;
}

/* The layer has been made; fills the tensors and makes one backward pass. */
static void run_layer(struct layer_case *k, struct rng *rng)
{
    size_t rows = k->batch.padded, out = k->layer.out;

    k->x = normals(rows * k->layer.in, rng);
    k->y = normals(rows * out, rng);
    k->c = normals(rows * out, rng);
    k->dy = mem_aligned(rows * out, sizeof(double));
    k->dx = normals(rows * k->layer.in, rng);
    memcpy(k->dy, k->c, k->batch.n * out * sizeof(double));
    layer_loss(k);
    k->layer.ops->backward(&k->layer, &k->batch, k->x, k->y, k->dy, k->dx,
                           &k->pass);
}

static void release_layer(struct layer_case *k)
{
    layer_release(&k->layer);
    batch_release(&k->batch);
    free(k->x);
    free(k->y);
    free(k->c);
    free(k->dy);
    free(k->dx);
}

static void check_layer(struct layer_case *k, struct rng *rng)
{
    struct problem p = {layer_loss, k};

    run_layer(k, rng);
    assert_small(worst(&p, k->x, k->dx, k->batch.n * k->layer.in), "input");
    for (int i = 0; i < k->layer.n_params; i++)
        assert_small(worst_of_param(&p, &k->layer.params[i]),
                     k->layer.params[i].name);
    release_layer(k);
}

static void layer_dense__gradient(void **state)
{
    static const size_t shapes[][3] = {{5, 3, 4}, {16, 1, 1}, {20, 7, 2}};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    for (int i = 0; i < 3; i++) {
        struct layer_case k = {0};
        make_batch(&k.batch, shapes[i][0], 0, 0, 0, &rng);
        layer_dense(&k.layer, "d", shapes[i][1], shapes[i][2], .5, &rng);
        k.layer.params[1].value[0] = .3;
        check_layer(&k, &rng);
    }
}

static void layer_bag__gradient_appended(void **state)
{
    struct layer_case k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 1);
    make_batch(&k.batch, 7, 0, 2, 6, &rng);
    layer_bag(&k.layer, "b", 3, 2, 6, 4, false, .5, &rng);
    assert_int_equal(k.layer.out, 3 + 2 * 4);
    check_layer(&k, &rng);
}

static void layer_bag__gradient_added(void **state)
{
    struct layer_case k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 1);
    make_batch(&k.batch, 9, 0, 3, 5, &rng);
    layer_bag(&k.layer, "b", 4, 3, 5, 4, true, .5, &rng);
    assert_int_equal(k.layer.out, 4);
    check_layer(&k, &rng);
}

/* Large enough that threads share the rows of the table. */
static void layer_bag__gradient_in_parallel(void **state)
{
    struct layer_case k = {0};
    struct problem p = {layer_loss, &k};
    struct rng rng;
    double *gradient;

    (void)state;
    rng_init(&rng, 4, 1);
    make_batch(&k.batch, 400, 0, 2, 50, &rng);
    layer_bag(&k.layer, "b", 1, 2, 50, 64, false, .5, &rng);
    run_layer(&k, &rng);
    assert_true(k.batch.entries * 64 > 1 << 15);
    gradient = full_gradient(&k.layer.params[0]);
    for (size_t i = 0; i < 50 * 64; i += 97)
        assert_small(worst(&p, &k.layer.params[0].value[i], &gradient[i], 1),
                     "bag");
    free(gradient);
    release_layer(&k);
}

static void layer_relu__gradient(void **state)
{
    struct layer_case k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 1);
    make_batch(&k.batch, 6, 0, 0, 0, &rng);
    layer_relu(&k.layer, 5);
    check_layer(&k, &rng);
}

static void layer_dropout__gradient(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 6, 1);
    for (int training = 0; training < 2; training++) {
        struct layer_case k = {.pass = {training, 3, 5}};
        make_batch(&k.batch, 6, 0, 0, 0, &rng);
        layer_dropout(&k.layer, 5, .4);
        check_layer(&k, &rng);
    }
}

/* The mask: its rate, its scale, new in each step, the same again. */
static void layer_dropout__mask(void **state)
{
    struct layer_case k = {.pass = {true, 3, 5}};
    struct rng rng;
    size_t n, dropped = 0, differ = 0;
    double *first;

    (void)state;
    rng_init(&rng, 7, 1);
    make_batch(&k.batch, 160, 0, 0, 0, &rng);
    layer_dropout(&k.layer, 100, .3);
    run_layer(&k, &rng);
    n = 160 * 100;
    first = mem_alloc(n, sizeof(*first));
    memcpy(first, k.y, n * sizeof(*first));
    for (size_t i = 0; i < n; i++) {
        dropped += k.y[i] == 0;
        assert_true(k.y[i] == 0 || relative(k.y[i] * .7, k.x[i]) < 1e-12);
    }
    assert_true(dropped > 4480 && dropped < 5120);
    layer_loss(&k);
    assert_memory_equal(first, k.y, n * sizeof(*first));
    k.pass.step++;
    layer_loss(&k);
    for (size_t i = 0; i < n; i++)
        differ += (first[i] == 0) != (k.y[i] == 0);
    assert_true(differ > 6080 && differ < 7360);
    k.pass.training = false;
    layer_loss(&k);
    assert_memory_equal(k.x, k.y, n * sizeof(*first));
    free(first);
    release_layer(&k);
}

/* Rows that only fill up a tile say nothing about a unit. */
static void layer_relu__padding_is_no_activity(void **state)
{
    struct layer_case k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 8, 1);
    make_batch(&k.batch, 3, 0, 0, 0, &rng);
    layer_relu(&k.layer, 2);
    run_layer(&k, &rng);
    for (size_t r = 0; r < k.batch.padded; r++) {
        k.x[r * 2] = r < 3 ? -1 : 1;
        k.x[r * 2 + 1] = r == 1 ? 1 : -1;
    }
    memset(k.layer.used, 0, 2);
    layer_loss(&k);
    k.layer.ops->backward(&k.layer, &k.batch, k.x, k.y, k.dy, k.dx, &k.pass);
    assert_int_equal(k.layer.used[1], 1);
    assert_int_equal(k.layer.used[0], 0);
    release_layer(&k);
}

/* ---- whole networks: mean cross-entropy of the batch's rows ---- */

struct net_case {
    struct net *net;
    struct tape tape;
    struct batch batch;
    struct pass pass;
    size_t *label;
};

static double net_loss(void *context)
{
    struct net_case *k = context;
    size_t classes = k->net->spec.n_classes;
    const real *z = net_forward(k->net, &k->tape, &k->batch, &k->pass);
    double sum = 0;

    for (size_t r = 0; r < k->batch.n; r++)
        sum += cross_entropy(z + r * classes, classes, k->label[r]);
    return sum / (double)k->batch.n;
}

static void net_gradients(struct net_case *k)
{
    size_t classes = k->net->spec.n_classes;
    const real *z = net_forward(k->net, &k->tape, &k->batch, &k->pass);
    real *dz = net_dlogits(k->net, &k->tape);

    memset(dz, 0, k->batch.padded * classes * sizeof(*dz));
    for (size_t r = 0; r < k->batch.n; r++)
        cross_entropy_gradient(dz + r * classes, z + r * classes, classes,
                               k->label[r], 1 / (double)k->batch.n);
    net_backward(k->net, &k->tape, &k->batch, &k->pass);
}

static void make_net(struct net_case *k, const struct net_spec *spec, size_t n)
{
    struct param *p;
    struct rng rng;

    rng_init(&rng, 9, 1);
    make_batch(&k->batch, n, spec->n_dense, spec->n_slots, spec->n_bag_rows,
               &rng);
    k->net = net_new(spec, 1);
    for (size_t i = 0; (p = net_param(k->net, i)); i++)
        param_fill_normal(p, .4, &rng);
    k->label = mem_alloc(n, sizeof(*k->label));
    for (size_t r = 0; r < n; r++)
        k->label[r] = rng_below(&rng, spec->n_classes);
    k->pass = (struct pass){true, 11, 2};
    net_gradients(k);
}

static void release_net(struct net_case *k)
{
    net_free(k->net);
    tape_release(&k->tape);
    batch_release(&k->batch);
    free(k->label);
}

static double worst_of_net(struct net_case *k)
{
    struct problem problem = {net_loss, k};
    struct param *p;
    double most = 0;

    for (size_t i = 0; (p = net_param(k->net, i)); i++)
        most = fmax(most, worst_of_param(&problem, p));
    return most;
}

static void check_net(struct net_spec spec, size_t n, size_t size)
{
    struct net_case k = {0};

    make_net(&k, &spec, n);
    assert_int_equal(net_size(k.net), size);
    assert_small(worst_of_net(&k), net_kind_name(spec.kind));
    release_net(&k);
}

static void net_linear__gradient(void **state)
{
    (void)state;
    check_net(
        (struct net_spec){.kind = NET_LINEAR, .n_dense = 4, .n_classes = 3}, 6,
        4 * 3 + 3);
    check_net((struct net_spec){.kind = NET_LINEAR,
                                .n_dense = 4,
                                .n_slots = 2,
                                .n_bag_rows = 7,
                                .n_classes = 3},
              18, 4 * 3 + 3 + 7 * 3);
    check_net(
        (struct net_spec){
            .kind = NET_LINEAR, .n_slots = 1, .n_bag_rows = 7, .n_classes = 2},
        5, 2 + 7 * 2);
}

static void net_mlp__gradient(void **state)
{
    (void)state;
    check_net((struct net_spec){.kind = NET_MLP,
                                .n_dense = 4,
                                .n_classes = 3,
                                .hidden = {6},
                                .n_hidden = 1},
              9, 4 * 6 + 6 + 6 * 3 + 3);
    check_net((struct net_spec){.kind = NET_MLP,
                                .n_dense = 3,
                                .n_slots = 2,
                                .n_bag_rows = 8,
                                .embedding = 4,
                                .n_classes = 3,
                                .hidden = {7, 5},
                                .n_hidden = 2},
              17, 8 * 4 + (3 + 8) * 7 + 7 + 7 * 5 + 5 + 5 * 3 + 3);
    check_net((struct net_spec){.kind = NET_MLP,
                                .n_slots = 1,
                                .n_bag_rows = 8,
                                .embedding = 4,
                                .n_classes = 2,
                                .hidden = {5},
                                .n_hidden = 1},
              4, 8 * 4 + 4 * 5 + 5 + 5 * 2 + 2);
}

static void net_mlp__gradient_with_dropout(void **state)
{
    (void)state;
    check_net((struct net_spec){.kind = NET_MLP,
                                .n_dense = 3,
                                .n_slots = 1,
                                .n_bag_rows = 8,
                                .embedding = 4,
                                .n_classes = 3,
                                .hidden = {8, 6},
                                .n_hidden = 2,
                                .dropout = .3},
              12, 8 * 4 + 7 * 8 + 8 + 8 * 6 + 6 + 6 * 3 + 3);
}

/* A gradient that is a little wrong in one place does not pass. */
static void gradient_check__sees_a_wrong_one(void **state)
{
    struct net_spec spec = {.kind = NET_MLP,
                            .n_dense = 3,
                            .n_slots = 1,
                            .n_bag_rows = 4,
                            .embedding = 2,
                            .n_classes = 3,
                            .hidden = {5},
                            .n_hidden = 1};
    struct net_case k = {0};
    struct param *p;

    (void)state;
    make_net(&k, &spec, 12);
    assert_true(worst_of_net(&k) <= LIMIT);
    for (size_t i = 0; (p = net_param(k.net, i)); i++) {
        size_t at = 0;
        while (fabs(p->grad[at]) < 1e-3)
            at++;
        p->grad[at] *= 1 + 1e-5;
        assert_true(worst_of_net(&k) > LIMIT);
        net_gradients(&k);
        p->grad[at] = -p->grad[at];
        assert_true(worst_of_net(&k) > 1);
        net_gradients(&k);
        assert_true(worst_of_net(&k) <= LIMIT);
    }
    release_net(&k);
}

/* ---- loss ---- */

static void cross_entropy__gradient(void **state)
{
    double z[4] = {.5, -1, 2, .1}, dz[4];

    (void)state;
    for (size_t label = 0; label < 4; label++) {
        cross_entropy_gradient(dz, z, 4, label, .25);
        for (size_t k = 0; k < 4; k++) {
            double kept = z[k], above, below;
            z[k] = kept + STEP;
            above = cross_entropy(z, 4, label);
            z[k] = kept - STEP;
            below = cross_entropy(z, 4, label);
            z[k] = kept;
            assert_small(relative(dz[k], .25 * (above - below) / (2 * STEP)),
                         "cross-entropy");
        }
    }
}

static void cross_entropy__large_logits(void **state)
{
    double z[3] = {1e4, -1e4, 0}, p[3];

    (void)state;
    softmax(p, z, 3);
    assert_true(p[0] == 1 && p[1] == 0 && p[2] == 0);
    assert_true(cross_entropy(z, 3, 0) == 0);
    assert_true(cross_entropy(z, 3, 1) == 2e4);
    softmax(z, z, 3);
    assert_true(z[0] == 1);
    assert_true(fabs(cross_entropy((double[]){0, 0}, 2, 1) - log(2)) < 1e-15);
    assert_int_equal(largest((double[]){1, 3, 3}, 3), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_dense__gradient),
        cmocka_unit_test(layer_bag__gradient_appended),
        cmocka_unit_test(layer_bag__gradient_added),
        cmocka_unit_test(layer_bag__gradient_in_parallel),
        cmocka_unit_test(layer_relu__gradient),
        cmocka_unit_test(layer_dropout__gradient),
        cmocka_unit_test(layer_dropout__mask),
        cmocka_unit_test(layer_relu__padding_is_no_activity),
        cmocka_unit_test(net_linear__gradient),
        cmocka_unit_test(net_mlp__gradient),
        cmocka_unit_test(net_mlp__gradient_with_dropout),
        cmocka_unit_test(gradient_check__sees_a_wrong_one),
        cmocka_unit_test(cross_entropy__gradient),
        cmocka_unit_test(cross_entropy__large_logits),
    };

    return cmocka_run_group_tests_name("nn_gradient", tests, NULL, NULL);
}
