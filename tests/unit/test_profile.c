#include "stream/profile.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile_rows.h"

#include "base/num.h"
#include "base/rng.h"
#include "stream/profile_number.h"

/* ---- levels ---- */

static void add_numbered(struct level_counts *levels, size_t from, size_t to)
{
    char name[40];

    for (size_t i = from; i < to; i++) {
        int len = snprintf(name, sizeof(name), "level %zu", i);
        level_counts_add(levels, name, (size_t)len, (double)(i % 3 + 1));
    }
}

static double sum_of(const double *count, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += count[i];
    return sum;
}

static void levels__names_until_there_are_too_many(void **state)
{
    struct level_counts levels = {0};

    (void)state;
    add_numbered(&levels, 0, PROFILE_LEVELS);
    add_numbered(&levels, 0, PROFILE_LEVELS);
    assert_false(levels.hashed);
    assert_int_equal(levels.names.count, PROFILE_LEVELS);
    assert_true(levels.count[7] == 4);
    level_counts_add(&levels, "", 0, 5);
    assert_true(levels.hashed);
    assert_int_equal(levels.names.count, 0);
    assert_true(sum_of(levels.count, PROFILE_BUCKETS) == 2 * 3999 + 5);
    assert_true(levels.count[hash_bytes("", 0) % PROFILE_BUCKETS] >= 5);
    level_counts_release(&levels);
    level_counts_release(&levels);
}

/* Three parts, of which none, one, or their sum has too many levels. */
static void levels__merged_in_any_order(void **state)
{
    static const size_t order[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                      {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const size_t cut[][4] = {{0, 300, 700, 900},
                                    {0, 900, 1700, 2500},
                                    {0, 2100, 2200, 2300},
                                    {0, 1, 1, 1}};

    (void)state;
    for (size_t c = 0; c < 4; c++) {
        struct level_counts whole = {0};
        add_numbered(&whole, 0, cut[c][3]);
        for (size_t o = 0; o < 6; o++) {
            struct level_counts sum = {0};
            double *a, *b;
            const char **names;
            size_t n;
            for (size_t k = 0; k < 3; k++) {
                struct level_counts part = {0};
                add_numbered(&part, cut[c][order[o][k]],
                             cut[c][order[o][k] + 1]);
                level_counts_merge(&sum, &part);
                level_counts_release(&part);
            }
            assert_int_equal(sum.hashed, cut[c][3] > PROFILE_LEVELS);
            assert_int_equal(sum.names.count, whole.names.count);
            n = level_counts_align(&whole, &sum, &a, &b, &names);
            assert_memory_equal(a, b, n * sizeof(*a));
            assert_int_equal(names == NULL, sum.hashed);
            free(a);
            free(b);
            free(names);
            level_counts_release(&sum);
        }
        level_counts_release(&whole);
    }
}

static void levels__aligned_by_name_or_by_hash(void **state)
{
    struct level_counts x = {0}, y = {0};
    double *a, *b;
    const char **names;

    (void)state;
    assert_int_equal(level_counts_align(&x, &y, &a, &b, &names), 0);
    free(a);
    free(b);
    free(names);
    level_counts_add(&x, "b", 1, 2);
    level_counts_add(&x, "", 0, 1);
    level_counts_add(&y, "c", 1, 4);
    level_counts_add(&y, "b", 1, 3);
    assert_int_equal(level_counts_align(&x, &y, &a, &b, &names), 3);
    assert_string_equal(names[0], "");
    assert_string_equal(names[1], "b");
    assert_string_equal(names[2], "c");
    assert_true(a[0] == 1 && a[1] == 2 && a[2] == 0);
    assert_true(b[0] == 0 && b[1] == 3 && b[2] == 4);
    assert_ptr_equal(names[2], y.names.text[0]);
    free(a);
    free(b);
    free(names);
    add_numbered(&y, 0, PROFILE_LEVELS);
    assert_int_equal(level_counts_align(&x, &y, &a, &b, &names),
                     PROFILE_BUCKETS);
    assert_null(names);
    assert_true(a[hash_bytes("b", 1) % PROFILE_BUCKETS] == 2);
    assert_true(b[hash_bytes("b", 1) % PROFILE_BUCKETS] >= 3);
    assert_true(sum_of(b, PROFILE_BUCKETS) == 3999 + 7);
    free(a);
    free(b);
    level_counts_release(&x);
    level_counts_release(&y);
}

static void words__none_one_or_more(void **state)
{
    struct word_rows a = {0}, b = {0};

    (void)state;
    word_rows_merge(&a, &b);
    assert_null(a.rows);
    b.rows = mem_zalloc(PROFILE_WORDS, 1);
    b.rows[5] = 1;
    b.rows[6] = 2;
    word_rows_merge(&a, &b);
    assert_int_equal(a.rows[5], 1);
    word_rows_merge(&a, &b);
    assert_int_equal(a.rows[4], 0);
    assert_int_equal(a.rows[5], 2);
    assert_int_equal(a.rows[6], 2);
    word_rows_release(&a);
    word_rows_release(&b);
}

/* ---- the sample ---- */

static void add_row(struct profile_sample *sample, uint64_t key, const char *id)
{
    struct profile_row row = {.key = key, .id = mem_strdup(id)};

    row.label = mem_strdup("");
    row.pred = mem_strdup("");
    profile_sample_add(sample, &row);
}

static void release_rows(struct profile_sample *sample)
{
    for (size_t i = 0; i < sample->n; i++)
        profile_row_release(&sample->row[i], sample->columns);
    free(sample->row);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Against all keys in order; settled and added to again in between. */
static void sample__the_smallest_keys(void **state)
{
    enum { ROWS = 500, MOST = 37 };
    uint64_t key[ROWS];
    struct profile_sample sample = {.most = MOST};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    for (size_t i = 0; i < ROWS; i++) {
        key[i] = rng_below(&rng, 300); /* some are the same */
        bool wants = profile_sample_wants(&sample, key[i]);
        uint64_t seen[ROWS];
        memcpy(seen, key, sizeof(key));
        qsort(seen, i, sizeof(*seen), by_value);
        assert_int_equal(wants, i < MOST || key[i] <= seen[MOST - 1]);
        add_row(&sample, key[i], "");
        if (i % 50 == 13)
            profile_sample_settle(&sample);
    }
    profile_sample_settle(&sample);
    qsort(key, ROWS, sizeof(*key), by_value);
    assert_int_equal(sample.n, MOST);
    for (size_t i = 0; i < MOST; i++)
        assert_true(sample.row[i].key == key[i]);
    release_rows(&sample);
}

static void sample__equal_keys_by_id(void **state)
{
    struct profile_sample none = {0}, two = {.most = 2};

    (void)state;
    assert_false(profile_sample_wants(&none, 0));
    add_row(&none, 0, "");
    profile_sample_settle(&none);
    assert_int_equal(none.n, 0);
    add_row(&two, 5, "c");
    add_row(&two, 5, "b");
    add_row(&two, 5, "d");
    add_row(&two, 5, "a");
    profile_sample_settle(&two);
    assert_string_equal(two.row[0].id, "a");
    assert_string_equal(two.row[1].id, "b");
    release_rows(&none);
    release_rows(&two);
}

/* ---- items ---- */

static void items__by_check_and_subject(void **state)
{
    struct profile p = {.accuracy = .01, .seed = 3};
    char name[40];

    (void)state;
    assert_null(profile_find(&p, "number", "a"));
    for (size_t i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "%zu", i);
        profile_item(&p, "missing", name, PROFILE_COUNTS);
        profile_item(&p, "number", name, PROFILE_NUMBERS);
    }
    assert_int_equal(p.n_items, 200);
    assert_ptr_equal(profile_item(&p, "number", "50", PROFILE_NUMBERS),
                     profile_find(&p, "number", "50"));
    assert_int_equal(p.n_items, 200);
    assert_string_equal(profile_find(&p, "missing", "7")->subject, "7");
    assert_true(quantiles_accuracy(profile_find(&p, "number", "7")->numbers) ==
                .01);
    assert_null(profile_find(&p, "number", ""));
    assert_null(profile_find(&p, "", "number"));
    profile_release(&p);
    profile_release(&p);
}

/* ---- numbers ---- */

static void numbers__the_shortest_that_is_the_same_float(void **state)
{
    static const double shift[] = {0, 3.14159, -1e4 / 3, 1e-3, 1e9 + .1};
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 1);
    for (size_t s = 0; s < 5; s++)
        for (int i = 0; i < 2000; i++) {
            double v = rng_normal(&rng) * pow(10, (double)rng_below(&rng, 9));
            float x = (float)(v - shift[s]);
            double short_one = num_round(v, 3),
                   got = profile_number(x, shift[s]);
            char text[NUM_SIZE];
            assert_true((float)(got - shift[s]) == x);
            num_format(text, got);
            assert_true(strtod(text, NULL) == got);
            x = (float)(short_one - shift[s]);
            if (fabs(short_one) > 1e3 * fabs(shift[s]) * 0x1p-24 &&
                fabs((double)x) < 1e3 * fabs(short_one))
                assert_true(profile_number(x, shift[s]) == short_one);
        }
}

static void numbers__at_the_ends(void **state)
{
    static const float x[] = {0,         1,         -1,     FLT_MAX, -FLT_MAX,
                              1e-30f,    1.4e-45f,  1e30f,  .1f,     16777216,
                              3.4e-38f,  1e22f,     1e-22f, .3f,     1e10f,
                              0x1p-126f, 0x1.8p127f};

    (void)state;
    for (size_t i = 0; i < sizeof(x) / sizeof(*x); i++)
        assert_true((float)profile_number(x[i], 0) == x[i]);
    assert_true(profile_number(.1f, 0) == .1);
    assert_true(profile_number(1e-30f, 0) == 1e-30);
    assert_true(profile_number(-0.f, 0) == 0);
    assert_true(profile_number(0, 12.5) == 12.5);
    assert_true(profile_number((float)(1950 - 1912.25), 1912.25) == 1950);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels__names_until_there_are_too_many),
        cmocka_unit_test(levels__merged_in_any_order),
        cmocka_unit_test(levels__aligned_by_name_or_by_hash),
        cmocka_unit_test(words__none_one_or_more),
        cmocka_unit_test(sample__the_smallest_keys),
        cmocka_unit_test(sample__equal_keys_by_id),
        cmocka_unit_test(items__by_check_and_subject),
        cmocka_unit_test(numbers__the_shortest_that_is_the_same_float),
        cmocka_unit_test(numbers__at_the_ends),
    };

    return cmocka_run_group_tests_name("profile", tests, NULL, scratch_remove);
}
