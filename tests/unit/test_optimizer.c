/*
 * Steps of the optimizers against those of PyTorch: the problem of
 * tests/data/optimizers/make.py, its gradients by hand.
 */
#include "nn/optimizer.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "series.h"

#include "base/mem.h"
#include "nn/loss.h"

enum { ROWS = 8, IN = 3, OUT = 4, STEPS = 20 };

#define STEPS_FILE TEST_DATA "/optimizers/optimizers.txt"

static const char *const KINDS[] = {"sgd",     "momentum", "nesterov",
                                    "rmsprop", "adam",     "adamw"};

static void read_series(const char *name, const char *part, double *to,
                        size_t n)
{
    char full[64];

    snprintf(full, sizeof(full), "%s%s", name, part);
    series_read(STEPS_FILE, full, to, n);
}

/* ---- a net of one layer that has nothing but parameters ---- */

struct bench {
    struct net net;
    struct layer layer;
    struct hyper hyper;
    struct optimizer optimizer;
};

static void bench_init(struct bench *b, int kind)
{
    memset(b, 0, sizeof(*b));
    b->net.layers = &b->layer;
    b->net.n_layers = 1;
    b->hyper = (struct hyper){.optimizer = kind,
                              .momentum = .8,
                              .beta1 = .8,
                              .beta2 = .99,
                              .alpha = .95,
                              .epsilon = 1e-6};
    b->optimizer.hyper = &b->hyper;
    b->optimizer.learning_rate = .05;
}

static struct param *add_param(struct bench *b, size_t rows, size_t cols)
{
    struct param *p = &b->layer.params[b->layer.n_params++];

    param_init(p, "p", PARAM_TABLE, rows, cols);
    return p;
}

static struct param *add_sparse(struct bench *b, size_t rows, size_t cols)
{
    struct param *p = &b->layer.params[b->layer.n_params++];

    param_init_sparse(p, "p", rows, cols);
    return p;
}

static void bench_release(struct bench *b)
{
    for (int i = 0; i < b->layer.n_params; i++)
        param_release(&b->layer.params[i]);
}

static void touch(struct param *p, const uint32_t *rows, size_t n)
{
    param_untouch(p);
    for (size_t i = 0; i < n; i++)
        param_touch(p, rows[i]);
    param_clear_touched(p);
}

/* ---- the classifier ---- */

struct problem {
    double x[ROWS * IN], label[ROWS];
};

static void problem_init(struct problem *q, struct bench *b)
{
    double start[IN * OUT];
    struct param *w = add_param(b, IN, OUT);

    add_param(b, 1, OUT);
    series_read(STEPS_FILE, "x", q->x, ROWS * IN);
    series_read(STEPS_FILE, "label", q->label, ROWS);
    series_read(STEPS_FILE, "start", start, IN * OUT);
    for (size_t i = 0; i < IN * OUT; i++)
        w->value[i] = (float)start[i];
}

static void add_products(struct bench *b, const double *x, const float *dz)
{
    struct param *w = &b->layer.params[0], *bias = &b->layer.params[1];

    for (size_t k = 0; k < OUT; k++) {
        for (size_t i = 0; i < IN; i++)
            w->grad[i * OUT + k] += (float)x[i] * dz[k];
        bias->grad[k] += dz[k];
    }
}

/* The mean loss; fills the gradients. */
static double problem_loss(const struct problem *q, struct bench *b)
{
    const float *w = b->layer.params[0].value, *bias = b->layer.params[1].value;
    struct hyper h = {.loss = LOSS_CROSS_ENTROPY};
    double sum = 0;

    memset(b->layer.params[0].grad, 0, IN * OUT * sizeof(float));
    memset(b->layer.params[1].grad, 0, OUT * sizeof(float));
    for (size_t r = 0; r < ROWS; r++) {
        const double *x = q->x + r * IN;
        size_t label = (size_t)q->label[r];
        float z[OUT], dz[OUT] = {0}, scratch[OUT];
        for (size_t k = 0; k < OUT; k++) {
            z[k] = bias[k];
            for (size_t i = 0; i < IN; i++)
                z[k] += (float)x[i] * w[i * OUT + k];
        }
        sum += loss_value(&h, z, OUT, label);
        loss_add_gradient(&h, dz, z, OUT, label, 1.f / ROWS, scratch);
        add_products(b, x, dz);
    }
    return sum / ROWS;
}

static void assert_all(const char *name, const char *part, const double *got,
                       size_t n)
{
    double want[64];

    read_series(name, part, want, n);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(got[i] - want[i]) <= 1e-5 * fmax(1, fabs(want[i]))))
            fail_msg("%s%s: value %zu is %.8g, expected %.8g", name, part, i,
                     got[i], want[i]);
}

static void assert_values(const char *name, const char *part,
                          const struct param *p)
{
    double got[64];

    for (size_t i = 0; i < param_size(p); i++)
        got[i] = (double)p->value[i];
    assert_all(name, part, got, param_size(p));
}

static void check(int kind, const char *variant, double decay, double clip,
                  double l1)
{
    double rate, loss[STEPS], norm[STEPS];
    struct problem q;
    struct bench b;
    char name[32];

    bench_init(&b, kind);
    problem_init(&q, &b);
    read_series(KINDS[kind], ".rate", &rate, 1);
    b.optimizer.learning_rate = rate;
    b.hyper.weight_decay = decay;
    b.hyper.clip = clip;
    b.hyper.l1 = l1;
    for (size_t t = 0; t < STEPS; t++) {
        struct step_norms norms;
        loss[t] = problem_loss(&q, &b);
        optimizer_step(&b.optimizer, &b.net, &norms);
        norm[t] = norms.gradient;
    }
    snprintf(name, sizeof(name), "%s.%s", KINDS[kind], variant);
    assert_int_equal(b.optimizer.step, STEPS);
    assert_all(name, ".loss", loss, STEPS);
    assert_all(name, ".norm", norm, STEPS);
    assert_values(name, ".weight", &b.layer.params[0]);
    assert_values(name, ".bias", &b.layer.params[1]);
    bench_release(&b);
}

static void optimizer__plain(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++)
        check(kind, "plain", 0, 0, 0);
}

static void optimizer__weight_decay(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++)
        check(kind, "decay", .1, 0, 0);
}

static void optimizer__clip(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++)
        check(kind, "clip", 0, .3, 0);
}

static void optimizer__l1(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++)
        check(kind, "l1", 0, 0, .02);
}

static void optimizer__all_together(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++)
        check(kind, "all", .1, .3, .02);
}

/* ---- sparse parameters ---- */

static void optimizer__sparse_adam(void **state)
{
    double start[18], target[18], rows[3 * STEPS];
    struct bench b;
    struct param *p;

    (void)state;
    bench_init(&b, OPTIMIZER_ADAM);
    b.hyper.epsilon = 1e-8;
    p = add_sparse(&b, 6, 3);
    series_read(STEPS_FILE, "sparse.start", start, 18);
    series_read(STEPS_FILE, "sparse.target", target, 18);
    series_read(STEPS_FILE, "sparse.touched", rows, 3 * STEPS);
    for (size_t i = 0; i < 18; i++)
        p->value[i] = (float)start[i];
    for (size_t t = 0; t < STEPS; t++) {
        uint32_t own[3];
        for (size_t i = 0; i < 3; i++)
            own[i] = (uint32_t)rows[t * 3 + i];
        touch(p, own, 3);
        for (size_t i = 0; i < 9; i++) {
            float *grad = p->grad + (p->place[own[i / 3]] - 1) * 3 + i % 3;
            size_t at = own[i / 3] * 3 + i % 3;
            *grad += 2 * (p->value[at] - (float)target[at]);
        }
        optimizer_step(&b.optimizer, &b.net, NULL);
    }
    assert_values("sparse", ".weight", p);
    assert_memory_equal(
        p->value + 12,
        ((float[]){(float)start[12], (float)start[13], (float)start[14]}),
        3 * sizeof(float));
    bench_release(&b);
}

/*
 * A touched row moves as a dense parameter does, the others not at all, by any
 * optimizer; a row may be longer than a chunk.
 */
static void check_rows(int kind, size_t cols)
{
    struct bench b, dense;
    struct param *p, *q;
    float *untouched = mem_alloc(cols, sizeof(*untouched));

    bench_init(&b, kind);
    bench_init(&dense, kind);
    b.hyper.weight_decay = dense.hyper.weight_decay = .1;
    b.hyper.l1 = dense.hyper.l1 = .01;
    p = add_sparse(&b, 4, cols);
    q = add_param(&dense, 1, cols);
    for (size_t i = 0; i < 4 * cols; i++)
        p->value[i] = (float)((double)(i % cols % 7) - 3);
    memcpy(q->value, p->value, cols * sizeof(float));
    memcpy(untouched, p->value, cols * sizeof(float));
    for (int t = 0; t < 3; t++) {
        touch(p, (uint32_t[]){2, 0}, 2);
        for (size_t i = 0; i < 2 * cols; i++)
            p->grad[i] = (float)((double)((i % cols + (size_t)t) % 5) - 2);
        memcpy(q->grad, p->grad, cols * sizeof(float));
        optimizer_step(&b.optimizer, &b.net, NULL);
        optimizer_step(&dense.optimizer, &dense.net, NULL);
    }
    assert_memory_equal(p->value + 2 * cols, q->value, cols * sizeof(float));
    assert_memory_equal(p->value, q->value, cols * sizeof(float));
    assert_memory_equal(p->value + cols, untouched, cols * sizeof(float));
    assert_memory_not_equal(q->value, untouched, cols * sizeof(float));
    free(untouched);
    bench_release(&b);
    bench_release(&dense);
}

static void optimizer__sparse_rows(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        check_rows(kind, 3);
        check_rows(kind, 2500);
    }
}

/* ---- clipping, norms, fixed parameters ---- */

static void set_gradient(struct param *p, float value)
{
    for (size_t i = 0; i < param_grad_size(p); i++)
        p->grad[i] = value;
}

static void optimizer_clip__norm(void **state)
{
    struct param *p, *sparse, *fixed;
    struct bench b;

    (void)state;
    bench_init(&b, OPTIMIZER_SGD);
    p = add_param(&b, 3, 3);
    sparse = add_sparse(&b, 10, 4);
    fixed = add_param(&b, 2, 2);
    touch(sparse, (uint32_t[]){7, 1}, 2);
    set_gradient(p, 3);
    set_gradient(sparse, -2);
    set_gradient(fixed, 100);
    fixed->fixed = true;
    assert_true(fabs(optimizer_clip(&b.net, 20) - sqrt(81 + 32)) < 1e-12);
    assert_true(p->grad[0] == 3 && sparse->grad[7] == -2);
    optimizer_clip(&b.net, 1);
    assert_true(fabs((double)p->grad[8] - 3 / sqrt(113)) < 1e-7);
    assert_true(fabs((double)sparse->grad[7] + 2 / sqrt(113)) < 1e-7);
    assert_true(fixed->grad[0] == 100);
    assert_true(fabs(optimizer_clip(&b.net, 1) - 1) < 1e-6);
    bench_release(&b);
}

/* What is not finite must still be there to be found. */
static void optimizer_clip__not_finite(void **state)
{
    struct bench b;
    struct param *p;

    (void)state;
    bench_init(&b, OPTIMIZER_SGD);
    p = add_param(&b, 1, 2);
    p->grad[0] = INFINITY;
    p->grad[1] = 5;
    assert_true(isinf(optimizer_clip(&b.net, 1)));
    assert_true(isinf(p->grad[0]) && p->grad[1] == 5);
    p->grad[0] = NAN;
    assert_true(isnan(optimizer_clip(&b.net, 1)));
    assert_true(p->grad[1] == 5);
    bench_release(&b);
}

static void optimizer_step__norms(void **state)
{
    struct param *p, *sparse, *fixed;
    struct step_norms norms;
    struct bench b;

    (void)state;
    bench_init(&b, OPTIMIZER_SGD);
    b.optimizer.learning_rate = .5;
    p = add_param(&b, 50, 41);
    sparse = add_sparse(&b, 10, 4);
    fixed = add_param(&b, 1, 2);
    fixed->fixed = true;
    touch(sparse, (uint32_t[]){7}, 1);
    for (size_t i = 0; i < param_size(p); i++)
        p->value[i] = 2;
    for (size_t i = 0; i < param_size(sparse); i++)
        sparse->value[i] = 1;
    fixed->value[0] = 9;
    set_gradient(p, 1);
    set_gradient(sparse, 4);
    set_gradient(fixed, 8);
    optimizer_step(&b.optimizer, &b.net, &norms);
    assert_true(fixed->value[0] == 9);
    assert_true(fabs(norms.gradient - sqrt(2050 + 64)) < 1e-9);
    assert_true(fabs(norms.update - sqrt(2050. / 4 + 16)) < 1e-9);
    assert_true(fabs(norms.value - sqrt(2050 * 4 + 4)) < 1e-9);
    bench_release(&b);
}

/* The norm of the step is as it was before clipping; the update is clipped. */
static void optimizer_step__norms_of_clipped(void **state)
{
    struct step_norms norms;
    struct bench b;
    struct param *p;

    (void)state;
    bench_init(&b, OPTIMIZER_SGD);
    b.optimizer.learning_rate = 1;
    b.hyper.clip = 2;
    p = add_param(&b, 5, 5);
    set_gradient(p, 3);
    optimizer_step(&b.optimizer, &b.net, &norms);
    assert_true(fabs(norms.gradient - 15) < 1e-9);
    assert_true(fabs(norms.update - 2) < 1e-6);
    bench_release(&b);
}

/* ---- threads ---- */

static uint32_t noise(uint32_t *x)
{
    return *x = *x * 1664525u + 1013904223u;
}

/* Some steps of large parameters; returns the norms of the last one. */
static struct step_norms large_run(struct bench *b, int kind, int threads)
{
    int most = omp_get_max_threads();
    struct step_norms norms;
    struct param *p, *sparse;
    uint32_t x = 1;

    omp_set_num_threads(threads);
    bench_init(b, kind);
    b->hyper.clip = 1;
    p = add_param(b, 300, 401);
    sparse = add_sparse(b, 3000, 33);
    for (uint32_t i = 0; i < 2600; i++)
        param_touch(sparse, (i * 7) % 3000);
    param_clear_touched(sparse);
    for (int t = 0; t < 3; t++) {
        for (size_t i = 0; i < param_grad_size(p); i++)
            p->grad[i] = (float)noise(&x) * 0x1p-32f - .5f;
        for (size_t i = 0; i < param_grad_size(sparse); i++)
            sparse->grad[i] = (float)noise(&x) * 0x1p-32f - .5f;
        optimizer_step(&b->optimizer, &b->net, &norms);
    }
    omp_set_num_threads(most);
    return norms;
}

static void optimizer_step__same_bytes_at_any_number_of_threads(void **state)
{
    static const int threads[] = {2, 3, 8};

    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        struct bench one, more;
        struct step_norms a = large_run(&one, kind, 1), b;
        for (int t = 0; t < 3; t++) {
            b = large_run(&more, kind, threads[t]);
            assert_memory_equal(&a, &b, sizeof(a));
            for (int i = 0; i < 2; i++)
                assert_memory_equal(
                    one.layer.params[i].value, more.layer.params[i].value,
                    param_size(&one.layer.params[i]) * sizeof(float));
            bench_release(&more);
        }
        bench_release(&one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimizer__plain),
        cmocka_unit_test(optimizer__weight_decay),
        cmocka_unit_test(optimizer__clip),
        cmocka_unit_test(optimizer__l1),
        cmocka_unit_test(optimizer__all_together),
        cmocka_unit_test(optimizer__sparse_adam),
        cmocka_unit_test(optimizer__sparse_rows),
        cmocka_unit_test(optimizer_clip__norm),
        cmocka_unit_test(optimizer_clip__not_finite),
        cmocka_unit_test(optimizer_step__norms),
        cmocka_unit_test(optimizer_step__norms_of_clipped),
        cmocka_unit_test(optimizer_step__same_bytes_at_any_number_of_threads),
    };

    return cmocka_run_group_tests_name("optimizer", tests, NULL, NULL);
}
