/*
 * Convolutions of few channels, and 2 x 2 maxima, against plain loops over
 * images of odd shapes; nothing behind a result may change.
 */
#include "nn/narrow.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "nn/layer.h"

enum { GUARD = 64, IMAGES = 2 };

#define MARK ((real)-12345)

/* n random values, or marks (rng NULL), with marks behind them. */
static real *values(size_t n, struct rng *rng)
{
    real *v = mem_aligned(n + GUARD, sizeof(*v));

    for (size_t i = 0; i < n + GUARD; i++)
        v[i] = i < n && rng ? (real)rng_normal(rng) : MARK;
    return v;
}

static void assert_values(const real *got, const real *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(fabs((double)(got[i] - want[i])) <=
                    1e-4 * (1 + fabs((double)want[i])));
    for (size_t i = n; i < n + GUARD; i++)
        assert_true(got[i] == MARK);
}

/* ---- convolutions ---- */

struct tensors {
    real *x, *w, *b, *y, *dx, *dw, *db;
    size_t n_x, n_w, n_y;
};

/* Calls for every product of x and w that a y has: their places. */
static void each_product(const struct convolve_shape *s, struct tensors *t,
                         void (*f)(struct tensors *t, size_t x, size_t w,
                                   size_t y))
{
    size_t taps = s->kernel_height * s->kernel_width * s->channels;

    for (size_t y = 0; y < t->n_y; y++)
        for (size_t tap = 0; tap < taps; tap++) {
            size_t o = y % s->out_channels, at = y / s->out_channels,
                   ox = at % s->out_width,
                   oy = at / s->out_width % s->out_height,
                   image = at / s->out_width / s->out_height,
                   c = tap % s->channels,
                   kx = tap / s->channels % s->kernel_width,
                   ky = tap / s->channels / s->kernel_width,
                   iy = oy + ky - s->top, ix = ox + kx - s->left;
            if (iy < s->height && ix < s->width)
                f(t,
                  ((image * s->height + iy) * s->width + ix) * s->channels + c,
                  tap * s->out_channels + o, y);
        }
}

static void add_forward(struct tensors *t, size_t x, size_t w, size_t y)
{
    t->y[y] += t->x[x] * t->w[w];
}

static void add_back(struct tensors *t, size_t x, size_t w, size_t y)
{
    t->dx[x] += t->y[y] * t->w[w];
    t->dw[w] += t->y[y] * t->x[x];
}

/* What plain loops make of x, w and b: y, then its gradients with dy = y. */
static struct tensors by_loops(const struct convolve_shape *s, struct rng *rng)
{
    struct tensors t = {.n_x = IMAGES * s->height * s->width * s->channels,
                        .n_w = s->kernel_height * s->kernel_width *
                               s->channels * s->out_channels,
                        .n_y = IMAGES * s->out_height * s->out_width *
                               s->out_channels};

    t.x = values(t.n_x, rng);
    t.w = values(t.n_w, rng);
    t.b = values(s->out_channels, rng);
    t.y = mem_zalloc(t.n_y, sizeof(real));
    t.dx = mem_zalloc(t.n_x, sizeof(real));
    t.dw = mem_zalloc(t.n_w, sizeof(real));
    t.db = mem_zalloc(s->out_channels, sizeof(real));
    for (size_t i = 0; i < t.n_y; i++)
        t.y[i] = t.b[i % s->out_channels];
    each_product(s, &t, add_forward);
    each_product(s, &t, add_back);
    for (size_t i = 0; i < t.n_y; i++)
        t.db[i % s->out_channels] += t.y[i];
    return t;
}

static void check_convolution(const struct convolve_shape *s, struct rng *rng)
{
    struct tensors t = by_loops(s, rng);
    real *room = values(narrow_room(s), NULL), *y = values(t.n_y, NULL),
         *dx = values(t.n_x, NULL), *dw = values(t.n_w, NULL),
         *db = values(s->out_channels, NULL),
         *dy = mem_alloc(t.n_y, sizeof(*dy)), *packed;

    packed = values(narrow_packed(s, CONVOLVE_FORWARD), NULL);
    narrow_pack(s, CONVOLVE_FORWARD, packed, t.w);
    narrow_forward(s, y, t.x, packed, t.b, room);
    assert_values(y, t.y, t.n_y);
    free(packed);

    memcpy(dy, t.y, t.n_y * sizeof(*dy)); /* nothing to read behind it */
    packed = values(narrow_packed(s, CONVOLVE_INPUT), NULL);
    narrow_pack(s, CONVOLVE_INPUT, packed, t.w);
    narrow_input(s, dx, dy, packed, room);
    assert_values(dx, t.dx, t.n_x);
    free(packed);

    packed = values(narrow_packed(s, CONVOLVE_WEIGHT), NULL);
    narrow_weight(s, packed, db, t.x, dy, room);
    narrow_unpack(s, dw, packed);
    assert_values(dw, t.dw, t.n_w);
    assert_values(db, t.db, s->out_channels);
    assert_values(room + narrow_room(s), NULL, 0);
    free(packed);
    for (size_t i = 0; i < 5; i++)
        free((real *[]){room, y, dx, dw, db}[i]);
    for (size_t i = 0; i < 8; i++)
        free((real *[]){t.x, t.w, t.b, t.y, t.dx, t.dw, t.db, dy}[i]);
}

/* Height, width, channels, out channels, kernel, padding. */
static const size_t shapes[][6] = {
    {28, 28, 1, 6, 5, 2}, {14, 14, 6, 16, 5, 0}, {9, 9, 1, 16, 3, 1},
    {3, 3, 1, 2, 2, 0},   {2, 2, 1, 1, 2, 0},    {5, 3, 1, 5, 3, 1},
    {4, 4, 3, 3, 3, 0},   {7, 5, 2, 1, 3, 1},    {6, 31, 15, 7, 3, 1},
    {1, 1, 1, 3, 1, 0},   {8, 6, 5, 8, 4, 0},    {3, 18, 1, 1, 3, 1}};

static void narrow__as_plain_loops(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, RNG_INIT);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        const size_t *n = shapes[i];
        struct convolve_shape s = {.images = IMAGES,
                                   .height = n[0],
                                   .width = n[1],
                                   .channels = n[2],
                                   .out_height = n[0] + 2 * n[5] - n[4] + 1,
                                   .out_width = n[1] + 2 * n[5] - n[4] + 1,
                                   .out_channels = n[3],
                                   .kernel_height = n[4],
                                   .kernel_width = n[4],
                                   .stride = 1,
                                   .top = n[5],
                                   .left = n[5],
                                   .bias = true};
        assert_true(narrow_wanted(&s, CONVOLVE_FORWARD));
        check_convolution(&s, &rng);
    }
}

/* ---- maxima ---- */

/* The first of the largest of a window of x, as a place in it. */
static size_t largest_in(const real *x, size_t at, size_t line, size_t c)
{
    const size_t places[4] = {at, at + c, at + line, at + line + c};
    size_t best = at;

    for (int i = 1; i < 4; i++)
        if (x[places[i]] > x[best])
            best = places[i];
    return best;
}

static void check_maxima(size_t height, size_t width, size_t c, struct rng *rng)
{
    struct layer layer;
    struct batch batch = {.n = IMAGES, .padded = IMAGES, .steps = 1};
    struct pass pass = {.training = true};
    size_t out_height = height / 2, out_width = width / 2, line = width * c,
           n_x = IMAGES * height * line,
           n_y = IMAGES * out_height * out_width * c;
    real *x = values(n_x, rng), *y = values(n_y, NULL), *dy = values(n_y, rng),
         *dx = values(n_x, NULL), *want = mem_zalloc(n_y, sizeof(*want)),
         *back = mem_zalloc(n_x, sizeof(*back));
    struct layer_io io = {
        .batch = &batch, .pass = &pass, .x = x, .y = y, .dy = dy, .dx = dx};

    for (size_t i = 0; i < n_x; i++)
        x[i] = (real)floor(2 * (double)x[i]); /* some are the same */
    for (size_t i = 0; i < n_y; i++) {
        size_t o = i / c, oy = o / out_width, image = oy / out_height, at;
        oy %= out_height;
        at = (image * height + 2 * oy) * line + o % out_width * 2 * c + i % c;
        at = largest_in(x, at, line, c);
        want[i] = x[at];
        back[at] = dy[i];
    }
    layer_max_pool(&layer, SHAPE_IMAGE(height, width, c),
                   (struct conv_size){2, 2, 0});
    layer.ops->forward(&layer, &io);
    assert_values(y, want, n_y);
    layer.ops->backward(&layer, &io);
    assert_values(dx, back, n_x);
    layer_release(&layer);
    for (size_t i = 0; i < 6; i++)
        free((real *[]){x, y, dy, dx, want, back}[i]);
}

static void max_pool__as_plain_loops(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, RNG_INIT);
    for (size_t c = 1; c <= 20; c++)
        for (size_t width = 2; width <= 13; width++)
            check_maxima(5, width, c, &rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrow__as_plain_loops),
        cmocka_unit_test(max_pool__as_plain_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
