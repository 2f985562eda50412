#include "search/contenders.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

enum { MOST = 40, ROWS = 200 };

struct made {
    struct space space;
    struct history history;
    size_t number[MOST], epochs[MOST];
    uint64_t seed[MOST];
    char text[MOST][ROWS + 1];
    const char *per_row[MOST];
    double cost[MOST];
    struct finished finished;
    struct contenders found;
};

static void made_init(struct made *m)
{
    struct err err;

    memset(m, 0, sizeof(*m));
    assert_int_equal(space_parse(&m->space,
                                 "learning_rate=log:1e-4..1 optimizer=adam,sgd "
                                 "momentum=0..0.99 if optimizer=sgd",
                                 &err),
                     0);
    m->history.space = &m->space;
    m->finished = (struct finished){.history = &m->history,
                                    .number = m->number,
                                    .seed = m->seed,
                                    .per_row = m->per_row,
                                    .epochs_run = m->epochs,
                                    .cost = m->cost};
}

static void made_release(struct made *m)
{
    contenders_release(&m->found);
    history_release(&m->history);
    space_release(&m->space);
}

/* An adam with that learning rate; wrong on the first rows; trials count from
 * 1, costs fall from 100. */
static void add(struct made *m, double rate, size_t wrong)
{
    const double value[] = {rate, 0, NAN};
    size_t i = m->history.n;

    memset(m->text[i], '0', ROWS);
    memset(m->text[i], '1', wrong);
    m->per_row[i] = m->text[i];
    m->number[i] = i + 1;
    m->seed[i] = i;
    m->epochs[i] = 10 + i;
    m->cost[i] = 100 - (double)i;
    history_add(&m->history, value, (double)wrong / ROWS);
}

static void find(struct made *m)
{
    contenders_release(&m->found);
    contenders_find(&m->finished, 1, &m->found);
}

/* ---- tests ---- */

static void contenders__winner_then_simplest(void **state)
{
    static const size_t expected[] = {1, 4, 3, 0};
    struct made m;

    (void)state;
    made_init(&m);
    add(&m, .1, 22);
    add(&m, .2, 20);
    add(&m, .3, 60);
    add(&m, .4, 21);
    add(&m, .5, 23);
    find(&m);
    assert_int_equal(m.found.method, WINNER_ROWS);
    assert_int_equal(m.found.n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(m.found.items[i].first, expected[i]);
    assert_int_equal(m.found.items[0].rank, 1);
    assert_int_equal(m.found.items[1].rank, 4);
    assert_near(m.found.items[1].cost, 96, 1e-12);
    m.finished.cost = NULL;
    find(&m);
    assert_int_equal(m.found.items[1].first, 0);
    assert_near(m.found.items[1].cost, 10, 1e-12);
    made_release(&m);
}

static void contenders__repeats_are_one(void **state)
{
    struct made m;

    (void)state;
    made_init(&m);
    add(&m, .1, 20);
    add(&m, .2, 21);
    add(&m, .1, 24);
    add(&m, .2, 20);
    add(&m, .1, 25);
    add(&m, .2, 22);
    add(&m, .1, 20); /* the same network as the first */
    m.seed[6] = m.seed[0];
    find(&m);
    assert_int_equal(m.found.method, WINNER_ROWS_SEEDS);
    assert_int_equal(m.found.n, 2);
    assert_int_equal(m.found.items[0].first, 1);
    assert_int_equal(m.found.items[1].standing.runs, 3);
    assert_near(m.found.items[1].standing.mean, 69 / 600.0, 1e-12);
    assert_near(m.found.items[1].cost, 98, 1e-12);
    made_release(&m);
}

static void contenders__which_to_repeat(void **state)
{
    size_t first[MOST];
    struct made m;

    (void)state;
    made_init(&m);
    for (size_t i = 0; i < 12; i++)
        add(&m, .01 * (double)(i + 1), i % 3 == 2 ? 100 : 31 - i);
    assert_int_equal(contenders_to_repeat(&m.finished, 1, 4, first), 4);
    assert_int_equal(first[0], 10);
    assert_int_equal(first[1], 9);
    assert_int_equal(first[2], 7);
    assert_int_equal(contenders_to_repeat(&m.finished, 1, 30, first), 5);
    assert_int_equal(first[4], 4); /* six rows worse */
    assert_int_equal(contenders_to_repeat(&m.finished, 1, 0, first), 0);
    m.finished.per_row = NULL; /* nothing is known: the best */
    assert_int_equal(contenders_to_repeat(&m.finished, 1, 10, first), 10);
    assert_int_equal(first[8], 2);
    assert_int_equal(first[9], 5);
    made_release(&m);
}

static void contenders__rows(void **state)
{
    const double sgd[] = {.25, 1, .9};
    struct rows rows;
    struct made m;

    (void)state;
    made_init(&m);
    add(&m, .1, 30);
    add(&m, .2, 31);
    memcpy(m.history.value, sgd, sizeof(sgd));
    find(&m);
    contenders_rows(&m.finished, &m.found, &rows);
    assert_int_equal(rows_n(&rows), 2);
    assert_int_equal(rows.n_columns, 15);
    assert_string_equal(rows_named(&rows, 0, "trial"), "1");
    assert_string_equal(rows_named(&rows, 0, "objective"), "0.15");
    assert_string_equal(rows_named(&rows, 0, "run_low"), "");
    assert_string_equal(rows_named(&rows, 0, "method"), "rows");
    assert_string_equal(rows_named(&rows, 0, "optimizer"), "sgd");
    assert_string_equal(rows_named(&rows, 0, "momentum"), "0.9");
    assert_string_equal(rows_named(&rows, 1, "momentum"), "");
    assert_string_equal(rows_named(&rows, 1, "cost"), "99");
    assert_true(rows_value(&rows, 0, "low") < .15);
    assert_true(rows_value(&rows, 0, "high") > .15);
    rows_release(&rows);
    made_release(&m);
}

/* What per_row is used for, and what is left where it cannot be. */
static void contenders__per_row_of_something_else(void **state)
{
    struct made m;

    (void)state;
    made_init(&m);
    add(&m, .1, 30);
    add(&m, .2, 31);
    m.text[1][ROWS - 1] = '\0'; /* another length */
    find(&m);
    assert_int_equal(m.found.method, WINNER_NONE);
    assert_int_equal(m.found.n, 1);
    assert_true(isnan(m.found.items[0].standing.ci.low));
    m.finished.rows = ROWS;
    find(&m);
    assert_int_equal(m.found.method, WINNER_RATES);
    assert_int_equal(m.found.n, 2);
    m.text[1][ROWS - 1] = '0';
    find(&m);
    assert_int_equal(m.found.method, WINNER_ROWS);
    m.text[1][ROWS - 1] = '1'; /* another share */
    find(&m);
    assert_int_equal(m.found.method, WINNER_RATES);
    m.per_row[1] = "";
    find(&m);
    assert_int_equal(m.found.method, WINNER_RATES);
    m.history.objective[0] = 1.5; /* no rate at all */
    find(&m);
    assert_int_equal(m.found.method, WINNER_NONE);
    made_release(&m);
}

static void contenders__none_one_and_failed(void **state)
{
    struct rows rows;
    size_t first[2];
    struct made m;

    (void)state;
    made_init(&m);
    find(&m);
    assert_int_equal(m.found.n, 0);
    assert_int_equal(contenders_to_repeat(&m.finished, 1, 2, first), 0);
    add(&m, .1, 30);
    add(&m, .2, 3);
    m.history.objective[0] = INFINITY;
    m.history.objective[1] = NAN;
    find(&m);
    assert_int_equal(m.found.n, 0);
    contenders_rows(&m.finished, &m.found, &rows);
    assert_int_equal(rows_n(&rows), 0);
    rows_release(&rows);
    add(&m, .3, 0);
    find(&m);
    assert_int_equal(m.found.n, 1);
    assert_int_equal(m.found.items[0].first, 2);
    assert_near(m.found.items[0].standing.score, 0, 0);
    assert_near(m.found.items[0].standing.ci.high, wilson(0, ROWS).high, 1e-12);
    assert_int_equal(contenders_to_repeat(&m.finished, 1, 2, first), 1);
    made_release(&m);
}

static void contenders__all_equal(void **state)
{
    struct made m;

    (void)state;
    made_init(&m);
    for (size_t i = 0; i < 10; i++)
        add(&m, .01 * (double)(i + 1), 17);
    find(&m);
    assert_int_equal(m.found.n, 10);
    assert_int_equal(m.found.items[0].first, 0);
    assert_int_equal(m.found.items[1].first, 9);
    assert_near(m.found.items[0].standing.score, .085, 1e-3);
    made_release(&m);
}

/* The same, wrong on rows of its own. */
static void add_apart(struct made *m, double rate, size_t wrong)
{
    size_t i = m->history.n;

    add(m, rate, wrong);
    memset(m->text[i], '0', ROWS);
    for (size_t k = 0; k < wrong; k++)
        m->text[i][(7 * k + 31 * i) % ROWS] = '1';
}

/* One that was given up cannot win, and takes from the luck of the winner. */
static void contenders__given_up(void **state)
{
    bool given_up[MOST] = {false};
    double alone;
    struct made m;

    (void)state;
    made_init(&m);
    add_apart(&m, .0002, 90);
    add_apart(&m, .001, 30);
    find(&m);
    alone = m.found.items[0].standing.score;
    for (size_t i = 2; i < 20; i++) {
        given_up[i] = true;
        add_apart(&m, .001 * (double)i, 27 + i % 12);
    }
    m.finished.given_up = given_up;
    find(&m);
    assert_int_equal(m.found.n, 1);
    assert_int_equal(m.number[m.found.items[0].first], 2);
    assert_true(m.found.items[0].standing.score > alone + .004);
    made_release(&m);
}

static void contenders__all_given_up(void **state)
{
    const bool given_up[] = {true, true};
    struct made m;

    (void)state;
    made_init(&m);
    add(&m, .001, 30);
    add(&m, .002, 40);
    m.finished.given_up = given_up;
    find(&m);
    assert_int_equal(m.found.n, 0);
    made_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contenders__winner_then_simplest),
        cmocka_unit_test(contenders__repeats_are_one),
        cmocka_unit_test(contenders__which_to_repeat),
        cmocka_unit_test(contenders__rows),
        cmocka_unit_test(contenders__per_row_of_something_else),
        cmocka_unit_test(contenders__none_one_and_failed),
        cmocka_unit_test(contenders__all_equal),
        cmocka_unit_test(contenders__given_up),
        cmocka_unit_test(contenders__all_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
