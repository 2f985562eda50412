#include "nn/product.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "nn/product_small.h"

struct shape {
    size_t rows, in, out;
};

static const struct shape small[] = {
    {16, 1, 1},    {16, 2, 3},    {32, 3, 2},   {48, 7, 5},
    {16, 16, 16},  {16, 17, 1},   {32, 31, 33}, {64, 64, 10},
    {16, 65, 128}, {80, 100, 47}, {16, 128, 2}, {16, 129, 200},
    {32, 255, 3},  {16, 256, 64}, {48, 300, 1}, {16, 300, 200}};
static const struct shape large[] = {{48, 784, 128}, {16, 5000, 18}};

enum { N_SMALL = sizeof(small) / sizeof(*small), N_LARGE = 2 };

/* Operands: x[rows][in], w[in][out], dy[rows][out]. */
struct operands {
    struct shape s;
    float *x, *w, *dy;
};

static float *random_values(struct rng *rng, size_t n)
{
    float *values = mem_aligned(n, sizeof(float));

    for (size_t i = 0; i < n; i++)
        values[i] = (float)(rng_uniform(rng) - .5);
    return values;
}

static struct operands make(struct shape s, uint64_t seed)
{
    struct operands o = {.s = s};
    struct rng rng;

    rng_init(&rng, seed, 1);
    o.x = random_values(&rng, s.rows * s.in);
    o.w = random_values(&rng, s.in * s.out);
    o.dy = random_values(&rng, s.rows * s.out);
    return o;
}

static void release(struct operands *o)
{
    free(o->x);
    free(o->w);
    free(o->dy);
}

/* sum of a[k * step_a] b[k * step_b], and of its absolute terms. */
static double dot(const float *a, size_t step_a, const float *b, size_t step_b,
                  size_t n, double *size)
{
    double sum = 0;

    *size = 0;
    for (size_t k = 0; k < n; k++) {
        double term = (double)a[k * step_a] * (double)b[k * step_b];
        sum += term;
        *size += fabs(term);
    }
    return sum;
}

/* Relative to the terms: sums may cancel. */
static void assert_close(float got, double value, double size)
{
    if (!(fabs((double)got - value) <= 1e-5 * fmax(size, 1e-30)))
        fail_msg("%.9g, expected %.9g (terms of %.9g)", (double)got, value,
                 size);
}

static void weight(float *dw, const float *x, const float *dy, size_t rows,
                   size_t in, size_t out)
{
    struct room room = {0};

    product_weight(dw, NULL, x, dy, rows, in, out, &room);
    room_release(&room);
}

static void check_forward(const struct operands *o)
{
    struct shape s = o->s;
    float *y = mem_aligned(s.rows * s.out, sizeof(float));
    double size;

    memset(y, 0xff, s.rows * s.out * sizeof(float));
    product_forward(y, o->x, o->w, NULL, s.rows, s.in, s.out);
    for (size_t r = 0; r < s.rows; r++)
        for (size_t j = 0; j < s.out; j++) {
            double value =
                dot(o->x + r * s.in, 1, o->w + j, s.out, s.in, &size);
            assert_close(y[r * s.out + j], value, size);
        }
    free(y);
}

static void check_input(const struct operands *o)
{
    struct shape s = o->s;
    float *dx = mem_aligned(s.rows * s.in, sizeof(float));
    double size;

    memset(dx, 0xff, s.rows * s.in * sizeof(float));
    product_input(dx, o->dy, o->w, s.rows, s.in, s.out);
    for (size_t r = 0; r < s.rows; r++)
        for (size_t i = 0; i < s.in; i++) {
            double value =
                dot(o->dy + r * s.out, 1, o->w + i * s.out, 1, s.out, &size);
            assert_close(dx[r * s.in + i], value, size);
        }
    free(dx);
}

static void check_weight(const struct operands *o)
{
    struct shape s = o->s;
    float *dw = mem_aligned(s.in * s.out, sizeof(float));
    double size;

    memset(dw, 0xff, s.in * s.out * sizeof(float));
    weight(dw, o->x, o->dy, s.rows, s.in, s.out);
    for (size_t i = 0; i < s.in; i++)
        for (size_t j = 0; j < s.out; j++) {
            double value = dot(o->x + i, s.in, o->dy + j, s.out, s.rows, &size);
            assert_close(dw[i * s.out + j], value, size);
        }
    free(dw);
}

static void for_shapes(void check(const struct operands *))
{
    for (size_t k = 0; k < N_SMALL + N_LARGE; k++) {
        struct operands o =
            make(k < N_SMALL ? small[k] : large[k - N_SMALL], k + 1);
        check(&o);
        release(&o);
    }
}

static void product_forward__naive(void **state)
{
    (void)state;
    for_shapes(check_forward);
}

static void product_input__naive(void **state)
{
    (void)state;
    for_shapes(check_input);
}

static void product_weight__naive(void **state)
{
    (void)state;
    for_shapes(check_weight);
}

/* ---- bits ---- */

/* All three products at a number of threads, one behind the other. */
static float *all_products(const struct operands *o, int threads, size_t *n)
{
    struct shape s = o->s;
    size_t y = s.rows * s.out, dx = s.rows * s.in, dw = s.in * s.out;
    float *result = mem_aligned(y + dx + dw, sizeof(float));

    omp_set_num_threads(threads);
    product_forward(result, o->x, o->w, NULL, s.rows, s.in, s.out);
    product_input(result + y, o->dy, o->w, s.rows, s.in, s.out);
    weight(result + y + dx, o->x, o->dy, s.rows, s.in, s.out);
    assert_int_equal(omp_get_max_threads(), threads);
    *n = y + dx + dw;
    return result;
}

static void check_threads(const struct operands *o)
{
    static const int threads[] = {2, 3, 8};
    size_t n;
    float *one = all_products(o, 1, &n);

    for (int i = 0; i < 3; i++) {
        float *many = all_products(o, threads[i], &n);
        if (memcmp(one, many, n * sizeof(float)) != 0)
            fail_msg("%zu x %zu x %zu differs at %d threads", o->s.rows,
                     o->s.in, o->s.out, threads[i]);
        free(many);
    }
    free(one);
    omp_set_num_threads(2);
}

static void product__same_bits_at_any_threads(void **state)
{
    (void)state;
    for_shapes(check_threads);
}

/* Inside a region that is parallel already (folds are). */
static void check_nested(const struct operands *o)
{
    size_t n, other[3];
    float *alone = all_products(o, 1, &n), *inside[3];

#pragma omp parallel for num_threads(3)
    for (int i = 0; i < 3; i++) {
        struct shape s = o->s;
        other[i] = s.rows * s.out;
        inside[i] = mem_aligned(other[i], sizeof(float));
        product_forward(inside[i], o->x, o->w, NULL, s.rows, s.in, s.out);
    }
    for (int i = 0; i < 3; i++) {
        assert_memory_equal(inside[i], alone, other[i] * sizeof(float));
        free(inside[i]);
    }
    free(alone);
    omp_set_num_threads(2);
}

static void product__same_bits_in_a_region(void **state)
{
    (void)state;
    for_shapes(check_nested);
}

/*
 * One row (of x for forward, of dy for input) at `place` of `rows` among
 * random neighbours: its result.
 */
static void one_row(const struct shape *s, const float *row, const float *w,
                    size_t rows, size_t place, bool forward, uint64_t seed,
                    float *result)
{
    size_t from = forward ? s->in : s->out, to = forward ? s->out : s->in;
    struct rng rng;
    float *x, *y = mem_aligned(rows * to, sizeof(float));

    rng_init(&rng, seed, 2);
    x = random_values(&rng, rows * from);
    if (seed == 0)
        memset(x, 0, rows * from * sizeof(float));
    memcpy(x + place * from, row, from * sizeof(float));
    if (forward)
        product_forward(y, x, w, NULL, rows, s->in, s->out);
    else
        product_input(y, x, w, rows, s->in, s->out);
    memcpy(result, y + place * to, to * sizeof(float));
    free(x);
    free(y);
}

static void check_places(struct shape s, const float *row, const float *w,
                         bool forward)
{
    static const struct {
        size_t rows, place;
        uint64_t seed;
    } at[] = {{16, 0, 1},  {16, 1, 2}, {16, 7, 3},  {16, 15, 4}, {32, 16, 5},
              {32, 31, 6}, {48, 5, 7}, {96, 95, 8}, {16, 9, 0},  {96, 50, 0}};
    size_t n = forward ? s.out : s.in;
    float *alone = mem_alloc(n, sizeof(float)),
          *beside = mem_alloc(n, sizeof(float));

    one_row(&s, row, w, 16, 0, forward, 0, alone);
    for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
        one_row(&s, row, w, at[i].rows, at[i].place, forward, at[i].seed,
                beside);
        if (memcmp(alone, beside, n * sizeof(float)) != 0)
            fail_msg("%s, in %zu, out %zu: row %zu of %zu differs",
                     forward ? "forward" : "input", s.in, s.out, at[i].place,
                     at[i].rows);
    }
    free(alone);
    free(beside);
}

static void check_row(const struct operands *o)
{
    check_places(o->s, o->x, o->w, true);
}

static void product__row_alone_is_row_in_a_batch(void **state)
{
    (void)state;
    for_shapes(check_row);
}

/* Every width of input, and every width of output, in small steps. */
static void product__row_alone_at_many_widths(void **state)
{
    (void)state;
    for (size_t in = 1; in <= 300; in += 23)
        for (size_t out = 1; out <= 200; out += 66) {
            struct operands o = make((struct shape){16, in, out}, in + out);
            check_row(&o);
            release(&o);
        }
}

/* The same row everywhere in many: tall tiles, and what is left of them. */
static void product__row_among_many(void **state)
{
    static const size_t widths[][2] = {{1, 1},    {16, 10},  {28, 512},
                                       {64, 192}, {256, 64}, {300, 33},
                                       {784, 128}};

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        size_t in = widths[i][0], out = widths[i][1], rows = 528 + 48;
        struct operands o = make((struct shape){rows, in, out}, i);
        float *y = mem_aligned(rows * out, sizeof(float)),
              *alone = mem_aligned(16 * out, sizeof(float));
        for (size_t r = 1; r < rows; r++)
            memcpy(o.x + r * in, o.x, in * sizeof(float));
        product_forward(alone, o.x, o.w, NULL, 16, in, out);
        product_forward(y, o.x, o.w, NULL, rows, in, out);
        for (size_t r = 0; r < rows; r++)
            assert_memory_equal(y + r * out, alone, out * sizeof(float));
        free(y);
        free(alone);
        release(&o);
    }
}

/* ---- small ones ---- */

/* a [m][k], or its transpose, in rows without gaps; padded b and c. */
static void check_small(size_t m, size_t n, size_t k, bool transposed)
{
    size_t wide = in_lanes(n);
    float *a = mem_aligned(m * k, sizeof(float)),
          *b = mem_aligned(k * wide, sizeof(float)),
          *c = mem_aligned(m * wide, sizeof(float));
    struct strided at = {a, transposed ? 1 : k, transposed ? m : 1};

    for (size_t i = 0; i < m * k; i++)
        a[i] = (float)(i % 13) - 6;
    for (size_t i = 0; i < k * wide; i++)
        b[i] = (float)(i % 7) - 3;
    product_small(m, wide, k, at, b, wide, c, wide, false);
    product_small(m, wide, k, at, b, wide, c, wide, true);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < wide; j++) {
            float sum = 0; /* of whole numbers: exact */
            for (size_t l = 0; l < k; l++)
                sum += a[i * at.row + l * at.step] * b[l * wide + j];
            assert_true(c[i * wide + j] == 2 * sum);
        }
    free(a);
    free(b);
    free(c);
}

static void product_small__exact(void **state)
{
    static const size_t sizes[] = {1, 3, 4, 7, 12, 16, 29, 33};

    (void)state;
    for (size_t i = 0; i < 8 * 8 * 8; i++) {
        check_small(sizes[i % 8], sizes[i / 8 % 8], sizes[i / 64], false);
        check_small(sizes[i % 8], sizes[i / 8 % 8], sizes[i / 64], true);
    }
}

/* ---- no input ---- */

static void product__no_input(void **state)
{
    float y[16 * 3], dy[16 * 3], nothing = 7;

    (void)state;
    memset(y, 0xff, sizeof(y));
    memset(dy, 0, sizeof(dy));
    product_forward(y, &nothing, &nothing, NULL, 16, 0, 3);
    for (int i = 0; i < 16 * 3; i++)
        assert_true(y[i] == 0);
    product_input(&nothing, dy, &nothing, 16, 0, 3);
    weight(&nothing, &nothing, dy, 16, 0, 3);
    assert_true(nothing == 7);
}

static void product_library__named(void **state)
{
    (void)state;
    assert_memory_equal(product_library(), "oneDNN ", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(product_forward__naive),
        cmocka_unit_test(product_input__naive),
        cmocka_unit_test(product_weight__naive),
        cmocka_unit_test(product__same_bits_at_any_threads),
        cmocka_unit_test(product__same_bits_in_a_region),
        cmocka_unit_test(product__row_alone_is_row_in_a_batch),
        cmocka_unit_test(product__row_alone_at_many_widths),
        cmocka_unit_test(product__row_among_many),
        cmocka_unit_test(product_small__exact),
        cmocka_unit_test(product__no_input),
        cmocka_unit_test(product_library__named),
    };

    return cmocka_run_group_tests_name("product", tests, NULL, NULL);
}
