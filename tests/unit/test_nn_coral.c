/*
 * Distances of covariances against numpy's, and their gradients, alone and
 * through a network, against differences.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "nn/adapt.h"
#include "nn/product.h"

#ifndef NN_DOUBLE
#error "needs the double-precision build of lib/nn"
#endif

enum { CASES = 4, MOST = 64 };

static void assert_close(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance * fmax(1, fabs(b))))
        fail_msg("%.10g, expected %.10g", a, b);
}

/* ---- the distance ---- */

static double read_number(FILE *file)
{
    double x;

    assert_int_equal(fscanf(file, "%lf", &x), 1);
    return x;
}

static size_t padded_to(size_t n)
{
    return (n + PRODUCT_TILE - 1) / PRODUCT_TILE * PRODUCT_TILE;
}

static void check_case(FILE *file, struct coral *coral)
{
    double weight[MOST];
    struct coral_rows rows = {.weight = weight};
    const real *gradient;
    real *x;
    double distance;

    rows.n = (size_t)read_number(file);
    rows.m = (size_t)read_number(file);
    rows.d = (size_t)read_number(file);
    rows.padded = padded_to(rows.n + rows.m);
    x = mem_zalloc(rows.padded * rows.d, sizeof(*x));
    for (size_t i = 0; i < rows.n; i++)
        weight[i] = read_number(file);
    for (size_t i = 0; i < (rows.n + rows.m) * rows.d; i++)
        x[i] = read_number(file);
    for (size_t i = (rows.n + rows.m) * rows.d; i < rows.padded * rows.d; i++)
        x[i] = 1e6; /* behind the rows is anything */
    distance = coral_distance(coral, &rows, x, 3, &gradient);
    assert_close(distance, read_number(file), 1e-8);
    for (size_t i = 0; i < (rows.n + rows.m) * rows.d; i++)
        assert_close(gradient[i] / 3, read_number(file), 1e-6);
    for (size_t i = (rows.n + rows.m) * rows.d; i < rows.padded * rows.d; i++)
        assert_true(gradient[i] == 0);
    free(x);
}

static void coral__numpy(void **state)
{
    FILE *file = fopen("tests/data/shift/coral.txt", "r");
    struct coral coral = {0};

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < CASES; i++)
        check_case(file, &coral);
    fclose(file);
    coral_release(&coral);
}

/* Rows of weight 0 might as well not be there. */
static void coral__no_covariance(void **state)
{
    static const double weights[3][3] = {{1, 0, 0}, {0, 0, 0}, {1, 1, 1}};
    real x[PRODUCT_TILE * 2];
    struct coral coral = {0};
    const real *gradient;

    (void)state;
    for (size_t i = 0; i < PRODUCT_TILE * 2; i++)
        x[i] = (real)(i * i % 7);
    for (size_t c = 0; c < 3; c++) {
        struct coral_rows rows = {.n = 3,
                                  .m = c == 2 ? 1 : 4,
                                  .padded = PRODUCT_TILE,
                                  .d = 2,
                                  .weight = weights[c]};
        assert_true(coral_distance(&coral, &rows, x, 1, &gradient) == 0);
        for (size_t i = 0; i < PRODUCT_TILE * 2; i++)
            assert_true(gradient[i] == 0);
    }
    coral_release(&coral);
}

/* The same rows on both sides, in another order. */
static void coral__no_difference(void **state)
{
    static const double weight[] = {1, 1, 1};
    real x[PRODUCT_TILE * 2] = {1, 2, 5, 3, -1, 4, 5, 3, -1, 4, 1, 2};
    struct coral_rows rows = {3, 3, PRODUCT_TILE, 2, weight};
    struct coral coral = {0};
    const real *gradient;

    (void)state;
    assert_close(coral_distance(&coral, &rows, x, 1, &gradient), 0, 1e-20);
    for (size_t i = 0; i < PRODUCT_TILE * 2; i++)
        assert_close(gradient[i], 0, 1e-12);
    coral_release(&coral);
}

/* ---- through a network ---- */

/* An mlp over numbers and a bag of words, and a batch of rows of two sides. */
struct scene {
    struct net *net;
    struct tape tape;
    struct batch batch;
    struct table target;
    struct adaptation to;
    struct adapt adapt;
};

enum { OWN = 7, TARGETS = 5, DENSE = 3, BAG = 6, CLASSES = 2 };

static void fill_batch(struct batch *b, struct rng *rng)
{
    size_t n = OWN + TARGETS;

    *b = (struct batch){.n = n,
                        .padded = PRODUCT_TILE,
                        .capacity = PRODUCT_TILE,
                        .n_dense = DENSE,
                        .n_slots = 1,
                        .steps = 1,
                        .entries = n};
    b->dense = mem_zalloc(PRODUCT_TILE * DENSE, sizeof(*b->dense));
    b->start = mem_alloc(PRODUCT_TILE + 1, sizeof(*b->start));
    b->index = mem_alloc(n, sizeof(*b->index));
    b->value = mem_alloc(n, sizeof(*b->value));
    b->length = mem_alloc(PRODUCT_TILE, sizeof(*b->length));
    for (size_t i = 0; i < n * DENSE; i++)
        b->dense[i] = (float)rng_normal(rng);
    for (size_t i = 0; i < n; i++) {
        b->index[i] = (uint32_t)rng_below(rng, BAG);
        b->value[i] = 2;
    }
    for (size_t i = 0; i <= PRODUCT_TILE; i++)
        b->start[i] = i < n ? i : n;
    for (size_t i = 0; i < PRODUCT_TILE; i++)
        b->length[i] = 1;
}

static void make_scene(struct scene *s, enum activation activation)
{
    static const float weight[OWN] = {1, 1, 2, 0, 1, .5f, 1};
    size_t own[OWN];
    struct net_spec spec = {.input = {DENSE, 1, BAG, 0, 0, 0, 0, 0},
                            .n_classes = CLASSES};
    struct rng rng;

    memset(s, 0, sizeof(*s));
    rng_init(&rng, 3, 1);
    hyper_init(&spec.hyper, NET_MLP);
    spec.hyper.hidden = (struct widths){2, {5, 4}};
    spec.hyper.embedding = 2;
    spec.hyper.activation = (int)activation;
    s->net = net_new(&spec, 1);
    for (size_t i = 0; net_param(s->net, i); i++)
        param_fill_normal(net_param(s->net, i), .7, &rng);
    fill_batch(&s->batch, &rng);
    s->target.n = TARGETS;
    s->to = (struct adaptation){&s->target, 2.5};
    for (size_t i = 0; i < OWN; i++)
        own[i] = i;
    adapt_init(&s->adapt, &s->to, OWN);
    adapt_order(&s->adapt, 1, 1);
    adapt_take(&s->adapt, weight, own, OWN);
    assert_int_equal(s->adapt.n_rows, TARGETS);
}

static void release_scene(struct scene *s)
{
    adapt_release(&s->adapt);
    tape_release(&s->tape);
    batch_release(&s->batch);
    net_free(s->net);
}

/* The loss, whose gradients are filled in; logits count for nothing. */
static double pass_through(struct scene *s)
{
    struct pass pass = {.training = true};
    real *dlogits;

    net_forward(s->net, &s->tape, &s->batch, &pass);
    dlogits = net_dlogits(s->net, &s->tape, &s->batch);
    memset(dlogits, 0, s->batch.padded * CLASSES * sizeof(*dlogits));
    adapt_gradient(&s->adapt, s->net, &s->tape, &s->batch);
    net_backward(s->net, &s->tape, &s->batch, &pass);
    return s->to.weight * s->adapt.distance;
}

/* Value k of a gradient; rows of an embedding that nobody touched have none. */
static double gradient_of(const struct param *p, size_t k)
{
    size_t place = p->sparse ? p->place[k / p->cols] : k / p->cols + 1;

    return place ? p->grad[(place - 1) * p->cols + k % p->cols] : 0;
}

static void check_parameter(struct scene *s, struct param *p)
{
    for (size_t k = 0; k < param_size(p); k++) {
        real old = p->value[k];
        double up, down, gradient, step = 1e-5;
        pass_through(s);
        gradient = gradient_of(p, k);
        p->value[k] = old + step;
        up = pass_through(s);
        p->value[k] = old - step;
        down = pass_through(s);
        p->value[k] = old;
        assert_close(gradient, (up - down) / (2 * step), 1e-6);
    }
}

static void adapt__gradient(void **state)
{
    static const enum activation kinds[] = {ACTIVATION_TANH, ACTIVATION_RELU};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct scene s;
        make_scene(&s, kinds[i]);
        for (size_t k = 0; net_param(s.net, k); k++)
            check_parameter(&s, net_param(s.net, k));
        assert_true(s.adapt.distance > 0);
        release_scene(&s);
    }
}

/* The next pass has no such gradient any more. */
static void adapt__once(void **state)
{
    struct pass pass = {.training = true};
    struct scene s;
    real *dlogits;

    (void)state;
    make_scene(&s, ACTIVATION_TANH);
    pass_through(&s);
    net_forward(s.net, &s.tape, &s.batch, &pass);
    dlogits = net_dlogits(s.net, &s.tape, &s.batch);
    memset(dlogits, 0, s.batch.padded * CLASSES * sizeof(*dlogits));
    net_backward(s.net, &s.tape, &s.batch, &pass);
    for (size_t i = 0; i < 3; i++)
        assert_true(gradient_of(net_param(s.net, i), 0) == 0);
    release_scene(&s);
}

/* All target rows in turn, over and over, in another order each epoch. */
static void adapt__order(void **state)
{
    static const float weight[4] = {1, 1, 1, 1};
    static const size_t own[4] = {0, 1, 2, 3};
    struct table target = {.n = 6};
    struct adaptation to = {&target, 1};
    size_t first[6], seen[6] = {0};
    struct adapt a, b;

    (void)state;
    adapt_init(&a, &to, 4);
    adapt_order(&a, 1, 1);
    memcpy(first, a.order, sizeof(first));
    for (int i = 0; i < 3; i++) {
        adapt_take(&a, weight, own, i < 2 ? 4 : 1);
        assert_int_equal(a.n_rows, 4);
        for (size_t k = 0; k < 4; k++)
            seen[a.rows[k]]++;
    }
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(seen[i], 2);
    adapt_init(&b, &to, 8);
    adapt_order(&b, 1, 2);
    assert_memory_not_equal(b.order, first, sizeof(first));
    adapt_take(&b, weight, own, 4);
    assert_int_equal(b.n_rows, 6);
    adapt_order(&b, 1, 1);
    assert_memory_equal(b.order, first, sizeof(first));
    assert_int_equal(b.at, 0);
    adapt_release(&a);
    adapt_release(&b);
    adapt_init(&a, &(struct adaptation){NULL, 0}, 4);
    assert_false(adapt_any(&a));
    adapt_order(&a, 1, 1);
    adapt_take(&a, weight, own, 4);
}

/* ---- one batch behind another ---- */

static void batch__join(void **state)
{
    struct batch a, b;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    fill_batch(&a, &rng);
    fill_batch(&b, &rng);
    batch_join(&a, &b);
    assert_int_equal(a.n, 24);
    assert_int_equal(a.padded, 32);
    assert_memory_equal(a.dense + 12 * DENSE, b.dense,
                        12 * DENSE * sizeof(*b.dense));
    for (size_t i = 0; i < 8 * DENSE; i++)
        assert_true(a.dense[24 * DENSE + i] == 0);
    for (size_t i = 0; i <= 32; i++)
        assert_int_equal(a.start[i], i < 24 ? i : 24);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(a.index[12 + i], b.index[i]);
    assert_int_equal(a.length[31], 1);
    batch_release(&a);
    batch_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coral__numpy),
        cmocka_unit_test(coral__no_covariance),
        cmocka_unit_test(coral__no_difference),
        cmocka_unit_test(adapt__gradient),
        cmocka_unit_test(adapt__once),
        cmocka_unit_test(adapt__order),
        cmocka_unit_test(batch__join),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
