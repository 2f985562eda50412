#include "stream/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile_rows.h"

#include "base/rng.h"

enum { ROWS = 20000, PARTS = 10 };

/* ---- parts of ROWS rows, of different sizes ---- */

static size_t cut(size_t part)
{
    return part * part * ROWS / (PARTS * PARTS);
}

/* shifts: each part is read with one of its own. */
static struct profile merged(const size_t order[PARTS], double accuracy,
                             bool shifts, struct buf *notes)
{
    struct profile sum = {0};
    struct err err;

    for (size_t k = 0; k < PARTS; k++) {
        size_t i = order[k];
        struct profile part = rows_profile(cut(i), cut(i + 1), accuracy,
                                           shifts ? 4 + (double)i / 7 : 5);
        assert_int_equal(profile_merge(&sum, &part, notes, &err), 0);
        profile_release(&part);
    }
    return sum;
}

static struct distribution number_of_rows(const struct profile *p)
{
    return quantiles_view(profile_find(p, "number", ROWS_NUMBER)->numbers);
}

static double largest_difference(const struct distribution *a,
                                 const struct distribution *b)
{
    double below_a = 0, below_b = 0, most = 0;
    size_t i = 0, k = 0;

    while (i < a->n || k < b->n) {
        float x = k == b->n || (i < a->n && a->x[i] < b->x[k]) ? a->x[i]
                                                               : b->x[k];
        for (; i < a->n && a->x[i] <= x; i++)
            below_a += a->weight ? a->weight[i] : 1;
        for (; k < b->n && b->x[k] <= x; k++)
            below_b += b->weight ? b->weight[k] : 1;
        most = fmax(most, fabs(below_a / a->total - below_b / b->total));
    }
    return most;
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * (1 + fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

static void assert_same_features(const struct feature_sums *a,
                                 const struct feature_sums *b)
{
    assert_true(a->n == b->n);
    for (size_t i = 0; i < MEAN_FEATURES; i++)
        assert_near(a->sum[i], b->sum[i]);
    for (size_t i = 0; i < MEAN_FEATURES * (MEAN_FEATURES + 1) / 2; i++)
        assert_near(a->product[i], b->product[i]);
}

static void assert_same_sample(const struct profile *a, const struct profile *b)
{
    assert_int_equal(a->sample.n, b->sample.n);
    for (size_t i = 0; i < a->sample.n; i++) {
        assert_true(a->sample.row[i].key == b->sample.row[i].key);
        assert_string_equal(a->sample.row[i].cells[0],
                            b->sample.row[i].cells[0]);
    }
}

/* All but the numbers, which are told apart from by their ranks. */
static void assert_whole(const struct profile *sum, const struct profile *whole)
{
    struct distribution a = number_of_rows(sum), b = number_of_rows(whole);
    double *x, *y;
    const char **names;
    size_t n;

    assert_true(sum->rows == whole->rows);
    assert_true(a.moments.n == b.moments.n);
    assert_near(a.moments.mean + sum->columns[0].shift,
                b.moments.mean + whole->columns[0].shift);
    if (!(fabs(a.moments.m2 / b.moments.m2 - 1) < 1e-6))
        fail_msg("m2: %g, %g", a.moments.m2, b.moments.m2);
    assert_true(largest_difference(&a, &b) <= a.rank_error + b.rank_error);
    n = level_counts_align(&profile_find(sum, "category", ROWS_LEVEL)->levels,
                           &profile_find(whole, "category", ROWS_LEVEL)->levels,
                           &x, &y, &names);
    assert_memory_equal(x, y, n * sizeof(*x));
    free(x);
    free(y);
    free(names);
    assert_memory_equal(profile_find(sum, "words", "")->words.rows,
                        profile_find(whole, "words", "")->words.rows,
                        PROFILE_WORDS);
    assert_same_sample(sum, whole);
}

static void shuffled(struct rng *rng, size_t order[PARTS])
{
    for (size_t i = 0; i < PARTS; i++)
        order[i] = i;
    rng_shuffle(rng, order, PARTS);
}

static void merge__ten_parts_are_the_whole(void **state)
{
    static const double accuracy[] = {0, .01, .001};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    for (size_t k = 0; k < 3; k++) {
        struct profile whole = rows_profile(0, ROWS, accuracy[k], 5);
        for (int turn = 0; turn < 3; turn++) {
            struct buf notes = {0};
            struct profile sum;
            size_t order[PARTS];
            shuffled(&rng, order);
            sum = merged(order, accuracy[k], false, &notes);
            assert_int_equal(notes.len, 0);
            assert_whole(&sum, &whole);
            assert_same_features(&sum.features, &whole.features);
            profile_release(&sum);
        }
        profile_release(&whole);
    }
}

/* Numbers that were equal are equal, whatever was subtracted from them. */
static void merge__parts_with_shifts_of_their_own(void **state)
{
    struct rng rng;
    struct buf notes = {0};
    struct profile whole, sum;
    struct distribution a, b;
    size_t order[PARTS];

    (void)state;
    rng_init(&rng, 2, 1);
    shuffled(&rng, order);
    sum = merged(order, 0, true, &notes);
    whole = rows_profile(0, ROWS, 0, sum.columns[0].shift);
    assert_whole(&sum, &whole);
    a = number_of_rows(&sum);
    b = number_of_rows(&whole);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.x, b.x, a.n * sizeof(*a.x));
    assert_true(a.low == b.low && a.high == b.high);
    assert_true(sum.features.n == 0);
    assert_non_null(strstr(notes.data,
                           "column 'x, \"the\" number' has another "
                           "scale than in the profile before it: "));
    profile_release(&whole);
    profile_release(&sum);
    buf_release(&notes);
    sum = merged(order, .01, true, &notes);
    whole = rows_profile(0, ROWS, .01, sum.columns[0].shift);
    assert_whole(&sum, &whole);
    profile_release(&whole);
    profile_release(&sum);
    buf_release(&notes);
}

/* A part with other scales spoils the features for good. */
static void merge__scales_differ(void **state)
{
    struct profile a = rows_profile(0, 100, .01, 5),
                   b = rows_profile(100, 200, .01, 5),
                   c = rows_profile(200, 300, .01, 5);
    struct buf notes = {0};
    struct err err;

    (void)state;
    b.columns[0].scale *= 2;
    assert_int_equal(profile_merge(&a, &b, &notes, &err), 0);
    assert_true(a.features.n == 0 && a.features.sum[3] == 0);
    assert_true(notes.len > 0);
    buf_clear(&notes);
    assert_int_equal(profile_merge(&a, &c, &notes, &err), 0);
    assert_true(a.features.n == 0 && a.rows == 300);
    assert_int_equal(notes.len, 0); /* it has been said */
    profile_release(&a);
    profile_release(&b);
    profile_release(&c);
    buf_release(&notes);
}

/* As it would have been read with that shift, and back to the same bytes. */
static void rebase__there_and_back(void **state)
{
    struct profile p = rows_profile(0, 3000, 0, 0),
                   like = rows_profile(0, 3000, 0, 4.3125);
    struct buf before = rows_stream(&p), after;
    struct distribution a, b;

    (void)state;
    profile_rebase(&p, &like);
    a = number_of_rows(&p);
    b = number_of_rows(&like);
    assert_true(p.columns[0].shift == 4.3125);
    assert_true(p.columns[0].centre == .5 - 4.3125);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.x, b.x, a.n * sizeof(*a.x));
    assert_near(a.moments.mean, b.moments.mean);
    like.columns[0].shift = 0;
    profile_rebase(&p, &like);
    after = rows_stream(&p);
    assert_string_equal(before.data, after.data);
    profile_rebase(&p, &p);
    profile_release(&p);
    profile_release(&like);
    buf_release(&before);
    buf_release(&after);
}

/* ---- what does not go together ---- */

static void make_other(struct profile *p, int way)
{
    switch (way) {
    case 0:
        p->seed = 7;
        break;
    case 1:
        list_add(&p->missing_words, "NA");
        break;
    case 2:
        p->classes.items[1][0] = 'q';
        break;
    case 3:
        p->columns[0].type[0] = 't';
        break;
    case 4:
        p->columns[1].role[0] = 'x';
        break;
    case 5:
        p->columns[1].width = 3;
        break;
    case 6:
        p->columns[2].name[0] = '\0';
        p->n_columns--;
        break;
    case 7:
        profile_item(p, "label", "", PROFILE_NUMBERS);
        break;
    default:
        break;
    }
}

static void merge__what_differs(void **state)
{
    static const char *const message[] = {
        "another seed than the profile before it: 7, not "
        "18446744073709551615",
        "3 missing words, but 2 in the profile before it",
        "another class than the profile before it: 'qrint', not 'print'",
        "column 'x, \"the\" number' has type 'tumber', but 'number' in the "
        "profile before it (--like makes them alike)",
        "column 'k\xc3\xa9y\\nof two lines' has role 'xeature', but 'feature' "
        "in the profile before it",
        "column 'k\xc3\xa9y\\nof two lines' has 3 values a step, but 0 in the "
        "profile before it",
        "2 columns, but 3 in the profile before it",
        "'label' of '' is of another kind than in the profile before it"};
    struct buf notes = {0};

    (void)state;
    for (int way = 0; way < 8; way++) {
        struct profile a = rows_profile(0, 50, .01, 0),
                       b = rows_profile(50, 90, .01, 0);
        struct err err = {0};
        struct buf before, after;
        profile_item(&a, "label", "", PROFILE_COUNTS);
        make_other(&b, way);
        before = rows_stream(&a);
        assert_int_equal(profile_merge(&a, &b, &notes, &err), -1);
        assert_string_equal(err.message, message[way]);
        assert_int_equal(err.kind, ERR_DATA);
        after = rows_stream(&a);
        assert_string_equal(before.data, after.data);
        if (way == 6) {
            free(b.columns[2].name);
            free(b.columns[2].type);
            free(b.columns[2].role);
        }
        profile_release(&a);
        b.sample.columns = 3;
        profile_release(&b);
        buf_release(&before);
        buf_release(&after);
    }
}

static void merge__samples_of_two_sizes(void **state)
{
    struct profile a = rows_profile(0, 100, .01, 0),
                   b = rows_profile(100, 200, .01, 0),
                   whole = rows_profile(0, 200, .01, 0), other = {0};
    struct buf notes = {0};
    struct err err;

    (void)state;
    while (b.sample.n > 7)
        profile_row_release(&b.sample.row[--b.sample.n], 3);
    b.sample.most = 7;
    assert_int_equal(profile_merge(&other, &b, &notes, &err), 0);
    assert_int_equal(profile_merge(&other, &a, &notes, &err), 0);
    assert_int_equal(profile_merge(&a, &b, &notes, &err), 0);
    assert_int_equal(a.sample.n, 7);
    assert_same_sample(&a, &other);
    for (size_t i = 0; i < 7; i++)
        assert_true(a.sample.row[i].key == whole.sample.row[i].key);
    profile_release(&a);
    profile_release(&b);
    profile_release(&whole);
    profile_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge__ten_parts_are_the_whole),
        cmocka_unit_test(merge__parts_with_shifts_of_their_own),
        cmocka_unit_test(merge__scales_differ),
        cmocka_unit_test(rebase__there_and_back),
        cmocka_unit_test(merge__what_differs),
        cmocka_unit_test(merge__samples_of_two_sizes),
    };

    return cmocka_run_group_tests_name("profile_merge", tests, NULL,
                                       scratch_remove);
}
