/*
 * Gradients of the layers that every network has, and of whole networks of
 * every kind, against central differences; parts of networks: frozen
 * parameters, and passes that begin behind frozen layers.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gradient.h"

#include "nn/loss.h"
#include "nn/net.h"
#include "nn/networks.h"
#include "nn/optimizer.h"

#ifndef NN_DOUBLE
#error "needs the double-precision build of lib/nn"
#endif

enum { CLASSES = 3, STEPS = 5 };

static const struct weight_init glorot = {INIT_GLOROT_NORMAL, 1};

/* ---- dense ---- */

struct dense_case {
    size_t n;
    struct shape in;
    size_t out;
    bool bias;
};

static void check_dense(const struct dense_case *cases, size_t n, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 1);
    for (size_t i = 0; i < n; i++) {
        struct gradient_case k = {.pass.training = true};
        if (cases[i].in.steps)
            gradient_steps(&k.batch, cases[i].n, STEPS, &rng);
        else
            gradient_rows(&k.batch, cases[i].n);
        layer_dense(&k.layer, "d", cases[i].in, cases[i].out, 1, cases[i].bias,
                    &glorot, &rng);
        assert_int_equal(k.layer.n_params, cases[i].bias ? 2 : 1);
        if (cases[i].bias)
            param_fill_normal(&k.layer.params[1], .5, &rng);
        gradient_check(&k, &rng);
    }
}

static void layer_dense__gradient(void **state)
{
    static const struct dense_case cases[] = {
        {5, {1, 1, 3, false}, 4, true},
        {16, {1, 1, 1, false}, 1, true},
        {20, {1, 1, 7, false}, 2, true},
    };

    (void)state;
    check_dense(cases, 3, 1);
}

static void layer_dense__gradient_over_positions(void **state)
{
    static const struct dense_case cases[] = {
        {3, {2, 3, 4, false}, 2, true},
        {7, {0, 1, 3, true}, 4, true},
        {17, {0, 1, 2, true}, 1, true},
    };

    (void)state;
    check_dense(cases, 3, 2);
}

static void layer_dense__gradient_without_bias(void **state)
{
    static const struct dense_case cases[] = {
        {5, {1, 1, 3, false}, 4, false},
        {6, {0, 1, 3, true}, 2, false},
    };

    (void)state;
    check_dense(cases, 2, 3);
}

/* The same weights at every position; the bias counts once each. */
static void layer_dense__values(void **state)
{
    static const double x[] = {1, 2, 3, 4}, y[] = {12, 23, 24, 43};
    struct gradient_case k = {.pass.training = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 4, 1);
    gradient_rows(&k.batch, 1);
    layer_dense(&k.layer, "d", SHAPE_IMAGE(1, 2, 2), 2, 1, true, &glorot, &rng);
    memcpy(k.layer.params[0].value, (double[]){2, 1, 4, 9}, 4 * sizeof(double));
    memcpy(k.layer.params[1].value, (double[]){2, 4}, 2 * sizeof(double));
    gradient_fill(&k, &rng);
    memcpy(k.x, x, sizeof(x));
    gradient_forward(&k);
    for (int i = 0; i < 4; i++)
        assert_true(k.y[i] == y[i]);
    gradient_release(&k);
}

/* ---- embedding bag ---- */

/* In every slot of every row 0 to 4 entries of `rows` rows of the table. */
static void fill_bag(struct batch *b, size_t slots, size_t rows,
                     struct rng *rng)
{
    b->n_slots = slots;
    b->start = mem_zalloc(b->padded * slots + 1, sizeof(*b->start));
    b->index = mem_alloc(b->n * slots * 4, sizeof(*b->index));
    b->value = mem_alloc(b->n * slots * 4, sizeof(*b->value));
    for (size_t i = 0; i < b->n * slots; i++) {
        b->start[i] = b->entries;
        for (uint64_t k = rng_below(rng, 5); k; k--) {
            b->index[b->entries] = (uint32_t)rng_below(rng, rows);
            b->value[b->entries++] = (float)rng_normal(rng);
        }
    }
    for (size_t i = b->n * slots; i <= b->padded * slots; i++)
        b->start[i] = b->entries;
}

static void layer_bag__gradient_appended(void **state)
{
    struct gradient_case k = {.pass.training = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 1);
    gradient_rows(&k.batch, 7);
    fill_bag(&k.batch, 2, 6, &rng);
    layer_bag(&k.layer, "b", 3, 2, 6, 4, false, .5, &rng);
    assert_int_equal(k.layer.out.channels, 3 + 2 * 4);
    gradient_check(&k, &rng);
}

static void layer_bag__gradient_added(void **state)
{
    struct gradient_case k = {.pass.training = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 6, 1);
    gradient_rows(&k.batch, 9);
    fill_bag(&k.batch, 3, 5, &rng);
    layer_bag(&k.layer, "b", 4, 3, 5, 4, true, .5, &rng);
    assert_int_equal(k.layer.out.channels, 4);
    gradient_check(&k, &rng);
}

/* Large enough that threads share the rows of the table. */
static void layer_bag__gradient_in_parallel(void **state)
{
    enum { ROWS = 50, WIDTH = 200 };
    struct gradient_case k = {.pass.training = true};
    double *gradient;
    struct rng rng;

    (void)state;
    rng_init(&rng, 7, 1);
    gradient_rows(&k.batch, 800);
    fill_bag(&k.batch, 2, ROWS, &rng);
    layer_bag(&k.layer, "b", 1, 2, ROWS, WIDTH, false, .5, &rng);
    gradient_fill(&k, &rng);
    gradient_forward(&k);
    gradient_backward(&k);
    assert_true(k.batch.entries * WIDTH > 1 << 18);
    gradient = gradient_of_param(&k.layer.params[0]);
    for (size_t i = 0; i < ROWS * WIDTH; i += 277)
        gradient_assert(
            gradient_worst(&k, &k.layer.params[0].value[i], &gradient[i], 1),
            "bag");
    free(gradient);
    gradient_release(&k);
}

/* A fixed table's gradient is left alone, and dx is still there. */
static void layer_bag__fixed(void **state)
{
    struct gradient_case k = {.pass.training = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 8, 1);
    gradient_rows(&k.batch, 5);
    fill_bag(&k.batch, 1, 4, &rng);
    layer_bag(&k.layer, "b", 2, 1, 4, 3, false, .5, &rng);
    k.layer.params[0].fixed = true;
    gradient_fill(&k, &rng);
    gradient_forward(&k);
    gradient_backward(&k);
    assert_int_equal(k.layer.params[0].n_touched, 0);
    gradient_compare(&k);
    gradient_release(&k);
}

/* ---- activations ---- */

static const enum activation kinds[] = {ACTIVATION_RELU, ACTIVATION_LEAKY_RELU,
                                        ACTIVATION_TANH, ACTIVATION_SIGMOID,
                                        ACTIVATION_GELU};

static void layer_activation__gradient(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 9, 1);
    for (int i = 0; i < 5; i++) {
        struct gradient_case image = {.pass.training = true},
                             steps = {.pass.training = true};
        gradient_rows(&image.batch, 3);
        layer_activation(&image.layer, kinds[i], SHAPE_IMAGE(2, 2, 5));
        gradient_check(&image, &rng);
        gradient_steps(&steps.batch, 6, STEPS, &rng);
        layer_activation(&steps.layer, kinds[i], SHAPE_STEPS(4));
        gradient_check(&steps, &rng);
    }
}

static void layer_activation__gradient_in_parallel(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 10, 1);
    for (int i = 0; i < 5; i++) {
        struct gradient_case k = {.pass.training = true};
        gradient_rows(&k.batch, 70);
        layer_activation(&k.layer, kinds[i], SHAPE_IMAGE(16, 16, 4));
        gradient_fill(&k, &rng);
        gradient_forward(&k);
        gradient_backward(&k);
        for (size_t j = 0; j < 70 * 1024; j += 7919)
            gradient_assert(gradient_worst(&k, &k.x[j], &k.dx[j], 1), "input");
        gradient_release(&k);
    }
}

/* At the points where a formula is easily wrong; gelu as scipy has it. */
static void layer_activation__values(void **state)
{
    static const double x[3] = {-2, 0, 1.5};
    static const double y[5][3] = {{0, 0, 1.5},
                                   {-.02, 0, 1.5},
                                   {-.9640275800758169, 0, .9051482536448664},
                                   {.11920292202211755, .5, .8175744761936437},
                                   {-.04550026389635839, 0, 1.399789198096713}};
    struct rng rng;

    (void)state;
    rng_init(&rng, 11, 1);
    for (int i = 0; i < 5; i++) {
        struct gradient_case k = {.pass.training = true};
        gradient_rows(&k.batch, 1);
        layer_activation(&k.layer, kinds[i], SHAPE_VECTOR(3));
        gradient_fill(&k, &rng);
        memcpy(k.x, x, sizeof(x));
        gradient_forward(&k);
        for (int j = 0; j < 3; j++)
            assert_true(fabs(k.y[j] - y[i][j]) < 1e-15);
        gradient_release(&k);
    }
}

static void run_once(struct gradient_case *k)
{
    gradient_forward(k);
    gradient_backward(k);
}

static struct activity activity_of(struct gradient_case *k)
{
    struct activity a;

    k->layer.ops->activity(&k->layer, &a);
    return a;
}

/* Rows that only fill up a tile say nothing about a unit. */
static void layer_activation__padding_is_no_activity(void **state)
{
    struct gradient_case k = {.pass.training = true};
    struct activity a;
    struct rng rng;

    (void)state;
    rng_init(&rng, 12, 1);
    gradient_rows(&k.batch, 3);
    layer_activation(&k.layer, ACTIVATION_RELU, SHAPE_VECTOR(2));
    gradient_fill(&k, &rng);
    for (size_t r = 0; r < k.batch.padded; r++) {
        k.x[r * 2] = r < 3 ? -1 : 1;
        k.x[r * 2 + 1] = r == 1 ? 1 : -1;
    }
    run_once(&k);
    a = activity_of(&k);
    assert_int_equal(a.units, 2);
    assert_int_equal(a.dead, 1);
    assert_int_equal(activity_of(&k).units, 0); /* asked: it begins anew */
    k.pass.training = false;
    run_once(&k);
    assert_int_equal(activity_of(&k).units, 0); /* only training is observed */
    gradient_release(&k);
}

/* Nor do the steps behind the end of a row. */
static void layer_activation__no_activity_behind_the_end(void **state)
{
    struct gradient_case k = {.pass.training = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 13, 1);
    gradient_steps(&k.batch, 3, 4, &rng);
    k.batch.length[0] = 2;
    layer_activation(&k.layer, ACTIVATION_RELU, SHAPE_STEPS(1));
    gradient_fill(&k, &rng);
    for (size_t i = 0; i < k.batch.padded * 4; i++)
        k.x[i] = -1;
    k.x[2] = 1;
    run_once(&k);
    assert_int_equal(activity_of(&k).dead, 1);
    k.x[1] = 1;
    run_once(&k);
    assert_int_equal(activity_of(&k).dead, 0);
    gradient_release(&k);
}

/* The share of values where the curve is flat; of the curved ones only. */
static void layer_activation__saturated(void **state)
{
    static const double share[5] = {0, 0, .5, .25, 0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 14, 1);
    for (int i = 0; i < 5; i++) {
        struct gradient_case k = {.pass.training = true};
        gradient_rows(&k.batch, 1);
        layer_activation(&k.layer, kinds[i], SHAPE_VECTOR(4));
        gradient_fill(&k, &rng);
        memcpy(k.x, (double[]){-7, 0, 2, 4}, 4 * sizeof(double));
        run_once(&k);
        assert_true(activity_of(&k).saturated == share[i]);
        assert_true(activity_of(&k).saturated == 0);
        gradient_release(&k);
    }
}

/* ---- dropout ---- */

static void layer_dropout__gradient(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 15, 1);
    for (int training = 0; training < 2; training++) {
        struct gradient_case k = {.pass = {.training = training, 3, 5, 1}};
        gradient_rows(&k.batch, 6);
        layer_dropout(&k.layer, SHAPE_VECTOR(5), .4);
        gradient_check(&k, &rng);
    }
}

/* The mask: its rate, its scale, new in each step, the same again. */
static void layer_dropout__mask(void **state)
{
    enum { N = 160 * 100 };
    struct gradient_case k = {.pass = {true, 3, 5, 1}};
    double *first = mem_alloc(N, sizeof(*first));
    size_t dropped = 0, differ = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 16, 1);
    gradient_rows(&k.batch, 160);
    layer_dropout(&k.layer, SHAPE_VECTOR(100), .3);
    gradient_fill(&k, &rng);
    gradient_forward(&k);
    memcpy(first, k.y, N * sizeof(*first));
    for (size_t i = 0; i < N; i++) {
        dropped += k.y[i] == 0;
        assert_true(k.y[i] == 0 || fabs(k.y[i] * .7 / k.x[i] - 1) < 1e-12);
    }
    assert_true(dropped > 4480 && dropped < 5120);
    gradient_forward(&k);
    assert_memory_equal(first, k.y, N * sizeof(*first));
    k.pass.step++;
    gradient_forward(&k);
    for (size_t i = 0; i < N; i++)
        differ += (first[i] == 0) != (k.y[i] == 0);
    assert_true(differ > 6080 && differ < 7360);
    k.pass.training = false;
    gradient_forward(&k);
    assert_memory_equal(k.x, k.y, N * sizeof(*first));
    free(first);
    gradient_release(&k);
}

/* ---- residual ---- */

static void layer_residual__gradient(void **state)
{
    struct gradient_case image = {.pass.training = true, .has_other = true},
                         steps = {.pass.training = true, .has_other = true};
    struct rng rng;

    (void)state;
    rng_init(&rng, 17, 1);
    gradient_rows(&image.batch, 5);
    layer_residual(&image.layer, SHAPE_IMAGE(2, 3, 2));
    gradient_check(&image, &rng);
    gradient_steps(&steps.batch, 5, STEPS, &rng);
    layer_residual(&steps.layer, SHAPE_STEPS(3));
    gradient_check(&steps, &rng);
}

/* Nobody needs the gradient of one of the two. */
static void layer_residual__half_needed(void **state)
{
    struct gradient_case k = {.pass.training = true, .has_other = true};
    size_t n = BATCH_TILE * 3;
    struct layer_io io;
    struct rng rng;

    (void)state;
    rng_init(&rng, 18, 1);
    gradient_rows(&k.batch, 4);
    layer_residual(&k.layer, SHAPE_VECTOR(3));
    gradient_fill(&k, &rng);
    io = gradient_io(&k);
    io.dy = k.dy;
    io.dx = k.dx;
    k.layer.ops->backward(&k.layer, &io);
    assert_memory_equal(k.dx, k.dy, n * sizeof(real));
    io.dx = NULL;
    io.d_other = k.d_other;
    k.layer.ops->backward(&k.layer, &io);
    assert_memory_equal(k.d_other, k.dy, n * sizeof(real));
    gradient_release(&k);
}

/* ---- whole networks: mean cross-entropy of the batch's rows ---- */

struct net_case {
    struct net *net;
    struct tape tape;
    struct batch batch;
    struct pass pass;
    size_t *label;
};

/* Values of n steps, zero behind the end of a row. */
static void fill_steps(struct batch *b, size_t values, struct rng *rng)
{
    b->n_step = values;
    b->step = mem_aligned(b->padded * b->steps * values, sizeof(float));
    for (size_t r = 0; r < b->n; r++)
        for (size_t i = 0; i < b->length[r] * values; i++)
            b->step[r * b->steps * values + i] = (float)rng_normal(rng);
}

static void fill_tokens(struct batch *b, size_t tokens, struct rng *rng)
{
    b->token = mem_alloc(b->padded * b->steps, sizeof(*b->token));
    for (size_t i = 0; i < b->padded * b->steps; i++)
        b->token[i] = i / b->steps < b->n &&
                              i % b->steps < b->length[i / b->steps]
                          ? (uint32_t)rng_below(rng, tokens)
                          : TOKEN_NONE;
}

static void make_batch(struct batch *b, const struct net_input *in, size_t n,
                       struct rng *rng)
{
    if (in->n_step || in->n_tokens)
        gradient_steps(b, n, STEPS, rng);
    else
        gradient_rows(b, n);
    b->n_dense = in->n_dense;
    b->dense = mem_aligned(b->padded * in->n_dense, sizeof(float));
    for (size_t i = 0; i < n * in->n_dense; i++)
        b->dense[i] = (float)rng_normal(rng);
    fill_bag(b, in->n_slots, in->n_bag_rows, rng);
    if (in->n_step)
        fill_steps(b, in->n_step, rng);
    if (in->n_tokens)
        fill_tokens(b, in->n_tokens, rng);
}

static double net_loss(struct net_case *k)
{
    size_t classes = k->net->spec.n_classes;
    const real *z = net_forward(k->net, &k->tape, &k->batch, &k->pass);
    double sum = 0;

    for (size_t r = 0; r < k->batch.n; r++)
        sum += cross_entropy(z + r * classes, classes, k->label[r]);
    return sum / (double)k->batch.n;
}

/* The gradient of the loss at the logits z; then net_backward. */
static void back_from(struct net_case *k, const real *z)
{
    size_t classes = k->net->spec.n_classes;
    real *dz = net_dlogits(k->net, &k->tape, &k->batch), scratch[CLASSES];

    memset(dz, 0, k->batch.padded * classes * sizeof(*dz));
    for (size_t r = 0; r < k->batch.n; r++)
        loss_add_gradient(&k->net->spec.hyper, dz + r * classes,
                          z + r * classes, classes, k->label[r],
                          1 / (double)k->batch.n, scratch);
    net_backward(k->net, &k->tape, &k->batch, &k->pass);
}

static void net_gradients(struct net_case *k)
{
    back_from(k, net_forward(k->net, &k->tape, &k->batch, &k->pass));
}

static void make_net(struct net_case *k, const struct net_spec *spec, size_t n)
{
    struct err err = {0};
    struct param *p;
    struct rng rng;

    if (network_check(spec, &err) != 0)
        fail_msg("%s", err.message);
    memset(k, 0, sizeof(*k));
    rng_init(&rng, 19, 1);
    make_batch(&k->batch, &spec->input, n, &rng);
    k->net = net_new(spec, 1);
    for (size_t i = 0; (p = net_param(k->net, i)); i++)
        if (!p->fixed)
            param_fill_normal(p, .4, &rng);
    k->label = mem_alloc(n, sizeof(*k->label));
    for (size_t r = 0; r < n; r++)
        k->label[r] = rng_below(&rng, spec->n_classes);
    k->pass = (struct pass){true, 11, 2, 1};
    net_gradients(k);
}

static void release_net(struct net_case *k)
{
    net_free(k->net);
    tape_release(&k->tape);
    batch_release(&k->batch);
    free(k->label);
}

static double net_error(struct net_case *k, double *value, double gradient,
                        double step)
{
    double kept = *value, above, below;

    *value = kept + step;
    above = net_loss(k);
    *value = kept - step;
    below = net_loss(k);
    *value = kept;
    return gradient_relative((above - below) / (2 * step), gradient);
}

/*
 * A difference that crosses a kink of a rectifier or of a maximum is wrong,
 * and right with a smaller step; a wrong gradient is so with both.
 */
static double worst_of(struct net_case *k, struct param *p, size_t most)
{
    double *gradient = gradient_of_param(p), worst = 0;
    size_t n = param_size(p);

    for (size_t i = 0; i < n; i += 1 + n / most) {
        double error = net_error(k, &p->value[i], gradient[i], 1e-5);
        if (!(error <= GRADIENT_LIMIT))
            error = net_error(k, &p->value[i], gradient[i], 1e-6);
        worst = error > worst || isnan(error) ? error : worst;
    }
    free(gradient);
    return worst;
}

/* Of at most `most` values of each parameter that is learned. */
static double worst_of_net(struct net_case *k, size_t most)
{
    struct param *p;
    double worst = 0;

    for (size_t i = 0; (p = net_param(k->net, i)); i++)
        if (!p->fixed)
            worst = fmax(worst, worst_of(k, p, most));
    return worst;
}

static void check_net(const struct net_spec *spec, size_t n, size_t size,
                      size_t most)
{
    struct net_case k;
    struct param *p;

    make_net(&k, spec, n);
    assert_int_equal(net_size(k.net), size);
    for (size_t i = 0; (p = net_param(k.net, i)); i++)
        if (!p->fixed)
            gradient_assert(worst_of(&k, p, most), p->name);
    release_net(&k);
}

/* ---- specs ---- */

static struct net_spec spec_of(enum net_kind net, struct net_input input)
{
    struct net_spec spec = {.input = input, .n_classes = CLASSES};

    hyper_init(&spec.hyper, net);
    return spec;
}

static struct net_spec mlp_spec(struct net_input input, struct widths hidden)
{
    struct net_spec spec = spec_of(NET_MLP, input);

    spec.hyper.embedding = 4;
    spec.hyper.hidden = hidden;
    return spec;
}

/* 8x8x2: a convolution, halved to 4x4, another, halved to 1x1. */
static struct net_spec lenet_spec(enum norm norm)
{
    struct net_spec spec = spec_of(
        NET_LENET, (struct net_input){
                       .n_dense = 128, .height = 8, .width = 8, .channels = 2});

    spec.hyper.kernel = 3;
    spec.hyper.filters = (struct widths){2, {3, 4}};
    spec.hyper.hidden = (struct widths){1, {5}};
    spec.hyper.norm = (int)norm;
    return spec;
}

static struct net_spec resnet_spec(void)
{
    struct net_spec spec = spec_of(
        NET_RESNET, (struct net_input){
                        .n_dense = 32, .height = 4, .width = 4, .channels = 2});

    spec.hyper.depth = 8;
    return spec;
}

static const struct net_input three_values = {.n_step = 3},
                              seven_tokens = {.n_tokens = 7};

static struct net_spec lstm_spec(struct net_input input, size_t layers)
{
    struct net_spec spec = spec_of(NET_LSTM, input);

    spec.hyper.embedding = 3;
    spec.hyper.hidden = (struct widths){1, {4}};
    spec.hyper.layers = layers;
    return spec;
}

static struct net_spec attention_spec(struct net_input input)
{
    struct net_spec spec = spec_of(NET_ATTENTION, input);

    spec.hyper.width = 4;
    spec.hyper.heads = 2;
    spec.hyper.layers = 2;
    return spec;
}

/* ---- gradients of all of them ---- */

static void net_linear__gradient(void **state)
{
    struct net_spec numbers =
                        spec_of(NET_LINEAR, (struct net_input){.n_dense = 4}),
                    both = spec_of(NET_LINEAR,
                                   (struct net_input){.n_dense = 4,
                                                      .n_slots = 2,
                                                      .n_bag_rows = 7}),
                    text = spec_of(
                        NET_LINEAR,
                        (struct net_input){.n_slots = 1, .n_bag_rows = 7});

    (void)state;
    text.n_classes = 2;
    check_net(&numbers, 6, 4 * 3 + 3, 100);
    check_net(&both, 18, 4 * 3 + 3 + 7 * 3, 100);
    check_net(&text, 5, 2 + 7 * 2, 100);
}

static void net_majority__gradient(void **state)
{
    struct net_spec spec =
        spec_of(NET_MAJORITY, (struct net_input){.n_dense = 4});

    (void)state;
    check_net(&spec, 6, 3, 100);
}

static void net_mlp__gradient(void **state)
{
    struct net_spec numbers = mlp_spec((struct net_input){.n_dense = 4},
                                       (struct widths){1, {6}}),
                    both = mlp_spec((struct net_input){.n_dense = 3,
                                                       .n_slots = 2,
                                                       .n_bag_rows = 8},
                                    (struct widths){2, {7, 5}}),
                    text = mlp_spec(
                        (struct net_input){.n_slots = 1, .n_bag_rows = 8},
                        (struct widths){1, {5}});

    (void)state;
    text.n_classes = 2;
    check_net(&numbers, 9, 4 * 6 + 6 + 6 * 3 + 3, 100);
    check_net(&both, 17, 8 * 4 + (3 + 8) * 7 + 7 + 7 * 5 + 5 + 5 * 3 + 3, 100);
    check_net(&text, 4, 8 * 4 + 4 * 5 + 5 + 5 * 2 + 2, 100);
}

static void net_mlp__gradient_with_dropout(void **state)
{
    struct net_spec spec = mlp_spec(
        (struct net_input){.n_dense = 3, .n_slots = 1, .n_bag_rows = 8},
        (struct widths){2, {8, 6}});

    (void)state;
    spec.hyper.dropout = .3;
    check_net(&spec, 12, 8 * 4 + 7 * 8 + 8 + 8 * 6 + 6 + 6 * 3 + 3, 100);
}

/* Every activation, with every norm. */
static void net_mlp__gradient_of_variants(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        for (int norm = NORM_NONE; norm <= NORM_LAYER; norm++) {
            struct net_spec spec = mlp_spec((struct net_input){.n_dense = 3},
                                            (struct widths){2, {6, 4}});
            spec.hyper.activation = (int)kinds[i];
            spec.hyper.norm = norm;
            check_net(&spec, 12,
                      3 * 6 + 6 + 6 * 4 + 4 + 4 * 3 + 3 +
                          (norm == NORM_NONE ? 0 : 2 * 6 + 2 * 4),
                      100);
        }
}

static void net_lenet__gradient(void **state)
{
    (void)state;
    for (int norm = NORM_NONE; norm <= NORM_LAYER; norm++) {
        struct net_spec spec = lenet_spec((enum norm)norm);
        size_t learned = (9 * 2 * 3 + 3) + (9 * 3 * 4 + 4) + (4 * 5 + 5) +
                         (5 * 3 + 3);
        spec.hyper.dropout = norm == NORM_NONE ? .3 : 0;
        check_net(&spec, 5, learned + (norm == NORM_NONE ? 0 : 2 * (3 + 4 + 5)),
                  60);
    }
}

/* Two shortcuts that are sums, two that are projections. */
static void net_resnet__gradient(void **state)
{
    static const size_t block[] = {
        16 * 2 * 9 + 32, 2 * (16 * 16 * 9) + 64,
        16 * 32 * 9 + 32 * 32 * 9 + 16 * 32 + 3 * 64,
        32 * 64 * 9 + 64 * 64 * 9 + 32 * 64 + 3 * 128, 64 * 3 + 3};
    struct net_spec spec = resnet_spec();
    size_t size = 0;

    (void)state;
    for (int i = 0; i < 5; i++)
        size += block[i];
    check_net(&spec, 3, size, 4);
}

static void net_lstm__gradient(void **state)
{
    struct net_spec steps = lstm_spec(three_values, 2),
                    tokens = lstm_spec(seven_tokens, 1);
    size_t first = 3 * 16 + 4 * 16 + 32, second = 4 * 16 + 4 * 16 + 32,
           output = 4 * 3 + 3;

    (void)state;
    steps.hyper.dropout = .3;
    check_net(&steps, 6, first + second + output, 100);
    check_net(&tokens, 18, 7 * 3 + first + output, 100);
}

static void net_attention__gradient(void **state)
{
    static const size_t layer = 4 * 12 + 12 + 4 * 4 + 4 + 4 * 16 + 16 + 16 * 4 +
                                4 + 2 * 8;
    struct net_spec steps = attention_spec(three_values),
                    tokens = attention_spec(seven_tokens);

    (void)state;
    steps.hyper.activation = ACTIVATION_GELU;
    check_net(&steps, 6, 3 * 4 + 4 + 2 * layer + 4 * 3 + 3, 60);
    tokens.hyper.dropout = .2;
    check_net(&tokens, 6, 7 * 4 + 2 * layer + 4 * 3 + 3, 60);
}

/* A gradient that is a little wrong in one place does not pass. */
static void gradient_check__sees_a_wrong_one(void **state)
{
    struct net_spec spec = mlp_spec(
        (struct net_input){.n_dense = 3, .n_slots = 1, .n_bag_rows = 4},
        (struct widths){1, {5}});
    struct net_case k;
    struct param *p;

    (void)state;
    make_net(&k, &spec, 12);
    assert_true(worst_of_net(&k, 100) <= GRADIENT_LIMIT);
    for (size_t i = 0; (p = net_param(k.net, i)); i++) {
        size_t at = 0;
        while (fabs(p->grad[at]) < 1e-3)
            at++;
        p->grad[at] *= 1 + 1e-5;
        assert_true(worst_of_net(&k, 100) > GRADIENT_LIMIT);
        net_gradients(&k);
        p->grad[at] = -p->grad[at];
        assert_true(worst_of_net(&k, 100) > 1);
        net_gradients(&k);
        assert_true(worst_of_net(&k, 100) <= GRADIENT_LIMIT);
    }
    release_net(&k);
}

/* A batch that is smaller or shorter than the one before leaves no trace. */
static void net_backward__second_batch(void **state)
{
    struct net_spec spec = attention_spec(seven_tokens);
    struct net_case k, fresh;
    struct param *p;
    struct rng rng;

    (void)state;
    make_net(&k, &spec, 40);
    batch_release(&k.batch);
    rng_init(&rng, 19, 1);
    make_batch(&k.batch, &spec.input, 3, &rng);
    make_net(&fresh, &spec, 3);
    for (size_t i = 0; (p = net_param(k.net, i)); i++)
        memcpy(net_param(fresh.net, i)->value, p->value,
               param_size(p) * sizeof(real));
    memcpy(fresh.label, k.label, 3 * sizeof(size_t));
    net_gradients(&k);
    net_gradients(&fresh);
    for (size_t i = 0; (p = net_param(k.net, i)); i++) {
        double *a = gradient_of_param(p),
               *b = gradient_of_param(net_param(fresh.net, i));
        assert_memory_equal(a, b, param_size(p) * sizeof(*a));
        free(a);
        free(b);
    }
    release_net(&k);
    release_net(&fresh);
}

/* ---- frozen parameters ---- */

/* All gradients, sparse ones in full; one block a parameter. */
static double **all_gradients(struct net *net)
{
    double **all = mem_zalloc(64, sizeof(*all));
    struct param *p;

    for (size_t i = 0; (p = net_param(net, i)); i++) {
        assert_true(i < 64);
        all[i] = gradient_of_param(p);
    }
    return all;
}

static void free_gradients(double **all)
{
    for (int i = 0; i < 64; i++)
        free(all[i]);
    free(all);
}

static void step(struct net *net, uint64_t number)
{
    struct optimizer o = {&net->spec.hyper, .01, number};

    optimizer_step(&o, net, NULL);
}

/* Fixed ones get no step; what the others get does not depend on them. */
static void check_freeze(const struct net_spec *spec, const char *prefix,
                         size_t n_fixed)
{
    struct net_case k;
    double **before;
    struct param *p;
    size_t fixed = 0;

    make_net(&k, spec, 9);
    before = all_gradients(k.net);
    assert_int_equal(net_freeze(k.net, prefix), n_fixed);
    net_gradients(&k);
    for (size_t i = 0; (p = net_param(k.net, i)); i++) {
        size_t bytes = param_size(p) * sizeof(real);
        double *gradient = gradient_of_param(p);
        bool hit = strncmp(p->name, prefix, strlen(prefix)) == 0;
        assert_int_equal(p->fixed, hit);
        fixed += hit ? param_size(p) : 0;
        if (!hit)
            assert_memory_equal(gradient, before[i], bytes);
        free(gradient);
        before[i] = memcpy(mem_resize(before[i], 1, bytes), p->value, bytes);
    }
    assert_true(fixed > 0);
    step(k.net, 0);
    for (size_t i = 0; (p = net_param(k.net, i)); i++)
        assert_int_equal(
            memcmp(before[i], p->value, param_size(p) * sizeof(real)) == 0,
            p->fixed);
    free_gradients(before);
    release_net(&k);
}

static void net_freeze__no_step(void **state)
{
    struct net_spec mlp = mlp_spec((struct net_input){.n_dense = 3,
                                                      .n_slots = 1,
                                                      .n_bag_rows = 8},
                                   (struct widths){2, {6, 5}}),
                    lenet = lenet_spec(NORM_LAYER),
                    lstm = lstm_spec(seven_tokens, 2),
                    attention = attention_spec(three_values);

    (void)state;
    check_freeze(&mlp, "hidden.0", 2);
    check_freeze(&mlp, "hidden.", 4);
    check_freeze(&mlp, "bag", 1);
    check_freeze(&mlp, "output.bias", 1);
    check_freeze(&lenet, "conv.0", 4);
    check_freeze(&lenet, "conv", 8);
    check_freeze(&lstm, "embedding", 1);
    check_freeze(&lstm, "lstm.weight_hh_l1", 1);
    check_freeze(&attention, "encoder.layers.0", 12);
    check_freeze(&attention, "input", 2);
}

/* weight_decay and l1 move nothing that is fixed, momentum neither. */
static void net_freeze__no_decay(void **state)
{
    (void)state;
    for (int kind = OPTIMIZER_SGD; kind <= OPTIMIZER_ADAMW; kind++) {
        struct net_spec spec =
            mlp_spec((struct net_input){.n_dense = 3}, (struct widths){1, {5}});
        struct net_case k;
        double kept[15];
        spec.hyper.optimizer = kind;
        spec.hyper.weight_decay = .5;
        spec.hyper.l1 = .5;
        make_net(&k, &spec, 9);
        step(k.net, 0); /* moments are there */
        net_freeze(k.net, "hidden.0.weight");
        memcpy(kept, net_param(k.net, 0)->value, sizeof(kept));
        net_gradients(&k);
        step(k.net, 1);
        assert_memory_equal(kept, net_param(k.net, 0)->value, sizeof(kept));
        release_net(&k);
    }
}

static void net_freeze__counts(void **state)
{
    struct net_spec spec = lenet_spec(NORM_BATCH);
    struct net_case k;
    size_t all;

    (void)state;
    make_net(&k, &spec, 3);
    all = net_size(k.net);
    assert_int_equal(net_freeze(k.net, "nothing"), 0);
    assert_int_equal(net_freeze(k.net, "conv.00"), 0);
    assert_int_equal(net_size(k.net), all);
    assert_int_equal(net_freeze(k.net, "conv.0.weight"), 1);
    assert_int_equal(net_size(k.net), all - 9 * 2 * 3);
    assert_int_equal(net_freeze(k.net, "conv.0.weight"), 1); /* again */
    /* weight and bias; norm: weight, bias, running_mean and running_var */
    assert_int_equal(net_freeze(k.net, "conv.0"), 6);
    assert_int_equal(net_freeze(k.net, ""), 20);
    assert_int_equal(net_size(k.net), 0);
    net_gradients(&k); /* nothing to do, and nothing is done */
    release_net(&k);
}

/* ---- frozen layers ---- */

static size_t frozen_layers(const struct net_spec *spec, const char *prefixes)
{
    struct net *net = net_new(spec, 1);
    char *text = mem_strdup(prefixes), *rest = text, *prefix;
    size_t n;

    while ((prefix = strtok_r(rest, " ", &rest)))
        if (!net_freeze(net, prefix))
            fail_msg("no parameter '%s'", prefix);
    n = net_frozen_layers(net);
    net_free(net);
    free(text);
    return n;
}

static void net_frozen_layers__mlp_and_lenet(void **state)
{
    struct net_spec mlp = mlp_spec((struct net_input){.n_dense = 3,
                                                      .n_slots = 1,
                                                      .n_bag_rows = 8},
                                   (struct widths){2, {6, 5}}),
                    linear = spec_of(NET_LINEAR,
                                     (struct net_input){.n_dense = 3,
                                                        .n_slots = 1,
                                                        .n_bag_rows = 8}),
                    lenet = lenet_spec(NORM_BATCH);

    (void)state;
    assert_int_equal(frozen_layers(&mlp, ""), 0);
    assert_int_equal(frozen_layers(&mlp, "bag"), 1);
    assert_int_equal(frozen_layers(&mlp, "bag hidden.0"), 3);
    assert_int_equal(frozen_layers(&mlp, "bag hidden"), 5);
    /* what comes before learns, or its bias does */
    assert_int_equal(frozen_layers(&mlp, "hidden"), 0);
    assert_int_equal(frozen_layers(&mlp, "bag hidden.0.weight"), 1);
    /* dropout is another function in every step */
    mlp.hyper.dropout = .1;
    assert_int_equal(frozen_layers(&mlp, "bag hidden"), 3);
    /* the bag of a linear network comes last and reads the rows */
    assert_int_equal(frozen_layers(&linear, "output"), 0);
    /* convolution, norm, maximum, activation */
    assert_int_equal(frozen_layers(&lenet, "conv.0"), 4);
    assert_int_equal(frozen_layers(&lenet, "conv.0.weight conv.0.bias"), 1);
    assert_int_equal(frozen_layers(&lenet, "conv"), 8);
    assert_int_equal(frozen_layers(&lenet, "conv hidden"), 10);
    /* all of them: the last one is left to go on with */
    assert_int_equal(frozen_layers(&lenet, "conv hidden output"), 10);
}

static void net_frozen_layers__resnet(void **state)
{
    struct net_spec spec = resnet_spec();
    size_t block;

    (void)state;
    assert_int_equal(frozen_layers(&spec, "conv1 bn1"), 2);
    /* the sum at the end of the block reads what came before it */
    assert_int_equal(frozen_layers(&spec, "conv1 bn1 layer1.0.conv1"), 2);
    block = frozen_layers(&spec, "conv1 bn1 layer1");
    assert_int_equal(block, 7);
    assert_int_equal(
        frozen_layers(&spec, "conv1 bn1 layer1 layer2.0.conv layer2.0.bn"),
        block);
    assert_int_equal(frozen_layers(&spec, "conv1 bn1 layer1 layer2"), 14);
}

/* Steps are not kept, the vector made of them is. */
static void net_frozen_layers__sequences(void **state)
{
    struct net_spec lstm = lstm_spec(seven_tokens, 2),
                    attention = attention_spec(three_values);
    struct net *net = net_new(&attention, 1);

    (void)state;
    assert_int_equal(frozen_layers(&lstm, "embedding"), 0);
    assert_int_equal(
        frozen_layers(&lstm, "embedding lstm.weight_ih_l0 lstm.weight_hh_l0 "
                             "lstm.bias_ih_l0 lstm.bias_hh_l0"),
        0);
    assert_int_equal(frozen_layers(&lstm, "embedding lstm"), 4);
    assert_int_equal(frozen_layers(&attention, "input"), 0);
    assert_int_equal(frozen_layers(&attention, "input encoder"),
                     net->n_layers - 1);
    attention.hyper.dropout = .1;
    assert_int_equal(frozen_layers(&attention, "input encoder"), 0);
    net_free(net);
}

/* ---- a pass in two parts ---- */

/* A copy, since the second part may use a tape of its own. */
static real *first_part(struct net_case *k, size_t first)
{
    const real *x =
        net_forward_to(k->net, &k->tape, &k->batch, &k->pass, first);
    size_t n = k->batch.padded *
               shape_size(&k->net->layers[first - 1].out, &k->batch);
    real *copy = mem_alloc(n, sizeof(*copy));

    return memcpy(copy, x, n * sizeof(*copy));
}

static size_t params_before(const struct net *net, size_t first)
{
    size_t n = 0;

    for (size_t i = 0; i < first; i++)
        n += (size_t)net->layers[i].n_params;
    return n;
}

static void check_parts(struct net_case *k, size_t first)
{
    size_t values = k->batch.padded * k->net->spec.n_classes;
    real *x = first_part(k, first), *whole = mem_alloc(values, sizeof(real));
    double **gradients;
    struct param *p;
    const real *z;

    memcpy(whole, net_forward(k->net, &k->tape, &k->batch, &k->pass),
           values * sizeof(real));
    back_from(k, whole);
    gradients = all_gradients(k->net);
    tape_release(&k->tape);
    z = net_forward_from(k->net, &k->tape, &k->batch, &k->pass, first, x);
    assert_memory_equal(z, whole, values * sizeof(real));
    back_from(k, z);
    for (size_t i = params_before(k->net, first); (p = net_param(k->net, i));
         i++) {
        double *gradient = gradient_of_param(p);
        assert_memory_equal(gradient, gradients[i],
                            param_size(p) * sizeof(*gradient));
        free(gradient);
    }
    /* what stands before `first` has not been touched */
    for (size_t i = 0; i < params_before(k->net, first); i++) {
        double *gradient = gradient_of_param(net_param(k->net, i));
        assert_memory_equal(gradient, gradients[i],
                            param_size(net_param(k->net, i)) * sizeof(real));
        free(gradient);
    }
    free_gradients(gradients);
    free(whole);
    free(x);
}

static void net_forward_from__as_net_forward(void **state)
{
    struct net_spec specs[] = {
        mlp_spec((struct net_input){.n_dense = 3}, (struct widths){2, {6, 5}}),
        lenet_spec(NORM_LAYER), resnet_spec(), lstm_spec(seven_tokens, 1),
        attention_spec(three_values)};
    const size_t cuts[] = {2, 4, 2, 3, 0};

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct net_case k;
        make_net(&k, &specs[i], 5);
        check_parts(&k, cuts[i] ? cuts[i] : k.net->n_layers - 1);
        release_net(&k);
    }
}

static void net_forward_to__all_layers(void **state)
{
    struct net_spec spec = lenet_spec(NORM_BATCH);
    struct net_case k;
    size_t bytes;
    real *kept;

    (void)state;
    make_net(&k, &spec, 5);
    k.pass.training = false;
    bytes = k.batch.padded * CLASSES * sizeof(real);
    kept = first_part(&k, k.net->n_layers);
    assert_memory_equal(kept, net_forward(k.net, &k.tape, &k.batch, &k.pass),
                        bytes);
    free(kept);
    release_net(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_dense__gradient),
        cmocka_unit_test(layer_dense__gradient_over_positions),
        cmocka_unit_test(layer_dense__gradient_without_bias),
        cmocka_unit_test(layer_dense__values),
        cmocka_unit_test(layer_bag__gradient_appended),
        cmocka_unit_test(layer_bag__gradient_added),
        cmocka_unit_test(layer_bag__gradient_in_parallel),
        cmocka_unit_test(layer_bag__fixed),
        cmocka_unit_test(layer_activation__gradient),
        cmocka_unit_test(layer_activation__gradient_in_parallel),
        cmocka_unit_test(layer_activation__values),
        cmocka_unit_test(layer_activation__padding_is_no_activity),
        cmocka_unit_test(layer_activation__no_activity_behind_the_end),
        cmocka_unit_test(layer_activation__saturated),
        cmocka_unit_test(layer_dropout__gradient),
        cmocka_unit_test(layer_dropout__mask),
        cmocka_unit_test(layer_residual__gradient),
        cmocka_unit_test(layer_residual__half_needed),
        cmocka_unit_test(net_majority__gradient),
        cmocka_unit_test(net_linear__gradient),
        cmocka_unit_test(net_mlp__gradient),
        cmocka_unit_test(net_mlp__gradient_with_dropout),
        cmocka_unit_test(net_mlp__gradient_of_variants),
        cmocka_unit_test(net_lenet__gradient),
        cmocka_unit_test(net_resnet__gradient),
        cmocka_unit_test(net_lstm__gradient),
        cmocka_unit_test(net_attention__gradient),
        cmocka_unit_test(gradient_check__sees_a_wrong_one),
        cmocka_unit_test(net_backward__second_batch),
        cmocka_unit_test(net_freeze__no_step),
        cmocka_unit_test(net_freeze__no_decay),
        cmocka_unit_test(net_freeze__counts),
        cmocka_unit_test(net_frozen_layers__mlp_and_lenet),
        cmocka_unit_test(net_frozen_layers__resnet),
        cmocka_unit_test(net_frozen_layers__sequences),
        cmocka_unit_test(net_forward_from__as_net_forward),
        cmocka_unit_test(net_forward_to__all_layers),
    };

    return cmocka_run_group_tests_name("nn_gradient", tests, NULL, NULL);
}
