#include "stats/apportion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include <stdlib.h>

#include "base/rng.h"

static void assert_counts(size_t n, const double *share, size_t parts,
                          const size_t *expect)
{
    size_t count[8];

    apportion(n, share, parts, count);
    for (size_t j = 0; j < parts; j++)
        assert_int_equal(count[j], expect[j]);
}

static void apportion__exact_shares(void **state)
{
    static const double share[] = {.8, .1, .1}, percent[] = {80, 10, 10};
    static const size_t ten[] = {8, 1, 1}, of_1744[] = {1395, 175, 174};

    (void)state;
    assert_counts(10, share, 3, ten);
    assert_counts(10, percent, 3, ten);
    assert_counts(1744, share, 3, of_1744); /* 1395.2 174.4 174.4 */
}

static void apportion__ties_to_the_earlier(void **state)
{
    static const double half[] = {.5, .5}, tenths[] = {.1, .1, .8};
    static const double sevenths[] = {1, 1, 1, 1, 1, 1, 1};
    static const size_t three[] = {2, 1}, of_five[] = {1, 0, 4};
    static const size_t of_nine[] = {2, 2, 1, 1, 1, 1, 1};

    (void)state;
    assert_counts(3, half, 2, three);
    assert_counts(5, tenths, 3, of_five);
    assert_counts(9, sevenths, 7, of_nine);
}

/* Pukelsheim's example style: remainders .65 .60 .75 with two seats left. */
static void apportion__largest_remainder(void **state)
{
    static const double share[] = {4.65, 3.60, 1.75};
    static const size_t expect[] = {5, 3, 2};

    (void)state;
    assert_counts(10, share, 3, expect);
}

static void apportion__nothing(void **state)
{
    static const double share[] = {0, 1, 0};
    static const size_t none[] = {0, 0, 0}, all[] = {0, 7, 0};

    (void)state;
    assert_counts(0, share, 3, none);
    assert_counts(7, share, 3, all);
}

static void apportion__many_rows(void **state)
{
    static const double share[] = {1, 1, 1};
    static const double long_share[] = {.123456789012, .876543210988};
    static const size_t expect[] = {3333333334, 3333333333, 3333333333};
    static const size_t billion[] = {123456789, 876543211};

    (void)state;
    assert_counts(10000000000, share, 3, expect);
    assert_counts(1000000000, long_share, 2, billion);
}

struct stratified {
    size_t strata, parts;
    size_t n[40], count[40 * 8], part[8];
    double share[8];
};

static void stratify(struct stratified *s)
{
    size_t total = 0;

    for (size_t i = 0; i < s->strata; i++)
        total += s->n[i];
    apportion(total, s->share, s->parts, s->part);
    apportion_strata(s->n, s->strata, s->share, s->parts, s->count);
}

static void assert_totals(const struct stratified *s)
{
    for (size_t i = 0; i < s->strata; i++) {
        size_t sum = 0;

        for (size_t j = 0; j < s->parts; j++)
            sum += s->count[i * s->parts + j];
        assert_int_equal(sum, s->n[i]);
    }
    for (size_t j = 0; j < s->parts; j++) {
        size_t sum = 0;

        for (size_t i = 0; i < s->strata; i++)
            sum += s->count[i * s->parts + j];
        assert_int_equal(sum, s->part[j]);
    }
}

/* How many counts are neither floor nor ceiling of their quota. */
static size_t off_quota(const struct stratified *s)
{
    double sum = 0;
    size_t off = 0;

    for (size_t j = 0; j < s->parts; j++)
        sum += s->share[j];
    for (size_t i = 0; i < s->strata * s->parts; i++) {
        double quota = (double)s->n[i / s->parts] * s->share[i % s->parts] /
                       sum;

        off += fabs((double)s->count[i] - quota) >= 1 - 1e-9;
    }
    return off;
}

static void apportion_strata__three_classes(void **state)
{
    struct stratified s = {
        .strata = 3, .parts = 3, .n = {105, 33, 6}, .share = {.8, .1, .1}};

    (void)state;
    stratify(&s); /* 144 rows: 115.2 14.4 14.4 */
    assert_totals(&s);
    assert_int_equal(off_quota(&s), 0);
    assert_int_equal(s.part[1], 15);
}

static void apportion_strata__every_class_alone(void **state)
{
    struct stratified s = {.strata = 40, .parts = 2, .share = {.75, .25}};

    (void)state;
    for (size_t i = 0; i < s.strata; i++)
        s.n[i] = 1;
    stratify(&s);
    assert_totals(&s);
    assert_int_equal(s.part[0], 30);
}

static void draw_case(struct rng *rng, struct stratified *s, int kind)
{
    static const double tenths[] = {.8, .1, .1, .7, .15, .05};

    s->strata = 1 + rng_below(rng, 40);
    s->parts = 2 + rng_below(rng, 5);
    for (size_t i = 0; i < s->strata; i++)
        s->n[i] = rng_below(rng, rng_below(rng, 2) ? 6 : 500);
    for (size_t j = 0; j < s->parts; j++)
        s->share[j] = kind == 0   ? rng_uniform(rng)
                      : kind == 1 ? (double)(1 + rng_below(rng, 4))
                                  : tenths[j];
}

static void apportion_strata__random_cases(void **state)
{
    struct stratified s;
    struct rng rng;
    int impossible = 0;

    (void)state;
    rng_init(&rng, 23, 99);
    for (int i = 0; i < 30000; i++) {
        draw_case(&rng, &s, i % 3);
        stratify(&s);
        assert_totals(&s);
        if (off_quota(&s) > 0) {
            assert_true(s.parts > 2);
            impossible++;
        }
    }
    print_message("apportion_strata: %d of 30000 miss a quota\n", impossible);
    assert_int_equal(impossible, 0); /* as apportion.h says */
}

/* All tables that differ from the floors by 0 or 1 in cells not whole. */
static int some_table(const struct stratified *s, const size_t *floors,
                      const unsigned char *whole, size_t cell, size_t *row,
                      size_t *column)
{
    size_t i = cell / s->parts, j = cell % s->parts;

    if (cell == s->strata * s->parts)
        return 1;
    for (size_t up = 0; up <= (whole[cell] ? 0 : 1); up++) {
        size_t left = s->parts - 1 - j, value = floors[cell] + up;
        int fits = value <= column[j] && value <= row[i] &&
                   (left > 0 || row[i] == value) &&
                   (i + 1 < s->strata || column[j] == value);

        if (!fits)
            continue;
        row[i] -= value;
        column[j] -= value;
        if (some_table(s, floors, whole, cell + 1, row, column))
            return 1;
        row[i] += value;
        column[j] += value;
    }
    return 0;
}

static int table_exists(const struct stratified *s)
{
    size_t floors[40 * 8], row[40], column[8];
    unsigned char whole[40 * 8];
    double sum = 0;

    for (size_t j = 0; j < s->parts; j++)
        sum += s->share[j];
    for (size_t i = 0; i < s->strata * s->parts; i++) {
        double quota = (double)s->n[i / s->parts] * s->share[i % s->parts] /
                       sum;

        floors[i] = (size_t)floor(quota + 1e-9);
        whole[i] = fabs(quota - round(quota)) < 1e-9;
    }
    memcpy(row, s->n, sizeof row);
    memcpy(column, s->part, sizeof column);
    return some_table(s, floors, whole, 0, row, column);
}

/* Small cases with many whole quotas: off only where no table exists. */
static void apportion_strata__finds_what_exists(void **state)
{
    struct stratified s;
    struct rng rng;
    int impossible = 0;

    (void)state;
    rng_init(&rng, 29, 99);
    for (int i = 0; i < 20000; i++) {
        s.strata = 1 + rng_below(&rng, 4);
        s.parts = 2 + rng_below(&rng, 4);
        for (size_t k = 0; k < s.strata; k++)
            s.n[k] = rng_below(&rng, 25);
        for (size_t j = 0; j < s.parts; j++)
            s.share[j] = (double)(1 + rng_below(&rng, 7));
        stratify(&s);
        assert_totals(&s);
        if (off_quota(&s) > 0) {
            assert_false(table_exists(&s));
            impossible++;
        }
    }
    print_message("apportion_strata: %d of 20000 have no table\n", impossible);
}

/* Found by search: no table has all three properties here. */
static void apportion_strata__impossible(void **state)
{
    struct stratified s = {
        .strata = 2, .parts = 7, .n = {17, 15}, .share = {5, 4, 5, 5, 4, 2, 4}};

    (void)state;
    stratify(&s);
    assert_totals(&s);
    assert_int_equal(off_quota(&s), 1);
    assert_false(table_exists(&s));
}

static void apportion_strata__same_again(void **state)
{
    struct stratified a, b;
    struct rng rng;

    (void)state;
    rng_init(&rng, 31, 99);
    draw_case(&rng, &a, 0);
    b = a;
    stratify(&a);
    stratify(&b);
    assert_memory_equal(a.count, b.count, a.strata * a.parts * sizeof *a.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apportion__exact_shares),
        cmocka_unit_test(apportion__ties_to_the_earlier),
        cmocka_unit_test(apportion__largest_remainder),
        cmocka_unit_test(apportion__nothing),
        cmocka_unit_test(apportion__many_rows),
        cmocka_unit_test(apportion_strata__three_classes),
        cmocka_unit_test(apportion_strata__every_class_alone),
        cmocka_unit_test(apportion_strata__impossible),
        cmocka_unit_test(apportion_strata__random_cases),
        cmocka_unit_test(apportion_strata__finds_what_exists),
        cmocka_unit_test(apportion_strata__same_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
