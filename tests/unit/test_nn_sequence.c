/*
 * Gradients of the layers of sequences against central differences, in double
 * precision: relative error at most 1e-6, everywhere.  Rows have lengths of
 * their own, and behind their ends stands what nobody may read.
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
#include "nn/layer.h"

#ifndef NN_DOUBLE
#error "needs the double-precision build of lib/nn"
#endif

#define LIMIT 1e-6

enum { DEPTH = 3, TOKENS = 9 };

static const double STEP = 1e-5;
static const struct weight_init glorot = {INIT_AUTO, 1};

/* ---- some layers, one on the other; loss = sum of dy y ---- */

struct stack {
    struct layer layers[DEPTH];
    size_t n;
    struct batch batch;
    struct pass pass;
    struct rng rng;
    double *x;
    double *y[DEPTH], *keep[DEPTH], *dy[DEPTH], *dx;
};

static double *normals(size_t n, struct rng *rng)
{
    double *x = mem_aligned(n, sizeof(*x));

    for (size_t i = 0; i < n; i++)
        x[i] = rng_normal(rng);
    return x;
}

/* Rows of lengths steps, 1, 2, 3, ... */
static void make_batch(struct batch *b, size_t n, size_t steps, struct rng *rng)
{
    memset(b, 0, sizeof(*b));
    b->n = n;
    b->padded = b->capacity = (n + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;
    b->steps = steps;
    b->length = mem_alloc(b->padded, sizeof(*b->length));
    b->token = mem_alloc(b->padded * steps, sizeof(*b->token));
    for (size_t r = 0; r < b->padded; r++) {
        b->length[r] = r < n ? (uint32_t)((r + steps - 1) % steps + 1) : 1;
        for (size_t t = 0; t < steps; t++)
            b->token[r * steps + t] = r < n && t < b->length[r]
                                          ? (uint32_t)rng_below(rng, TOKENS - 1)
                                          : TOKEN_NONE;
    }
}

/* Starts a stack: the caller then makes its layers, and calls finish. */
static void start(struct stack *k, size_t rows, size_t steps)
{
    memset(k, 0, sizeof(*k));
    rng_init(&k->rng, 21, 1);
    make_batch(&k->batch, rows, steps, &k->rng);
    k->pass = (struct pass){true, 5, 3, 1};
}

/* dy is zero in padded rows and behind the ends. */
static void hide(const struct stack *k, const struct shape *shape, double *dy)
{
    size_t positions = shape_positions(shape, &k->batch);

    for (size_t r = 0; r < k->batch.padded; r++)
        for (size_t t = 0; t < positions; t++)
            if (r >= k->batch.n || (shape->steps && t >= k->batch.length[r]))
                memset(dy + (r * positions + t) * shape->channels, 0,
                       shape->channels * sizeof(*dy));
}

static void run_forward(struct stack *k)
{
    for (size_t i = 0; i < k->n; i++) {
        struct layer_io io = {.batch = &k->batch,
                              .pass = &k->pass,
                              .x = i ? k->y[i - 1] : k->x,
                              .y = k->y[i],
                              .keep = k->keep[i]};
        k->layers[i].ops->forward(&k->layers[i], &io);
    }
}

static void gradients(struct stack *k)
{
    run_forward(k);
    for (size_t i = k->n; i-- > 0;) {
        struct layer_io io = {.batch = &k->batch,
                              .pass = &k->pass,
                              .x = i ? k->y[i - 1] : k->x,
                              .y = k->y[i],
                              .dy = k->dy[i],
                              .dx = i ? k->dy[i - 1] : k->dx,
                              .keep = k->keep[i]};
        k->layers[i].ops->backward(&k->layers[i], &io);
    }
}

static size_t size_of(const struct stack *k, const struct shape *shape)
{
    return k->batch.padded * shape_size(shape, &k->batch);
}

static void finish(struct stack *k)
{
    size_t n = size_of(k, &k->layers[0].in);

    while (k->n < DEPTH && k->layers[k->n].ops)
        k->n++;
    k->x = normals(n, &k->rng);
    k->dx = normals(n, &k->rng);
    for (size_t i = 0; i < k->n; i++) {
        struct layer *layer = &k->layers[i];
        size_t keep = layer->ops->keep ? layer->ops->keep(layer, &k->batch) : 0;
        layer->index = i + 4;
        k->y[i] = normals(size_of(k, &layer->out), &k->rng);
        k->dy[i] = normals(size_of(k, &layer->out), &k->rng);
        k->keep[i] = normals(k->batch.padded * keep, &k->rng);
        for (int j = 0; j < layer->n_params; j++)
            param_fill_normal(&layer->params[j], .5, &k->rng);
    }
    hide(k, &k->layers[k->n - 1].out, k->dy[k->n - 1]);
    gradients(k);
}

static void release(struct stack *k)
{
    for (size_t i = 0; i < k->n; i++) {
        layer_release(&k->layers[i]);
        free(k->y[i]);
        free(k->dy[i]);
        free(k->keep[i]);
    }
    free(k->x);
    free(k->dx);
    batch_release(&k->batch);
}

/* ---- differences ---- */

static double loss(struct stack *k)
{
    const double *y = k->y[k->n - 1], *dy = k->dy[k->n - 1];
    size_t n = size_of(k, &k->layers[k->n - 1].out);
    double sum = 0;

    run_forward(k);
    for (size_t i = 0; i < n; i++)
        sum += dy[i] * y[i];
    return sum;
}

/* Below 1e-4 a central difference has too few digits: absolute, 1e-10. */
static double relative(double a, double b)
{
    return fabs(a - b) / fmax(fmax(fabs(a), fabs(b)), 1e-4);
}

static double difference(struct stack *k, double *value)
{
    double kept = *value, above, below;

    *value = kept + STEP;
    above = loss(k);
    *value = kept - STEP;
    below = loss(k);
    *value = kept;
    return (above - below) / (2 * STEP);
}

static double worst(struct stack *k, double *value, const double *gradient,
                    size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, relative(difference(k, &value[i]), gradient[i]));
    return most;
}

static double worst_of_param(struct stack *k, struct param *p)
{
    double *full, most;

    if (!p->sparse)
        return worst(k, p->value, p->grad, param_size(p));
    full = mem_zalloc(param_size(p), sizeof(*full));
    for (size_t i = 0; i < p->n_touched; i++)
        memcpy(full + p->touched[i] * p->cols, p->grad + i * p->cols,
               p->cols * sizeof(*full));
    most = worst(k, p->value, full, param_size(p));
    free(full);
    return most;
}

static double worst_of_params(struct stack *k)
{
    double most = 0;

    for (size_t i = 0; i < k->n; i++)
        for (int j = 0; j < k->layers[i].n_params; j++)
            most = fmax(most, worst_of_param(k, &k->layers[i].params[j]));
    return most;
}

/* What no loss depends on has a gradient of zero, and not nearly so. */
static void check_hidden(struct stack *k)
{
    size_t n = size_of(k, &k->layers[0].in);
    double *hidden = mem_alloc(n, sizeof(*hidden));

    memcpy(hidden, k->dx, n * sizeof(*hidden));
    hide(k, &k->layers[0].in, hidden);
    assert_memory_equal(hidden, k->dx, n * sizeof(*hidden));
    free(hidden);
}

static void check(struct stack *k)
{
    double of_params, of_x;

    finish(k);
    check_hidden(k);
    of_params = worst_of_params(k);
    of_x = worst(k, k->x, k->dx, size_of(k, &k->layers[0].in));
    if (!(of_params <= LIMIT && of_x <= LIMIT))
        fail_msg("relative error %.3g of parameters, %.3g of x", of_params,
                 of_x);
    release(k);
}

/* ---- lstm ---- */

static void layer_lstm__gradient(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 7, 5);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(3), 4, &glorot, &k.rng);
    check(&k);
    start(&k, 18, 3);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(2), 5, &glorot, &k.rng);
    check(&k);
    start(&k, 2, 1);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(5), 1, &glorot, &k.rng);
    check(&k);
}

static void layer_lstm__gradient_of_two(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 6, 4);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(3), 4, &glorot, &k.rng);
    layer_lstm(&k.layers[1], "lstm", 1, k.layers[0].out, 3, &glorot, &k.rng);
    layer_last_step(&k.layers[2], k.layers[1].out);
    check(&k);
}

/* In PyTorch's order and by its names; forget gates start open. */
static void layer_lstm__parameters(void **state)
{
    static const char *const names[] = {"lstm.weight_ih_l1",
                                        "lstm.weight_hh_l1", "lstm.bias_ih_l1",
                                        "lstm.bias_hh_l1"};
    static const size_t rows[] = {3, 5, 1, 1};
    struct weight_init uniform = {INIT_HE_UNIFORM, 1};
    struct layer layer;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    layer_lstm(&layer, "lstm", 1, SHAPE_STEPS(3), 5, &uniform, &rng);
    assert_int_equal(layer.n_params, 4);
    for (int i = 0; i < 4; i++) {
        const struct param *p = &layer.params[i];
        assert_string_equal(p->name, names[i]);
        assert_int_equal(p->rows, rows[i]);
        assert_int_equal(p->cols, 20);
        for (size_t j = 0; j < param_size(p); j++)
            if (i < 2)
                assert_true(p->value[j] != 0 &&
                            fabs(p->value[j]) <= sqrt(3.0 / (double)rows[i]));
            else
                assert_true(p->value[j] == (i == 2 && j / 5 == 1));
    }
    layer_release(&layer);
}

/* A fixed parameter's gradient is left alone, and the others' are right. */
static void layer_lstm__fixed(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 3, 3);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(2), 3, &glorot, &k.rng);
    k.layers[0].params[0].fixed = true;
    finish(&k);
    for (size_t i = 0; i < param_size(&k.layers[0].params[0]); i++)
        assert_true(k.layers[0].params[0].grad[i] == 0);
    for (int j = 1; j < 4; j++)
        assert_true(worst_of_param(&k, &k.layers[0].params[j]) <= LIMIT);
    assert_true(worst(&k, k.x, k.dx, size_of(&k, &k.layers[0].in)) <= LIMIT);
    release(&k);
}

/* ---- attention ---- */

static void check_attention(size_t rows, size_t steps, size_t width,
                            size_t heads, double dropout)
{
    struct stack k;

    start(&k, rows, steps);
    layer_attention(&k.layers[0], width, heads, dropout);
    check(&k);
}

static void layer_attention__gradient(void **state)
{
    (void)state;
    check_attention(7, 5, 6, 1, 0);
    check_attention(5, 4, 6, 2, 0);
    check_attention(4, 6, 6, 6, 0);
    check_attention(17, 2, 3, 1, 0);
}

/* More queries than are looked at together. */
static void layer_attention__gradient_of_long_rows(void **state)
{
    (void)state;
    check_attention(2, 17, 4, 2, 0);
    check_attention(1, 35, 2, 1, 0);
}

static void layer_attention__gradient_with_dropout(void **state)
{
    (void)state;
    check_attention(4, 5, 6, 3, .4);
    check_attention(1, 18, 2, 1, .4);
}

/*
 * Where all queries and keys are zero and the values the unit vectors,
 * y[query][key] is f / n.
 */
static void show_factors(struct stack *k)
{
    size_t n = k->layers[0].out.channels, heads = 2, width = n / heads;

    memset(k->x, 0, size_of(k, &k->layers[0].in) * sizeof(*k->x));
    for (size_t r = 0; r < k->batch.padded; r++)
        for (size_t t = 0; t < k->batch.length[r]; t++)
            for (size_t h = 0; h < heads; h++)
                k->x[(r * k->batch.steps + t) * 3 * n + 2 * n + h * width + t] =
                    1;
    run_forward(k);
}

static void layer_attention__dropout(void **state)
{
    enum { ROWS = 4, STEPS = 30, ALL = ROWS * STEPS * 2 * STEPS };
    size_t kept = 0, differ[3] = {0}, n;
    double *first;
    struct stack k;

    (void)state;
    start(&k, ROWS, STEPS);
    layer_attention(&k.layers[0], 2 * STEPS, 2, .25);
    for (size_t r = 0; r < ROWS; r++)
        k.batch.length[r] = STEPS;
    finish(&k);
    show_factors(&k);
    n = size_of(&k, &k.layers[0].out);
    first = mem_alloc(n, sizeof(*first));
    memcpy(first, k.y[0], n * sizeof(*first));
    for (size_t i = 0; i < ALL; i++) {
        kept += first[i] > 0;
        assert_true(first[i] == 0 ||
                    relative(first[i], 1 / .75 / STEPS) < 1e-12);
        differ[0] += (first[i] > 0) != (first[(i + STEPS) % ALL] > 0);
        differ[1] += (first[i] > 0) != (first[(i + 2 * STEPS) % ALL] > 0);
    }
    k.pass.step++;
    run_forward(&k);
    for (size_t i = 0; i < ALL; i++)
        differ[2] += (first[i] > 0) != (k.y[0][i] > 0);
    assert_true(fabs((double)kept / ALL - .75) < .02);
    for (int i = 0; i < 3; i++) /* two draws differ with 2 x .75 x .25 */
        assert_true(fabs((double)differ[i] / ALL - .375) < .03);
    k.pass.training = false;
    run_forward(&k);
    for (size_t i = 0; i < ALL; i++)
        assert_true(relative(k.y[0][i], 1.0 / STEPS) < 1e-12);
    free(first);
    release(&k);
}

/* The mask does not follow the longest row of the batch. */
static void layer_attention__dropout_in_longer_batches(void **state)
{
    static const size_t steps[] = {7, 21};
    double *y[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct stack k;
        start(&k, 2, steps[i]);
        layer_attention(&k.layers[0], 2 * 21, 2, .5);
        k.batch.length[0] = 7;
        finish(&k);
        show_factors(&k);
        y[i] = mem_alloc(7 * 42, sizeof(*y[i]));
        memcpy(y[i], k.y[0], 7 * 42 * sizeof(*y[i]));
        release(&k);
    }
    assert_memory_equal(y[0], y[1], 7 * 42 * sizeof(*y[0]));
    free(y[0]);
    free(y[1]);
}

static void layer_attention__zero_behind_the_end(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 4, 5);
    layer_attention(&k.layers[0], 4, 2, 0);
    finish(&k);
    for (size_t r = 0; r < k.batch.padded; r++)
        for (size_t t = 0; t < 5; t++)
            for (size_t j = 0; j < 4; j++)
                assert_int_equal(k.y[0][(r * 5 + t) * 4 + j] == 0,
                                 t >= k.batch.length[r]);
    release(&k);
}

/* ---- the others ---- */

static void layer_position__gradient(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 4, 5);
    layer_position(&k.layers[0], SHAPE_STEPS(5));
    check(&k);
}

/* Also after the batches have become longer. */
static void layer_position__values(void **state)
{
    static const size_t steps[] = {2, 9, 4};
    struct layer layer;

    (void)state;
    layer_position(&layer, SHAPE_STEPS(5));
    for (int i = 0; i < 3; i++) {
        struct stack k;
        start(&k, 3, steps[i]);
        layer_position(&k.layers[0], SHAPE_STEPS(5));
        finish(&k);
        k.layers[0].ops->forward(&layer, &(struct layer_io){.batch = &k.batch,
                                                            .pass = &k.pass,
                                                            .x = k.x,
                                                            .y = k.y[0]});
        for (size_t t = 0; t < steps[i]; t++) {
            double at = (double)t, *y = k.y[0] + (2 * steps[i] + t) * 5,
                   *x = k.x + (2 * steps[i] + t) * 5;
            assert_true(fabs(y[0] - x[0] - sin(at)) < 1e-12);
            assert_true(fabs(y[1] - x[1] - cos(at)) < 1e-12);
            assert_true(fabs(y[2] - x[2] - sin(at * pow(10, -1.6))) < 1e-12);
            assert_true(fabs(y[3] - x[3] - cos(at * pow(10, -1.6))) < 1e-12);
            assert_true(fabs(y[4] - x[4] - sin(at * pow(10, -3.2))) < 1e-12);
        }
        release(&k);
    }
    layer_release(&layer);
}

static void layer_embedding__gradient(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 7, 5);
    layer_embedding(&k.layers[0], "embedding", TOKENS, 3, 1, &k.rng);
    layer_mean_steps(&k.layers[1], k.layers[0].out);
    check(&k);
    start(&k, 5, 3);
    layer_embedding(&k.layers[0], "embedding", TOKENS, 4, 1, &k.rng);
    layer_lstm(&k.layers[1], "lstm", 0, k.layers[0].out, 3, &glorot, &k.rng);
    check(&k);
}

/* A row of the table for each token, zero for none; the last is never used. */
static void layer_embedding__values(void **state)
{
    struct stack k;
    const struct param *p = &k.layers[0].params[0];

    (void)state;
    start(&k, 7, 5);
    layer_embedding(&k.layers[0], "embedding", TOKENS, 3, 1, &k.rng);
    assert_string_equal(p->name, "embedding.weight");
    finish(&k);
    for (size_t i = 0; i < k.batch.padded * 5; i++)
        for (size_t j = 0; j < 3; j++)
            assert_true(k.y[0][i * 3 + j] ==
                        (k.batch.token[i] == TOKEN_NONE
                             ? 0
                             : p->value[k.batch.token[i] * 3 + j]));
    assert_true(p->n_touched > 0 && p->place[TOKENS - 1] == 0);
    release(&k);
}

static void layer_embedding__fixed(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 3, 4);
    layer_embedding(&k.layers[0], "embedding", TOKENS, 3, 1, &k.rng);
    k.layers[0].params[0].fixed = true;
    finish(&k);
    assert_int_equal(k.layers[0].params[0].n_touched, 0);
    release(&k);
}

static void layer_last_step__gradient(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 7, 5);
    layer_last_step(&k.layers[0], SHAPE_STEPS(3));
    check(&k);
}

static void layer_mean_steps__gradient(void **state)
{
    struct stack k;

    (void)state;
    start(&k, 7, 5);
    layer_mean_steps(&k.layers[0], SHAPE_STEPS(3));
    check(&k);
}

/* Where dx is not asked for, the parameters' gradients are the same. */
static void layers__without_dx(void **state)
{
    struct stack k;
    struct param *p = &k.layers[0].params[1];
    double *grad;

    (void)state;
    start(&k, 5, 4);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(3), 4, &glorot, &k.rng);
    layer_position(&k.layers[1], k.layers[0].out);
    layer_mean_steps(&k.layers[2], k.layers[1].out);
    finish(&k);
    grad = mem_alloc(param_size(p), sizeof(*grad));
    memcpy(grad, p->grad, param_size(p) * sizeof(*grad));
    free(k.dx);
    k.dx = NULL;
    gradients(&k);
    assert_memory_equal(grad, p->grad, param_size(p) * sizeof(*grad));
    free(grad);
    release(&k);
}

/* A gradient that is a little wrong in one place does not pass. */
static void gradient_check__sees_a_wrong_one(void **state)
{
    struct stack k;
    size_t at = 0;

    (void)state;
    start(&k, 4, 3);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(2), 3, &glorot, &k.rng);
    finish(&k);
    for (int j = 0; j < 4; j++) {
        struct param *p = &k.layers[0].params[j];
        assert_true(worst_of_param(&k, p) <= LIMIT);
        p->grad[0] *= 1 + 1e-5;
        assert_true(worst_of_param(&k, p) > LIMIT);
    }
    while (fabs(k.dx[at]) < 1e-3)
        at++;
    k.dx[at] = -k.dx[at];
    assert_true(worst(&k, k.x, k.dx, size_of(&k, &k.layers[0].in)) > 1);
    release(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_lstm__gradient),
        cmocka_unit_test(layer_lstm__gradient_of_two),
        cmocka_unit_test(layer_lstm__parameters),
        cmocka_unit_test(layer_lstm__fixed),
        cmocka_unit_test(layer_attention__gradient),
        cmocka_unit_test(layer_attention__gradient_of_long_rows),
        cmocka_unit_test(layer_attention__gradient_with_dropout),
        cmocka_unit_test(layer_attention__dropout),
        cmocka_unit_test(layer_attention__dropout_in_longer_batches),
        cmocka_unit_test(layer_attention__zero_behind_the_end),
        cmocka_unit_test(layer_position__gradient),
        cmocka_unit_test(layer_position__values),
        cmocka_unit_test(layer_embedding__gradient),
        cmocka_unit_test(layer_embedding__values),
        cmocka_unit_test(layer_embedding__fixed),
        cmocka_unit_test(layer_last_step__gradient),
        cmocka_unit_test(layer_mean_steps__gradient),
        cmocka_unit_test(layers__without_dx),
        cmocka_unit_test(gradient_check__sees_a_wrong_one),
    };

    return cmocka_run_group_tests_name("nn_sequence", tests, NULL, NULL);
}
