#include "stats/one_column.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIXTURE_VALUES "tests/data/columns/column_values.txt"
#include "base/mem.h"
#include "base/rng.h"
#include "fixture.h"

enum { ROWS = 300, CLASSES = 3, LEVELS = 7 };

struct rows {
    uint32_t label[ROWS], level[ROWS], copy[ROWS], word[ROWS * 5];
    size_t start[ROWS + 1];
};

static void read_rows(struct rows *r)
{
    FILE *file = fixture_open(TEST_DATA "/columns/column_rows.csv");
    size_t n = 0;

    assert_int_equal(fscanf(file, "%*s"), 0);
    for (size_t i = 0; i < ROWS; i++) {
        r->start[i] = n;
        assert_int_equal(fscanf(file, "%u,%u,%u,%u", &r->label[i], &r->level[i],
                                &r->copy[i], &r->word[n]),
                         4);
        n++;
        while (fgetc(file) == ' ')
            assert_int_equal(fscanf(file, "%u", &r->word[n++]), 1);
    }
    r->start[ROWS] = n;
    fclose(file);
}

static void one_column__reference(void **state)
{
    struct rows r;
    struct one_column got, few;

    (void)state;
    read_rows(&r);
    got = one_column_levels(r.level, ROWS, LEVELS, ONE_COLUMN_NONE, r.label,
                            CLASSES);
    assert_near(got.skill, expected("level"), 1e-12);
    assert_int_equal(got.wrong, expected("level.wrong"));
    assert_int_equal(got.rows, ROWS);
    assert_int_equal(got.levels, LEVELS);
    assert_false(got.one_to_one);
    got = one_column_levels(r.copy, ROWS, CLASSES, ONE_COLUMN_NONE, r.label,
                            CLASSES);
    assert_near(got.skill, expected("copy"), 1e-12);
    assert_true(got.one_to_one);
    assert_true(got.ci.low < got.skill && got.skill < got.ci.high);
    one_column_words(r.start, r.word, ROWS, r.label, CLASSES, &got, &few);
    assert_near(got.skill, expected("words"), 1e-12);
    assert_int_equal(got.wrong, expected("words.wrong"));
    assert_true(few.skill < got.skill);
}

/* A copy of which a tenth is any class has skill .9, at any imbalance. */
static void one_column__leak_in_unequal_classes(void **state)
{
    enum { MANY = 20000 };
    uint32_t *label = mem_alloc(2 * MANY, sizeof(*label)), *level;
    struct one_column got;
    struct rng rng;

    (void)state;
    level = label + MANY;
    rng_init(&rng, 1, 99);
    for (size_t i = 0; i < MANY; i++) {
        label[i] = rng_below(&rng, 20) == 0;
        level[i] = rng_below(&rng, 10) ? 1 - label[i]
                                       : (uint32_t)rng_below(&rng, 2);
    }
    got = one_column_levels(level, MANY, 2, ONE_COLUMN_NONE, label, 2);
    assert_near(got.skill, .9, .02);
    assert_true(got.ci.low < .9 && got.ci.high > .9);
    assert_true(got.one_to_one);
    free(label);
}

/* The interval holds .9 in about 95 of 100 sets of 200 rows. */
static void one_column__interval(void **state)
{
    uint32_t label[200], level[200];
    size_t holds = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 99);
    for (int set = 0; set < 1000; set++) {
        struct one_column got;
        for (size_t i = 0; i < 200; i++) {
            label[i] = (uint32_t)rng_below(&rng, 2);
            level[i] = rng_below(&rng, 10) ? label[i]
                                           : (uint32_t)rng_below(&rng, 2);
        }
        got = one_column_levels(level, 200, 2, ONE_COLUMN_NONE, label, 2);
        holds += got.ci.low <= .9 && got.ci.high >= .9;
    }
    assert_between((double)holds, 935, 975);
}

static void one_column__knows_nothing(void **state)
{
    float value[1000];
    uint32_t label[1000];
    double sum = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 99);
    for (int set = 0; set < 30; set++) {
        for (size_t i = 0; i < 1000; i++) {
            value[i] = (float)rng_normal(&rng);
            label[i] = (uint32_t)rng_below(&rng, 3);
        }
        sum += one_column_numbers(value, 1000, label, 3).skill;
    }
    assert_between(sum / 30, -.01, .03); /* the better of two ways */
}

/* Numbers in clusters, one a class, with gaps: told without an error. */
static void one_column__numbers_in_clusters(void **state)
{
    float value[150];
    uint32_t label[150];
    struct one_column got;
    struct rng rng;

    (void)state;
    rng_init(&rng, 4, 99);
    for (size_t i = 0; i < 150; i++) {
        label[i] = (uint32_t)rng_below(&rng, 3);
        value[i] = (float)label[i] + .05f * (float)rng_normal(&rng);
    }
    value[0] = NAN;
    label[1] = ONE_COLUMN_NONE;
    got = one_column_numbers(value, 150, label, 3);
    assert_int_equal(got.rows, 149);
    assert_true(got.wrong <= 1); /* the missing one */
    assert_true(got.skill > .97);
    for (size_t i = 0; i < 150; i++)
        value[i] = i == 1 ? 0 : (float)label[i];
    assert_true(one_column_numbers(value, 150, label, 3).one_to_one);
}

static void one_column__a_word_for_each_class(void **state)
{
    size_t start[201];
    uint32_t word[800], label[200];
    struct one_column all, few;
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 99);
    for (size_t i = 0; i < 200; i++) {
        label[i] = (uint32_t)rng_below(&rng, 2);
        start[i] = 4 * i;
        for (size_t k = 0; k < 4; k++)
            word[4 * i + k] = (uint32_t)rng_below(&rng, 1000);
        word[4 * i + 1] = 1000 + label[i];
    }
    start[200] = 800;
    one_column_words(start, word, 200, label, 2, &all, &few);
    assert_near(few.skill, 1, 0);
    assert_true(few.ci.low > .95);
}

static void one_column__too_few(void **state)
{
    uint32_t level[12] = {0, 1, 0, 1}, label[12] = {0, 1, 0, 1};
    struct one_column got;
    float nothing[12];

    (void)state;
    got = one_column_levels(level, 12, 2, ONE_COLUMN_NONE, label, 2);
    assert_true(isnan(got.skill) && isnan(got.ci.low));
    for (size_t i = 0; i < 12; i++)
        nothing[i] = NAN;
    assert_true(isnan(one_column_numbers(nothing, 12, label, 2).skill));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_column__reference),
        cmocka_unit_test(one_column__leak_in_unequal_classes),
        cmocka_unit_test(one_column__interval),
        cmocka_unit_test(one_column__knows_nothing),
        cmocka_unit_test(one_column__numbers_in_clusters),
        cmocka_unit_test(one_column__a_word_for_each_class),
        cmocka_unit_test(one_column__too_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
