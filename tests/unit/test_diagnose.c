/* Signs of trouble: fabricated ones, and those of small networks. */
#include "nn/diagnose.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "nn/finite.h"
#include "nn/loss.h"
#include "nn/optimizer.h"

/* ---- a network of fabricated numbers ---- */

enum { LAYERS = 4, FIRST = 0, ACTIVATION = 1, MIDDLE = 2, OUTPUT = 3 };

static struct activity told; /* by the activation layer */

static void tell(struct layer *layer, struct activity *a)
{
    (void)layer;
    *a = told;
    memset(&told, 0, sizeof(told));
}

static const struct layer_ops plain = {.name = "dense"},
                              active = {.name = "activation", .activity = tell};

struct bench {
    struct net net;
    struct layer layers[LAYERS];
    struct diagnosis d;
};

/* Three layers of one parameter each, an activation after the first. */
static void bench_init(struct bench *b, size_t classes)
{
    static const char *const names[LAYERS] = {
        "conv.0.weight", NULL, "hidden.0.weight", "output.weight"};

    memset(b, 0, sizeof(*b));
    memset(&told, 0, sizeof(told));
    b->net.layers = b->layers;
    b->net.n_layers = LAYERS;
    b->net.spec.n_classes = classes;
    for (size_t i = 0; i < LAYERS; i++) {
        struct layer *l = &b->layers[i];
        l->ops = names[i] ? &plain : &active;
        l->from = i ? i - 1 : LAYER_INPUT;
        l->other = LAYER_INPUT;
        if (names[i]) {
            l->n_params = 1;
            param_init(&l->params[0], names[i], PARAM_VECTOR, 1, 2);
            l->params[0].value[0] = 1;
        }
    }
}

static void bench_release(struct bench *b)
{
    for (size_t i = 0; i < LAYERS; i++)
        if (b->layers[i].n_params)
            param_release(&b->layers[i].params[0]);
    diagnosis_release(&b->d);
}

/* What a step does to the three layers. */
struct step {
    double first, middle, output; /* gradients */
    double change;                /* of the middle one, whose norm is 1 */
};

static void set(struct bench *b, size_t i, double gradient, double change)
{
    struct param *p = &b->layers[i].params[0];

    p->grad[0] = (float)gradient;
    p->value[0] = 1;
    p->value[1] = (float)change;
}

static void epoch(struct bench *b, struct step s, double loss, double error)
{
    set(b, FIRST, s.first, 0);
    set(b, MIDDLE, s.middle, 0);
    set(b, OUTPUT, s.output, 0);
    diagnose_before(&b->d, &b->net);
    set(b, MIDDLE, s.middle, s.change);
    diagnose_after(&b->d, &b->net);
    diagnose_epoch(&b->d, &b->net, loss, error);
}

static const struct step HEALTHY = {.1, .2, .3, 1e-3};

static void assert_says(const struct bench *b, const char *warning,
                        const char *news)
{
    assert_string_equal(b->d.warning.len ? b->d.warning.data : "", warning);
    assert_string_equal(b->d.news.len ? b->d.news.data : "", news);
}

/*
 * The same again and again, with a loss that stays: nothing is said until the
 * sixth epoch, everything then, and the news once.
 */
static void check_stuck(struct bench *b, struct step s, struct activity a,
                        const char *warning, const char *news)
{
    for (int i = 1; i <= 8; i++) {
        told = a;
        epoch(b, s, .7, .3);
        assert_says(b, i < 6 ? "" : warning, i == 6 ? news : "");
    }
}

static void check_quiet(struct bench *b, struct step s, struct activity a)
{
    check_stuck(b, s, a, "", "");
}

static const struct activity NONE = {0, 0, 0};

static void diagnose__healthy(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    check_quiet(&b, HEALTHY, NONE);
    assert_true(isnan(b.d.dead_share));
    bench_release(&b);
}

static void diagnose__vanishing(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    check_stuck(&b, (struct step){2e-6, .01, .3, 1e-3}, NONE, "vanishing",
                "vanishing: the gradient of conv.0 is 2e-06, that of output "
                "0.3\n");
    bench_release(&b);
    bench_init(&b, 2);
    check_stuck(&b, (struct step){.1, 0, .3, 1e-3}, NONE, "vanishing",
                "vanishing: the gradient of hidden.0 is 0, that of output "
                "0.3\n");
    bench_release(&b);
}

/* All gradients small, or the first smaller only: nothing is wrong. */
static void diagnose__small_gradients(void **state)
{
    static const struct step steps[] = {
        {1e-9, 1e-8, 1e-7, 1e-3}, {2e-3, .1, 30, 1e-3}, {9e-5, .01, .08, 1e-3}};

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        struct bench b;
        bench_init(&b, 2);
        check_quiet(&b, steps[i], NONE);
        bench_release(&b);
    }
}

static void diagnose__exploding(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    check_stuck(&b, (struct step){.1, .2, .3, 1.5}, NONE, "exploding",
                "exploding: a step is 1.5 times the weights of hidden.0\n");
    bench_release(&b);
    bench_init(&b, 2);
    check_stuck(&b, (struct step){.1, 30, .3, .2}, NONE, "exploding",
                "exploding: a step is 0.2 times the weights of hidden.0\n");
    bench_release(&b);
    bench_init(&b, 2);
    check_quiet(&b, (struct step){.1, 30, .3, .05}, NONE);
    bench_release(&b);
}

static void diagnose__loss_explodes(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    epoch(&b, HEALTHY, .2, .3);
    for (int i = 2; i <= 6; i++)
        epoch(&b, HEALTHY, 4, .3);
    assert_says(&b, "exploding",
                "exploding: the loss is 20 times that of the first epoch\n");
    bench_release(&b);
}

/* From the first epoch on: its own mean is no measure, and less is no help. */
static void diagnose__diverged(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    diagnose_step(&b.d, .75);
    diagnose_step(&b.d, 2e9);
    for (int i = 1; i <= 5; i++) {
        epoch(&b, HEALTHY, 3e9 / i, .3);
        assert_says(&b, i < 3 ? "" : "exploding",
                    i == 3 ? "exploding: the loss is 1e+09, without training "
                             "0.75\n"
                           : "");
    }
    epoch(&b, HEALTHY, 7, .3);
    assert_says(&b, "", "");
    bench_release(&b);
}

/* Huge from the start, since the data are: not what a step did. */
static void diagnose__large_from_the_start(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    diagnose_step(&b.d, 30);
    for (int i = 1; i <= 20; i++) {
        epoch(&b, HEALTHY, 30 * pow(.98, i), .3);
        assert_says(&b, "", "");
    }
    bench_release(&b);
}

static void diagnose__dead(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    check_stuck(&b, HEALTHY, (struct activity){100, 83, 0}, "dead",
                "dead: 83 % of the units after conv.0 are never active\n");
    assert_true(b.d.dead_share == .83);
    bench_release(&b);
    bench_init(&b, 2);
    check_quiet(&b, HEALTHY, (struct activity){100, 65, 0});
    assert_true(b.d.dead_share == .65);
    bench_release(&b);
}

static void diagnose__saturated(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    check_stuck(&b, HEALTHY, (struct activity){0, 0, .91}, "saturated",
                "saturated: 91 % of the values after conv.0 are at their "
                "limit\n");
    bench_release(&b);
    bench_init(&b, 2);
    check_quiet(&b, HEALTHY, (struct activity){0, 0, .75});
    bench_release(&b);
}

/* Several at once, in the order of their names' list. */
static void diagnose__several(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    check_stuck(&b, (struct step){0, .2, .3, 2}, (struct activity){10, 9, 0},
                "vanishing exploding dead",
                "vanishing: the gradient of conv.0 is 0, that of output 0.3\n"
                "exploding: a step is 2 times the weights of hidden.0\n"
                "dead: 90 % of the units after conv.0 are never active\n");
    bench_release(&b);
}

/* As long as the loss falls well, or all is right, nothing is said. */
static void diagnose__doing_well(void **state)
{
    struct step bad = {0, .2, .3, 2};
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    for (int i = 0; i < 50; i++) {
        told = (struct activity){10, 10, 0};
        epoch(&b, bad, pow(.98, i), .4);
        assert_says(&b, "", "");
    }
    bench_release(&b);
    bench_init(&b, 2);
    for (int i = 0; i < 50; i++) {
        told = (struct activity){10, 10, 1};
        epoch(&b, bad, 0, 0);
        assert_says(&b, "", "");
    }
    bench_release(&b);
}

/* A sign that goes away begins anew; its news were told. */
static void diagnose__persists(void **state)
{
    struct step bad = {0, .2, .3, 1e-3};
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    for (int i = 0; i < 21; i++) {
        epoch(&b, i % 3 == 2 ? HEALTHY : bad, .7, .3);
        assert_says(&b, "", "");
    }
    for (int i = 0; i < 3; i++)
        epoch(&b, bad, .7, .3);
    assert_string_equal(b.d.warning.data, "vanishing");
    assert_true(b.d.news.len > 0);
    epoch(&b, HEALTHY, .7, .3);
    assert_says(&b, "", "");
    for (int i = 0; i < 3; i++)
        epoch(&b, bad, .7, .3);
    assert_says(&b, "vanishing", "");
    bench_release(&b);
}

static void diagnose__oscillating(void **state)
{
    static const double swings[] = {.9, .5, .9, .4, 1, .5, .9, .4, .9};
    struct bench b;

    (void)state;
    for (int mixup = 0; mixup < 2; mixup++) {
        bench_init(&b, 10);
        b.net.spec.hyper.mixup = mixup;
        for (int i = 0; i < 9; i++)
            epoch(&b, HEALTHY, swings[i], .3);
        assert_string_equal(b.d.warning.len ? b.d.warning.data : "",
                            mixup ? "" : "oscillating");
        bench_release(&b);
    }
    bench_init(&b, 10);
    for (int i = 0; i < 40; i++) {
        epoch(&b, HEALTHY, .5 + .04 * (i % 2), .3);
        assert_says(&b, "", "");
    }
    bench_release(&b);
    bench_init(&b, 10); /* rising only */
    for (int i = 0; i < 9; i++) {
        epoch(&b, HEALTHY, .5 + .45 * i, .3);
        assert_says(&b, "", "");
    }
    bench_release(&b);
}

/* Rows wrong by guessing among ten classes: nine in ten. */
static void diagnose__slow(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 10);
    for (int i = 1; i <= 8; i++)
        epoch(&b, HEALTHY, 2.4 - .002 * i, .8);
    assert_says(&b, "slow", "slow: the loss fell by 0.42 % in 5 epochs\n");
    bench_release(&b);
    bench_init(&b, 10);
    epoch(&b, HEALTHY, 30, .87);
    for (int i = 2; i <= 9; i++)
        epoch(&b, HEALTHY, 2.3, .87);
    assert_string_equal(b.d.warning.data, "slow");
    bench_release(&b);
}

/* A hard problem that is learned as far as it goes is not slow. */
static void diagnose__not_slow(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 10);
    for (int i = 1; i <= 30; i++) {
        epoch(&b, HEALTHY, i == 1 ? 2.4 : 1.9, .75);
        assert_says(&b, "", "");
    }
    bench_release(&b);
    bench_init(&b, 10);
    for (int i = 1; i <= 30; i++) {
        epoch(&b, HEALTHY, 2.2, .6);
        assert_says(&b, "", "");
    }
    bench_release(&b);
}

/* Of what is not learned, or not touched by the step, nothing is known. */
static void diagnose__fixed_and_untouched(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    b.layers[FIRST].params[0].fixed = true;
    check_quiet(&b, (struct step){0, .2, .3, 1e-3}, NONE);
    bench_release(&b);
    bench_init(&b, 2);
    param_release(&b.layers[FIRST].params[0]);
    param_init_sparse(&b.layers[FIRST].params[0], "bag.weight", 5, 2);
    for (int i = 1; i <= 8; i++) {
        diagnose_before(&b.d, &b.net);
        diagnose_after(&b.d, &b.net);
        diagnose_epoch(&b.d, &b.net, .7, .3);
        assert_says(&b, "", "");
    }
    bench_release(&b);
}

/* Only the rows that a step touches count. */
static void diagnose__sparse_rows(void **state)
{
    struct bench b;
    struct param *p;

    (void)state;
    bench_init(&b, 2);
    p = &b.layers[FIRST].params[0];
    param_release(p);
    param_init_sparse(p, "bag.weight", 5, 2);
    for (int i = 1; i <= 6; i++) {
        for (size_t k = 0; k < 10; k++)
            p->value[k] = k / 2 == 3 ? 1 : 100;
        param_untouch(p);
        param_touch(p, 3);
        param_clear_touched(p);
        p->grad[0] = .2f;
        b.layers[OUTPUT].params[0].grad[0] = .3f;
        b.layers[MIDDLE].params[0].grad[0] = .3f;
        diagnose_before(&b.d, &b.net);
        p->value[6] = p->value[7] = 3;
        diagnose_after(&b.d, &b.net);
        diagnose_epoch(&b.d, &b.net, .7, .3);
    }
    assert_says(&b, "exploding",
                "exploding: a step is 2 times the weights of bag\n");
    bench_release(&b);
}

/* Without a step that was measured, the rest is still seen. */
static void diagnose__without_a_step(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, 2);
    for (int i = 1; i <= 6; i++) {
        told = (struct activity){10, 9, 0};
        diagnose_epoch(&b.d, &b.net, .7, .3);
    }
    assert_string_equal(b.d.warning.data, "dead");
    bench_release(&b);
}

/* ---- small networks ---- */

enum { ROWS = 60, BATCH = 16, INPUTS = 4 };

struct training {
    struct net *net;
    struct tape tape;
    struct batch batch;
    struct optimizer optimizer;
    struct diagnosis d;
    double x[ROWS][INPUTS];
    size_t label[ROWS];
    struct buf seen; /* all that was ever warned of */
};

/* Two classes on either side of a plane, with a gap. */
static void training_init(struct training *t, const struct hyper *h)
{
    struct net_spec spec = {
        .input = {.n_dense = INPUTS}, .n_classes = 2, .hyper = *h};
    struct rng rng;

    memset(t, 0, sizeof(*t));
    rng_init(&rng, 1, 1);
    for (size_t r = 0; r < ROWS; r++) {
        t->label[r] = r % 2;
        for (size_t i = 0; i < INPUTS; i++)
            t->x[r][i] = rng_normal(&rng);
        t->x[r][0] += r % 2 ? 3 : -3;
    }
    t->net = net_new(&spec, 1);
    t->optimizer.hyper = &t->net->spec.hyper;
    t->optimizer.learning_rate = h->learning_rate;
    t->batch.padded = t->batch.capacity = BATCH;
    t->batch.n_dense = INPUTS;
    t->batch.steps = 1;
    t->batch.dense = mem_zalloc(BATCH * INPUTS, sizeof(float));
}

static void training_release(struct training *t)
{
    net_free(t->net);
    tape_release(&t->tape);
    batch_release(&t->batch);
    diagnosis_release(&t->d);
    buf_release(&t->seen);
}

/* Forward and backward of rows [at, at + n); adds their loss and error. */
static void pass_rows(struct training *t, size_t at, size_t n, double *loss,
                      double *error)
{
    struct pass pass = {.training = true, .step = t->optimizer.step};
    real scratch[2], *dz;
    const real *z;

    t->batch.n = n;
    memset(t->batch.dense, 0, BATCH * INPUTS * sizeof(float));
    for (size_t i = 0; i < n * INPUTS; i++)
        t->batch.dense[i] = (float)t->x[at + i / INPUTS][i % INPUTS];
    z = net_forward(t->net, &t->tape, &t->batch, &pass);
    dz = net_dlogits(t->net, &t->tape, &t->batch);
    memset(dz, 0, BATCH * 2 * sizeof(*dz));
    for (size_t i = 0; i < n; i++) {
        size_t k = t->label[at + i];
        *loss += loss_value(t->optimizer.hyper, z + 2 * i, 2, k) / ROWS;
        *error += (double)(largest(z + 2 * i, 2) != k) / ROWS;
        loss_add_gradient(t->optimizer.hyper, dz + 2 * i, z + 2 * i, 2, k,
                          1 / (real)n, scratch);
    }
    net_backward(t->net, &t->tape, &t->batch, &pass);
}

/* Trains; returns the last training error. */
static double run(struct training *t, int epochs)
{
    double loss = 0, error = 0;

    for (int e = 0; e < epochs; e++) {
        loss = error = 0;
        for (size_t at = 0; at < ROWS; at += BATCH) {
            size_t n = ROWS - at < BATCH ? ROWS - at : BATCH;
            pass_rows(t, at, n, &loss, &error);
            if (at + BATCH >= ROWS)
                diagnose_before(&t->d, t->net);
            optimizer_step(&t->optimizer, t->net, NULL);
            if (at + BATCH >= ROWS)
                diagnose_after(&t->d, t->net);
        }
        diagnose_epoch(&t->d, t->net, loss, error);
        buf_add(&t->seen, t->d.news.data, t->d.news.len);
    }
    return error;
}

static struct hyper mlp(double learning_rate)
{
    struct hyper h;

    hyper_init(&h, NET_MLP);
    h.learning_rate = learning_rate;
    h.hidden = (struct widths){1, {16}};
    return h;
}

/* Down to a loss of nearly nothing, by several ways: all is well. */
static void diagnose__clean_runs(void **state)
{
    (void)state;
    for (int kind = OPTIMIZER_SGD; kind <= OPTIMIZER_ADAMW; kind++)
        for (int activation = ACTIVATION_RELU; activation <= ACTIVATION_GELU;
             activation++) {
            struct hyper h = mlp(kind < OPTIMIZER_RMSPROP ? .05 : .01);
            struct training t;
            double error;
            h.optimizer = kind;
            h.activation = activation;
            training_init(&t, &h);
            error = run(&t, 120);
            if (error > .02 || t.seen.len)
                fail_msg("%d %d: error %g, %s", kind, activation, error,
                         t.seen.len ? t.seen.data : "nothing said");
            training_release(&t);
        }
}

/* Weights that are all zero get no gradient through each other. */
static void diagnose__zero_weights(void **state)
{
    struct hyper h = mlp(.01);
    struct training t;

    (void)state;
    h.init = INIT_ZERO;
    training_init(&t, &h);
    for (size_t r = 0; r < ROWS; r++)
        t.label[r] = r % 3 == 0;
    assert_true(run(&t, 20) > .2);
    assert_non_null(strstr(t.seen.data, "vanishing: the gradient of hidden.0"));
    assert_non_null(strstr(t.seen.data, "dead: 100 % of the units after "
                                        "hidden.0 are never active\n"));
    training_release(&t);
}

static void diagnose__too_small_a_learning_rate(void **state)
{
    struct hyper h = mlp(1e-7);
    struct training t;
    struct param *p;

    (void)state;
    training_init(&t, &h);
    for (size_t r = 0; r < ROWS; r++)
        t.label[r] = r / 2 % 2;
    p = net_param(t.net, 2);
    for (size_t i = 0; i < param_size(p); i++)
        p->value[i] *= .1f;
    run(&t, 20);
    assert_non_null(strstr(t.seen.data, "slow: the loss fell by "));
    training_release(&t);
}

/* ---- not finite ---- */

static void check_not_finite(struct training *t, const char *want)
{
    const char *lost = finite_lost(t->net, &t->tape, &t->batch);

    if (want)
        assert_string_equal(lost, want);
    else
        assert_null(lost);
}

static void finite_lost__names_the_layer(void **state)
{
    struct hyper h = mlp(.01);
    double loss = 0, error = 0;
    struct training t;
    real *weight, kept;

    (void)state;
    h.hidden = (struct widths){2, {8, 8}};
    training_init(&t, &h);
    pass_rows(&t, 0, BATCH, &loss, &error);
    check_not_finite(&t, NULL);

    weight = net_param(t.net, 2)->value;
    kept = weight[0];
    assert_true(finite_weights(t.net));
    weight[0] = NAN;
    assert_false(finite_weights(t.net));
    check_not_finite(&t, "the weights of hidden.1");
    net_param(t.net, 5)->grad[0] = NAN;
    check_not_finite(&t, "the gradient of output");

    weight[0] = kept;
    pass_rows(&t, 0, BATCH, &loss, &error);
    check_not_finite(&t, NULL);
    net_param(t.net, 0)->grad[3] = INFINITY;
    check_not_finite(&t, "the gradient of hidden.0");
    t.tape.y[3][5] = NAN;
    check_not_finite(&t, "the output of hidden.1");
    t.tape.y[0][5] = INFINITY; /* the activation's too, in its place */
    check_not_finite(&t, "the output of hidden.0");
    training_release(&t);
}

/* Weights too large: the first output that overflows is named. */
static void finite_lost__overflow(void **state)
{
    struct hyper h = mlp(.01);
    double loss = 0, error = 0;
    struct training t;

    (void)state;
    training_init(&t, &h);
    for (size_t i = 0; i < param_size(net_param(t.net, 2)); i++)
        net_param(t.net, 2)->value[i] *= 1e38f;
    for (size_t i = 0; i < INPUTS * 16; i++)
        net_param(t.net, 0)->value[i] *= 1e5f;
    pass_rows(&t, 0, BATCH, &loss, &error);
    assert_true(isnan(loss) || isinf(loss));
    check_not_finite(&t, "the output of output");
    training_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diagnose__healthy),
        cmocka_unit_test(diagnose__vanishing),
        cmocka_unit_test(diagnose__small_gradients),
        cmocka_unit_test(diagnose__exploding),
        cmocka_unit_test(diagnose__loss_explodes),
        cmocka_unit_test(diagnose__diverged),
        cmocka_unit_test(diagnose__large_from_the_start),
        cmocka_unit_test(diagnose__dead),
        cmocka_unit_test(diagnose__saturated),
        cmocka_unit_test(diagnose__several),
        cmocka_unit_test(diagnose__doing_well),
        cmocka_unit_test(diagnose__persists),
        cmocka_unit_test(diagnose__oscillating),
        cmocka_unit_test(diagnose__slow),
        cmocka_unit_test(diagnose__not_slow),
        cmocka_unit_test(diagnose__fixed_and_untouched),
        cmocka_unit_test(diagnose__sparse_rows),
        cmocka_unit_test(diagnose__without_a_step),
        cmocka_unit_test(diagnose__clean_runs),
        cmocka_unit_test(diagnose__zero_weights),
        cmocka_unit_test(diagnose__too_small_a_learning_rate),
        cmocka_unit_test(finite_lost__names_the_layer),
        cmocka_unit_test(finite_lost__overflow),
    };

    return cmocka_run_group_tests_name("diagnose", tests, NULL, NULL);
}
