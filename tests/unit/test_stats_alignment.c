#include "stats/alignment.h"

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
#include "fixture.h"
#include "stats/random_features.h"

enum { ROWS = 600, CLASSES = 3, WIDTH = 2, BENT = 30, ALL = WIDTH + BENT };

/* Three clouds of points, or none at all (apart 0); [ROWS][ALL]. */
static void draw(float *x, uint32_t *label, double apart, uint64_t seed)
{
    struct random_features *map;
    float *points = mem_alloc(ROWS * WIDTH, sizeof(*points));
    struct rng rng;

    rng_init(&rng, seed, 99);
    for (size_t i = 0; i < ROWS; i++) {
        label[i] = (uint32_t)rng_below(&rng, CLASSES);
        points[i * WIDTH] =
            (float)(apart * cos(2.1 * label[i]) + rng_normal(&rng));
        points[i * WIDTH + 1] =
            (float)(apart * sin(2.1 * label[i]) + rng_normal(&rng));
    }
    map = random_features_new(points, ROWS, WIDTH, BENT, 1);
    for (size_t i = 0; i < ROWS; i++) {
        memcpy(x + i * ALL, points + i * WIDTH, WIDTH * sizeof(*x));
        random_features_of(map, points + i * WIDTH, x + i * ALL + WIDTH);
    }
    random_features_free(map);
    free(points);
}

/* Labels from `begin` on stand `down` rows too low. */
static void move(uint32_t *label, size_t begin, size_t down)
{
    memmove(label + begin + down, label + begin,
            (ROWS - begin - down) * sizeof(*label));
}

static struct alignment test(const float *x, const uint32_t *label)
{
    struct alignment a;

    alignment_test(x, ROWS, ALL, label, CLASSES, NULL, &a);
    return a;
}

static void alignment__clean(void **state)
{
    float *x = mem_alloc(ROWS * ALL, sizeof(*x));
    uint32_t label[ROWS];
    size_t found = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct alignment a;
        draw(x, label, 2, seed);
        a = test(x, label);
        assert_true(a.informative);
        assert_true(a.share > .75 && a.prior < .45);
        found += a.n_stretches;
    }
    assert_int_equal(found, 0);
    free(x);
}

static void alignment__whole_file_by_an_offset(void **state)
{
    float *x = mem_alloc(ROWS * ALL, sizeof(*x));
    uint32_t label[ROWS];
    struct alignment a;

    (void)state;
    draw(x, label, 2, 1);
    move(label, 0, 7);
    a = test(x, label);
    assert_false(a.informative);
    assert_int_equal(a.n_stretches, 1);
    assert_int_equal(a.stretch[0].order.kind, ORDER_OFFSET);
    assert_int_equal(a.stretch[0].order.offset, 7);
    assert_true(a.stretch[0].best.z > 20);
    free(x);
}

static void alignment__last_quarter(void **state)
{
    float *x = mem_alloc(ROWS * ALL, sizeof(*x));
    uint32_t label[ROWS];
    struct alignment a;

    (void)state;
    draw(x, label, 2.5, 2);
    move(label, 450, 1);
    a = test(x, label);
    assert_true(a.informative);
    assert_int_equal(a.n_stretches, 1);
    assert_int_equal(a.stretch[0].end, ROWS);
    assert_near((double)a.stretch[0].begin, 450, 12);
    assert_int_equal(a.stretch[0].order.kind, ORDER_OFFSET);
    assert_int_equal(a.stretch[0].order.offset, 1);
    free(x);
}

/* One order, known to the caller: where the label of each row stands. */
struct one_order {
    const size_t *from;
    const uint32_t *label;
    bool asked;
};

static size_t count_one(void *context, bool lost)
{
    struct one_order *one = context;

    one->asked = true;
    return lost;
}

static void labels_of_one(const void *context, size_t k, size_t begin,
                          size_t end, uint32_t *label)
{
    const struct one_order *one = context;

    assert_int_equal(k, 0);
    for (size_t i = begin; i < end; i++)
        label[i] = one->label[one->from[i]];
}

static void alignment__reversed_and_known_orders(void **state)
{
    float *x = mem_alloc(ROWS * ALL, sizeof(*x));
    uint32_t label[ROWS], kept[ROWS];
    size_t order[ROWS];
    struct one_order one = {order, label, false};
    const struct known_orders known = {count_one, labels_of_one, &one};
    struct alignment a;
    struct rng rng;

    (void)state;
    draw(x, kept, 2, 3);
    for (size_t i = 0; i < ROWS; i++)
        label[i] = kept[ROWS - 1 - i];
    a = test(x, label);
    assert_int_equal(a.stretch[0].order.kind, ORDER_REVERSED);
    rng_init(&rng, 1, 98);
    for (size_t i = 0; i < ROWS; i++)
        order[i] = i;
    rng_shuffle(&rng, order, ROWS);
    for (size_t i = 0; i < ROWS; i++)
        label[order[i]] = kept[i];
    a = test(x, label);
    assert_int_equal(a.stretch[0].order.kind, ORDER_GIVEN);
    assert_int_equal(a.tried, 101);
    alignment_test(x, ROWS, ALL, label, CLASSES, &known, &a);
    assert_int_equal(a.stretch[0].order.kind, ORDER_KNOWN);
    assert_int_equal(a.tried, 102);
    one.asked = false;
    alignment_test(x, ROWS, ALL, kept, CLASSES, &known, &a);
    assert_true(one.asked && a.informative);
    assert_int_equal(a.n_stretches, 0);
    free(x);
}

/* Its ends are known to some rows only. */
static void alignment__last_third_reversed(void **state)
{
    float *x = mem_alloc(ROWS * ALL, sizeof(*x));
    uint32_t label[ROWS];
    struct alignment a;

    (void)state;
    draw(x, label, 2.5, 6);
    for (size_t i = 0; i < 100; i++) {
        uint32_t other = label[400 + i];
        label[400 + i] = label[ROWS - 1 - i];
        label[ROWS - 1 - i] = other;
    }
    a = test(x, label);
    assert_int_equal(a.n_stretches, 1);
    assert_near((double)a.stretch[0].begin, 400, 12);
    assert_int_equal(a.stretch[0].order.kind, ORDER_REVERSED);
    free(x);
}

/* More classes than are told apart. */
static void alignment__many_classes(void **state)
{
    float *x = mem_alloc(ROWS * ALL, sizeof(*x));
    uint32_t label[ROWS];
    struct alignment a;

    (void)state;
    draw(x, label, 2, 7);
    for (size_t i = 0; i < ROWS; i++)
        label[i] = 64 * (uint32_t)(i % 2) + label[i];
    alignment_test(x, ROWS, ALL, label, 64 + CLASSES, NULL, &a);
    assert_true(a.informative);
    move(label, 0, 7);
    alignment_test(x, ROWS, ALL, label, 64 + CLASSES, NULL, &a);
    assert_int_equal(a.stretch[0].order.offset, 7);
    free(x);
}

/* In the order of their labels: rows that go with them, and rows that only
 * change along the file as labels do. */
static void alignment__sorted_by_label(void **state)
{
    float *x = mem_alloc(ROWS * ALL, sizeof(*x));
    float *sorted = mem_alloc(ROWS * ALL, sizeof(*x));
    uint32_t label[ROWS], in_order[ROWS];
    struct alignment a;
    size_t n = 0;

    (void)state;
    draw(x, label, 3, 4);
    for (uint32_t k = 0; k < CLASSES; k++)
        for (size_t i = 0; i < ROWS; i++)
            if (label[i] == k) {
                memcpy(sorted + n * ALL, x + i * ALL, ALL * sizeof(*x));
                in_order[n++] = k;
            }
    a = test(sorted, in_order);
    assert_true(a.informative);
    assert_int_equal(a.n_stretches, 0);
    draw(x, label, 0, 4);
    for (size_t i = 0; i < ROWS; i++)
        x[i * ALL] += (float)(8 * i) / ROWS;
    a = test(x, in_order);
    assert_true(a.all.z > 10);
    assert_false(a.informative);
    free(x);
    free(sorted);
}

static void alignment__nothing_to_know(void **state)
{
    float *x = mem_alloc(ROWS * ALL, sizeof(*x));
    size_t informative = 0, named = 0;
    uint32_t label[ROWS];

    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct alignment a;
        draw(x, label, 0, seed);
        a = test(x, label);
        informative += a.informative;
        named += a.n_stretches && a.stretch[0].order.kind != ORDER_GIVEN;
    }
    assert_int_equal(informative, 0);
    assert_int_equal(named, 0);
    alignment_test(x, 30, ALL, label, CLASSES, NULL, &(struct alignment){0});
    free(x);
}

static void probe__association_in_random_order(void **state)
{
    enum { N = 200, RUNS = 2000 };
    static float score[N * CLASSES];
    double sum = 0, square = 0;
    uint32_t label[N];
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 97);
    for (size_t i = 0; i < N * CLASSES; i++)
        score[i] = (float)rng_normal(&rng);
    for (size_t run = 0; run < RUNS; run++) {
        struct association a;
        for (size_t i = 0; i < N; i++)
            label[i] = (uint32_t)(rng_below(&rng, 6) % 4 % CLASSES);
        a = probe_association(score, label, CLASSES, 0, N);
        sum += a.z;
        square += a.z * a.z;
    }
    assert_near(sum / RUNS, 0, .08);
    assert_near(square / RUNS, 1, .1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alignment__clean),
        cmocka_unit_test(alignment__whole_file_by_an_offset),
        cmocka_unit_test(alignment__last_quarter),
        cmocka_unit_test(alignment__reversed_and_known_orders),
        cmocka_unit_test(alignment__last_third_reversed),
        cmocka_unit_test(alignment__many_classes),
        cmocka_unit_test(alignment__sorted_by_label),
        cmocka_unit_test(alignment__nothing_to_know),
        cmocka_unit_test(probe__association_in_random_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
