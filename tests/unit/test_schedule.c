/* Learning rates against those of torch.optim.lr_scheduler. */
#include "nn/schedule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "series.h"

enum { EPOCHS = 5, STEPS = 7, ALL = EPOCHS * STEPS, PLATEAU = 15 };

#define FILE_OF_RATES TEST_DATA "/optimizers/schedules.txt"

static void assert_rate(double got, double want, size_t step)
{
    if (!(fabs(got - want) <= 1e-12 * want))
        fail_msg("step %zu: %.17g, expected %.17g", step, got, want);
}

static struct hyper plan(int kind)
{
    return (struct hyper){.schedule = kind,
                          .learning_rate = .05,
                          .schedule_epochs = 2,
                          .schedule_factor = .3,
                          .epochs = EPOCHS};
}

/* All rates of a schedule that no loss changes. */
static void check(const struct hyper *h, const double want[ALL])
{
    struct schedule s;

    schedule_init(&s, h, STEPS);
    for (size_t t = 0; t < ALL; t++)
        assert_rate(schedule_rate(&s, t), want[t], t);
}

static void check_named(const struct hyper *h, const char *name)
{
    double want[ALL];

    series_read(FILE_OF_RATES, name, want, ALL);
    check(h, want);
}

static void schedule__constant(void **state)
{
    struct hyper h = plan(SCHEDULE_CONSTANT);
    double want[ALL];

    (void)state;
    for (size_t t = 0; t < ALL; t++)
        want[t] = .05;
    check(&h, want);
}

static void schedule__step(void **state)
{
    struct hyper h = plan(SCHEDULE_STEP);

    (void)state;
    check_named(&h, "step");
}

static void schedule__cosine(void **state)
{
    struct hyper h = plan(SCHEDULE_COSINE);

    (void)state;
    check_named(&h, "cosine");
}

static void schedule__one_cycle(void **state)
{
    struct hyper h = plan(SCHEDULE_ONE_CYCLE);

    (void)state;
    check_named(&h, "one_cycle");
    h.warmup = 2;
    check_named(&h, "one_cycle.rise");
}

/* A run of a step or two, or nothing but a rise, has rates too. */
static void schedule__one_cycle_of_few_steps(void **state)
{
    struct hyper h = plan(SCHEDULE_ONE_CYCLE);
    struct schedule s;

    (void)state;
    h.epochs = 1;
    for (uint64_t steps = 1; steps < 12; steps++)
        for (int rise = 0; rise < 3; rise++) {
            h.warmup = rise * .5;
            schedule_init(&s, &h, steps);
            for (uint64_t t = 0; t < steps + 2; t++) {
                double rate = schedule_rate(&s, t);
                assert_true(rate >= .05 / 250001 && rate <= .05);
            }
        }
    assert_rate(schedule_rate(&s, 10), .05, 10);
}

static void schedule__plateau(void **state)
{
    struct hyper h = plan(SCHEDULE_PLATEAU);
    double want[PLATEAU * STEPS], loss[PLATEAU];
    struct schedule s;

    (void)state;
    series_read(FILE_OF_RATES, "plateau", want, PLATEAU * STEPS);
    series_read(FILE_OF_RATES, "plateau.losses", loss, PLATEAU);
    assert_true(want[PLATEAU * STEPS - 1] < .05 * .1);
    schedule_init(&s, &h, STEPS);
    for (size_t t = 0; t < PLATEAU * STEPS; t++) {
        assert_rate(schedule_rate(&s, t), want[t], t);
        if (t % STEPS == STEPS - 1)
            schedule_epoch(&s, loss[t / STEPS]);
    }
}

static void schedule__plateau_without_news(void **state)
{
    struct hyper h = plan(SCHEDULE_PLATEAU);
    struct schedule s;

    (void)state;
    schedule_init(&s, &h, STEPS);
    for (int epoch = 0; epoch < 20; epoch++)
        schedule_epoch(&s, NAN);
    assert_rate(schedule_rate(&s, ALL), .05, ALL);
    schedule_epoch(&s, 1);
    for (int epoch = 0; epoch < 3; epoch++)
        schedule_epoch(&s, 2);
    assert_rate(schedule_rate(&s, ALL), .05 * .3, ALL);
}

/* 1.5 epochs of 7 steps are 11 steps, rounded. */
static void schedule__warmup(void **state)
{
    static const int kinds[] = {SCHEDULE_CONSTANT, SCHEDULE_STEP,
                                SCHEDULE_COSINE, SCHEDULE_PLATEAU};

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        struct hyper h = plan(kinds[k]);
        double want[ALL];
        h.warmup = 1.5;
        for (size_t t = 0; t < ALL; t++) {
            double rate = .05 * fmin((double)(t + 1) / 12, 1);
            if (h.schedule == SCHEDULE_STEP)
                rate *= pow(.3, (double)(t / STEPS / 2));
            if (h.schedule == SCHEDULE_COSINE && t > 11)
                rate *= .5 * (1 + cos(M_PI * (double)(t - 11) / (ALL - 11)));
            want[t] = rate;
        }
        check(&h, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedule__constant),
        cmocka_unit_test(schedule__step),
        cmocka_unit_test(schedule__cosine),
        cmocka_unit_test(schedule__one_cycle),
        cmocka_unit_test(schedule__one_cycle_of_few_steps),
        cmocka_unit_test(schedule__plateau),
        cmocka_unit_test(schedule__plateau_without_news),
        cmocka_unit_test(schedule__warmup),
    };

    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
