/*
 * Layers of sequences: a row's bits are its own, whatever stands beside it
 * and however many threads there are; values are PyTorch's.
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
#include "base/parallel.h"
#include "fixture.h"
#include "nn/layer.h"

enum { DEPTH = 3, TOKENS = 50, LONGEST = 71, ROWS = 48 };

static const struct weight_init glorot = {INIT_AUTO, 1};

/* ---- rows, each with a number that says what is in it ---- */

/* Value i of tensor k, as in make.py. */
static float formula(size_t k, size_t i)
{
    uint32_t at = (uint32_t)((1000 * k + i) * 2654435761u);

    return (float)(at * 0x1p-32 - .5);
}

static uint32_t length_of(size_t row)
{
    return (uint32_t)(row * 7 % LONGEST + 1);
}

static void make_batch(struct batch *b, const uint32_t *lengths, size_t n)
{
    memset(b, 0, sizeof(*b));
    b->n = n;
    b->padded = b->capacity = (n + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;
    b->length = mem_alloc(b->padded, sizeof(*b->length));
    for (size_t r = 0; r < b->padded; r++) {
        b->length[r] = r < n ? lengths[r] : 1;
        if (b->length[r] > b->steps)
            b->steps = b->length[r];
    }
    b->token = mem_alloc(b->padded * b->steps, sizeof(*b->token));
    for (size_t i = 0; i < b->padded * b->steps; i++)
        b->token[i] = TOKEN_NONE;
}

/* ---- some layers, one on the other ---- */

struct stack {
    struct layer layers[DEPTH];
    size_t n;
    struct batch batch;
    struct pass pass;
    float *x, *dx, *y[DEPTH], *dy[DEPTH], *keep[DEPTH];
};

static size_t size_of(const struct stack *k, const struct shape *shape)
{
    return k->batch.padded * shape_size(shape, &k->batch);
}

/* The last layer's. */
static const struct shape *out_of(const struct stack *k)
{
    return &k->layers[k->n - 1].out;
}

/* Values of row r that are not behind its end. */
static size_t own_size(const struct stack *k, const struct shape *shape,
                       size_t r)
{
    return shape->steps ? k->batch.length[r] * shape->channels
                        : shape->channels;
}

static float *values(size_t n, float value)
{
    float *x = mem_aligned(n, sizeof(*x));

    for (size_t i = 0; i < n; i++)
        x[i] = value;
    return x;
}

/*
 * After the layers and the batch: room.  x is 50 where nobody looks, and what
 * is kept NaN where nobody has written.
 */
static void make_room(struct stack *k)
{
    while (k->n < DEPTH && k->layers[k->n].ops)
        k->n++;
    k->x = values(size_of(k, &k->layers[0].in), 50);
    k->dx = values(size_of(k, &k->layers[0].in), 50);
    for (size_t i = 0; i < k->n; i++) {
        struct layer *layer = &k->layers[i];
        size_t keep = layer->ops->keep ? layer->ops->keep(layer, &k->batch) : 0;
        layer->index = i;
        k->y[i] = values(size_of(k, &layer->out), 50);
        k->dy[i] = values(size_of(k, &layer->out), 0);
        k->keep[i] = values(k->batch.padded * keep, NAN);
    }
}

static void run(struct stack *k)
{
    struct layer_io io = {.batch = &k->batch, .pass = &k->pass};

    for (size_t i = 0; i < k->n; i++) {
        io.x = i ? k->y[i - 1] : k->x;
        io.y = k->y[i];
        io.keep = k->keep[i];
        k->layers[i].ops->forward(&k->layers[i], &io);
    }
    for (size_t i = k->n; i-- > 0;) {
        io.x = i ? k->y[i - 1] : k->x;
        io.y = k->y[i];
        io.dy = k->dy[i];
        io.dx = i ? k->dy[i - 1] : k->dx;
        io.keep = k->keep[i];
        k->layers[i].ops->backward(&k->layers[i], &io);
    }
}

static void release_tensors(struct stack *k)
{
    for (size_t i = 0; i < k->n; i++) {
        free(k->y[i]);
        free(k->dy[i]);
        free(k->keep[i]);
    }
    free(k->x);
    free(k->dx);
    batch_release(&k->batch);
}

static void release_layers(struct stack *k)
{
    for (size_t i = 0; i < k->n; i++)
        layer_release(&k->layers[i]);
}

/* ---- what is tried ---- */

static void two_lstms(struct layer *layers, struct rng *rng)
{
    layer_lstm(&layers[0], "lstm", 0, SHAPE_STEPS(19), 33, &glorot, rng);
    layer_lstm(&layers[1], "lstm", 1, layers[0].out, 40, &glorot, rng);
}

static void last_of_lstm(struct layer *layers, struct rng *rng)
{
    layer_lstm(&layers[0], "lstm", 0, SHAPE_STEPS(5), 64, &glorot, rng);
    layer_last_step(&layers[1], layers[0].out);
}

static void attention(struct layer *layers, struct rng *rng)
{
    (void)rng;
    layer_attention(&layers[0], 30, 2, .3);
}

static void mean_of_attention(struct layer *layers, struct rng *rng)
{
    (void)rng;
    layer_position(&layers[0], SHAPE_STEPS(96));
    layer_attention(&layers[1], 32, 4, 0);
    layer_mean_steps(&layers[2], layers[1].out);
}

static void embedding(struct layer *layers, struct rng *rng)
{
    layer_embedding(&layers[0], "embedding", TOKENS, 300, 1, rng);
    layer_position(&layers[1], layers[0].out);
}

static void lstm_of_embedding(struct layer *layers, struct rng *rng)
{
    layer_embedding(&layers[0], "embedding", TOKENS, 24, 1, rng);
    layer_lstm(&layers[1], "lstm", 0, layers[0].out, 48, &glorot, rng);
    layer_mean_steps(&layers[2], layers[1].out);
}

static void (*const tried[])(struct layer *, struct rng *) = {
    two_lstms,         last_of_lstm, attention,
    mean_of_attention, embedding,    lstm_of_embedding};

enum { TRIED = sizeof(tried) / sizeof(*tried) };

static void make_layers(struct stack *k, size_t which)
{
    struct rng rng;

    memset(k, 0, sizeof(*k));
    rng_init(&rng, 31, 1);
    tried[which](k->layers, &rng);
}

/* The rows of these numbers. */
static void fill_rows(struct stack *k, const size_t *rows, size_t n)
{
    uint32_t lengths[ROWS] = {0};
    size_t in, out;

    for (size_t r = 0; r < n; r++)
        lengths[r] = length_of(rows[r]);
    make_batch(&k->batch, lengths, n);
    make_room(k);
    in = shape_size(&k->layers[0].in, &k->batch);
    out = shape_size(out_of(k), &k->batch);
    for (size_t r = 0; r < n; r++) {
        for (size_t i = 0; i < own_size(k, &k->layers[0].in, r); i++)
            k->x[r * in + i] = 4 * formula(2 * rows[r], i);
        for (size_t i = 0; i < own_size(k, out_of(k), r); i++)
            k->dy[k->n - 1][r * out + i] = formula(2 * rows[r] + 1, i);
        for (size_t t = 0; t < lengths[r]; t++)
            k->batch.token[r * k->batch.steps + t] =
                (uint32_t)((rows[r] * 5 + t * t) % TOKENS);
    }
}

/* ---- bits ---- */

static size_t own_bytes(const struct stack *k, const struct shape *shape,
                        size_t r)
{
    return own_size(k, shape, r) * sizeof(float);
}

/* Row `at` of one batch is row r of the other. */
static void assert_same_row(const struct stack *a, size_t at,
                            const struct stack *b, size_t r)
{
    size_t out = shape_size(out_of(a), &a->batch),
           out_b = shape_size(out_of(b), &b->batch);

    assert_memory_equal(a->y[a->n - 1] + at * out, b->y[b->n - 1] + r * out_b,
                        own_bytes(a, out_of(a), at));
}

static const size_t one[] = {10};
static const size_t few[] = {3, 0, 5, 47};
static const size_t turned[] = {9, 9, 9, 9, 9, 9,  9,  9,  9,  9, 10,
                                9, 9, 9, 9, 9, 33, 20, 41, 12, 0, 5};

static const struct {
    const size_t *rows;
    size_t n;
} others[] = {{one, 1}, {few, 4}, {turned, 22}};

static void layers__a_row_is_its_own(void **state)
{
    size_t all[ROWS];

    (void)state;
    for (size_t r = 0; r < ROWS; r++)
        all[r] = r;
    parallel_set_threads(3);
    for (size_t which = 0; which < TRIED; which++) {
        struct stack large;
        make_layers(&large, which);
        fill_rows(&large, all, ROWS);
        run(&large);
        for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
            struct stack small = {0};
            memcpy(small.layers, large.layers, sizeof(small.layers));
            fill_rows(&small, others[i].rows, others[i].n);
            run(&small);
            for (size_t r = 0; r < others[i].n; r++)
                assert_same_row(&small, r, &large, others[i].rows[r]);
            memcpy(large.layers, small.layers, sizeof(small.layers));
            release_tensors(&small);
        }
        release_layers(&large);
        release_tensors(&large);
    }
    parallel_set_threads(0);
}

static void assert_same_gradients(const struct stack *a, const struct stack *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (int j = 0; j < a->layers[i].n_params; j++) {
            const struct param *p = &a->layers[i].params[j],
                               *q = &b->layers[i].params[j];
            assert_int_equal(param_grad_size(p), param_grad_size(q));
            assert_memory_equal(p->grad, q->grad,
                                param_grad_size(p) * sizeof(float));
        }
}

static void layers__threads_change_nothing(void **state)
{
    static const int threads[] = {1, 2, 3, 8};
    size_t all[ROWS];

    (void)state;
    for (size_t r = 0; r < ROWS; r++)
        all[r] = r;
    for (size_t which = 0; which < TRIED; which++) {
        struct stack k[4];
        for (int i = 0; i < 4; i++) {
            parallel_set_threads(threads[i]);
            make_layers(&k[i], which);
            k[i].pass = (struct pass){true, 3, 4, 1};
            fill_rows(&k[i], all, ROWS);
            run(&k[i]);
            assert_same_gradients(&k[0], &k[i]);
            for (size_t r = 0; r < ROWS; r++)
                assert_same_row(&k[0], r, &k[i], r);
        }
        for (int i = 0; i < 4; i++) {
            release_layers(&k[i]);
            release_tensors(&k[i]);
        }
    }
    parallel_set_threads(0);
}

/* ---- values of PyTorch ---- */

static const uint32_t lengths[] = {7, 1, 4, 20, 2};

enum { N_LENGTHS = 5 };

/* The file at the first value of this name. */
static FILE *open_at(const char *name)
{
    FILE *file = fixture_open(TEST_DATA "/sequences/sequences.txt");
    char word[100] = "";

    while (strcmp(word, name) != 0)
        if (fscanf(file, "%99s", word) != 1)
            fail_msg("no values '%s'", name);
    return file;
}

/* The next n values, and that there are more or not. */
static void assert_next(FILE *file, const float *got, size_t n,
                        const char *name)
{
    for (size_t i = 0; i < n; i++) {
        double want;
        assert_int_equal(fscanf(file, "%lf", &want), 1);
        if (!fixture_near((double)got[i], want, 1e-5))
            fail_msg("%s: %.9g, expected %.9g", name, (double)got[i], want);
    }
}

static void assert_end(FILE *file, const char *name)
{
    if (fgetc(file) != '\n')
        fail_msg("%s: more values than these", name);
    fclose(file);
}

static void assert_rows(const struct stack *k, const struct shape *shape,
                        const float *got, const char *name)
{
    FILE *file = open_at(name);

    for (size_t r = 0; r < N_LENGTHS; r++)
        assert_next(file, got + r * shape_size(shape, &k->batch),
                    own_size(k, shape, r), name);
    assert_end(file, name);
}

/* The gradient, in the order of a file. */
static void assert_gradient(const struct param *p)
{
    struct param gradient = *p;
    float *values_of_file = mem_alloc(param_size(p), sizeof(float));
    FILE *file = open_at(p->name);

    gradient.value = p->grad;
    param_export(&gradient, values_of_file);
    assert_next(file, values_of_file, param_size(p), p->name);
    assert_end(file, p->name);
    free(values_of_file);
}

/* Parameters from tensors 2, 3, ...; the loss is of tensor 1 x layer's y. */
static void run_formula(struct stack *k, float scale, size_t layer)
{
    size_t number = 2, in, out;

    make_batch(&k->batch, lengths, N_LENGTHS);
    for (size_t t = 0; t < N_LENGTHS * k->batch.steps; t++)
        if (t % k->batch.steps < lengths[t / k->batch.steps])
            k->batch.token[t] = (uint32_t)(t % 7 % 5);
    make_room(k);
    for (size_t i = 0; i < k->n; i++)
        for (int j = 0; j < k->layers[i].n_params; j++, number++) {
            struct param *p = &k->layers[i].params[j];
            float *from = mem_alloc(param_size(p), sizeof(float));
            for (size_t v = 0; v < param_size(p); v++)
                from[v] = formula(number, v);
            param_import(p, from);
            free(from);
        }
    in = shape_size(&k->layers[0].in, &k->batch);
    out = shape_size(&k->layers[layer].out, &k->batch);
    for (size_t r = 0; r < N_LENGTHS; r++) {
        for (size_t i = 0; i < own_size(k, &k->layers[0].in, r); i++)
            k->x[r * in + i] = scale * formula(0, r * in + i);
        for (size_t i = 0; i < own_size(k, &k->layers[layer].out, r); i++)
            k->dy[layer][r * out + i] = formula(1, r * out + i);
    }
    run(k);
}

static void layer_lstm__values(void **state)
{
    struct stack k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(3), 4, &glorot, &rng);
    layer_lstm(&k.layers[1], "lstm", 1, SHAPE_STEPS(4), 4, &glorot, &rng);
    run_formula(&k, 1, 1);
    assert_rows(&k, &k.layers[1].out, k.y[1], "lstm.y");
    assert_rows(&k, &k.layers[0].in, k.dx, "lstm.dx");
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 4; j++)
            assert_gradient(&k.layers[i].params[j]);
    release_layers(&k);
    release_tensors(&k);
}

/*
 * Of one step, with x itself before every gate: from small values, where tanh
 * must not lose digits, to those where it is flat.
 */
static void check_lstm_range(size_t hidden)
{
    uint32_t ones[ROWS];
    struct stack k = {0};
    struct rng rng;

    rng_init(&rng, 1, 1);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(1), hidden, &glorot, &rng);
    for (size_t j = 0; j < 4 * hidden; j++) {
        k.layers[0].params[0].value[j] = 1;
        k.layers[0].params[2].value[j] = 0;
    }
    for (size_t r = 0; r < ROWS; r++)
        ones[r] = 1;
    make_batch(&k.batch, ones, ROWS);
    make_room(&k);
    for (size_t r = 0; r < ROWS; r++)
        k.x[r] = (float)((r % 2 ? 1 : -1) * pow(10, -6 + (double)r / 6));
    run(&k);
    for (size_t i = 0; i < ROWS * hidden; i++) {
        double x = (double)k.x[i / hidden], gate = 1 / (1 + exp(-x)),
               want = gate * tanh(gate * tanh(x));
        if (!(fabs((double)k.y[0][i] - want) <= 1e-6 * fabs(want) + 1e-37))
            fail_msg("h of %g is %.9g, expected %.9g", x, (double)k.y[0][i],
                     want);
    }
    release_layers(&k);
    release_tensors(&k);
}

static void layer_lstm__range(void **state)
{
    (void)state;
    check_lstm_range(1);
    check_lstm_range(8);
    check_lstm_range(21);
}

static void layer_last_step__values(void **state)
{
    struct stack k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(3), 4, &glorot, &rng);
    layer_lstm(&k.layers[1], "lstm", 1, SHAPE_STEPS(4), 4, &glorot, &rng);
    layer_last_step(&k.layers[2], SHAPE_STEPS(4));
    run_formula(&k, 1, 2);
    assert_rows(&k, &k.layers[2].out, k.y[2], "lstm.last");
    release_layers(&k);
    release_tensors(&k);
}

static void check_attention(size_t heads, const char *y, const char *dx)
{
    struct stack k = {0};

    layer_attention(&k.layers[0], 6, heads, .5);
    run_formula(&k, 4, 0);
    assert_rows(&k, &k.layers[0].out, k.y[0], y);
    assert_rows(&k, &k.layers[0].in, k.dx, dx);
    release_layers(&k);
    release_tensors(&k);
}

static void layer_attention__values(void **state)
{
    (void)state;
    check_attention(1, "attention.1.y", "attention.1.dx");
    check_attention(3, "attention.3.y", "attention.3.dx");
}

/* Differences of logits at which exp overflows. */
static void layer_attention__large_logits(void **state)
{
    struct stack k = {0};

    (void)state;
    layer_attention(&k.layers[0], 6, 2, 0);
    run_formula(&k, 1e9f, 0);
    for (size_t i = 0; i < size_of(&k, &k.layers[0].out); i++)
        assert_true(isfinite(k.y[0][i]));
    for (size_t i = 0; i < size_of(&k, &k.layers[0].in); i++)
        assert_true(isfinite(k.dx[i]));
    release_layers(&k);
    release_tensors(&k);
}

static void layer_lstm__large_inputs(void **state)
{
    struct stack k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    layer_lstm(&k.layers[0], "lstm", 0, SHAPE_STEPS(3), 4, &glorot, &rng);
    run_formula(&k, 1e9f, 0);
    for (size_t i = 0; i < size_of(&k, &k.layers[0].out); i++)
        assert_true(fabsf(k.y[0][i]) <= 1);
    for (size_t i = 0; i < size_of(&k, &k.layers[0].in); i++)
        assert_true(isfinite(k.dx[i]));
    release_layers(&k);
    release_tensors(&k);
}

static void layer_embedding__values(void **state)
{
    struct stack k = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    layer_embedding(&k.layers[0], "embedding", 5, 3, 1, &rng);
    run_formula(&k, 1, 0);
    assert_rows(&k, &k.layers[0].out, k.y[0], "embedding.y");
    assert_int_equal(k.layers[0].params[0].n_touched, 5);
    for (uint32_t i = 0; i < 5; i++) /* in the order of the tokens */
        assert_int_equal(k.layers[0].params[0].touched[i], i);
    assert_gradient(&k.layers[0].params[0]);
    release_layers(&k);
    release_tensors(&k);
}

static void layer_mean_steps__values(void **state)
{
    struct stack k = {0};

    (void)state;
    layer_mean_steps(&k.layers[0], SHAPE_STEPS(3));
    run_formula(&k, 1, 0);
    assert_rows(&k, &k.layers[0].out, k.y[0], "mean.y");
    assert_rows(&k, &k.layers[0].in, k.dx, "mean.dx");
    release_layers(&k);
    release_tensors(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers__a_row_is_its_own),
        cmocka_unit_test(layers__threads_change_nothing),
        cmocka_unit_test(layer_lstm__values),
        cmocka_unit_test(layer_lstm__range),
        cmocka_unit_test(layer_last_step__values),
        cmocka_unit_test(layer_attention__values),
        cmocka_unit_test(layer_attention__large_logits),
        cmocka_unit_test(layer_lstm__large_inputs),
        cmocka_unit_test(layer_embedding__values),
        cmocka_unit_test(layer_mean_steps__values),
    };

    return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
