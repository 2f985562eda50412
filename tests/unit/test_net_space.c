#include "analysis/net_space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "base/rng.h"

static void parse(struct space *space, const char *text)
{
    struct err err = {0};

    if (space_parse(space, text, &err) != 0)
        fail_msg("%s", err.message);
}

static void expect_text(const struct space *space, const char *wanted)
{
    struct buf text = {0};

    space_format(space, &text);
    assert_string_equal(text.data, wanted);
    buf_release(&text);
}

static void use(struct space *space, const char *text, enum net_kind net)
{
    struct hyper base;
    struct err err = {0};

    hyper_init(&base, net);
    parse(space, text);
    if (net_space_check(space, &base, NULL, &err) != 0)
        fail_msg("%s", err.message);
}

static void refuse_of(const struct hyper *base, const char *const given[HYPERS],
                      const char *text, const char *message)
{
    struct space space;
    struct err err = {0};

    parse(&space, text);
    assert_int_equal(net_space_check(&space, base, given, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message, message);
    space_release(&space);
}

static void refuse(const char *text, enum net_kind net, const char *message)
{
    struct hyper base;

    hyper_init(&base, net);
    refuse_of(&base, NULL, text, message);
}

/* ---- defaults ---- */

/* All of it can be set, at both ends and in between. */
static void draw_and_apply(const struct space *space, enum net_kind net)
{
    double unit[SPACE_MOST], value[SPACE_MOST];
    struct rng rng;
    struct err err = {0};

    rng_init(&rng, 1, 1);
    for (int draw = 0; draw < 50; draw++) {
        struct hyper hyper;
        hyper_init(&hyper, net);
        for (size_t i = 0; i < space->n; i++)
            unit[i] = draw == 0 ? 0 : draw == 1 ? 1 : rng_uniform(&rng);
        space_from_unit(space, unit, value);
        if (net_space_apply(space, value, &hyper, &err) != 0)
            fail_msg("%s", err.message);
        for (size_t i = 0; i < space->n; i++) {
            struct buf set = {0}, wanted = {0};
            hyper_format(&hyper, hyper_find(space->items[i].name), &set);
            dimension_format(&space->items[i], value[i], &wanted);
            assert_string_equal(set.data, wanted.data);
            buf_release(&set);
            buf_release(&wanted);
        }
    }
}

static void net_space_default__is_sound(void **state)
{
    (void)state;
    for (enum net_kind net = NET_LINEAR; net <= NET_ATTENTION; net++) {
        struct space space;
        struct hyper base;
        struct err err = {0};
        hyper_init(&base, net);
        assert_int_equal(net_space_default(&space, net, NULL, &err), 0);
        if (net_space_check(&space, &base, NULL, &err) != 0)
            fail_msg("%s", err.message);
        assert_in_range(space.n, 5, 9);
        assert_string_equal(space.items[0].name, "learning_rate");
        assert_string_equal(space.items[1].name, "schedule");
        assert_string_equal(space.items[2].name, "loss");
        assert_null(net_space_length(&space));
        draw_and_apply(&space, net);
        space_release(&space);
    }
}

static long number(const char *text)
{
    long value;

    assert_true(num_parse_long(text, 1, 1000, &value));
    return value;
}

/* Heads divide every width. */
static void net_space_default__attention(void **state)
{
    struct space space;
    struct err err = {0};
    size_t heads, width;

    (void)state;
    net_space_default(&space, NET_ATTENTION, NULL, &err);
    heads = space_find(&space, "heads");
    width = space_find(&space, "width");
    for (size_t i = 0; i < space.items[width].choices.n; i++)
        for (size_t j = 0; j < space.items[heads].choices.n; j++)
            assert_int_equal(number(space.items[width].choices.items[i]) %
                                 number(space.items[heads].choices.items[j]),
                             0);
    space_release(&space);
}

static void net_space_default__without_what_is_given(void **state)
{
    const char *given[HYPERS] = {NULL};
    struct space space;
    struct err err = {0};

    (void)state;
    given[hyper_find("learning_rate") - hyper_table] = "0.1";
    given[hyper_find("loss") - hyper_table] = "focal";
    given[hyper_find("clip") - hyper_table] = "1";
    assert_int_equal(net_space_default(&space, NET_LINEAR, given, &err), 0);
    expect_text(&space, "schedule=constant,cosine,one_cycle "
                        "weight_decay=log:1e-06..0.01 batch=int-log:16..256");
    space_release(&space);
    for (int i = 0; i < HYPERS; i++)
        given[i] = "1";
    assert_int_equal(net_space_default(&space, NET_LINEAR, given, &err), -1);
    assert_string_equal(err.message,
                        "nothing is left to search: all that would be is "
                        "given");
    assert_int_equal(net_space_default(&space, NET_MAJORITY, NULL, &err), -1);
    assert_string_equal(err.message, "--net majority has nothing to search");
}

/* ---- names ---- */

static void net_space_check__names(void **state)
{
    struct space space;

    (void)state;
    refuse("learning_rte=log:1e-5..1", NET_MLP,
           "'learning_rte' is no hyperparameter (perhaps 'learning_rate')");
    refuse("hidden_size=int:1..9", NET_MLP,
           "'hidden_size' is no hyperparameter (perhaps 'hidden')");
    refuse("decay=0..1", NET_LINEAR,
           "'decay' is no hyperparameter (perhaps 'weight_decay')");
    refuse("x0=0..1", NET_LINEAR,
           "'x0' is no hyperparameter (train --net linear --hyperparameters "
           "shows them)");
    refuse("an_extremely_long_name_that_nobody_would_ever_choose=0..1",
           NET_LINEAR,
           "'an_extremely_long_name_that_nobody_would_ever_choose' is no "
           "hyperparameter (train --net linear --hyperparameters shows them)");
    refuse("net=mlp,linear", NET_MLP,
           "'net' is no hyperparameter (train --net mlp --hyperparameters "
           "shows them)");
    refuse("kernel=3,5", NET_MLP, "'kernel': --net mlp has none");
    refuse("learning-rate=0..1 learning_rate=0..2", NET_MLP,
           "'learning_rate' occurs twice");
    use(&space, "learning-rate=log:1e-5..0.1 weight-decay=0,1e-4", NET_MLP);
    expect_text(&space, "learning_rate=log:1e-05..0.1 weight_decay=0,1e-4");
    space_release(&space);
}

static void net_space_check__given(void **state)
{
    const char *given[HYPERS] = {NULL};
    struct hyper base;

    (void)state;
    hyper_init(&base, NET_MLP);
    given[hyper_find("batch") - hyper_table] = "64";
    refuse_of(&base, given, "batch=int:1..64",
              "'batch' is given, and searched");
}

/* ---- values ---- */

static void net_space_check__values(void **state)
{
    struct space space;

    (void)state;
    refuse("dropout=0..1", NET_MLP,
           "--dropout: '1' is not a number from 0 to 0.99");
    refuse("learning_rate=log:1e-12..1", NET_MLP,
           "--learning-rate: '1e-12' is not a number from 1e-09 to 1000");
    refuse("batch=int:0..64", NET_MLP,
           "--batch: '0' is not a whole number from 1 to 65536");
    refuse("batch=log:16..64", NET_MLP,
           "'batch' has whole numbers for values: batch=int-log:LOW..HIGH");
    refuse("hidden=16..64", NET_MLP,
           "'hidden' has whole numbers for values: hidden=int:LOW..HIGH");
    refuse("schedule=0..1", NET_MLP,
           "'schedule' has words for values: schedule=constant,step");
    refuse("loss=cross_entropy,hinge", NET_MLP,
           "--loss: 'hinge' is not cross_entropy, focal or squared");
    refuse("hidden=\"64,x\",32", NET_MLP,
           "--hidden: 'x' is not a whole number from 1 to 65536");
    refuse("dropout=0,half", NET_MLP,
           "--dropout: 'half' is not a number from 0 to 0.99");
    use(&space, "batch=16,64 clip=int:0..5", NET_MLP);
    space_release(&space);
}

/* ---- conditions ---- */

static void net_space_check__adds_conditions(void **state)
{
    struct space space;

    (void)state;
    use(&space,
        "momentum=0.5..0.99 optimizer=adam,momentum,nesterov beta1=0.5..0.99",
        NET_MLP);
    expect_text(&space, "optimizer=adam,momentum,nesterov "
                        "momentum=0.5..0.99 if optimizer=momentum,nesterov "
                        "beta1=0.5..0.99 if optimizer=adam");
    space_release(&space);
    use(&space, "optimizer=momentum,nesterov momentum=0.5..0.99", NET_MLP);
    expect_text(&space, "optimizer=momentum,nesterov momentum=0.5..0.99");
    space_release(&space);
    use(&space, "beta1=0.5..0.99", NET_MLP); /* adam is the default */
    expect_text(&space, "beta1=0.5..0.99");
    space_release(&space);
}

static void net_space_check__own_conditions(void **state)
{
    struct space space;

    (void)state;
    use(&space,
        "optimizer=adam,momentum,nesterov momentum=0.5..0.99 if "
        "optimizer=momentum",
        NET_MLP);
    expect_text(&space, "optimizer=adam,momentum,nesterov "
                        "momentum=0.5..0.99 if optimizer=momentum");
    space_release(&space);
    refuse("optimizer=adam,momentum momentum=0.5..0.99 if "
           "optimizer=adam,momentum",
           NET_MLP, "'momentum' means nothing where 'optimizer' is 'adam'");
    refuse("optimizer=adam,momentum schedule=constant,step momentum=0..0.9 if "
           "schedule=step",
           NET_MLP,
           "'momentum' depends on 'schedule', but means something only for "
           "some values of 'optimizer'");
    use(&space,
        "optimizer=nesterov,momentum schedule=constant,step momentum=0..0.9 "
        "if schedule=step",
        NET_MLP);
    space_release(&space);
}

static void net_space_check__never_so(void **state)
{
    struct hyper base;
    struct space space;
    struct err err = {0};

    (void)state;
    refuse("momentum=0..0.9", NET_MLP,
           "'momentum' needs --optimizer momentum or nesterov");
    refuse("optimizer=adam,sgd momentum=0..0.9", NET_MLP,
           "'momentum' needs 'optimizer' to be momentum or nesterov, which is "
           "not tried");
    refuse("focal_gamma=0..5", NET_MLP, "'focal_gamma' needs --loss focal");
    hyper_init(&base, NET_MLP);
    base.optimizer = OPTIMIZER_NESTEROV;
    parse(&space, "momentum=0..0.9");
    assert_int_equal(net_space_check(&space, &base, NULL, &err), 0);
    space_release(&space);
}

/* ---- a configuration ---- */

static void net_space_apply__sets(void **state)
{
    double value[] = {1, .003, 2, NAN, 24};
    struct space space;
    struct hyper hyper;
    struct err err = {0};

    (void)state;
    use(&space,
        "optimizer=momentum,adam learning_rate=log:1e-5..0.1 "
        "hidden=64,\"256,128\",\"8,8,8\" momentum=0..0.9 batch=int:1..64",
        NET_MLP);
    hyper_init(&hyper, NET_MLP);
    hyper.momentum = .25;
    assert_int_equal(net_space_apply(&space, value, &hyper, &err), 0);
    assert_int_equal(hyper.optimizer, OPTIMIZER_ADAM);
    assert_true(hyper.learning_rate == .003);
    assert_int_equal(hyper.hidden.n, 3);
    assert_int_equal(hyper.hidden.at[2], 8);
    assert_true(hyper.momentum == .25);
    assert_int_equal(hyper.batch, 24);
    space_release(&space);
    use(&space, "hidden=int-log:16..512", NET_MLP);
    value[0] = 100;
    assert_int_equal(net_space_apply(&space, value, &hyper, &err), 0);
    assert_int_equal(hyper.hidden.n, 1);
    assert_int_equal(hyper.hidden.at[0], 100);
    value[0] = 1e6;
    assert_int_equal(net_space_apply(&space, value, &hyper, &err), -1);
    space_release(&space);
}

static void net_space_length__names_it(void **state)
{
    struct space space;

    (void)state;
    use(&space, "batch=int:1..9 epochs=int:1..9", NET_MLP);
    assert_string_equal(net_space_length(&space), "epochs");
    space_release(&space);
    use(&space, "patience=5", NET_MLP);
    assert_string_equal(net_space_length(&space), "patience");
    space_release(&space);
    use(&space, "schedule_epochs=1,2 schedule=step,plateau", NET_MLP);
    assert_null(net_space_length(&space));
    space_release(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net_space_default__is_sound),
        cmocka_unit_test(net_space_default__attention),
        cmocka_unit_test(net_space_default__without_what_is_given),
        cmocka_unit_test(net_space_check__names),
        cmocka_unit_test(net_space_check__given),
        cmocka_unit_test(net_space_check__values),
        cmocka_unit_test(net_space_check__adds_conditions),
        cmocka_unit_test(net_space_check__own_conditions),
        cmocka_unit_test(net_space_check__never_so),
        cmocka_unit_test(net_space_apply__sets),
        cmocka_unit_test(net_space_length__names_it)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
