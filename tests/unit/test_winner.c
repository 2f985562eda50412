#include "stats/winner.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/rng.h"
#include "stats/paired.h"

enum { MOST = 64, ROWS = 400 };

/* A contest that is built trial by trial. */
struct made {
    struct contest contest;
    double objective[MOST];
    size_t config[MOST];
    const char *wrong[MOST];
    char text[MOST][ROWS];
    struct standing standing[MOST];
    struct winner winner;
};

static void made_init(struct made *m, size_t rows, bool known)
{
    memset(m, 0, sizeof(*m));
    m->contest = (struct contest){.objective = m->objective,
                                  .config = m->config,
                                  .wrong = known ? m->wrong : NULL,
                                  .n_rows = rows};
}

static void add(struct made *m, size_t config, double objective)
{
    size_t i = m->contest.n++;

    m->objective[i] = objective;
    m->config[i] = config;
    m->wrong[i] = m->text[i];
    if (config >= m->contest.n_configs)
        m->contest.n_configs = config + 1;
}

/* Wrong on the rows from `from` to before `to`. */
static void add_rows(struct made *m, size_t config, size_t from, size_t to)
{
    memset(m->text[m->contest.n], '0', ROWS);
    memset(m->text[m->contest.n] + from, '1', to - from);
    add(m, config, (double)(to - from) / (double)m->contest.n_rows);
}

static void find(struct made *m)
{
    winner_find(&m->contest, 1, m->standing, &m->winner);
}

/* ---- scores ---- */

static void winner__scores_are_the_maximum_likelihood_ones(void **state)
{
    FILE *file = fixture_open(TEST_DATA "/search/winner.txt");
    double wrong[MOST], score[MOST];
    struct made m;
    size_t n = 0;

    (void)state;
    made_init(&m, ROWS, false);
    for (; fscanf(file, "%lf %lf", &wrong[n], &score[n]) == 2; n++)
        add(&m, n, wrong[n] / ROWS);
    fclose(file);
    assert_int_equal(n, 12);
    find(&m);
    assert_int_equal(m.winner.method, WINNER_RATES);
    assert_int_equal(m.winner.best, 0);
    for (size_t i = 0; i < n; i++)
        assert_near(m.standing[i].score, score[i], 1e-3);
}

/* Rows on which the trials are wrong alike leave less to luck. */
static void winner__shared_errors_are_no_luck(void **state)
{
    struct made apart, alike;

    (void)state;
    made_init(&apart, 200, true);
    made_init(&alike, 200, true);
    for (size_t i = 0; i < 8; i++) {
        add_rows(&apart, i, 22 * i, 22 * i + 18 + i / 2);
        add_rows(&alike, i, 0, 18 + i / 2);
    }
    find(&apart);
    find(&alike);
    assert_near(apart.standing[0].mean, alike.standing[0].mean, 0);
    assert_near(apart.winner.noise.shared, 0, 0);
    assert_near(alike.winner.noise.shared, .98, .03);
    assert_true(apart.standing[0].score > .096);
    assert_true(alike.standing[0].score < .0925);
    assert_near(apart.standing[0].ci.low, wilson(18, 200).low, 1e-12);
    assert_near(alike.standing[0].ci.low, wilson(18, 200).low, 1e-12);
    assert_true(apart.standing[0].ci.high > alike.standing[0].ci.high);
}

/* Two far configurations of three and two runs: nothing is drawn together. */
static void winner__means_by_students_t(void **state)
{
    const double t3 = 3.182446305284263; /* scipy.stats.t.ppf(.975, 3) */
    double variance = (.02 * .02 / 2 + .04 * .04 / 2 + .1 * .1 / 2) / 3;
    struct made m;

    (void)state;
    made_init(&m, 0, false);
    add(&m, 0, 7); /* the first of three does not count */
    add(&m, 0, 6.98);
    add(&m, 0, 7);
    add(&m, 1, 9);
    add(&m, 1, 9.04);
    add(&m, 2, 12);
    add(&m, 2, 12.1);
    find(&m);
    assert_int_equal(m.winner.method, WINNER_SEEDS);
    assert_near(m.winner.noise.df, 3, 0);
    assert_near(m.winner.noise.seeds, variance, 1e-12);
    assert_near(m.standing[0].score, m.standing[0].mean, 1e-12);
    assert_near(m.standing[0].ci.high, 20.98 / 3 + t3 * sqrt(variance / 3),
                1e-9);
    assert_near(m.standing[0].run.high,
                20.98 / 3 + t3 * sqrt(variance / 3 + variance), 1e-9);
    assert_true(m.standing[1].p_value < .01);
}

static void winner__only_what_was_repeated_wins(void **state)
{
    struct made m;

    (void)state;
    made_init(&m, 200, true);
    add_rows(&m, 0, 0, 20);
    add_rows(&m, 1, 0, 19);
    for (size_t i = 0; i < 3; i++)
        add_rows(&m, 0, i, 20 + i);
    find(&m);
    assert_int_equal(m.winner.method, WINNER_ROWS_SEEDS);
    assert_int_equal(m.winner.best, 0);
    assert_int_equal(m.standing[0].runs, 4);
    assert_true(m.standing[1].score < m.standing[0].score);
    assert_true(m.standing[1].p_value > .5);
}

/* ---- p-values ---- */

/* One that is better on `better` of 200 rows and nowhere worse. */
static double p_of(size_t better)
{
    struct made m;

    made_init(&m, 200, true);
    add_rows(&m, 0, 0, 20);
    add_rows(&m, 1, 0, 20 + better);
    find(&m);
    assert_near(m.standing[0].p_value, 1, 0);
    return m.standing[1].p_value;
}

static void winner__p_of_two_is_nearly_mcnemars(void **state)
{
    (void)state;
    for (size_t better = 1; better < 12; better++) {
        double b = (double)better, n = 200;
        double d = b / n, z = d / sqrt((d * (1 - d) + 1 / n) / n);
        double expected = normal_upper_tail(z);
        assert_near(p_of(better), expected,
                    3.5 * sqrt(expected * (1 - expected) / 2000) + .0005);
        assert_between(p_of(better), mcnemar_mid_p(b, 0) / 2 - .05,
                       mcnemar_mid_p(b, 0) / 2 + .05);
    }
}

/* The more there are that may be better, the less one of them says. */
static void winner__p_grows_with_rivals(void **state)
{
    struct made m;
    double alone;

    (void)state;
    made_init(&m, ROWS, false);
    add(&m, 0, .1);
    add(&m, 1, .15);
    find(&m);
    alone = m.standing[1].p_value;
    assert_between(alone, .005, .05);
    for (size_t i = 2; i < 40; i++)
        add(&m, i, .12 + .0005 * (double)i);
    find(&m);
    assert_true(m.standing[1].p_value > 2 * alone);
    /* Not those that are clearly worse. */
    m.contest.n = m.contest.n_configs = 2;
    for (size_t i = 2; i < 40; i++)
        add(&m, i, .5);
    find(&m);
    assert_near(m.standing[1].p_value, alone, .02);
    assert_near(m.standing[39].p_value, 1 / 2001.0, 1e-12);
}

static void winner__same_seed_same_bits(void **state)
{
    struct made a, b;

    (void)state;
    made_init(&a, 200, true);
    for (size_t i = 0; i < 12; i++)
        add_rows(&a, i % 9, 3 * i, 3 * i + 20 + i % 4);
    b = a;
    for (size_t i = 0; i < 12; i++)
        b.wrong[i] = b.text[i];
    b.contest.objective = b.objective;
    b.contest.config = b.config;
    b.contest.wrong = b.wrong;
    find(&a);
    find(&b);
    assert_memory_equal(a.standing, b.standing, sizeof(a.standing));
}

/* ---- what is odd ---- */

static void winner__nothing_and_one(void **state)
{
    struct made m;

    (void)state;
    made_init(&m, 200, true);
    find(&m);
    assert_int_equal(m.winner.method, WINNER_NONE);
    add_rows(&m, 0, 10, 27);
    find(&m);
    assert_int_equal(m.winner.method, WINNER_ROWS);
    assert_near(m.standing[0].score, 17 / 200.0, 1e-12);
    assert_near(m.standing[0].ci.low, wilson(17, 200).low, 1e-12);
    assert_near(m.standing[0].ci.high, wilson(17, 200).high, 1e-12);
    assert_true(isnan(m.standing[0].run.low));
    assert_near(m.standing[0].p_value, 1, 0);
    m.contest.wrong = NULL;
    m.contest.n_rows = 0;
    find(&m);
    assert_int_equal(m.winner.method, WINNER_NONE);
    assert_true(isnan(m.standing[0].ci.low) && isnan(m.standing[0].p_value));
    assert_near(m.standing[0].score, 17 / 200.0, 1e-12);
}

static void winner__all_equal(void **state)
{
    struct made m;

    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        made_init(&m, kind == 2 ? 0 : 200, kind == 0);
        for (size_t i = 0; i < 10; i++)
            add_rows(&m, i / (kind == 2 ? 2 : 1), 5, 25);
        if (kind == 2)
            for (size_t i = 0; i < 10; i++)
                m.objective[i] = 3;
        find(&m);
        for (size_t i = 0; i < m.contest.n_configs; i++) {
            assert_near(m.standing[i].p_value, 1, 0);
            assert_near(m.standing[i].score, m.objective[0],
                        kind == 1 ? .02 : 1e-3);
            assert_true(isfinite(m.standing[i].ci.high));
        }
    }
}

/* Runs that do not differ at all: any difference is one. */
static void winner__no_noise(void **state)
{
    struct made m;

    (void)state;
    made_init(&m, 0, false);
    for (size_t i = 0; i < 6; i++)
        add(&m, i / 2, 1 + 1e-3 * (double)(i / 2));
    find(&m);
    assert_int_equal(m.winner.best, 0);
    assert_near(m.standing[0].ci.high, 1, 1e-12);
    assert_near(m.standing[0].p_value, 1, 0);
    assert_near(m.standing[1].p_value, 1 / 2001.0, 1e-12);
}

static void winner__no_error_at_all(void **state)
{
    struct made m;

    (void)state;
    for (int all = 0; all < 2; all++) {
        made_init(&m, 100, true);
        for (size_t i = 0; i < 5; i++)
            add_rows(&m, i, 0, all || i < 2 ? (size_t)all * 100 : i);
        find(&m);
        assert_int_equal(m.winner.best, 0);
        assert_between(m.standing[0].score, all ? .99 : 0, all ? 1 : .02);
        assert_between(m.standing[0].ci.low, 0, all ? .99 : 0);
        assert_between(m.standing[0].ci.high, all ? .99 : .03, all ? 1 : .08);
        assert_near(m.standing[1].p_value, 1, 0);
    }
}

/* ---- simulated ---- */

/* Trials of equal error .1 on rows that are hard for all or easy for all. */
static void draw(struct made *m, struct rng *rng, double *network)
{
    double difficulty[200];

    made_init(m, 200, true);
    for (size_t i = 0; i < 200; i++)
        difficulty[i] = rng_normal(rng);
    for (size_t t = 0; t < 20; t++) {
        char *row = m->text[t];
        double n = 0, a = -1.2816 + .05 * rng_normal(rng);
        for (size_t i = 0; i < 200; i++) {
            double z = sqrt(.5) * (difficulty[i] + rng_normal(rng)) + a;
            row[i] = z > 0 ? '1' : '0';
            n += z > 0;
        }
        network[t] = normal_upper_tail(-a);
        add(m, t, n / 200);
    }
}

static void winner__simulated_searches(void **state)
{
    double network[20], plain = 0, held = 0, bias = 0, luck = 0, kept = 0;
    enum { RUNS = 60 };
    struct made m;
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 1);
    for (int i = 0; i < RUNS; i++) {
        size_t w, top = 0;
        draw(&m, &rng, network);
        find(&m);
        w = m.winner.best;
        for (size_t t = 0; t < 20; t++)
            top = network[t] < network[top] ? t : top;
        kept += m.standing[top].p_value > .05;
        luck += (network[w] - m.standing[w].mean) / RUNS;
        bias += (network[w] - m.standing[w].score) / RUNS;
        held += m.standing[w].ci.low <= network[w] &&
                network[w] <= m.standing[w].ci.high;
        plain += network[w] <= wilson(200 * m.standing[w].mean, 200).high;
    }
    assert_between(luck, .02, .04);
    assert_between(bias, -.01, .01);
    assert_between(held / RUNS, .9, 1);
    assert_between(plain / RUNS, .5, .85);
    assert_between(kept / RUNS, .9, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(winner__scores_are_the_maximum_likelihood_ones),
        cmocka_unit_test(winner__shared_errors_are_no_luck),
        cmocka_unit_test(winner__means_by_students_t),
        cmocka_unit_test(winner__only_what_was_repeated_wins),
        cmocka_unit_test(winner__p_of_two_is_nearly_mcnemars),
        cmocka_unit_test(winner__p_grows_with_rivals),
        cmocka_unit_test(winner__same_seed_same_bits),
        cmocka_unit_test(winner__nothing_and_one),
        cmocka_unit_test(winner__all_equal),
        cmocka_unit_test(winner__no_noise),
        cmocka_unit_test(winner__no_error_at_all),
        cmocka_unit_test(winner__simulated_searches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
