#include "search/search_sampler.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/parzen.h"
#include "stats/sobol.h"

static const char mixed_text[] =
    "opt=adam,momentum,sgd act=relu,tanh rate=log:1e-5..1 drop=0..0.8 "
    "layers=int:1..4 units=int-log:16..512 momentum=0..0.99 if opt=momentum "
    "kind=a,b if opt=momentum,sgd deep=0..1 if kind=b";

static void parse(struct space *space, const char *text)
{
    struct err err = {0};

    if (space_parse(space, text, &err) != 0)
        fail_msg("'%s': %s", text, err.message);
}

static struct search_sampler *sampler_of(const struct space *space,
                                         enum search_method method,
                                         uint64_t seed, size_t trials)
{
    struct sampler_options options = {
        .method = method, .seed = seed, .trials = trials};
    struct err err = {0};
    struct search_sampler *s = sampler_new(space, &options, &err);

    if (!s)
        fail_msg("%s", err.message);
    return s;
}

/* A configuration of the space: in range, NaN where it means nothing. */
static void assert_valid(const struct space *space, const double *value)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct dimension *p = &space->items[i];
        double most = p->kind == DIMENSION_CHOICE ? (double)p->choices.n - 1
                                                  : p->high;
        if (!space_active(space, value, i)) {
            assert_true(isnan(value[i]));
            continue;
        }
        assert_true(value[i] >= (p->kind == DIMENSION_CHOICE ? 0 : p->low));
        assert_true(value[i] <= most);
        if (p->kind != DIMENSION_REAL)
            assert_true(value[i] == floor(value[i]));
    }
}

/* ---- whole searches ---- */

typedef double objective_of(const struct space *space, const double *value);

/* Proposes trials up to `trials` and tells their objectives. */
static void search_on(struct search_sampler *s, struct history *h,
                      size_t trials, objective_of *of)
{
    double value[SPACE_MOST];

    while (h->n < trials && h->n < sampler_most(s)) {
        sampler_propose(s, h, h->n, value);
        assert_valid(h->space, value);
        history_add(h, value, of(h->space, value));
    }
}

static double best_of(const struct history *h)
{
    double best = INFINITY;

    for (size_t i = 0; i < h->n; i++)
        best = fmin(best, h->objective[i]);
    return best;
}

/* The best that a method finds. */
static double search(const char *text, objective_of *of,
                     enum search_method method, uint64_t seed, size_t trials)
{
    struct space space;
    struct history h = {.space = &space};
    struct search_sampler *s;
    double best;

    parse(&space, text);
    s = sampler_of(&space, method, seed, trials);
    search_on(s, &h, trials, of);
    best = best_of(&h);
    sampler_free(s);
    history_release(&h);
    space_release(&space);
    return best;
}

/* What is best of a number depends on choices; some trials fail. */
static double mixed(const struct space *space, const double *v)
{
    double rate = log10(v[2]) + 3 - v[0], drop = v[3] - .3 * v[1];
    double y = rate * rate + 4 * drop * drop + .1 * fabs(v[4] - 3) +
               .1 * fabs(log(v[5] / 100)) + (v[0] == 1 ? v[6] : .5);

    (void)space;
    return rate > 2 ? INFINITY : y;
}

static double bowl(const struct space *space, const double *v)
{
    double sum = 0;

    for (size_t i = 0; i < space->n; i++)
        sum += (v[i] - .3) * (v[i] - .3);
    return sum;
}

static double always_fails(const struct space *space, const double *v)
{
    (void)space, (void)v;
    return INFINITY;
}

static double never_ends(const struct space *space, const double *v)
{
    (void)space, (void)v;
    return NAN;
}

static double flat(const struct space *space, const double *v)
{
    (void)space, (void)v;
    return 1;
}

/* ---- what all of them keep ---- */

static const enum search_method drawn[] = {METHOD_RANDOM, METHOD_SOBOL,
                                           METHOD_COARSE, METHOD_TPE};
enum { DRAWN = sizeof(drawn) / sizeof(*drawn) };

static void samplers__odd_histories(void **state)
{
    static objective_of *const of[] = {mixed, always_fails, never_ends, flat};

    (void)state;
    for (int m = 0; m < DRAWN; m++)
        for (int f = 0; f < 4; f++)
            for (uint64_t seed = 0; seed < 3; seed++)
                search(mixed_text, of[f], drawn[m], seed, 60);
}

static void samplers__odd_spaces(void **state)
{
    static const char *const texts[] = {"a=0..1",
                                        "a=only",
                                        "a=x,y",
                                        "a=int:0..1",
                                        "a=int:0..1e15",
                                        "a=only b=x,y if a=only",
                                        "a=x,y b=0..1 if a=x",
                                        "a=1000000..1000000.5",
                                        "a=int-log:1..2"};

    (void)state;
    for (int m = 0; m < DRAWN; m++)
        for (size_t t = 0; t < sizeof(texts) / sizeof(*texts); t++)
            search(texts[t], flat, drawn[m], 1, 40);
}

/* A search goes on from its history as if it had not been interrupted. */
static void samplers__resume(void **state)
{
    struct space space;

    (void)state;
    parse(&space, mixed_text);
    for (int m = 0; m < DRAWN; m++) {
        struct history whole = {.space = &space}, parts = {.space = &space};
        struct search_sampler *s = sampler_of(&space, drawn[m], 7, 50);
        search_on(s, &whole, 50, mixed);
        sampler_free(s);
        for (size_t n = 7; n <= 56; n += 7) {
            s = sampler_of(&space, drawn[m], 7, 50);
            search_on(s, &parts, n < 50 ? n : 50, mixed);
            sampler_free(s);
        }
        assert_int_equal(parts.n, whole.n);
        assert_memory_equal(parts.objective, whole.objective,
                            whole.n * sizeof(double));
        for (size_t i = 0; i < whole.n * space.n; i++)
            assert_true(parts.value[i] == whole.value[i] ||
                        (isnan(parts.value[i]) && isnan(whole.value[i])));
        history_release(&whole);
        history_release(&parts);
    }
    space_release(&space);
}

static void samplers__seed_counts(void **state)
{
    (void)state;
    for (int m = 0; m < DRAWN; m++)
        assert_true(search("a=0..1 b=0..1", bowl, drawn[m], 1, 20) !=
                    search("a=0..1 b=0..1", bowl, drawn[m], 2, 20));
}

static void search_method_parse__names(void **state)
{
    enum search_method m;

    (void)state;
    for (int i = 0; i < SEARCH_METHODS; i++) {
        assert_int_equal(
            search_method_parse(search_method_name((enum search_method)i), &m),
            0);
        assert_int_equal(m, i);
    }
    assert_int_equal(search_method_parse("Random", &m), -1);
}

/* ---- history ---- */

static void history__order_and_doubles(void **state)
{
    const double y[] = {3, INFINITY, NAN, 1, 3, -2};
    const size_t order[] = {5, 3, 0, 4, 1, 2};
    double value[] = {0, NAN, 0};
    struct space space;
    struct history h = {.space = &space};
    size_t *rank;

    (void)state;
    parse(&space, "a=x,y b=0..1 if a=y c=0..9");
    for (size_t i = 0; i < 6; i++) {
        value[2] = (double)i;
        history_add(&h, value, y[i]);
    }
    assert_int_equal(history_done(&h), 4);
    rank = history_rank(&h);
    assert_memory_equal(rank, order, sizeof(order));
    free(rank);
    assert_true(history_has(&h, value));
    value[2] = 5.5;
    assert_false(history_has(&h, value));
    value[1] = 0;
    value[2] = 5;
    assert_false(history_has(&h, value));
    history_release(&h);
    assert_false(history_has(&h, value));
    space_release(&space);
}

/* ---- manual ---- */

static void manual__as_given(void **state)
{
    const double first[] = {.25, 1}, second[] = {.5, 0};
    struct space space;
    struct err err = {0};
    struct sampler_options options = {.method = METHOD_MANUAL, .trials = 9};
    struct history given = {.space = &space};
    struct search_sampler *s;
    double value[2];

    (void)state;
    parse(&space, "a=0..1 b=x,y");
    assert_null(sampler_new(&space, &options, &err));
    assert_string_equal(err.message, "no configuration to try");
    options.given = &given;
    assert_null(sampler_new(&space, &options, &err));
    history_add(&given, first, NAN);
    history_add(&given, second, NAN);
    s = sampler_new(&space, &options, &err);
    assert_int_equal(sampler_most(s), 2);
    sampler_propose(s, NULL, 1, value);
    assert_memory_equal(value, second, sizeof(value));
    sampler_propose(s, NULL, 0, value);
    assert_memory_equal(value, first, sizeof(value));
    sampler_free(s);
    history_release(&given);
    space_release(&space);
}

/* ---- grid ---- */

/* All of a grid, no configuration twice; returns how many. */
static size_t grid_of(const char *text, size_t trials, struct history *h,
                      struct space *space)
{
    struct search_sampler *s;
    double value[SPACE_MOST];
    size_t most;

    parse(space, text);
    *h = (struct history){.space = space};
    s = sampler_of(space, METHOD_GRID, 0, trials);
    most = sampler_most(s);
    assert_true(most <= trials);
    for (size_t i = 0; i < most; i++) {
        sampler_propose(s, NULL, i, value);
        assert_valid(space, value);
        assert_false(history_has(h, value));
        history_add(h, value, 0);
    }
    sampler_free(s);
    return most;
}

static void grid__size(void **state)
{
    static const struct {
        const char *text;
        size_t trials, size;
    } cases[] = {{"a=0..1", 7, 7},
                 {"a=0..1 b=0..1", 15, 15}, /* 5 x 3 */
                 {"a=0..1 b=0..1", 16, 16},
                 {"a=0..1 b=0..1", 13, 12},
                 {"a=0..1 b=x,y,z", 13, 12},
                 {"a=x,y b=x,y,z", 100, 6},
                 {"a=int:1..3 b=0..1", 100, 99},
                 {"a=x,y b=0..1 if a=y", 11, 11}, /* 1 + 10 */
                 {"a=x,y b=x,y if a=y c=0..1 if b=y", 9, 9},
                 {"a=int-log:1..8", 100, 8},
                 {"a=only", 1, 1},
                 {"a=0..1", 2, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct space space;
        struct history h;
        assert_int_equal(grid_of(cases[i].text, cases[i].trials, &h, &space),
                         cases[i].size);
        history_release(&h);
        space_release(&space);
    }
}

static void grid__values(void **state)
{
    const double expected[][2] = {{.001, 0}, {.001, 1}, {.01, 0},
                                  {.01, 1},  {.1, 0},   {.1, 1}};
    struct space space;
    struct history h;

    (void)state;
    assert_int_equal(grid_of("a=log:0.001..0.1 b=x,y", 6, &h, &space), 6);
    assert_memory_equal(h.value, expected, sizeof(expected));
    history_release(&h);
    space_release(&space);
}

/* On a logarithmic scale small whole numbers do not come twice. */
static void grid__log_ints(void **state)
{
    const double expected[] = {1, 2, 3, 4, 5, 8};
    struct space space;
    struct history h;

    (void)state;
    assert_int_equal(grid_of("a=int-log:1..8", 6, &h, &space), 6);
    assert_memory_equal(h.value, expected, sizeof(expected));
    history_release(&h);
    space_release(&space);
}

static void grid__too_large(void **state)
{
    struct sampler_options options = {.method = METHOD_GRID, .trials = 7};
    struct space space;
    struct err err = {0};

    (void)state;
    parse(&space, "a=0..1 b=int:0..9 c=x,y");
    assert_null(sampler_new(&space, &options, &err));
    assert_string_equal(err.message, "the smallest grid, two values of each "
                                     "number, has 8 trials, not 7");
    assert_int_equal(err.kind, ERR_USAGE);
    space_release(&space);
}

/* ---- sobol ---- */

/* Of 2^m points from a multiple of 2^m on, one in each of 2^m intervals. */
static void sobol__stratified(void **state)
{
    enum { WIDTH = 40, N = 64 };
    static double point[4 * N][WIDTH];
    struct rng rng;
    struct sobol *s;

    (void)state;
    rng_init(&rng, 3, 0);
    s = sobol_new(WIDTH, &rng);
    for (size_t i = 0; i < 4 * N; i++)
        sobol_point(s, i, point[i]);
    for (size_t j = 0; j < WIDTH; j++)
        for (size_t block = 0; block < 4; block++) {
            bool seen[N] = {false};
            for (size_t i = block * N; i < (block + 1) * N; i++) {
                size_t at = (size_t)(point[i][j] * N);
                assert_true(point[i][j] > 0 && point[i][j] < 1);
                assert_false(seen[at]);
                seen[at] = true;
            }
        }
    sobol_free(s);
}

/* The first two coordinates are a net: one point in each 1/4 x 1/16 too. */
static void sobol__net(void **state)
{
    struct rng rng;
    struct sobol *s;
    double x[2];

    (void)state;
    rng_init(&rng, 4, 0);
    s = sobol_new(2, &rng);
    for (size_t a = 0; a <= 6; a++) {
        bool seen[64] = {false};
        for (size_t i = 0; i < 64; i++) {
            size_t at;
            sobol_point(s, i, x);
            at = ((size_t)(x[0] * (double)(1u << a)) << (6 - a)) +
                 (size_t)(x[1] * (double)(1u << (6 - a)));
            assert_false(seen[at]);
            seen[at] = true;
        }
    }
    sobol_free(s);
}

/* Each point alone is uniform over the seeds: mean 1/2, variance 1/12. */
static void sobol__uniform_over_seeds(void **state)
{
    enum { SEEDS = 2000 };
    double sum[3] = {0}, squares[3] = {0}, product = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        double x[3][2];
        struct rng rng;
        struct sobol *s;
        rng_init(&rng, seed, 1);
        s = sobol_new(2, &rng);
        for (size_t i = 0; i < 3; i++) {
            sobol_point(s, i, x[i]);
            sum[i] += x[i][1] - .5;
            squares[i] += (x[i][1] - .5) * (x[i][1] - .5);
        }
        product += (x[0][0] - .5) * (x[0][1] - .5);
        sobol_free(s);
    }
    for (size_t i = 0; i < 3; i++) { /* 4 standard errors */
        assert_true(fabs(sum[i]) < 4 * sqrt(SEEDS / 12.));
        assert_true(fabs(squares[i] - SEEDS / 12.) < 4 * sqrt(SEEDS / 180.));
    }
    assert_true(fabs(product) < 4 * sqrt(SEEDS) / 12);
}

/* Coordinates beyond SOBOL_MOST, and points in any order. */
static void sobol__any_order(void **state)
{
    enum { WIDTH = 64, N = 20 };
    static double point[N][WIDTH], again[WIDTH];
    struct rng rng;
    struct sobol *s;
    double sum = 0;

    (void)state;
    rng_init(&rng, 5, 0);
    s = sobol_new(WIDTH, &rng);
    for (size_t i = 0; i < N; i++)
        sobol_point(s, i, point[i]);
    for (size_t i = N; i-- > 0;) {
        sobol_point(s, i, again);
        assert_memory_equal(again, point[i], sizeof(again));
        for (size_t j = SOBOL_MOST; j < WIDTH; j++) {
            sum += again[j] - .5;
            assert_true(i == 0 || again[j] != point[i - 1][j]);
        }
    }
    assert_true(fabs(sum) < 4 * sqrt(N * (WIDTH - SOBOL_MOST) / 12.));
    sobol_free(s);
    rng_init(&rng, 5, 0);
    s = sobol_new(0, &rng);
    sobol_point(s, 3, again);
    sobol_free(s);
    sobol_free(NULL);
}

/* ---- parzen ---- */

enum { AXES = 5, SEEN = 7 };
static const struct parzen_axis axes[AXES] = {
    {0, .01}, {3, 0}, {0, .2}, {2, 0}, {0, .01}};

/* The next line: its word, AXES numbers and one more. */
static bool read_line(FILE *file, char word[10], double *x, double *last)
{
    if (fscanf(file, "%9s", word) != 1)
        return false;
    for (int j = 0; j <= AXES; j++)
        if (fscanf(file, "%lf", j < AXES ? &x[j] : last) != 1)
            fail_msg("samplers.txt: not a number");
    return true;
}

static void parzen__as_scipy(void **state)
{
    FILE *file = fopen("tests/data/search/samplers.txt", "r");
    double seen[SEEN * AXES], weight[SEEN], x[AXES], expected;
    struct parzen *p;
    char word[10];
    int points = 0;

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < SEEN; i++)
        assert_true(read_line(file, word, seen + i * AXES, &weight[i]));
    p = parzen_new(axes, AXES, seen, weight, SEEN);
    for (; read_line(file, word, x, &expected); points++)
        assert_true(fabs(parzen_log(p, x) - expected) < 1e-10);
    assert_int_equal(points, 12);
    parzen_free(p);
    parzen_free(NULL);
    fclose(file);
}

/* Draws fall where the density says: shares of cells, by 5 standard errors. */
static void parzen__draws(void **state)
{
    enum { CELLS = 20, DRAWS = 20000, GRID = 400 };
    const struct parzen_axis axis[] = {{0, .05}, {2, 0}};
    const double seen[] = {.02, 0, .5, 1, NAN, 1};
    double mass[CELLS][2] = {{0}}, count[CELLS][2] = {{0}}, x[2];
    struct parzen *p = parzen_new(axis, 2, seen, NULL, 3);
    struct rng rng;

    (void)state;
    rng_init(&rng, 6, 0);
    for (int i = 0; i < DRAWS; i++) {
        parzen_draw(p, &rng, x);
        count[(int)(x[0] * CELLS)][(int)x[1]]++;
    }
    for (int i = 0; i < GRID; i++)
        for (int c = 0; c < 2; c++) {
            x[0] = (i + .5) / GRID;
            x[1] = c;
            mass[i * CELLS / GRID][c] += exp(parzen_log(p, x)) / GRID;
        }
    for (int i = 0; i < CELLS; i++)
        for (int c = 0; c < 2; c++)
            assert_true(fabs(count[i][c] - DRAWS * mass[i][c]) <
                        5 * sqrt(DRAWS * mass[i][c]));
    parzen_free(p);
}

/* Without points there is the prior alone. */
static void parzen__nothing_seen(void **state)
{
    const double x[] = {.1, 2, .9, 1, .5}, some[] = {.1, NAN, .9, 1, NAN};
    struct parzen *p = parzen_new(axes, AXES, NULL, NULL, 0);

    (void)state;
    assert_true(fabs(parzen_log(p, x) + log(6)) < 1e-12);
    assert_true(fabs(parzen_log(p, some) + log(2)) < 1e-12);
    parzen_free(p);
}

/* ---- better than at random ---- */

/* Seeds of `seeds` in which a method beats random. */
static int wins(const char *text, objective_of *of, enum search_method method,
                size_t trials, uint64_t seeds)
{
    int n = 0;

    for (uint64_t seed = 0; seed < seeds; seed++)
        n += search(text, of, method, seed, trials) <
             search(text, of, METHOD_RANDOM, seed + 1000, trials);
    return n;
}

static void samplers__beat_random(void **state)
{
    static const char cube[] = "a=0..1 b=0..1 c=0..1 d=0..1";

    (void)state;
    assert_true(wins(cube, bowl, METHOD_COARSE, 50, 20) >= 17);
    assert_true(wins(cube, bowl, METHOD_TPE, 50, 20) >= 18);
    assert_true(wins(mixed_text, mixed, METHOD_COARSE, 60, 60) >= 38);
    assert_true(wins(mixed_text, mixed, METHOD_TPE, 60, 20) >= 17);
}

/* Few trials leave no room for rounds: coarse is random then. */
static void coarse__few_trials(void **state)
{
    (void)state;
    assert_true(search("a=0..1 b=0..1", bowl, METHOD_COARSE, 3, 15) ==
                search("a=0..1 b=0..1", bowl, METHOD_RANDOM, 3, 15));
}

/* Of seeds, the share that keeps the choice of the best; how far numbers go. */
static double kept_by(const struct history *h, size_t number, double *far)
{
    enum { SEEDS = 400 };
    double value[2], kept = 0;

    *far = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct search_sampler *s =
            sampler_of(h->space, METHOD_COARSE, seed, 50);
        sampler_propose(s, h, number, value);
        kept += value[0] == 2;
        *far = fmax(*far, fabs(value[1] - .5));
        sampler_free(s);
    }
    return kept / SEEDS;
}

/* Round r searches 2^-r of a number; a choice is drawn anew .8 2^-r times. */
static void coarse__rounds(void **state)
{
    const double expected[] = {.25, .7, .85, .925, .9625};
    const double value[] = {2, .5}, worse[] = {1, .1};
    struct space space;
    struct history h = {.space = &space};

    (void)state;
    parse(&space, "a=p,q,r,s b=0..1");
    for (int i = 0; i < 2; i++)
        history_add(&h, value, 1);
    history_add(&h, worse, 2);
    for (size_t round = 0; round < 5; round++) {
        double p = expected[round], far, kept = kept_by(&h, 10 * round, &far);
        double most = pow(.5, (double)round + 1);
        assert_true(fabs(kept - p) < 4 * sqrt(p * (1 - p) / 400));
        assert_true(kept < 1 && far <= most + 1e-6 && far > .9 * most);
    }
    history_release(&h);
    space_release(&space);
}

/* Small spaces are searched to their end, none of it twice before that. */
static void tpe__all_of_a_small_space(void **state)
{
    struct space space;
    struct history h = {.space = &space};
    struct search_sampler *s;
    size_t doubles = 0;

    (void)state;
    parse(&space, "a=int:1..6 b=x,y c=p,q,r if b=y");
    s = sampler_of(&space, METHOD_TPE, 1, 60);
    for (size_t i = 0; i < 60; i++) {
        double value[3];
        sampler_propose(s, &h, i, value);
        /* the first ten do not know of each other */
        doubles += i >= 10 && history_has(&h, value);
        history_add(&h, value, fabs(value[0] - 3));
    }
    assert_in_range(doubles, 60 - 24, 60 - 24 + 6);
    sampler_free(s);
    history_release(&h);
    space_release(&space);
}

/* Workers side by side do not try the same. */
static void tpe__running_trials_repel(void **state)
{
    double value[2], last[2], apart = 0, near = 0;
    struct space space;
    struct history h = {.space = &space};
    struct search_sampler *s;

    (void)state;
    parse(&space, "a=0..1 b=0..1");
    s = sampler_of(&space, METHOD_TPE, 1, 60);
    search_on(s, &h, 40, bowl);
    for (size_t i = 40; i < 60; i++) {
        sampler_propose(s, &h, i, value);
        if (i > 40)
            apart += hypot(value[0] - last[0], value[1] - last[1]);
        history_add(&h, value, NAN);
        memcpy(last, value, sizeof(last));
    }
    h.n = 40;
    for (size_t i = 40; i < 60; i++) { /* as many, with none running */
        sampler_propose(s, &h, i, value);
        if (i > 40)
            near += hypot(value[0] - last[0], value[1] - last[1]);
        memcpy(last, value, sizeof(last));
    }
    assert_true(apart > 1.5 * near);
    sampler_free(s);
    history_release(&h);
    space_release(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samplers__odd_histories),
        cmocka_unit_test(samplers__odd_spaces),
        cmocka_unit_test(samplers__resume),
        cmocka_unit_test(samplers__seed_counts),
        cmocka_unit_test(search_method_parse__names),
        cmocka_unit_test(history__order_and_doubles),
        cmocka_unit_test(manual__as_given),
        cmocka_unit_test(grid__size),
        cmocka_unit_test(grid__values),
        cmocka_unit_test(grid__log_ints),
        cmocka_unit_test(grid__too_large),
        cmocka_unit_test(sobol__stratified),
        cmocka_unit_test(sobol__net),
        cmocka_unit_test(sobol__uniform_over_seeds),
        cmocka_unit_test(sobol__any_order),
        cmocka_unit_test(parzen__as_scipy),
        cmocka_unit_test(parzen__draws),
        cmocka_unit_test(parzen__nothing_seen),
        cmocka_unit_test(samplers__beat_random),
        cmocka_unit_test(coarse__few_trials),
        cmocka_unit_test(coarse__rounds),
        cmocka_unit_test(tpe__all_of_a_small_space),
        cmocka_unit_test(tpe__running_trials_repel)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
