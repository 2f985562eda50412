#include "search/importance.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/sensitivity.h"
#include "base/rng.h"
#include "nn/hyper.h"

static const struct importance_options all_of_it = {1, 1};

static void parse(struct space *space, const char *text)
{
    struct err err = {0};

    *space = (struct space){0};
    assert_int_equal(space_parse(space, text, &err), 0);
}

/* n random trials; the objective is what f says of one. */
static struct history try_random(const struct space *space, size_t n,
                                 double (*f)(const double *))
{
    struct history h = {.space = space};
    double unit[SPACE_MOST], value[SPACE_MOST];
    struct rng rng;

    rng_init(&rng, 1, 1);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < space->n; k++)
            unit[k] = rng_uniform(&rng);
        space_from_unit(space, unit, value);
        history_add(&h, value, f(value));
    }
    return h;
}

static size_t row_of(const struct rows *rows, const char *name,
                     const char *other)
{
    for (size_t i = 0; i < rows_n(rows); i++)
        if (strcmp(rows_named(rows, i, "parameter"), name) == 0 &&
            strcmp(rows_named(rows, i, "other"), other) == 0)
            return i;
    return SIZE_MAX;
}

static double of(const struct rows *rows, const char *name, const char *other,
                 const char *column)
{
    size_t row = row_of(rows, name, other);

    assert_true(row != SIZE_MAX);
    return rows_value(rows, row, column);
}

static struct rows importance(const struct history *h,
                              const char *const *expected,
                              struct importance_options options)
{
    struct err err = {0};
    struct rows rows;

    if (importance_rows(&rows, h, expected, &options, &err) != 0)
        fail_msg("%s", err.message);
    return rows;
}

static void assert_refused(const struct history *h, const char *message)
{
    struct importance_options options = importance_options();
    struct err err = {0};
    struct rows rows;

    assert_int_equal(importance_rows(&rows, h, NULL, &options, &err), -1);
    assert_int_equal(err.kind, ERR_DATA);
    assert_string_equal(err.message, message);
}

/* ---- what is found ---- */

/* The rate breaks what is above .1; the rest is orders of magnitude. */
static double breaks(const double *v)
{
    double rate = log10(v[0]) + 3, batch = log2(v[1] / 64);

    return v[0] > .1 ? 1e6 : .1 + .01 * rate * rate + .004 * batch + .02 * v[2];
}

static void importance_rows__breaking_does_not_own_all(void **state)
{
    static const char *const expected[] = {"high", "low", "low"};
    struct importance_options half = importance_options();
    struct space space;
    struct history h;
    struct rows rows;

    (void)state;
    parse(&space, "learning_rate=log:1e-5..1 batch=int-log:16..256 "
                  "activation=relu,tanh");
    h = try_random(&space, 80, breaks);
    rows = importance(&h, expected, half);
    assert_int_equal(rows_n(&rows), 6);
    assert_string_equal(rows_named(&rows, 0, "parameter"), "learning_rate");
    assert_string_equal(rows_named(&rows, 0, "expected"), "high");
    assert_string_equal(rows_named(&rows, 3, "expected"), "");
    assert_true(of(&rows, "activation", "", "low") > .02);
    assert_true(of(&rows, "batch", "", "importance") > .02);
    rows_release(&rows);
    rows = importance(&h, NULL, all_of_it);
    assert_true(of(&rows, "learning_rate", "", "importance") > .98);
    assert_true(of(&rows, "activation", "", "importance") < .01);
    assert_string_equal(rows_named(&rows, 0, "expected"), "");
    rows_release(&rows);
    history_release(&h);
    space_release(&space);
}

/* A scale is that of the space: a rate matters by its orders of magnitude. */
static double by_order(const double *v)
{
    return log10(v[0]) + 2 * v[1];
}

static void importance_rows__scales_are_of_the_space(void **state)
{
    struct space space;
    struct history h;
    struct rows rows;

    (void)state;
    /* Variances: 4²/12, and 4 (k² - 1)/12 of k = 3 whole numbers. */
    parse(&space, "rate=log:1e-4..1 layers=int:1..3");
    h = try_random(&space, 60, by_order);
    rows = importance(&h, NULL, all_of_it);
    assert_true(fabs(of(&rows, "rate", "", "importance") - 1 / 3.) < .05);
    assert_true(fabs(of(&rows, "layers", "", "importance") - 2 / 3.) < .05);
    assert_true(of(&rows, "rate", "", "low") < 1 / 3.);
    assert_true(of(&rows, "rate", "", "high") > 1 / 3.);
    rows_release(&rows);
    history_release(&h);
    space_release(&space);
}

static double conditional(const double *v)
{
    return isnan(v[1]) ? 1 : 4 * v[1];
}

static void importance_rows__conditions(void **state)
{
    struct space space;
    struct history h;
    struct rows rows;

    (void)state;
    parse(&space, "optimizer=adam,sgd,momentum momentum=0..1 if "
                  "optimizer=momentum beta=0..1 if optimizer=adam idle=0..1");
    h = try_random(&space, 90, conditional);
    rows = importance(&h, NULL, all_of_it);
    /* (2 - 1)² 2/9 of the optimizer, 16/12 / 3 of the momentum. */
    assert_true(fabs(of(&rows, "optimizer", "", "importance") - 1 / 3.) < .06);
    assert_true(fabs(of(&rows, "momentum", "", "importance") - 2 / 3.) < .06);
    assert_true(of(&rows, "beta", "", "importance") < .01);
    assert_true(row_of(&rows, "momentum", "beta") == SIZE_MAX);
    assert_int_equal(rows_n(&rows), 4 + 5);
    rows_release(&rows);
    history_release(&h);
    space_release(&space);
}

static void importance_rows__failed_trials_are_left_out(void **state)
{
    struct space space;
    struct history h;
    struct rows rows, again;

    (void)state;
    parse(&space, "rate=log:1e-4..1 layers=int:1..3");
    h = try_random(&space, 20, by_order);
    rows = importance(&h, NULL, importance_options());
    history_add(&h, (double[]){.5, 2}, INFINITY);
    history_add(&h, (double[]){.5, 3}, NAN);
    again = importance(&h, NULL, importance_options());
    for (size_t i = 0; i < rows_n(&rows); i++)
        for (size_t c = 0; c < rows.n_columns; c++)
            assert_string_equal(rows_cell(&rows, i, c),
                                rows_cell(&again, i, c));
    rows_release(&rows);
    rows_release(&again);
    history_release(&h);
    space_release(&space);
}

static double first_only(const double *v)
{
    return v[0];
}

static void importance_rows__untried_is_unknown(void **state)
{
    struct space space;
    struct history h;
    struct rows rows;

    (void)state;
    parse(&space, "a=0..1 b=0..1 c=one");
    h = try_random(&space, 20, first_only);
    for (size_t i = 0; i < h.n; i++)
        h.value[i * 3 + 1] = .25;
    rows = importance(&h, NULL, all_of_it);
    assert_int_equal(rows_n(&rows), 3);
    for (size_t i = 1; i < 3; i++)
        for (size_t c = 2; c < 5; c++)
            assert_string_equal(rows_cell(&rows, i, c), "");
    assert_true(of(&rows, "a", "", "importance") > .99);
    rows_release(&rows);
    history_release(&h);
    space_release(&space);
}

/* ---- what is refused ---- */

static double same(const double *v)
{
    (void)v;
    return .5;
}

static void importance_rows__refuses(void **state)
{
    struct space space, empty = {0};
    struct history h = {.space = &empty};
    struct buf many = {0};

    (void)state;
    assert_refused(&h, "nothing was searched");
    parse(&space, "a=0..1");
    h = try_random(&space, 9, first_only);
    history_add(&h, (double[]){.5}, INFINITY);
    assert_refused(&h, "importance takes at least 10 finished trials, got 9");
    history_release(&h);
    h = try_random(&space, 12, same);
    assert_refused(&h, "all 12 finished trials are as good");
    history_release(&h);
    space_release(&space);
    buf_add_text(&many, "word=w0");
    for (int i = 1; i < 65; i++)
        buf_printf(&many, ",w%d", i);
    parse(&space, many.data);
    h = try_random(&space, 12, first_only);
    assert_refused(&h, "'word' has 65 choices: importance takes at most 64");
    history_release(&h);
    space_release(&space);
    buf_release(&many);
}

/* More than half are the best there is: nothing is cut. */
static double mostly_best(const double *v)
{
    return v[0] > .9 ? 2 : 1;
}

static void importance_rows__most_are_best(void **state)
{
    struct space space;
    struct history h;
    struct rows rows;

    (void)state;
    parse(&space, "a=0..1 b=0..1");
    h = try_random(&space, 60, mostly_best);
    rows = importance(&h, NULL, importance_options());
    assert_true(of(&rows, "a", "", "importance") > .9);
    rows_release(&rows);
    history_release(&h);
    space_release(&space);
}

/* ---- curves ---- */

static void marginal_rows__by_kind(void **state)
{
    struct importance_options options = {1, 1};
    struct err err = {0};
    struct space space;
    struct history h;
    struct rows rows;

    (void)state;
    parse(&space, "rate=log:1e-4..1 layers=int:1..3 word=x,y");
    h = try_random(&space, 80, by_order);
    assert_int_equal(marginal_rows(&rows, &h, 0, &options, &err), 0);
    assert_int_equal(rows_n(&rows), 33);
    assert_string_equal(rows_named(&rows, 0, "value"), "0.0001");
    assert_string_equal(rows_named(&rows, 16, "value"), "0.01");
    assert_string_equal(rows_named(&rows, 32, "value"), "1");
    assert_true(fabs(rows_value(&rows, 16, "objective") - 2) < .3);
    assert_true(fabs(rows_value(&rows, 28, "objective") - 3.5) < .3);
    assert_true(rows_value(&rows, 16, "low") < 2 &&
                rows_value(&rows, 16, "high") > 2);
    rows_release(&rows);
    assert_int_equal(marginal_rows(&rows, &h, 1, &options, &err), 0);
    assert_int_equal(rows_n(&rows), 3);
    assert_true(fabs(rows_value(&rows, 2, "objective") -
                     rows_value(&rows, 0, "objective") - 4) < .3);
    rows_release(&rows);
    assert_int_equal(marginal_rows(&rows, &h, 2, &options, &err), 0);
    assert_int_equal(rows_n(&rows), 2);
    assert_string_equal(rows_named(&rows, 1, "value"), "y");
    rows_release(&rows);
    for (size_t i = 0; i < h.n; i++)
        h.value[i * 3 + 2] = 0;
    assert_int_equal(marginal_rows(&rows, &h, 2, &options, &err), -1);
    assert_string_equal(err.message, "one value of 'word' was tried: no curve");
    history_release(&h);
    space_release(&space);
}

/* ---- what is expected ---- */

static void sensitivity_expected__every_hyperparameter(void **state)
{
    size_t count[4] = {0};

    (void)state;
    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        const char *word = sensitivity_expected(e->name);
        count[*word == 'h' ? 0 : *word == 'm' ? 1 : *word == 'l' ? 2 : 3]++;
    }
    assert_int_equal(count[0], 10);
    assert_int_equal(count[1], 8);
    assert_int_equal(count[2], 8);
    assert_int_equal(count[3], HYPERS - 26);
    assert_string_equal(sensitivity_expected("learning-rate"), "high");
    assert_string_equal(sensitivity_expected("loss"), "high");
    assert_string_equal(sensitivity_expected("dropout"), "medium");
    assert_string_equal(sensitivity_expected("batch"), "low");
    assert_string_equal(sensitivity_expected("flip"), "");
    assert_string_equal(sensitivity_expected("x0"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(importance_rows__breaking_does_not_own_all),
        cmocka_unit_test(importance_rows__scales_are_of_the_space),
        cmocka_unit_test(importance_rows__conditions),
        cmocka_unit_test(importance_rows__failed_trials_are_left_out),
        cmocka_unit_test(importance_rows__untried_is_unknown),
        cmocka_unit_test(importance_rows__refuses),
        cmocka_unit_test(importance_rows__most_are_best),
        cmocka_unit_test(marginal_rows__by_kind),
        cmocka_unit_test(sensitivity_expected__every_hyperparameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
