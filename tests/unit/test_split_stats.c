/* What `assay split` stands on in lib/stats, against searches of everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/rng.h"
#include "stats/apportion.h"
#include "stats/disjoint_sets.h"
#include "stats/group_apportion.h"
#include "stats/minhash.h"

enum { MOST_GROUPS = 400, MOST_CELLS = 4 * MOST_GROUPS };

/* ---- nested apportionment ---- */

/* The plainest reading: ranks as doubles, one row after the other. */
static void webster_plain(size_t n, const size_t *stratum_n, size_t strata,
                          size_t *count)
{
    for (size_t i = 0; i < strata; i++)
        count[i] = 0;
    for (; n > 0; n--) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < strata; i++)
            if (count[i] < stratum_n[i] &&
                (best == SIZE_MAX || (2 * count[i] + 1) * stratum_n[best] <
                                         (2 * count[best] + 1) * stratum_n[i]))
                best = i;
        count[best]++;
    }
}

static void nested__is_webster_and_nested(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 1);
    for (int round = 0; round < 60; round++) {
        size_t strata = 1 + rng_below(&rng, 7), total = 0;
        size_t n[7], count[7], plain[7], before[7] = {0};
        for (size_t i = 0; i < strata; i++)
            total += n[i] = rng_below(&rng, round % 2 ? 200 : 9);
        for (size_t size = 0; size <= total; size++) {
            size_t sum = 0;
            apportion_nested(size, n, strata, count);
            webster_plain(size, n, strata, plain);
            for (size_t i = 0; i < strata; i++) {
                double quota = total ? (double)(size * n[i]) / (double)total
                                     : 0;
                assert_int_equal(count[i], plain[i]);
                assert_true(count[i] >= before[i]);
                assert_true(fabs((double)count[i] - quota) < 2);
                before[i] = count[i];
                sum += count[i];
            }
            assert_int_equal(sum, size);
        }
    }
}

static void nested__many_strata(void **state)
{
    enum { STRATA = 5000 };
    size_t *n = calloc(STRATA, sizeof *n), *count = calloc(STRATA, sizeof *n);
    size_t *less = calloc(STRATA, sizeof *n), total = 0;

    (void)state;
    for (size_t i = 0; i < STRATA; i++)
        total += n[i] = i == 7 ? 1000000 : i % 5;
    apportion_nested(total / 3, n, STRATA, less);
    apportion_nested(total / 3 + 1, n, STRATA, count);
    for (size_t i = 0; i < STRATA; i++)
        assert_in_range(count[i], less[i], less[i] + 1);
    apportion_nested(total, n, STRATA, count);
    assert_memory_equal(count, n, STRATA * sizeof *n);
    free(n);
    free(count);
    free(less);
}

/* ---- groups ---- */

struct made_groups {
    struct group_counts counts;
    size_t start[MOST_GROUPS + 1];
    uint32_t class[MOST_CELLS], count[MOST_CELLS];
};

static void make_groups(struct made_groups *m, struct rng *rng, size_t n,
                        size_t classes, uint64_t most)
{
    size_t cells = 0;

    for (size_t g = 0; g < n; g++) {
        m->start[g] = cells;
        for (size_t c = 0; c < classes; c++)
            if (rng_below(rng, 2) ||
                (c + 1 == classes && cells == m->start[g])) {
                m->class[cells] = (uint32_t)c;
                m->count[cells++] = (uint32_t)(1 + rng_below(rng, most));
            }
    }
    m->start[n] = cells;
    m->counts = (struct group_counts){n, classes, m->start, m->class, m->count};
}

static double best_of_all(const struct group_counts *g, const double *share,
                          size_t parts)
{
    uint32_t part[16] = {0};
    double least = INFINITY;

    for (;;) {
        size_t i = 0;
        least = fmin(least, group_objective(g, share, parts, part));
        while (i < g->n && ++part[i] == parts)
            part[i++] = 0;
        if (i == g->n)
            return least;
    }
}

static void groups__as_good_as_trying_all(void **state)
{
    static const double shares[2][3] = {{.8, .1, .1}, {.5, .3, .2}};
    struct made_groups made;
    struct rng rng;
    size_t best = 0;

    (void)state;
    rng_init(&rng, 3, 1);
    for (int round = 0; round < 200; round++) {
        uint32_t part[16];
        size_t n = 2 + rng_below(&rng, 7), parts = 2 + rng_below(&rng, 2);
        const double *share = shares[round % 2];
        double got, least;
        make_groups(&made, &rng, n, 1 + rng_below(&rng, 4), 9);
        for (size_t g = 0; g < n; g++)
            part[g] = GROUP_FREE;
        group_apportion(&made.counts, share, parts, 1, part);
        got = group_objective(&made.counts, share, parts, part);
        least = best_of_all(&made.counts, share, parts);
        assert_true(got <= least * 1.1 + 1e-9);
        best += got <= least + 1e-9;
    }
    assert_in_range(best, 198, 200);
}

static void groups__objective_is_chi_square(void **state)
{
    /* Two groups, (3, 1) and (1, 2), one to each half: N = (4, 3), 7. */
    static const size_t start[] = {0, 2, 4};
    static const uint32_t class[] = {0, 1, 0, 1}, count[] = {3, 1, 1, 2};
    static const double half[] = {2, 2};
    const struct group_counts g = {2, 2, start, class, count};
    const uint32_t part[] = {0, 1};
    struct group_imbalance worst = group_imbalance(&g, 2, part);

    (void)state;
    assert_near(group_objective(&g, half, 2, part),
                2 * (1 / 2.) + 2 * (.25 / 1.5) + 2 * 2 * (.25 / 3.5), 1e-12);
    assert_near(worst.difference, 4. / 7 - 1. / 3, 1e-12);
    assert_int_equal(worst.part, 1);
    assert_int_equal(worst.class, 0);
}

static void groups__fixed_ones_stay(void **state)
{
    static const double half[] = {.5, .5};
    struct made_groups made;
    struct rng rng;
    uint32_t part[100];

    (void)state;
    rng_init(&rng, 8, 1);
    make_groups(&made, &rng, 100, 3, 5);
    for (size_t g = 0; g < 100; g++)
        part[g] = g < 30 ? 0 : g < 40 ? 7 : GROUP_FREE;
    group_apportion(&made.counts, half, 2, 1, part);
    for (size_t g = 0; g < 100; g++) {
        if (g < 40)
            assert_int_equal(part[g], g < 30 ? 0 : 7);
        else
            assert_in_range(part[g], 0, 1);
    }
    /* Those of part 7 are no rows: the other 90 are halved. */
    assert_true(group_imbalance(&made.counts, 2, part).difference < .01);
}

static void groups__seeds_and_nothing(void **state)
{
    static const double share[] = {.8, .1, .1};
    static const size_t none[] = {0};
    const struct group_counts empty = {0, 1, none, NULL, NULL};
    struct made_groups made;
    struct rng rng;
    uint32_t one[MOST_GROUPS], two[MOST_GROUPS], again[MOST_GROUPS];

    (void)state;
    group_apportion(&empty, share, 3, 1, NULL);
    assert_true(group_imbalance(&empty, 3, NULL).difference == 0);
    rng_init(&rng, 9, 1);
    make_groups(&made, &rng, MOST_GROUPS, 3, 2);
    for (size_t g = 0; g < MOST_GROUPS; g++)
        one[g] = two[g] = again[g] = GROUP_FREE;
    group_apportion(&made.counts, share, 3, 1, one);
    group_apportion(&made.counts, share, 3, 1, again);
    group_apportion(&made.counts, share, 3, 2, two);
    assert_memory_equal(one, again, sizeof one);
    assert_memory_not_equal(one, two, sizeof one);
}

/*
 * groups.txt: a line `case CASE parts PARTS classes CLASSES groups N folds X`,
 * X being the largest difference of a class's share that
 * StratifiedGroupKFold left, then N lines of CLASSES counts.  Improvement after
 * the first assignment, which is about theirs, leaves a fraction of that.
 */
static void read_groups(FILE *file, size_t n, size_t classes,
                        struct made_groups *m)
{
    size_t cells = 0;

    for (size_t g = 0; g < n; g++) {
        m->start[g] = cells;
        for (size_t c = 0; c < classes; c++) {
            unsigned k;
            assert_int_equal(fscanf(file, "%u", &k), 1);
            if (k == 0)
                continue;
            m->class[cells] = (uint32_t)c;
            m->count[cells++] = k;
        }
    }
    m->start[n] = cells;
    m->counts = (struct group_counts){n, classes, m->start, m->class, m->count};
}

static void groups__beside_scikit_learn(void **state)
{
    static const double share[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    FILE *file = fixture_open(TEST_DATA "/split/groups.txt");
    struct made_groups made;
    char name[50];
    size_t parts, classes, n, cases = 0;
    double folds;

    (void)state;
    while (fscanf(file, " case %49s parts %zu classes %zu groups %zu folds %lf",
                  name, &parts, &classes, &n, &folds) == 5) {
        uint32_t part[MOST_GROUPS];
        double got;
        assert_in_range(n, 1, MOST_GROUPS);
        read_groups(file, n, classes, &made);
        for (size_t g = 0; g < n; g++)
            part[g] = GROUP_FREE;
        group_apportion(&made.counts, share, parts, 1, part);
        got = group_imbalance(&made.counts, parts, part).difference;
        if (got > folds / 5)
            fail_msg("%s: %g, scikit-learn %g", name, got, folds);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 6);
}

/* ---- disjoint sets ---- */

static void sets__as_plain_relabelling(void **state)
{
    enum { N = 60 };
    struct disjoint_sets sets = {0};
    uint32_t label[N];
    struct rng rng;

    (void)state;
    rng_init(&rng, 4, 1);
    disjoint_sets_grow(&sets, N / 2);
    disjoint_sets_grow(&sets, N);
    for (uint32_t i = 0; i < N; i++)
        label[i] = i;
    for (int joins = 0; joins < N; joins++) {
        uint32_t a = (uint32_t)rng_below(&rng, N);
        uint32_t b = (uint32_t)rng_below(&rng, N), from, to;
        from = label[a] > label[b] ? label[a] : label[b];
        to = label[a] + label[b] - from;
        disjoint_sets_join(&sets, a, b);
        for (uint32_t i = 0; i < N; i++)
            label[i] = label[i] == from ? to : label[i];
        for (uint32_t i = 0; i < N; i++)
            assert_int_equal(disjoint_sets_find(&sets, i), label[i]);
    }
    disjoint_sets_release(&sets);
}

/* ---- MinHash ---- */

static void minhash__shapes(void **state)
{
    (void)state;
    for (double j = .1; j < 1; j += .05) {
        struct minhash shape = minhash_for(j);
        assert_in_range(shape.bands * shape.rows, 100, MINHASH_VALUES);
        if (j > .2)
            assert_true(minhash_chance(shape, j) > .999);
    }
    assert_int_equal(minhash_for(.8).rows, 5);
    assert_near(minhash_chance((struct minhash){2, 1, 1}, .5), .75, 1e-12);
    assert_near(minhash_chance((struct minhash){3, 1, 2}, .5), .5, 1e-12);
    assert_near(minhash_chance((struct minhash){9, 2, 9}, 1), 1, 0);
}

static void minhash__jaccard(void **state)
{
    static const uint64_t a[] = {1, 3, 5, 7}, b[] = {3, 4, 5, 9, 11};

    (void)state;
    assert_near(minhash_jaccard(a, 4, b, 5), 2. / 7, 1e-12);
    assert_near(minhash_jaccard(a, 4, a, 4), 1, 0);
    assert_near(minhash_jaccard(a, 4, b, 0), 0, 0);
    assert_near(minhash_jaccard(a, 0, b, 0), 1, 0);
}

/* Pairs of sets with J = .5: bands of one value agree about half the time. */
static void minhash__bands_agree_as_often_as_sets(void **state)
{
    const struct minhash shape = {128, 1, 1};
    uint64_t set[60];
    uint32_t a[128], b[128], other[128];
    size_t equal = 0, order = 0, keys = 0;

    (void)state;
    for (uint64_t round = 0; round < 100; round++) {
        for (uint64_t i = 0; i < 60; i++)
            set[i] = hash_finish(round * 60 + i + 1);
        minhash_bands(shape, set, 45, 0, a);
        minhash_bands(shape, set + 15, 45, 0, b);
        for (size_t i = 0; i < 128; i++)
            equal += a[i] == b[i];
        minhash_bands(shape, set, 45, 1, b);
        set[0] = hash_finish(round * 60 + 45);
        set[44] = hash_finish(round * 60 + 1);
        minhash_bands(shape, set, 45, 0, other);
        for (size_t i = 0; i < 128; i++) {
            order += a[i] == other[i];
            keys += a[i] == b[i];
        }
    }
    assert_between((double)equal / 12800, .48, .52);
    assert_int_equal(order, 12800);
    assert_int_equal(keys, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested__is_webster_and_nested),
        cmocka_unit_test(nested__many_strata),
        cmocka_unit_test(groups__as_good_as_trying_all),
        cmocka_unit_test(groups__objective_is_chi_square),
        cmocka_unit_test(groups__fixed_ones_stay),
        cmocka_unit_test(groups__seeds_and_nothing),
        cmocka_unit_test(groups__beside_scikit_learn),
        cmocka_unit_test(sets__as_plain_relabelling),
        cmocka_unit_test(minhash__shapes),
        cmocka_unit_test(minhash__jaccard),
        cmocka_unit_test(minhash__bands_agree_as_often_as_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
