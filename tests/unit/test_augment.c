#include "nn/augment.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "nn/picture.h"

/* ---- pictures ---- */

static void assert_pixels(const float *got, const float *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(got[i] - want[i]) <= 1e-5f))
            fail_msg("value %zu is %g, expected %g", i, (double)got[i],
                     (double)want[i]);
}

static void check_change(struct picture_change change, size_t height,
                         size_t width, const float *from, const float *want)
{
    float blank = -1, to[16];
    struct picture p = {height, width, 1, &blank};

    picture_change(&p, &change, to, from);
    assert_pixels(to, want, height * width);
}

static void picture__mirrored(void **state)
{
    static const float x[] = {1, 2, 3, 4, 5, 6};

    (void)state;
    check_change((struct picture_change){.mirror_x = true}, 2, 3, x,
                 (float[]){3, 2, 1, 6, 5, 4});
    check_change((struct picture_change){.mirror_y = true}, 2, 3, x,
                 (float[]){4, 5, 6, 1, 2, 3});
    check_change((struct picture_change){.mirror_x = true, .mirror_y = true}, 2,
                 3, x, (float[]){6, 5, 4, 3, 2, 1});
}

static void picture__moved(void **state)
{
    static const float x[] = {1, 2, 3, 4, 5, 6};

    (void)state;
    check_change((struct picture_change){0}, 2, 3, x, x);
    check_change((struct picture_change){.right = 1}, 2, 3, x,
                 (float[]){-1, 1, 2, -1, 4, 5});
    check_change((struct picture_change){.right = -2, .down = 1}, 2, 3, x,
                 (float[]){-1, -1, -1, 3, -1, -1});
    check_change((struct picture_change){.down = -3}, 2, 3, x,
                 (float[]){-1, -1, -1, -1, -1, -1});
    check_change((struct picture_change){.right = 1, .mirror_x = true}, 2, 3, x,
                 (float[]){-1, 3, 2, -1, 6, 5});
}

static void picture__turned(void **state)
{
    static const float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

    (void)state;
    check_change((struct picture_change){.degrees = 90}, 3, 3, x,
                 (float[]){3, 6, 9, 2, 5, 8, 1, 4, 7});
    check_change((struct picture_change){.degrees = -90}, 3, 3, x,
                 (float[]){7, 4, 1, 8, 5, 2, 9, 6, 3});
    check_change((struct picture_change){.degrees = 180}, 3, 3, x,
                 (float[]){9, 8, 7, 6, 5, 4, 3, 2, 1});
    check_change((struct picture_change){.degrees = 90, .down = 1}, 3, 3, x,
                 (float[]){-1, -1, -1, 3, 6, 9, 2, 5, 8});
    check_change((struct picture_change){.degrees = 90, .mirror_x = true}, 3, 3,
                 x, (float[]){1, 4, 7, 2, 5, 8, 3, 6, 9});
}

/*
 * By 45 degrees: the middle of the top edge comes from between the pixels of
 * the upper left, the corner from 1.41 left of the middle, partly outside.
 */
static void picture__turned_between_pixels(void **state)
{
    static const float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct picture_change change = {.degrees = -45};
    float blank = 0, to[9];
    struct picture p = {3, 3, 1, &blank};
    float at = 1 - sqrtf(.5f);

    (void)state;
    picture_change(&p, &change, to, x);
    assert_pixels(&to[4], (float[]){5}, 1);
    assert_pixels(&to[1], (float[]){1 + at + 3 * at}, 1);
    assert_pixels(&to[0], (float[]){4 * (2 - sqrtf(2))}, 1);
}

static void picture__channels(void **state)
{
    static const float x[] = {1, 10, 2, 20};
    float blank[] = {-1, -10}, to[4];
    struct picture p = {1, 2, 2, blank};
    struct picture_change change = {.right = 1};

    (void)state;
    picture_change(&p, &change, to, x);
    assert_pixels(to, (float[]){-1, -10, 1, 10}, 4);
    memcpy(to, x, sizeof(to));
    picture_cut(&p, to, 1, 0, 1);
    assert_pixels(to, (float[]){1, 10, -1, -10}, 4);
}

/* Which pixels of 4 x 4 a square blanks, row by row. */
static void check_cut(size_t side, size_t y, size_t x, const char *want)
{
    float blank = 1, pixels[16] = {0};
    struct picture p = {4, 4, 1, &blank};

    picture_cut(&p, pixels, side, y, x);
    for (size_t i = 0; i < 16; i++)
        assert_true((pixels[i] == 1) == (want[i + i / 4] == '#'));
}

static void picture__cut(void **state)
{
    (void)state;
    check_cut(1, 2, 1, ".... .... .#.. ....");
    check_cut(2, 2, 1, ".... ##.. ##.. ....");
    check_cut(3, 2, 1, ".... ###. ###. ###.");
    check_cut(3, 0, 3, "..## ..## .... ....");
    check_cut(2, 0, 0, "#... .... .... ....");
    check_cut(9, 3, 3, "#### #### #### ####");
    check_cut(0, 1, 1, ".... .... .... ....");
}

/* ---- batches ---- */

enum { ROWS = 40, PADDED = 48 };

static const struct pass FIRST = {true, 7, 3, 1};

/* A batch whose rows are those of the table that `rows` names. */
struct bench {
    struct net_spec spec;
    struct schema schema;
    struct encoder encoder;
    struct batch batch;
    size_t rows[ROWS];
};

static void bench_init(struct bench *b, enum input_form form, size_t n)
{
    memset(b, 0, sizeof(*b));
    b->encoder.schema = &b->schema;
    b->encoder.form = form;
    b->batch.n = n;
    b->batch.padded = b->batch.capacity = (n + 15) / 16 * 16;
    b->batch.steps = 1;
    b->batch.length = mem_alloc(PADDED, sizeof(uint32_t));
    for (size_t r = 0; r < PADDED; r++)
        b->batch.length[r] = 1;
    for (size_t r = 0; r < ROWS; r++)
        b->rows[r] = 1000 + 3 * r;
}

static void run(struct bench *b, const struct pass *pass)
{
    augment_batch(&b->batch, &b->spec, &b->encoder, b->rows, pass);
}

/* Images of height x width whose pixel i of row r is 100 r + i + 1. */
static void fill_images(struct bench *b, size_t n, size_t height, size_t width)
{
    size_t size = height * width;

    bench_init(b, FORM_IMAGE, n);
    b->encoder.height = height;
    b->encoder.width = width;
    b->encoder.channels = 1;
    b->encoder.pixel_high = 1;
    b->batch.n_dense = size;
    b->batch.dense = mem_zalloc(b->batch.padded * size, sizeof(float));
    for (size_t i = 0; i < n * size; i++)
        b->batch.dense[i] = (float)(100 * (i / size) + i % size + 1);
}

static float *copy(const float *x, size_t n)
{
    float *y = mem_alloc(n, sizeof(*y));

    memcpy(y, x, n * sizeof(*y));
    return y;
}

static void augment__nothing_asked_for(void **state)
{
    struct bench b;
    float *before;

    (void)state;
    fill_images(&b, 5, 3, 4);
    before = copy(b.batch.dense, 16 * 12);
    assert_false(augment_any(&b.spec));
    run(&b, &FIRST);
    assert_memory_equal(b.batch.dense, before, 16 * 12 * sizeof(float));
    free(before);
    batch_release(&b.batch);
}

static void augment__any(void **state)
{
    struct net_spec spec;

    (void)state;
    memset(&spec, 0, sizeof(spec));
#define ASSERT_ANY(field)            \
    spec.hyper.field = 1;            \
    assert_true(augment_any(&spec)); \
    spec.hyper.field = 0
    ASSERT_ANY(shift);
    ASSERT_ANY(cutout);
    ASSERT_ANY(flip);
    ASSERT_ANY(rotate);
    ASSERT_ANY(noise);
    ASSERT_ANY(mixup);
    ASSERT_ANY(crop);
    ASSERT_ANY(token_drop);
    assert_false(augment_any(&spec));
}

/* Which of the changes made this image: bit by bit the same; -1: none. */
static int find_change(const float *got, const float *original, size_t n)
{
    float blank = 0, want[12];
    struct picture p = {3, 4, 1, &blank};

    assert_int_equal(n, 12);
    for (int c = 0; c < 36; c++) {
        struct picture_change change = {.mirror_x = c & 1,
                                        .mirror_y = c >> 1 & 1,
                                        .right = c / 4 % 3 - 1,
                                        .down = c / 12 - 1};
        picture_change(&p, &change, want, original);
        if (memcmp(want, got, sizeof(want)) == 0)
            return c;
    }
    return -1;
}

/* All shifts and mirrors come up, over some epochs, and nothing else. */
static void augment__images_moved_and_mirrored(void **state)
{
    int seen[36] = {0};

    (void)state;
    for (uint64_t epoch = 0; epoch < 30; epoch++) {
        struct pass pass = {true, 7, 3, epoch};
        struct bench b;
        float *before;
        fill_images(&b, ROWS, 3, 4);
        before = copy(b.batch.dense, ROWS * 12);
        b.spec.hyper.shift = 1;
        b.spec.hyper.flip = FLIP_BOTH;
        run(&b, &pass);
        for (size_t r = 0; r < ROWS; r++) {
            int c = find_change(b.batch.dense + r * 12, before + r * 12, 12);
            assert_true(c >= 0);
            seen[c]++;
        }
        for (size_t i = ROWS * 12; i < PADDED * 12; i++)
            assert_true(b.batch.dense[i] == 0);
        free(before);
        batch_release(&b.batch);
    }
    for (int c = 0; c < 36; c++) /* 33.3 expected, deviation 5.7 */
        assert_in_range(seen[c], 11, 56);
}

static void count_mirrors(int flip, int seen[4])
{
    struct bench b;
    float *before;

    fill_images(&b, ROWS, 3, 4);
    before = copy(b.batch.dense, ROWS * 12);
    b.spec.hyper.flip = flip;
    run(&b, &FIRST);
    for (size_t r = 0; r < ROWS; r++)
        seen[find_change(b.batch.dense + r * 12, before + r * 12, 12) - 16]++;
    free(before);
    batch_release(&b.batch);
}

static void augment__flips(void **state)
{
    int left[4] = {0}, top[4] = {0};

    (void)state;
    count_mirrors(FLIP_HORIZONTAL, left);
    count_mirrors(FLIP_VERTICAL, top);
    assert_true(left[0] > 8 && left[1] > 8 && left[0] + left[1] == ROWS);
    assert_true(top[0] > 8 && top[2] > 8 && top[0] + top[2] == ROWS);
}

/* The angle is uniform: a bright pixel far right ends up on an arc. */
static void augment__rotations(void **state)
{
    double least = 90, most = -90;
    struct bench b;

    (void)state;
    fill_images(&b, ROWS, 41, 41);
    memset(b.batch.dense, 0, ROWS * 41 * 41 * sizeof(float));
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < 9; i++)
            b.batch.dense[(r * 41 + 19 + i / 3) * 41 + 37 + i % 3] = 1;
    b.spec.hyper.rotate = 30;
    run(&b, &FIRST);
    for (size_t r = 0; r < ROWS; r++) {
        double x = 0, y = 0, all = 0, degrees;
        for (size_t i = 0; i < 41 * 41; i++) {
            double v = (double)b.batch.dense[r * 41 * 41 + i];
            all += v;
            x += v * ((double)(i % 41) - 20);
            y += v * ((double)(i / 41) - 20);
        }
        degrees = atan2(-y, x) * 180 / M_PI;
        assert_true(fabs(hypot(x / all, y / all) - 18) < .2);
        assert_true(fabs(degrees) < 30.5);
        least = fmin(least, degrees);
        most = fmax(most, degrees);
    }
    assert_true(least < -24 && most > 24);
    batch_release(&b.batch);
}

static void augment__cutout(void **state)
{
    int centre[12] = {0};
    struct bench b;

    (void)state;
    fill_images(&b, ROWS, 3, 4);
    b.spec.hyper.cutout = 1;
    run(&b, &FIRST);
    for (size_t r = 0; r < ROWS; r++) {
        size_t blank = 0;
        for (size_t i = 0; i < 12; i++) {
            bool cut = b.batch.dense[r * 12 + i] == 0;
            blank += cut;
            centre[i] += cut;
        }
        assert_int_equal(blank, 1);
    }
    for (size_t i = 0; i < 12; i++) /* 3.3 expected */
        assert_true(centre[i] < 12);
    assert_true(centre[0] + centre[3] + centre[8] + centre[11] > 3);
    batch_release(&b.batch);
}

/* Black is 0 in the data: (0 + 50) / 250, standardised by channel. */
static void augment__blank_is_black(void **state)
{
    struct bench b;

    (void)state;
    fill_images(&b, 2, 2, 2);
    b.encoder.width = 1;
    b.encoder.channels = 2;
    b.encoder.pixel_low = -50;
    b.encoder.pixel_high = 200;
    b.spec.hyper.cutout = 9;
    run(&b, &FIRST);
    assert_pixels(b.batch.dense, (float[]){.2f, .2f, .2f, .2f}, 4);
    b.schema.n_pixel_stats = 2;
    b.schema.pixel_mean[0] = .1;
    b.schema.pixel_mean[1] = .3;
    b.schema.pixel_std[0] = .5;
    b.schema.pixel_std[1] = .25;
    run(&b, &FIRST);
    assert_pixels(b.batch.dense, (float[]){.2f, -.4f, .2f, -.4f}, 4);
    batch_release(&b.batch);
}

/* ---- what a row's changes depend on ---- */

static void ask_for_everything(struct bench *b)
{
    fill_images(b, ROWS, 30, 31);
    b->spec.hyper.shift = 2;
    b->spec.hyper.flip = FLIP_BOTH;
    b->spec.hyper.rotate = 10;
    b->spec.hyper.cutout = 5;
    b->spec.hyper.noise = .5;
}

/* The image of row `at` alone, called `row`, in a pass. */
static float *image_alone(size_t at, size_t row, const struct pass *pass)
{
    struct bench b;
    float *image;

    ask_for_everything(&b);
    memmove(b.batch.dense, b.batch.dense + at * 930, 930 * sizeof(float));
    b.batch.n = 1;
    b.rows[0] = row;
    run(&b, pass);
    image = copy(b.batch.dense, 930);
    batch_release(&b.batch);
    return image;
}

static void augment__a_row_alone(void **state)
{
    int most = omp_get_max_threads();
    struct bench b;

    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        ask_for_everything(&b);
        run(&b, &FIRST);
        for (size_t r = 0; r < ROWS; r += 13) {
            float *alone = image_alone(r, b.rows[r], &FIRST);
            assert_memory_equal(alone, b.batch.dense + r * 930,
                                930 * sizeof(float));
            free(alone);
        }
        batch_release(&b.batch);
    }
    omp_set_num_threads(most);
}

static void augment__new_in_every_epoch(void **state)
{
    static const struct pass other[] = {
        {true, 7, 3, 2}, {true, 8, 3, 1}, {true, 7, 3, 1}};
    float *first = image_alone(1, 5, &FIRST), *again;
    static const struct pass later = {true, 7, 99, 1};

    (void)state;
    for (int i = 0; i < 3; i++) {
        again = image_alone(1, i == 2 ? 6 : 5, &other[i]);
        assert_memory_not_equal(first, again, 930 * sizeof(float));
        free(again);
    }
    again = image_alone(1, 5, &later);
    assert_memory_equal(first, again, 930 * sizeof(float));
    free(again);
    free(first);
}

/* Cutout on top of a shift leaves the shift as it was. */
static void augment__streams_of_their_own(void **state)
{
    struct bench plain, more;

    (void)state;
    fill_images(&plain, ROWS, 5, 6);
    fill_images(&more, ROWS, 5, 6);
    plain.spec.hyper.shift = more.spec.hyper.shift = 2;
    more.spec.hyper.cutout = 2;
    run(&plain, &FIRST);
    run(&more, &FIRST);
    for (size_t i = 0; i < ROWS * 30; i++)
        assert_true(more.batch.dense[i] == plain.batch.dense[i] ||
                    more.batch.dense[i] == 0);
    batch_release(&plain.batch);
    batch_release(&more.batch);
}

/* ---- noise ---- */

static void assert_noise(const float *x, size_t n, double deviation)
{
    double mean = 0, square = 0;

    for (size_t i = 0; i < n; i++) {
        mean += (double)x[i] / (double)n;
        square += (double)x[i] * (double)x[i] / (double)n;
    }
    assert_true(fabs(mean) < 4 * deviation / sqrt((double)n));
    assert_true(fabs(sqrt(square) / deviation - 1) < 4 / sqrt(2. * (double)n));
}

static void augment__noise_on_pixels(void **state)
{
    struct bench b;

    (void)state;
    fill_images(&b, ROWS, 20, 20);
    memset(b.batch.dense, 0, ROWS * 400 * sizeof(float));
    b.spec.hyper.noise = .3;
    run(&b, &FIRST);
    assert_noise(b.batch.dense, ROWS * 400, .3);
    batch_release(&b.batch);
}

/* Column 1 is a category, 3 says that a number is missing. */
static void augment__noise_on_numbers(void **state)
{
    struct number_code numbers[] = {{.at = 0}, {.at = 2, .indicator = true}};
    float noise[2 * ROWS];
    struct bench b;

    (void)state;
    bench_init(&b, FORM_ROW, ROWS);
    b.encoder.numbers = numbers;
    b.encoder.n_numbers = 2;
    b.batch.n_dense = 4;
    b.batch.dense = mem_zalloc(PADDED * 4, sizeof(float));
    b.spec.hyper.noise = 2;
    run(&b, &FIRST);
    for (size_t r = 0; r < PADDED; r++) {
        const float *x = b.batch.dense + r * 4;
        assert_true(x[1] == 0 && x[3] == 0);
        assert_true((x[0] != 0) == (r < ROWS) && (x[2] != 0) == (r < ROWS));
        if (r < ROWS) {
            noise[2 * r] = x[0];
            noise[2 * r + 1] = x[2];
        }
    }
    assert_noise(noise, 2 * ROWS, 2);
    batch_release(&b.batch);
}

/* ---- sequences ---- */

/* Row r has 1 + r % 10 steps of `width` values: 100 r + step + 1. */
static void fill_steps(struct bench *b, size_t width)
{
    struct batch *x = &b->batch;

    bench_init(b, FORM_STEPS, ROWS);
    x->steps = 10;
    x->n_step = width;
    x->step = mem_zalloc(PADDED * 10 * width, sizeof(float));
    for (size_t r = 0; r < ROWS; r++) {
        x->length[r] = (uint32_t)(1 + r % 10);
        for (size_t i = 0; i < x->length[r] * width; i++)
            x->step[r * 10 * width + i] = (float)(100 * r + i / width + 1);
    }
}

/* The same as tokens. */
static void fill_tokens(struct bench *b)
{
    struct batch *x = &b->batch;

    bench_init(b, FORM_TOKENS, ROWS);
    x->steps = 10;
    x->token = mem_alloc(PADDED * 10, sizeof(uint32_t));
    for (size_t i = 0; i < PADDED * 10; i++)
        x->token[i] = TOKEN_NONE;
    for (size_t r = 0; r < ROWS; r++) {
        x->length[r] = (uint32_t)(1 + r % 10);
        for (size_t i = 0; i < x->length[r]; i++)
            x->token[r * 10 + i] = (uint32_t)(100 * r + i + 1);
    }
}

static void augment__noise_on_steps(void **state)
{
    struct bench b;

    (void)state;
    fill_steps(&b, 2);
    memset(b.batch.step, 0, ROWS * 20 * sizeof(float));
    b.spec.hyper.noise = 1;
    run(&b, &FIRST);
    for (size_t r = 0; r < PADDED; r++)
        for (size_t i = 0; i < 20; i++)
            assert_true((b.batch.step[r * 20 + i] != 0) ==
                        (r < ROWS && i < 2 * b.batch.length[r]));
    batch_release(&b.batch);
}

/* A part without gaps is left; as few steps as the longest has. */
static void augment__steps_cropped(void **state)
{
    size_t shorter = 0, from_front = 0, longest = 0;
    struct bench b;

    (void)state;
    fill_steps(&b, 2);
    b.spec.hyper.crop = .5;
    run(&b, &FIRST);
    for (size_t r = 0; r < PADDED; r++) {
        size_t before = r < ROWS ? 1 + r % 10 : 1, length = b.batch.length[r];
        const float *x = b.batch.step + r * b.batch.steps * 2;
        assert_in_range(length, before - before / 2, before);
        longest = length > longest ? length : longest;
        for (size_t i = 0; i < b.batch.steps * 2; i++)
            assert_true(
                x[i] ==
                (r < ROWS && i < length * 2 ? x[0] + (float)(i / 2) : 0));
        if (r < ROWS)
            assert_true(x[0] > (float)(100 * r) &&
                        x[0] <= (float)(100 * r + 1 + before - length));
        shorter += length < before;
        from_front += r < ROWS && x[0] > (float)(100 * r + 1);
    }
    assert_int_equal(b.batch.steps, longest);
    assert_true(shorter > 12 && from_front > 6);
    batch_release(&b.batch);
}

static void augment__tokens_dropped(void **state)
{
    size_t all = 0, kept = 0;

    (void)state;
    for (uint64_t epoch = 0; epoch < 20; epoch++) {
        struct pass pass = {true, 7, 3, epoch};
        struct bench b;
        fill_tokens(&b);
        b.spec.hyper.token_drop = .3;
        run(&b, &pass);
        for (size_t r = 0; r < PADDED; r++) {
            const uint32_t *x = b.batch.token + r * b.batch.steps;
            size_t length = b.batch.length[r], used = r < ROWS ? length : 0;
            assert_true(length > 0 && length <= 1 + r % 10);
            for (size_t i = 0; i < b.batch.steps; i++) {
                if (i >= used)
                    assert_true(x[i] == TOKEN_NONE);
                else
                    assert_in_range(x[i], i ? x[i - 1] + 1 : 100 * r + 1,
                                    100 * r + 1 + r % 10);
            }
            if (used && r % 10 >= 4) {
                all += 1 + r % 10;
                kept += length;
            }
        }
        batch_release(&b.batch);
    }
    assert_int_equal(all, 20 * 4 * 45);
    assert_in_range(kept, 2410, 2640); /* .7 of 3600, deviation 27 */
}

/* When nearly all are dropped, one of each row stays, any of them. */
static void augment__one_token_stays(void **state)
{
    size_t not_first = 0;
    struct bench b;

    (void)state;
    fill_tokens(&b);
    b.spec.hyper.token_drop = .99;
    run(&b, &FIRST);
    assert_true(b.batch.steps <= 2);
    for (size_t r = 0; r < ROWS; r++) {
        assert_in_range(b.batch.length[r], 1, 2);
        not_first += b.batch.token[r * b.batch.steps] != 100 * r + 1;
    }
    assert_in_range(not_first, 15, 40);
    batch_release(&b.batch);
}

static void augment__tokens_cropped(void **state)
{
    struct bench b;

    (void)state;
    fill_tokens(&b);
    b.spec.hyper.crop = .99;
    b.spec.hyper.noise = 1;
    run(&b, &FIRST);
    for (size_t r = 0; r < ROWS; r++) {
        const uint32_t *x = b.batch.token + r * b.batch.steps;
        assert_in_range(b.batch.length[r], 1, 1 + r % 10);
        for (size_t i = 0; i < b.batch.steps; i++)
            assert_true(x[i] == (i < b.batch.length[r] ? x[0] + (uint32_t)i
                                                       : TOKEN_NONE));
    }
    batch_release(&b.batch);
}

/* ---- bags ---- */

/* Slot 0 has r entries of value 1, 2, …; slot 1 one entry (a category). */
static void fill_bags(struct bench *b)
{
    struct batch *x = &b->batch;

    bench_init(b, FORM_ROW, ROWS);
    x->n_slots = 2;
    x->start = mem_zalloc(PADDED * 2 + 1, sizeof(*x->start));
    x->index = mem_alloc(ROWS * ROWS, sizeof(*x->index));
    x->value = mem_alloc(ROWS * ROWS, sizeof(*x->value));
    for (size_t r = 0; r < ROWS; r++) {
        x->start[2 * r] = x->entries;
        for (size_t i = 0; i < r; i++) {
            x->index[x->entries] = (uint32_t)(r * 100 + i);
            x->value[x->entries++] = (float)(i + 1);
        }
        x->start[2 * r + 1] = x->entries;
        x->index[x->entries] = (uint32_t)(r * 100 + 99);
        x->value[x->entries++] = 1;
    }
    for (size_t s = 2 * ROWS; s <= 2 * PADDED; s++)
        x->start[s] = x->entries;
}

static void check_slot(const struct batch *x, size_t r, size_t count)
{
    size_t begin = x->start[2 * r], end = x->start[2 * r + 1];
    double length = 0, want = 0, scale;

    assert_true(end - begin <= count && (count == 0 || end > begin));
    if (count == 0)
        return;
    scale = (double)x->value[begin] / (double)(x->index[begin] % 100 + 1);
    for (size_t i = 1; i <= count; i++)
        want += (double)(i * i);
    for (size_t k = begin; k < end; k++) {
        double value = (double)x->value[k];
        assert_int_equal(x->index[k] / 100, r);
        assert_true(k == begin || x->index[k] > x->index[k - 1]);
        assert_true(fabs(value / (x->index[k] % 100 + 1) / scale - 1) < 1e-5);
        length += value * value;
    }
    assert_true(fabs(length / want - 1) < 1e-5);
}

static void augment__bags(void **state)
{
    struct bench b;
    struct batch *x = &b.batch;

    (void)state;
    fill_bags(&b);
    b.spec.hyper.token_drop = .4;
    run(&b, &FIRST);
    for (size_t r = 0; r < ROWS; r++) {
        check_slot(x, r, r);
        assert_int_equal(x->start[2 * r + 2] - x->start[2 * r + 1], 1);
        assert_int_equal(x->index[x->start[2 * r + 1]], r * 100 + 99);
        assert_true(x->value[x->start[2 * r + 1]] == 1);
    }
    for (size_t s = 2 * ROWS; s <= 2 * PADDED; s++)
        assert_int_equal(x->start[s], x->entries);
    assert_in_range(x->entries - ROWS, 410, 530); /* .6 of 780, 14 */
    batch_release(x);
}

/* ---- mixup ---- */

/* Mean 1/2, variance 1 / (4 (2 alpha + 1)). */
static void check_lambda(double alpha)
{
    enum { N = 4000 };
    double mean = 0, variance = 0, want = .25 / (2 * alpha + 1);

    for (uint64_t step = 0; step < N; step++) {
        struct pass pass = {true, 1, step, 1};
        struct mixup m = {0};
        double lambda = mixup_draw(&m, alpha, 1, &pass)->lambda;
        assert_true(lambda >= 0 && lambda <= 1);
        mean += lambda / N;
        variance += (lambda - .5) * (lambda - .5) / N;
        mixup_release(&m);
    }
    assert_true(fabs(mean - .5) < 4 * sqrt(want / N));
    assert_true(fabs(variance / want - 1) < 4 * sqrt(2. / N));
}

static void mixup__lambda(void **state)
{
    (void)state;
    check_lambda(.001);
    check_lambda(.2);
    check_lambda(1);
    check_lambda(4);
    check_lambda(100);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of Beta(1/2, 1/2), whose distribution is 2/pi arcsin sqrt(x): D < 1.95/n. */
static void mixup__lambda_distribution(void **state)
{
    enum { N = 4000 };
    double *x = mem_alloc(N, sizeof(*x)), most = 0;
    struct mixup m = {0};

    (void)state;
    for (uint64_t step = 0; step < N; step++)
        x[step] =
            mixup_draw(&m, .5, 1, &(struct pass){true, 2, step, 1})->lambda;
    mixup_release(&m);
    qsort(x, N, sizeof(*x), ascending);
    for (size_t i = 0; i < N; i++) {
        double below = 2 / M_PI * asin(sqrt(x[i]));
        most = fmax(most, fmax(fabs(below - (double)i / N),
                               fabs(below - (double)(i + 1) / N)));
    }
    assert_true(most < 1.95 / sqrt(N));
    free(x);
}

static void mixup__partners(void **state)
{
    struct mixup a = {0}, b = {0};
    bool seen[ROWS] = {0};
    size_t moved = 0;

    (void)state;
    mixup_draw(&a, 1, ROWS, &FIRST);
    mixup_draw(&b, 1, ROWS, &FIRST);
    assert_true(a.lambda == b.lambda);
    assert_memory_equal(a.partner, b.partner, ROWS * sizeof(size_t));
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(a.partner[i] < ROWS && !seen[a.partner[i]]);
        seen[a.partner[i]] = true;
        moved += a.partner[i] != i;
    }
    assert_true(moved > ROWS / 2);
    mixup_draw(&b, 1, ROWS, &(struct pass){true, 7, 4, 1});
    assert_memory_not_equal(a.partner, b.partner, ROWS * sizeof(size_t));
    mixup_release(&a);
    mixup_release(&b);
}

/* Cycles of one, two and three rows. */
static void mixup__numbers(void **state)
{
    size_t partner[] = {0, 2, 1, 4, 5, 3};
    struct mixup m = {.75, partner};
    struct bench b;
    float *before;

    (void)state;
    fill_images(&b, 6, 2, 3);
    before = copy(b.batch.dense, 16 * 6);
    mixup_apply(&m, &b.batch);
    for (size_t r = 0; r < 16; r++)
        for (size_t i = 0; i < 6; i++) {
            float other = r < 6 ? before[partner[r] * 6 + i] : 0;
            assert_true(b.batch.dense[r * 6 + i] ==
                        .75f * before[r * 6 + i] + .25f * other);
        }
    free(before);
    batch_release(&b.batch);
}

static void mixup__steps(void **state)
{
    size_t partner[] = {2, 0, 1, 3};
    struct mixup m = {.5, partner};
    struct bench b;
    float *before;

    (void)state;
    fill_steps(&b, 2);
    b.batch.n = 4;
    before = copy(b.batch.step, 80);
    mixup_apply(&m, &b.batch);
    for (size_t i = 0; i < 80; i++)
        assert_true(b.batch.step[i] ==
                    .5f * before[i] +
                        .5f * before[partner[i / 20] * 20 + i % 20]);
    assert_int_equal(b.batch.length[0], 3);
    assert_int_equal(b.batch.length[1], 2);
    assert_int_equal(b.batch.length[2], 3);
    assert_int_equal(b.batch.length[3], 4);
    free(before);
    batch_release(&b.batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(picture__mirrored),
        cmocka_unit_test(picture__moved),
        cmocka_unit_test(picture__turned),
        cmocka_unit_test(picture__turned_between_pixels),
        cmocka_unit_test(picture__channels),
        cmocka_unit_test(picture__cut),
        cmocka_unit_test(augment__nothing_asked_for),
        cmocka_unit_test(augment__any),
        cmocka_unit_test(augment__images_moved_and_mirrored),
        cmocka_unit_test(augment__flips),
        cmocka_unit_test(augment__rotations),
        cmocka_unit_test(augment__cutout),
        cmocka_unit_test(augment__blank_is_black),
        cmocka_unit_test(augment__a_row_alone),
        cmocka_unit_test(augment__new_in_every_epoch),
        cmocka_unit_test(augment__streams_of_their_own),
        cmocka_unit_test(augment__noise_on_pixels),
        cmocka_unit_test(augment__noise_on_numbers),
        cmocka_unit_test(augment__noise_on_steps),
        cmocka_unit_test(augment__steps_cropped),
        cmocka_unit_test(augment__tokens_dropped),
        cmocka_unit_test(augment__one_token_stays),
        cmocka_unit_test(augment__tokens_cropped),
        cmocka_unit_test(augment__bags),
        cmocka_unit_test(mixup__lambda),
        cmocka_unit_test(mixup__lambda_distribution),
        cmocka_unit_test(mixup__partners),
        cmocka_unit_test(mixup__numbers),
        cmocka_unit_test(mixup__steps),
    };

    return cmocka_run_group_tests_name("augment", tests, NULL, NULL);
}
