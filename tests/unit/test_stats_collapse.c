#include "stats/collapse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/mem.h"
#include "base/rng.h"

static const char plans[] = TEST_DATA "/slices/plans.txt";

static size_t *identity(size_t n)
{
    size_t *place = mem_alloc(n, sizeof(*place));

    for (size_t i = 0; i < n; i++)
        place[i] = i;
    return place;
}

/* The next matrix of plans.txt; false at the end. */
static int next_matrix(FILE *file, struct confusion *c)
{
    size_t n;

    if (fscanf(file, "%zu", &n) != 1)
        return 0;
    confusion_init(c, n);
    for (size_t i = 0; i < n * n; i++)
        assert_int_equal(fscanf(file, "%lf", &c->count[i]), 1);
    return 1;
}

static void expect_merge(FILE *file, const struct merge *m)
{
    double before, after, bits;
    size_t class, into;

    assert_int_equal(fscanf(file, "%zu %zu %lf %lf %lf", &class, &into, &before,
                            &after, &bits),
                     5);
    assert_int_equal(m->class, class);
    assert_int_equal(m->into, into);
    assert_near(m->errors_before, before, 0);
    assert_near(m->errors_after, after, 0);
    assert_near(m->bits_lost, bits, 1e-12);
}

static void expect_plan(FILE *file, const struct confusion *c,
                        enum collapse_by by)
{
    size_t *place = identity(c->n_classes), n;
    struct merge *plan = mem_alloc(c->n_classes, sizeof(*plan));

    assert_int_equal(fscanf(file, "%zu", &n), 1);
    assert_int_equal(collapse_plan(c, place, by, plan), n);
    for (size_t i = 0; i < n; i++)
        expect_merge(file, &plan[i]);
    free(plan);
    free(place);
}

/* Every step against all pairs tried on relabelled rows. */
static void collapse_plan__as_all_pairs_tried(void **state)
{
    FILE *file = fixture_open(plans);
    struct confusion c;
    int matrices = 0;

    (void)state;
    for (; next_matrix(file, &c); matrices++) {
        expect_plan(file, &c, COLLAPSE_BY_ERROR);
        expect_plan(file, &c, COLLAPSE_BY_BITS);
        confusion_release(&c);
    }
    fclose(file);
    assert_int_equal(matrices, 8);
}

static void random_matrix(struct confusion *c, size_t n, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 0);
    confusion_init(c, n);
    for (size_t i = 0; i < n * n; i++)
        if (rng_uniform(&rng) < .4)
            c->count[i] = (double)rng_below(&rng, 4);
}

/* The matrix with every class under the name that it has in the end. */
static void merged(const struct confusion *c, const size_t *name,
                   struct confusion *to)
{
    confusion_init(to, c->n_classes);
    for (size_t a = 0; a < c->n_classes; a++)
        for (size_t b = 0; b < c->n_classes; b++)
            confusion_add(to, name[a], name[b], c->count[a * c->n_classes + b]);
}

static void check_step(const struct confusion *c, const size_t *name,
                       const struct merge *m)
{
    struct confusion after;

    merged(c, name, &after);
    assert_near(m->errors_after,
                confusion_error(&after) * confusion_total(&after), 1e-9);
    assert_near(m->bits_lost, collapse_bits(c) - collapse_bits(&after), 1e-9);
    confusion_release(&after);
}

/* After any number of merges: the error of the merged matrix itself. */
static void collapse_plan__error_of_merged_rows(void **state)
{
    struct confusion c;
    struct merge plan[30];

    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        size_t *name = identity(30), *place = identity(30), n;
        random_matrix(&c, 30, seed);
        n = collapse_plan(
            &c, place, seed % 2 ? COLLAPSE_BY_ERROR : COLLAPSE_BY_BITS, plan);
        assert_int_equal(n, 28);
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < 30; k++)
                if (name[k] == plan[i].class)
                    name[k] = plan[i].into;
            check_step(&c, name, &plan[i]);
            assert_true(plan[i].errors_after < plan[i].errors_before);
        }
        free(name);
        free(place);
        confusion_release(&c);
    }
}

/* Not the number of a class but its place decides ties. */
static void collapse_plan__ties_by_name(void **state)
{
    static const double count[] = {5, 1, 0, 1, 5, 1, 0, 1, 5};
    static const size_t forth[] = {0, 1, 2}, back[] = {2, 1, 0};
    struct merge plan[3];
    struct confusion c;

    (void)state;
    confusion_init(&c, 3);
    memcpy(c.count, count, sizeof(count));
    c.count[4] = 4; /* as many rows in each class */
    assert_int_equal(collapse_plan(&c, forth, COLLAPSE_BY_ERROR, plan), 1);
    assert_int_equal(plan[0].class, 1);
    assert_int_equal(plan[0].into, 0);
    assert_int_equal(collapse_plan(&c, back, COLLAPSE_BY_ERROR, plan), 1);
    assert_int_equal(plan[0].class, 1);
    assert_int_equal(plan[0].into, 2);
    confusion_release(&c);
}

static void collapse__nothing_there(void **state)
{
    struct confusion c;
    struct merge plan[4];
    size_t place[] = {0, 1, 2, 3};

    (void)state;
    confusion_init(&c, 0);
    assert_int_equal(collapse_plan(&c, place, COLLAPSE_BY_ERROR, plan), 0);
    assert_near(collapse_bits(&c), 0, 0);
    confusion_release(&c);
    confusion_init(&c, 4); /* room for more classes than occur */
    confusion_add(&c, 1, 2, 3);
    assert_int_equal(collapse_plan(&c, place, COLLAPSE_BY_ERROR, plan), 0);
    assert_near(collapse_bits(&c), 0, 0);
    confusion_add(&c, 3, 3, 3);
    assert_near(collapse_bits(&c), 1, 1e-15);
    assert_int_equal(collapse_plan(&c, place, COLLAPSE_BY_ERROR, plan), 1);
    assert_int_equal(plan[0].class, 2); /* it has no row of its own */
    assert_int_equal(plan[0].into, 1);
    assert_near(plan[0].bits_lost, 0, 0);
    confusion_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collapse_plan__as_all_pairs_tried),
        cmocka_unit_test(collapse_plan__error_of_merged_rows),
        cmocka_unit_test(collapse_plan__ties_by_name),
        cmocka_unit_test(collapse__nothing_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
