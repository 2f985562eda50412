#include "stats/mean_features.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

#define FIXTURE_VALUES "tests/data/shift/levels.txt"
#include "fixture.h"

enum { DIRECTIONS = MEAN_FEATURES / 2, WIDTH = 8, MOST = 1000 };

static float room[MOST * WIDTH];

/* n rows of normals, the first column moved. */
static void draw(struct rng *rng, size_t n, double move)
{
    for (size_t i = 0; i < n * WIDTH; i++)
        room[i] = (float)(rng_normal(rng) + (i % WIDTH ? 0 : move));
}

static double product(const struct feature_sums *s, size_t i, size_t j)
{
    return i < j ? product(s, j, i) : s->product[i * (i + 1) / 2 + j];
}

/* The features of one row, from its sums. */
static void mean_features__of_a_row(void **state)
{
    struct feature_map *map = feature_map_new(3, 7);
    float zero[3] = {0}, near[3] = {.01f, 0, 0}, far[3] = {7, -8, 8};
    static struct feature_sums a, b, c;

    (void)state;
    feature_sums_add(&a, map, zero, 1);
    feature_sums_add(&b, map, near, 1);
    feature_sums_add(&c, map, far, 1);
    for (size_t k = 0; k < DIRECTIONS; k++) {
        double slope = b.sum[k + DIRECTIONS] / .01;
        assert_near(a.sum[k], 1, 0);
        assert_near(a.sum[k + DIRECTIONS], 0, 0);
        assert_true(fabs(slope) < 10);
        assert_near(c.sum[k] * c.sum[k] +
                        c.sum[k + DIRECTIONS] * c.sum[k + DIRECTIONS],
                    1, 1e-6);
        assert_near(product(&c, k, 3), c.sum[k] * c.sum[3], 1e-6);
    }
    feature_map_free(map);
    feature_map_free(NULL);
}

/* Along one column the angle is in proportion, far beyond a turn. */
static void mean_features__angles(void **state)
{
    struct feature_map *map = feature_map_new(1, 5);
    static struct feature_sums one, other;
    float small = .01f;

    (void)state;
    feature_sums_add(&one, map, &small, 1);
    for (int times = 2; times < 3000; times = times * 2 + 1) {
        float x = (float)times * small;
        memset(&other, 0, sizeof(other));
        feature_sums_add(&other, map, &x, 1);
        for (size_t k = 0; k < DIRECTIONS; k++) {
            double angle = times * asin(one.sum[k + DIRECTIONS]);
            assert_true(fabs(other.sum[k] - cos(angle)) < 3e-7 * times + 1e-6);
            assert_true(fabs(other.sum[k + DIRECTIONS] - sin(angle)) <
                        3e-7 * times + 1e-6);
        }
    }
    feature_map_free(map);
}

/* The same map anywhere, and rows in any pieces. */
static void mean_features__sums(void **state)
{
    struct feature_map *map = feature_map_new(WIDTH, 1),
                       *again = feature_map_new(WIDTH, 1);
    static struct feature_sums whole, parts, part;
    size_t sizes[] = {1, 130, 0, 3, 866}, begin = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    draw(&rng, MOST, 0);
    feature_sums_add(&whole, map, room, MOST);
    for (size_t i = 0; i < 5; i++) {
        memset(&part, 0, sizeof(part));
        feature_sums_add(&part, again, room + begin * WIDTH, sizes[i]);
        feature_sums_merge(&parts, &part);
        begin += sizes[i];
    }
    assert_near(parts.n, MOST, 0);
    for (size_t i = 0; i < MEAN_FEATURES; i++) {
        assert_true(fabs(parts.sum[i] - whole.sum[i]) < 1e-3);
        for (size_t j = 0; j <= i; j++)
            assert_true(fabs(product(&parts, i, j) - product(&whole, i, j)) <
                        1e-3);
    }
    feature_map_free(map);
    feature_map_free(again);
}

static void add_angles(struct feature_sums *sums, const double *angle)
{
    double f[MEAN_FEATURES];

    for (size_t k = 0; k < DIRECTIONS; k++) {
        f[k] = cos(angle[k]);
        f[k + DIRECTIONS] = sin(angle[k]);
    }
    sums->n++;
    for (size_t i = 0; i < MEAN_FEATURES; i++) {
        sums->sum[i] += f[i];
        for (size_t j = 0; j <= i; j++)
            sums->product[i * (i + 1) / 2 + j] += f[i] * f[j];
    }
}

static void mean_shift__values(void **state)
{
    FILE *file = fixture_open("tests/data/shift/angles.csv");
    static struct feature_sums side[2];
    double angle[DIRECTIONS];
    struct mean_shift shift;

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        for (size_t k = 0; k < DIRECTIONS; k++)
            assert_int_equal(
                fscanf(file, k + 1 < DIRECTIONS ? "%lf," : "%lf", &angle[k]),
                1);
        add_angles(&side[i >= 60], angle);
    }
    fclose(file);
    shift = mean_shift_test(&side[0], &side[1]);
    assert_near(shift.mmd2, expected("features.mmd2"), 1e-9);
    assert_near(shift.effect, sqrt(expected("features.mmd2")), 1e-9);
    assert_between(shift.p / expected("features.p"), .95, 1.05);
    assert_true(shift.ci.low > 0 && shift.ci.low < shift.effect &&
                shift.ci.high > shift.effect);
}

/* The share of p < .05 and of intervals that begin at 0. */
static double found(double move, size_t n, size_t runs, double *from_zero,
                    struct mean_shift *last)
{
    static struct feature_sums side[2];
    double share = 0;
    struct rng rng;

    rng_init(&rng, 4, 1);
    *from_zero = 0;
    for (size_t run = 0; run < runs; run++) {
        struct feature_map *map = feature_map_new(WIDTH, run);
        memset(side, 0, sizeof(side));
        draw(&rng, 400, 0);
        feature_sums_add(&side[0], map, room, 400);
        draw(&rng, n, move);
        feature_sums_add(&side[1], map, room, n);
        *last = mean_shift_test(&side[0], &side[1]);
        share += (last->p < .05) / (double)runs;
        *from_zero += (last->ci.low <= 0) / (double)runs;
        feature_map_free(map);
    }
    return share;
}

static void mean_shift__rates(void **state)
{
    struct mean_shift last;
    double from_zero;

    (void)state;
    assert_between(found(0, 25, 500, &from_zero, &last), .03, .085);
    assert_between(from_zero, .94, 1);
    assert_between(found(.45, 200, 60, &from_zero, &last), .8, 1);
    assert_between(last.detectable, .05, .5);
}

static void mean_shift__odd(void **state)
{
    struct feature_map *map = feature_map_new(WIDTH, 1);
    static struct feature_sums empty, few, same, other;
    struct mean_shift shift;

    (void)state;
    memset(room, 0, sizeof(room));
    assert_true(isnan(mean_shift_test(&empty, &empty).p));
    feature_sums_add(&few, map, room, 19);
    feature_sums_add(&same, map, room, 50);
    assert_true(isnan(mean_shift_test(&few, &same).p));
    shift = mean_shift_test(&same, &same);
    assert_near(shift.p, 1, 0);
    assert_near(shift.effect, 0, 1e-6);
    for (size_t i = 0; i < 50 * WIDTH; i++)
        room[i] = 1;
    feature_sums_add(&other, map, room, 50);
    shift = mean_shift_test(&same, &other);
    assert_true(shift.p < 1e-6 && shift.effect > .1);
    feature_map_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_features__of_a_row),
        cmocka_unit_test(mean_features__angles),
        cmocka_unit_test(mean_features__sums),
        cmocka_unit_test(mean_shift__values),
        cmocka_unit_test(mean_shift__rates),
        cmocka_unit_test(mean_shift__odd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
