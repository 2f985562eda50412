/*
 * Gradients of the layers of sequences against central differences.  Rows
 * have lengths of their own, and behind their ends stands what nobody may
 * read.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "gradient.h"
#include "nn/layer.h"

#ifndef NN_DOUBLE
#error "needs the double-precision build of lib/nn"
#endif

enum { TOKENS = 9 };

static const struct weight_init glorot = {INIT_AUTO, 1};

/* Starts a case: the caller then makes its layer. */
static void start(struct gradient_case *k, size_t rows, size_t steps,
                  struct rng *rng)
{
    memset(k, 0, sizeof(*k));
    rng_init(rng, 21, 1);
    gradient_steps(&k->batch, rows, steps, rng);
    k->batch.length[0] = 1;
    if (rows == 1)
        k->batch.length[0] = (uint32_t)steps;
    k->pass = (struct pass){true, 5, 3, 0};
}

static void run(struct gradient_case *k, struct rng *rng)
{
    gradient_fill(k, rng);
    gradient_forward(k);
    gradient_backward(k);
}

/* Biases too. */
static void make_lstm(struct layer *layer, size_t number, size_t in,
                      size_t hidden, struct rng *rng)
{
    layer_lstm(layer, "lstm", number, SHAPE_STEPS(in), hidden, &glorot, rng);
    for (int i = 0; i < layer->n_params; i++)
        param_fill_normal(&layer->params[i], .5, rng);
}

/* Any of TOKENS - 1 tokens. */
static void make_tokens(struct batch *b, struct rng *rng)
{
    b->token = mem_alloc(b->padded * b->steps, sizeof(*b->token));
    for (size_t i = 0; i < b->padded * b->steps; i++)
        b->token[i] = i / b->steps < b->n &&
                              i % b->steps < b->length[i / b->steps]
                          ? (uint32_t)rng_below(rng, TOKENS - 1)
                          : TOKEN_NONE;
}

/* ---- lstm ---- */

static void check_lstm(size_t rows, size_t steps, size_t in, size_t hidden)
{
    struct gradient_case k;
    struct rng rng;

    start(&k, rows, steps, &rng);
    make_lstm(&k.layer, 0, in, hidden, &rng);
    gradient_check(&k, &rng);
}

static void layer_lstm__gradient(void **state)
{
    (void)state;
    check_lstm(7, 5, 3, 4);
    check_lstm(18, 3, 2, 5);
    check_lstm(2, 1, 5, 1);
    check_lstm(2, 4, 1, 17);
}

/* Two layers as one, whose parameters stay with the two. */
struct pair {
    struct layer layers[2];
    real *middle, *d_middle, *keep[2];
};

static struct layer_io half(const struct layer *layer,
                            const struct layer_io *io, int i)
{
    const struct pair *p = layer->own;
    struct layer_io part = *io;

    part.keep = p->keep[i];
    if (i == 0) {
        part.y = p->middle;
        part.dy = p->d_middle;
    } else {
        part.x = p->middle;
        part.dx = p->d_middle;
    }
    return part;
}

static void pair_forward(struct layer *layer, const struct layer_io *io)
{
    struct pair *p = layer->own;

    for (int i = 0; i < 2; i++) {
        struct layer_io part = half(layer, io, i);
        p->layers[i].ops->forward(&p->layers[i], &part);
    }
}

static void pair_backward(struct layer *layer, const struct layer_io *io)
{
    struct pair *p = layer->own;

    for (int i = 2; i-- > 0;) {
        struct layer_io part = half(layer, io, i);
        p->layers[i].ops->backward(&p->layers[i], &part);
    }
}

static void pair_release(struct layer *layer)
{
    struct pair *p = layer->own;

    for (int i = 0; i < 2; i++) {
        layer_release(&p->layers[i]);
        free(p->keep[i]);
    }
    free(p->middle);
    free(p->d_middle);
    free(p);
}

static const struct layer_ops pair_ops = {.name = "pair",
                                          .forward = pair_forward,
                                          .backward = pair_backward,
                                          .release = pair_release};

/* The caller has made p->layers. */
static void make_pair(struct gradient_case *k, struct pair *p)
{
    size_t middle = shape_size(&p->layers[0].out, &k->batch);

    k->layer = (struct layer){.ops = &pair_ops,
                              .in = p->layers[0].in,
                              .out = p->layers[1].out,
                              .own = p};
    p->middle = mem_aligned(k->batch.padded * middle, sizeof(real));
    p->d_middle = mem_aligned(k->batch.padded * middle, sizeof(real));
    for (int i = 0; i < 2; i++) {
        const struct layer *l = &p->layers[i];
        size_t keep = l->ops->keep ? l->ops->keep(l, &k->batch) : 0;
        p->keep[i] = mem_aligned(k->batch.padded * keep, sizeof(real));
    }
}

static void check_pair(struct gradient_case *k, struct pair *p, struct rng *rng)
{
    make_pair(k, p);
    run(k, rng);
    gradient_compare(k);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < p->layers[i].n_params; j++)
            gradient_assert(gradient_worst_param(k, &p->layers[i].params[j]),
                            p->layers[i].params[j].name);
    gradient_release(k);
}

static void layer_lstm__gradient_of_two(void **state)
{
    struct pair *p = mem_zalloc(1, sizeof(*p));
    struct gradient_case k;
    struct rng rng;

    (void)state;
    start(&k, 6, 4, &rng);
    make_lstm(&p->layers[0], 0, 3, 4, &rng);
    make_lstm(&p->layers[1], 1, 4, 3, &rng);
    check_pair(&k, p, &rng);
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

/* Fixed parameters do not keep the others from their gradients. */
static void layer_lstm__fixed(void **state)
{
    struct gradient_case k;
    struct rng rng;

    (void)state;
    for (int fixed = 0; fixed < 4; fixed++) {
        double *before;
        struct param *p = &k.layer.params[fixed];
        start(&k, 3, 3, &rng);
        make_lstm(&k.layer, 0, 2, 3, &rng);
        p->fixed = true;
        gradient_fill(&k, &rng);
        before = gradient_of_param(p);
        gradient_forward(&k);
        gradient_backward(&k);
        gradient_compare(&k);
        if (fixed < 2)
            assert_memory_equal(before, p->grad,
                                param_size(p) * sizeof(*before));
        free(before);
        gradient_release(&k);
    }
}

/* ---- attention ---- */

static void check_attention(size_t rows, size_t steps, size_t width,
                            size_t heads, double dropout)
{
    struct gradient_case k;
    struct rng rng;

    start(&k, rows, steps, &rng);
    layer_attention(&k.layer, width, heads, dropout);
    gradient_check(&k, &rng);
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
    check_attention(2, 67, 2, 1, 0);
    check_attention(1, 66, 2, 2, .4);
}

static void layer_attention__gradient_with_dropout(void **state)
{
    (void)state;
    check_attention(4, 5, 6, 3, .4);
    check_attention(5, 6, 2, 1, .4);
}

/*
 * Where all queries and keys are zero and the values the unit vectors,
 * y[query][key] is f / n.
 */
static void show_factors(struct gradient_case *k)
{
    size_t n = k->layer.out.channels, heads = 2, width = n / heads;

    memset(k->x, 0,
           k->batch.padded * shape_size(&k->layer.in, &k->batch) *
               sizeof(*k->x));
    for (size_t r = 0; r < k->batch.padded; r++)
        for (size_t t = 0; t < k->batch.length[r]; t++)
            for (size_t h = 0; h < heads; h++)
                k->x[(r * k->batch.steps + t) * 3 * n + 2 * n + h * width + t] =
                    1;
    gradient_forward(k);
}

/* Share of values of which one is dropped and the other not. */
static double differing(const double *a, const double *b, size_t n)
{
    size_t differ = 0;

    for (size_t i = 0; i < n; i++)
        differ += (a[i] > 0) != (b[i] > 0);
    return (double)differ / (double)n;
}

/* Two draws differ with 2 x .75 x .25. */
static void assert_independent(double share)
{
    assert_true(fabs(share - .375) < .03);
}

/* y is [4 rows][30 queries][2 heads][30 keys]. */
static void layer_attention__dropout(void **state)
{
    enum { KEYS = 30, ROW = 30 * 2 * KEYS, ALL = 4 * ROW };
    size_t kept = 0;
    double *first = mem_alloc(ALL, sizeof(*first));
    struct gradient_case k;
    struct rng rng;

    (void)state;
    start(&k, 4, KEYS, &rng);
    layer_attention(&k.layer, 2 * KEYS, 2, .25);
    for (size_t r = 0; r < 4; r++)
        k.batch.length[r] = KEYS;
    gradient_fill(&k, &rng);
    show_factors(&k);
    memcpy(first, k.y, ALL * sizeof(*first));
    for (size_t i = 0; i < ALL; i++) {
        kept += first[i] > 0;
        assert_true(first[i] == 0 || fabs(first[i] * .75 * KEYS - 1) < 1e-12);
    }
    assert_true(fabs((double)kept / ALL - .75) < .02);
    assert_independent(differing(first, first + 1, ALL - 1));
    assert_independent(differing(first, first + KEYS, ALL - KEYS));
    assert_independent(differing(first, first + 2 * KEYS, ALL - 2 * KEYS));
    assert_independent(differing(first, first + ROW, ALL - ROW));
    k.pass.step++;
    gradient_forward(&k);
    assert_independent(differing(first, k.y, ALL));
    k.layer.index++;
    memcpy(first, k.y, ALL * sizeof(*first));
    gradient_forward(&k);
    assert_independent(differing(first, k.y, ALL));
    k.pass.training = false;
    gradient_forward(&k);
    for (size_t i = 0; i < ALL; i++)
        assert_true(fabs(k.y[i] * KEYS - 1) < 1e-12);
    free(first);
    gradient_release(&k);
}

/* The mask does not follow the longest row of the batch. */
static void layer_attention__dropout_in_longer_batches(void **state)
{
    static const size_t steps[] = {7, 21};
    double *y[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct gradient_case k;
        struct rng rng;
        start(&k, 2, steps[i], &rng);
        layer_attention(&k.layer, 2 * 21, 2, .5);
        k.batch.length[0] = 7;
        gradient_fill(&k, &rng);
        show_factors(&k);
        y[i] = mem_alloc(7 * 42, sizeof(*y[i]));
        memcpy(y[i], k.y, 7 * 42 * sizeof(*y[i]));
        gradient_release(&k);
    }
    assert_memory_equal(y[0], y[1], 7 * 42 * sizeof(*y[0]));
    free(y[0]);
    free(y[1]);
}

static void layer_attention__zero_behind_the_end(void **state)
{
    struct gradient_case k;
    struct rng rng;

    (void)state;
    start(&k, 4, 5, &rng);
    layer_attention(&k.layer, 4, 2, 0);
    run(&k, &rng);
    for (size_t r = 0; r < k.batch.padded; r++)
        for (size_t t = 0; t < 5; t++)
            for (size_t j = 0; j < 4; j++)
                assert_int_equal(k.y[(r * 5 + t) * 4 + j] == 0,
                                 t >= k.batch.length[r]);
    gradient_release(&k);
}

/* ---- the others ---- */

static void layer_position__gradient(void **state)
{
    struct gradient_case k;
    struct rng rng;

    (void)state;
    start(&k, 4, 5, &rng);
    layer_position(&k.layer, SHAPE_STEPS(5));
    gradient_check(&k, &rng);
}

/* Of 5 channels. */
static void check_positions(const struct gradient_case *k)
{
    for (size_t i = 0; i < k->batch.padded * k->batch.steps; i++) {
        double t = (double)(i % k->batch.steps);
        double want[5] = {sin(t), cos(t), sin(t * pow(10, -1.6)),
                          cos(t * pow(10, -1.6)), sin(t * pow(10, -3.2))};
        for (size_t j = 0; j < 5; j++)
            assert_true(fabs(k->y[i * 5 + j] - k->x[i * 5 + j] - want[j]) <
                        1e-12);
    }
}

/* Also after the batches have become longer. */
static void layer_position__values(void **state)
{
    static const size_t steps[] = {2, 9, 4};
    struct gradient_case k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    layer_position(&k.layer, SHAPE_STEPS(5));
    for (int i = 0; i < 3; i++) {
        batch_release(&k.batch);
        gradient_free_tensors(&k);
        gradient_steps(&k.batch, 3, steps[i], &rng);
        run(&k, &rng);
        check_positions(&k);
    }
    gradient_release(&k);
}

static void layer_embedding__gradient(void **state)
{
    struct gradient_case k;
    struct rng rng;
    struct pair *p = mem_zalloc(1, sizeof(*p));

    (void)state;
    start(&k, 7, 5, &rng);
    make_tokens(&k.batch, &rng);
    layer_embedding(&k.layer, "embedding", TOKENS, 3, 1, &rng);
    gradient_check(&k, &rng);
    start(&k, 5, 3, &rng);
    make_tokens(&k.batch, &rng);
    layer_embedding(&p->layers[0], "embedding", TOKENS, 4, 1, &rng);
    make_lstm(&p->layers[1], 0, 4, 3, &rng);
    check_pair(&k, p, &rng);
}

/* A row of the table for each token, zero for none; the last is never used. */
static void layer_embedding__values(void **state)
{
    struct gradient_case k;
    const struct param *p = &k.layer.params[0];
    struct rng rng;

    (void)state;
    start(&k, 7, 5, &rng);
    make_tokens(&k.batch, &rng);
    layer_embedding(&k.layer, "embedding", TOKENS, 3, 1, &rng);
    assert_string_equal(p->name, "embedding.weight");
    run(&k, &rng);
    for (size_t i = 0; i < k.batch.padded * 5; i++)
        for (size_t j = 0; j < 3; j++)
            assert_true(k.y[i * 3 + j] ==
                        (k.batch.token[i] == TOKEN_NONE
                             ? 0
                             : p->value[k.batch.token[i] * 3 + j]));
    assert_true(p->n_touched > 0 && p->place[TOKENS - 1] == 0);
    gradient_release(&k);
}

static void layer_embedding__fixed(void **state)
{
    struct gradient_case k;
    struct rng rng;

    (void)state;
    start(&k, 3, 4, &rng);
    make_tokens(&k.batch, &rng);
    layer_embedding(&k.layer, "embedding", TOKENS, 3, 1, &rng);
    k.layer.params[0].fixed = true;
    run(&k, &rng);
    assert_int_equal(k.layer.params[0].n_touched, 0);
    gradient_release(&k);
}

static void layer_last_step__gradient(void **state)
{
    struct gradient_case k;
    struct rng rng;

    (void)state;
    start(&k, 7, 5, &rng);
    layer_last_step(&k.layer, SHAPE_STEPS(3));
    gradient_check(&k, &rng);
}

static void layer_mean_steps__gradient(void **state)
{
    struct gradient_case k;
    struct rng rng;

    (void)state;
    start(&k, 7, 5, &rng);
    layer_mean_steps(&k.layer, SHAPE_STEPS(3));
    gradient_check(&k, &rng);
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
    };

    return cmocka_run_group_tests_name("nn_sequence", tests, NULL, NULL);
}
