#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "search/search_sampler.h"

#define BRANIN_SPACE "x=-5..10 y=0..15"
#define MIXED_SPACE                                               \
    "kind=a,b,c rate=log:1e-5..1 width=int-log:16..512 "          \
    "layers=int:1..3 momentum=0..1 if kind=b mode=p,q if kind=c " \
    "one=only"

static const double BRANIN_LEAST = .397887;

static double branin(const double *v)
{
    double x = v[0], y = v[1],
           bend = y - 5.1 / (4 * M_PI * M_PI) * x * x + 5 / M_PI * x - 6;

    return bend * bend + 10 * (1 - 1 / (8 * M_PI)) * cos(x) + 10;
}

/* Least, 0, with kind b, rate .01, width 100, 2 layers, momentum .7. */
static double mixed(const double *v)
{
    static const double own[] = {.6, 0, .4};
    double sum = own[(size_t)v[0]];

    sum += .2 * pow(log10(v[1]) + 2, 2) + pow(log10(v[2] / 100), 2) +
           .2 * fabs(v[3] - 2);
    if (!isnan(v[4]))
        sum += 2 * pow(v[4] - .7, 2);
    if (!isnan(v[5]))
        sum += .2 * v[5];
    return sum;
}

struct search {
    struct space space;
    struct history history;
    struct sampler_options options;
    struct search_sampler *sampler;
};

static void search_init(struct search *s, const char *space, uint64_t seed)
{
    struct err err = {0};

    memset(s, 0, sizeof(*s));
    if (*space)
        assert_int_equal(space_parse(&s->space, space, &err), 0);
    s->history.space = &s->space;
    s->options = (struct sampler_options){
        .method = METHOD_GP, .seed = seed, .trials = 1};
    s->sampler = sampler_new(&s->space, &s->options, &err);
    assert_non_null(s->sampler);
}

static void search_release(struct search *s)
{
    sampler_free(s->sampler);
    history_release(&s->history);
    space_release(&s->space);
}

/* One proposal, checked: inside of the space, there if it means something. */
static void ask(struct search *s, double *value)
{
    sampler_propose(s->sampler, &s->history, s->history.n, value);
    for (size_t i = 0; i < s->space.n; i++) {
        const struct dimension *p = &s->space.items[i];
        if (!space_active(&s->space, value, i)) {
            assert_true(isnan(value[i]));
            continue;
        }
        assert_true(p->kind == DIMENSION_CHOICE
                        ? value[i] >= 0 && value[i] < (double)p->choices.n
                        : value[i] >= p->low && value[i] <= p->high);
        assert_true(p->kind == DIMENSION_REAL || value[i] == floor(value[i]));
    }
}

/* Adds trials; returns the least objective. */
static double go_on(struct search *s, double (*objective)(const double *),
                    size_t trials)
{
    double value[SPACE_MOST], least = INFINITY;

    for (size_t i = 0; i < trials; i++) {
        ask(s, value);
        history_add(&s->history, value, objective(value));
        least = fmin(least, s->history.objective[s->history.n - 1]);
    }
    return least;
}

static void sample_gp__branin(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct search s;
        search_init(&s, BRANIN_SPACE, seed);
        assert_true(go_on(&s, branin, 35) < BRANIN_LEAST + .02);
        search_release(&s);
    }
}

static void sample_gp__mixed(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct search s;
        search_init(&s, MIXED_SPACE, seed);
        assert_true(go_on(&s, mixed, 50) < .1);
        search_release(&s);
    }
}

/* The first points: one in each slice of each parameter. */
static void sample_gp__start(void **state)
{
    struct search s;
    double value[2];

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        unsigned seen[2] = {0, 0};
        search_init(&s, BRANIN_SPACE, seed);
        for (int i = 0; i < 6; i++) {
            ask(&s, value);
            history_add(&s.history, value, NAN);
            seen[0] |= 1U << (unsigned)((value[0] + 5) / 15 * 6);
            seen[1] |= 1U << (unsigned)(value[1] / 15 * 6);
        }
        assert_int_equal(seen[0], 63);
        assert_int_equal(seen[1], 63);
        search_release(&s);
    }
}

static double with_failures(const double *v)
{
    return v[0] == 2 ? INFINITY : mixed(v);
}

/* What a sampler keeps for itself is no part of what it proposes. */
static void sample_gp__resumed(void **state)
{
    struct search s;
    double value[SPACE_MOST], again[SPACE_MOST];

    (void)state;
    search_init(&s, MIXED_SPACE, 7);
    for (int i = 0; i < 40; i++) {
        struct err err = {0};
        struct search_sampler *fresh = sampler_new(&s.space, &s.options, &err);
        ask(&s, value);
        sampler_propose(fresh, &s.history, s.history.n, again);
        for (size_t k = 0; k < s.space.n; k++)
            assert_true(value[k] == again[k] ||
                        (isnan(value[k]) && isnan(again[k])));
        sampler_free(fresh);
        history_add(&s.history, value, i % 7 == 6 ? NAN : with_failures(value));
        if (i % 10 == 9) /* one that ran is over */
            s.history.objective[i - 3] = .5;
    }
    search_release(&s);
}

static double apart(const double *a, const double *b)
{
    return fmax(fabs(a[0] - b[0]), fabs(a[1] - b[1])) / 15;
}

/* Workers that ask while others run do not get the same. */
static void sample_gp__batch(void **state)
{
    enum { BATCH = 4 };
    struct search s;
    double value[BATCH][2];

    (void)state;
    search_init(&s, BRANIN_SPACE, 3);
    go_on(&s, branin, 15);
    for (int i = 0; i < BATCH; i++) {
        ask(&s, value[i]);
        history_add(&s.history, value[i], NAN);
        for (int k = 0; k < i; k++)
            assert_true(apart(value[i], value[k]) > .01);
    }
    search_release(&s);
}

static double fails_on_the_right(const double *v)
{
    return v[0] > 0 ? INFINITY : branin(v);
}

/* Where trials fail it does not go on. */
static void sample_gp__failed(void **state)
{
    struct search s;
    size_t failed = 0;

    (void)state;
    search_init(&s, BRANIN_SPACE, 5);
    go_on(&s, fails_on_the_right, 40);
    for (size_t i = 20; i < 40; i++)
        failed += isinf(s.history.objective[i]) ? 1 : 0;
    assert_true(failed <= 6);
    search_release(&s);
}

/* Among noise it does not look at one place again and again, as the expected
 * improvement alone does: 24 of 80 here, then 74. */
static void sample_gp__noise(void **state)
{
    enum { TRIALS = 40, LATE = 20, SEEDS = 4 };
    size_t again = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct search s;
        struct rng rng;
        double value[2];
        rng_init(&rng, seed, 1);
        search_init(&s, BRANIN_SPACE, seed);
        for (size_t i = 0; i < TRIALS; i++) {
            double nearest = 1;
            ask(&s, value);
            for (size_t k = 0; k < i; k++)
                nearest =
                    fmin(nearest, apart(value, history_value(&s.history, k)));
            again += i >= LATE && nearest < .005;
            history_add(&s.history, value,
                        branin(value) + 2 * rng_normal(&rng));
        }
        search_release(&s);
    }
    assert_true(again <= SEEDS * (TRIALS - LATE) / 2);
}

static double flat(const double *v)
{
    (void)v;
    return 1;
}

static double always_fails(const double *v)
{
    (void)v;
    return INFINITY;
}

static double huge(const double *v)
{
    return v[0] > 2 ? 1e300 : branin(v);
}

static double by_corner(const double *v)
{
    return v[0] + v[1];
}

static double first_word(const double *v)
{
    return v[0];
}

static void sample_gp__odd(void **state)
{
    static const struct {
        const char *space;
        double (*objective)(const double *);
        size_t trials;
        double most;
    } cases[] = {
        {BRANIN_SPACE, flat, 20, 1},
        {BRANIN_SPACE, always_fails, 20, INFINITY},
        {BRANIN_SPACE, huge, 30, BRANIN_LEAST + .2},
        {BRANIN_SPACE, by_corner, 20, -4.99},
        {"word=a,b", first_word, 12, 0},
        {"word=only", first_word, 12, 0},
        {"whole=int:1..3", first_word, 12, 1},
        {"number=-1..1", first_word, 12, -.999},
        {"", flat, 12, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct search s;
        search_init(&s, cases[i].space, 2);
        assert_true(go_on(&s, cases[i].objective, cases[i].trials) <=
                    cases[i].most);
        search_release(&s);
    }
}

/* After the start no configuration twice while there are others. */
static void sample_gp__each_once(void **state)
{
    enum { START = 6, ALL = 8 };
    struct search s;
    bool seen[ALL] = {false};
    size_t distinct = 0;

    (void)state;
    search_init(&s, "whole=int:0..3 word=a,b", 4);
    for (size_t i = 0; i < START + ALL; i++) {
        double value[2];
        size_t which;
        ask(&s, value);
        history_add(&s.history, value, value[0] + value[1]);
        which = (size_t)(value[0] * 2 + value[1]);
        assert_true(!seen[which] || i < START || distinct == ALL);
        distinct += seen[which] ? 0 : 1;
        seen[which] = true;
    }
    assert_int_equal(distinct, ALL);
    search_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_gp__branin),
        cmocka_unit_test(sample_gp__mixed),
        cmocka_unit_test(sample_gp__start),
        cmocka_unit_test(sample_gp__resumed),
        cmocka_unit_test(sample_gp__batch),
        cmocka_unit_test(sample_gp__failed),
        cmocka_unit_test(sample_gp__noise),
        cmocka_unit_test(sample_gp__odd),
        cmocka_unit_test(sample_gp__each_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
