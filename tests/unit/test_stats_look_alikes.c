/* Sets that are alike: against comparing all with all. */
#include "stats/look_alikes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stats/minhash.h"

enum { SETS = 120, MOST = 30 };

struct set {
    uint64_t kind, element[MOST];
    size_t n;
};

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* A set of its own, or one before it with some elements exchanged. */
static void draw_set(struct rng *rng, struct set *sets, size_t i)
{
    struct set *s = &sets[i];
    size_t n = 0;

    if (i && rng_below(rng, 3)) {
        *s = sets[rng_below(rng, i)];
        for (size_t k = rng_below(rng, 6); k; k--)
            s->element[rng_below(rng, s->n)] = rng_below(rng, 400);
        if (rng_below(rng, 8) == 0)
            s->kind ^= 1;
    } else {
        s->n = 1 + rng_below(rng, MOST);
        s->kind = rng_below(rng, 2);
        for (size_t k = 0; k < s->n; k++)
            s->element[k] = rng_below(rng, 400);
    }
    qsort(s->element, s->n, sizeof(*s->element), by_value);
    for (size_t k = 0; k < s->n; k++)
        if (k == 0 || s->element[k] != s->element[n - 1])
            s->element[n++] = s->element[k];
    s->n = n;
}

static bool is_among(const uint32_t *found, size_t n, size_t set)
{
    for (size_t i = 0; i < n; i++)
        if (found[i] == set)
            return true;
    return false;
}

/* Returns how many pairs are alike. */
static size_t compare(const struct set *sets, double similarity)
{
    struct look_alikes alikes = {0};
    size_t pairs = 0;

    for (size_t i = 0; i < SETS; i += 2)
        look_alikes_add(&alikes, sets[i].kind, sets[i].element, sets[i].n);
    look_alikes_index(&alikes, similarity);
    for (size_t i = 0; i < SETS; i++) {
        const struct set *s = &sets[i];
        const uint32_t *found;
        size_t n = look_alikes_find(&alikes, s->kind, s->element, s->n, &found);
        size_t wanted = 0;
        for (size_t k = 0; k < SETS; k += 2) {
            const struct set *t = &sets[k];
            if (s->kind != t->kind ||
                minhash_jaccard(s->element, s->n, t->element, t->n) <
                    similarity)
                continue;
            assert_true(is_among(found, n, k / 2));
            wanted++;
        }
        assert_int_equal(n, wanted);
        pairs += n;
    }
    look_alikes_release(&alikes);
    return pairs;
}

static void look_alikes_find__as_all_pairs(void **state)
{
    static const double similarity[] = {.3, .5, .75, .8, 1};
    static struct set sets[SETS];
    struct rng rng;

    (void)state;
    rng_init(&rng, 17, 1);
    for (int run = 0; run < 20; run++) {
        size_t before = SIZE_MAX;
        for (size_t i = 0; i < SETS; i++)
            draw_set(&rng, sets, i);
        for (size_t k = 0; k < 5; k++) {
            size_t pairs = compare(sets, similarity[k]);
            assert_true(pairs >= SETS / 2 && pairs <= before);
            before = pairs;
        }
    }
}

/* 4 of 5 is .8 exactly, and counts. */
static void look_alikes_find__at_the_threshold(void **state)
{
    uint64_t five[] = {1, 2, 3, 4, 5}, four[] = {1, 2, 3, 5};
    struct look_alikes alikes = {0};
    const uint32_t *found;

    (void)state;
    look_alikes_add(&alikes, 7, five, 5);
    look_alikes_index(&alikes, .8);
    assert_int_equal(look_alikes_find(&alikes, 7, four, 4, &found), 1);
    assert_int_equal(found[0], 0);
    assert_int_equal(look_alikes_find(&alikes, 8, four, 4, &found), 0);
    assert_int_equal(look_alikes_find(&alikes, 7, four, 3, &found), 0);
    look_alikes_release(&alikes);
}

static void look_alikes_find__none_added(void **state)
{
    struct look_alikes alikes = {0};
    const uint32_t *found;
    uint64_t set[] = {1};

    (void)state;
    look_alikes_index(&alikes, .8);
    assert_int_equal(look_alikes_find(&alikes, 0, set, 1, &found), 0);
    look_alikes_release(&alikes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_alikes_find__as_all_pairs),
        cmocka_unit_test(look_alikes_find__at_the_threshold),
        cmocka_unit_test(look_alikes_find__none_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
