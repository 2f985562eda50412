#include "nn/trainer.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "scratch.h"

#include "base/mem.h"
#include "nn/feed.h"
#include "nn/loss.h"
#include "nn/training.h"

enum { MOST_EPOCHS = 400 };

/* A table, its encoder and its rows, ready for train(). */
struct toy {
    struct csv_reader *reader;
    struct schema schema;
    struct table table;
    struct encoder encoder;
    struct train_rows rows;
    uint32_t class_of[16];
    size_t *order;
    size_t n_classes;
};

/* Rows [0, n_fit) are for fitting, the others for stopping. */
static void make_toy(struct toy *t, const char *text, const char *weight,
                     size_t n_fit)
{
    struct schema_request request = {.weight = weight,
                                     .ngrams = NGRAM_DEFAULTS};
    struct buf notes = {0};
    struct err err = {0};
    size_t order[16];

    memset(t, 0, sizeof(*t));
    t->reader = scratch_reader(text, true);
    if (schema_infer(&t->schema, t->reader, &request, &notes, &err) != 0 ||
        csv_reader_rewind(t->reader, &err) != 0 ||
        table_init(&t->table, &t->schema, t->reader, &err) != 0 ||
        table_read(&t->table, t->reader, &err) != 0)
        fail_msg("%s", err.message);
    buf_release(&notes);
    t->order = mem_alloc(t->table.n, sizeof(size_t));
    for (size_t i = 0; i < t->table.n; i++)
        t->order[i] = i;
    n_fit = n_fit ? n_fit : t->table.n;
    encoder_fit(&t->encoder, &t->table, t->order, n_fit);
    t->n_classes = t->table.labels.count;
    dict_sorted(&t->table.labels, order);
    for (size_t i = 0; i < t->n_classes; i++)
        t->class_of[order[i]] = (uint32_t)i;
    t->rows = (struct train_rows){.table = &t->table,
                                  .encoder = &t->encoder,
                                  .class_of = t->class_of,
                                  .fit = t->order,
                                  .stop = t->order + n_fit,
                                  .n_fit = n_fit,
                                  .n_stop = t->table.n - n_fit};
}

static void release_toy(struct toy *t)
{
    encoder_release(&t->encoder);
    table_release(&t->table);
    schema_release(&t->schema);
    csv_reader_close(t->reader);
    free(t->order);
}

/* The toy's network: an embedding of 4, one hidden layer of 5. */
static struct net_spec make_spec(const struct toy *t, enum net_kind kind)
{
    struct net_spec spec = {.input = {.n_dense = t->encoder.n_dense,
                                      .n_slots = t->encoder.n_slots,
                                      .n_bag_rows = t->encoder.n_bag_rows},
                            .n_classes = t->n_classes};

    hyper_init(&spec.hyper, kind);
    spec.hyper.embedding = 4;
    spec.hyper.hidden = (struct widths){1, {5}};
    return spec;
}

static struct net *make_net(const struct toy *t, enum net_kind kind,
                            uint64_t seed)
{
    struct net_spec spec = make_spec(t, kind);

    return net_new(&spec, seed);
}

/* What was told. */
struct log {
    struct epoch epoch[MOST_EPOCHS];
    size_t n, best;
};

static void take(void *context, const struct epoch *epoch)
{
    struct log *told = context;

    assert_true(told->n < MOST_EPOCHS);
    assert_int_equal(epoch->number, told->n + 1);
    told->epoch[told->n++] = *epoch;
}

static void run(struct net *net, const struct toy *t, uint64_t seed,
                struct log *told)
{
    struct err err = {0};

    memset(told, 0, sizeof(*told));
    if (train(net, &t->rows, seed, take, told, &told->best, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(err.kind, ERR_NONE);
}

/* All parameters, one behind the other. */
static float *values_of(struct net *net, size_t *n)
{
    float *all = mem_alloc(net_size(net), sizeof(*all));
    struct param *p;

    *n = 0;
    for (size_t i = 0; (p = net_param(net, i)); i++) {
        memcpy(all + *n, p->value, p->rows * p->cols * sizeof(*all));
        *n += p->rows * p->cols;
    }
    return all;
}

static bool same_values(struct net *a, struct net *b)
{
    size_t n, m;
    float *x = values_of(a, &n), *y = values_of(b, &m);
    bool same = n == m && memcmp(x, y, n * sizeof(*x)) == 0;

    free(x);
    free(y);
    return same;
}

/* Two clouds that a line divides, and words that tell as well. */
static struct buf clouds(size_t n, double apart, bool words)
{
    struct buf text = {0};
    struct rng rng;

    rng_init(&rng, 4, 1);
    buf_add_text(&text, words ? "x,y,title,label\n" : "x,y,label\n");
    for (size_t i = 0; i < n; i++) {
        int k = (int)(i % 2);
        buf_printf(&text, "%.5f,%.5f,", rng_normal(&rng) + k * apart,
                   rng_normal(&rng));
        if (words)
            buf_printf(&text, "w%zu u%zu %s t%zu,", i % 7, i % 5,
                       k ? "sea war" : "poem", i % 11);
        buf_printf(&text, "%s\n", k ? "yes" : "no");
    }
    return text;
}

/* ---- learning ---- */

static void train__separable(void **state)
{
    static const enum net_kind kinds[] = {NET_LINEAR, NET_MLP};
    struct buf text = clouds(200, 8, false);
    struct log told;
    struct toy t;

    (void)state;
    make_toy(&t, text.data, NULL, 160);
    for (int k = 0; k < 2; k++) {
        struct net *net = make_net(&t, kinds[k], 1);
        net->spec.hyper.learning_rate = .02;
        net->spec.hyper.epochs = 60;
        run(net, &t, 1, &told);
        assert_true(told.epoch[told.best - 1].stop_error == 0);
        assert_true(told.epoch[told.n - 1].train_error < .01);
        assert_true(told.epoch[told.n - 1].train_loss <
                    told.epoch[0].train_loss / 4);
        assert_true(told.epoch[0].grad_norm > 0);
        assert_true(told.epoch[0].update_ratio > 0);
        net_free(net);
    }
    release_toy(&t);
    buf_release(&text);
}

static void train__majority_is_the_frequencies(void **state)
{
    struct toy t;
    struct log told;
    struct net *net;
    float bias[2];

    (void)state;
    make_toy(&t, "x,label\n1,b\n2,a\n3,a\n4,a\n", NULL, 0);
    net = make_net(&t, NET_MAJORITY, 1);
    run(net, &t, 1, &told);
    softmax(bias, net_param(net, 1)->value, 2);
    assert_near((double)bias[0], .75, 1e-6);
    assert_near(told.epoch[0].train_loss, -.75 * log(.75) - .25 * log(.25),
                1e-6);
    assert_near(told.epoch[0].train_error, .25, 1e-12);
    assert_int_equal(told.n, 1);
    net_free(net);
    release_toy(&t);
}

static void train__loss_not_finite(void **state)
{
    struct buf text = clouds(40, 1, false);
    struct err err = {0};
    struct log told = {0};
    struct toy t;
    struct net *net;

    (void)state;
    make_toy(&t, text.data, NULL, 0);
    net = make_net(&t, NET_MLP, 1);
    net->spec.hyper.learning_rate = 1e30;
    assert_int_equal(train(net, &t.rows, 1, take, &told, &told.best, &err), -1);
    assert_int_equal(err.kind, ERR_DATA);
    assert_non_null(strstr(err.message, "the loss is not finite in epoch "));
    net_free(net);
    release_toy(&t);
    buf_release(&text);
}

/* ---- the same bits ---- */

static struct net *train_with(const struct toy *t, enum net_kind kind,
                              int threads, uint64_t seed, struct log *told)
{
    struct net_spec spec = make_spec(t, kind);
    struct net *net;

    spec.hyper.embedding = 16;
    spec.hyper.hidden = (struct widths){2, {128, 64}};
    spec.hyper.dropout = .2;
    spec.hyper.epochs = 3;
    net = net_new(&spec, seed);
    omp_set_num_threads(threads);
    run(net, t, seed, told);
    return net;
}

/* Everything but the words, which stand somewhere else each time. */
static bool same_epochs(const struct log *a, const struct log *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&a->epoch[i], &b->epoch[i],
                   offsetof(struct epoch, warning)) != 0)
            return false;
    return true;
}

static void train__same_bits_at_any_threads(void **state)
{
    static const int threads[] = {2, 3, 8};
    struct buf text = clouds(150, 1, true);
    static struct log told, first;
    struct toy t;

    (void)state;
    make_toy(&t, text.data, NULL, 130);
    assert_int_equal(t.encoder.n_slots, 1);
    for (int kind = NET_LINEAR; kind <= NET_MLP; kind++) {
        struct net *one = train_with(&t, (enum net_kind)kind, 1, 1, &first),
                   *other;
        for (int i = 0; i < 3; i++) {
            struct net *net =
                train_with(&t, (enum net_kind)kind, threads[i], 1, &told);
            assert_true(same_values(one, net));
            assert_true(same_epochs(&told, &first, 3));
            net_free(net);
        }
        other = train_with(&t, (enum net_kind)kind, 2, 2, &told);
        assert_false(same_values(one, other));
        net_free(one);
        net_free(other);
    }
    omp_set_num_threads(2);
    release_toy(&t);
    buf_release(&text);
}

/* ---- when to stop ---- */

/* Mean loss of the stopping rows, by their predictions. */
static double stop_loss(struct net *net, const struct toy *t)
{
    float *prob = mem_alloc(t->rows.n_stop * t->n_classes, sizeof(*prob));
    struct feed feed;
    double sum = 0;

    feed_init(&feed, net, &t->encoder, &t->table);
    feed_predict(&feed, t->rows.stop, t->rows.n_stop, prob);
    for (size_t i = 0; i < t->rows.n_stop; i++)
        sum -= log((double)prob[i * t->n_classes +
                                t->class_of[t->table.label[t->rows.stop[i]]]]);
    free(prob);
    feed_release(&feed);
    return sum / (double)t->rows.n_stop;
}

/* Overlapping clouds at a high rate: the loss soon rises again. */
static void train__best_epoch_stays(void **state)
{
    struct buf text = clouds(60, .5, true);
    struct log told;
    struct toy t;
    struct net *net;
    double least = INFINITY;

    (void)state;
    make_toy(&t, text.data, NULL, 30);
    net = make_net(&t, NET_MLP, 1);
    net->spec.hyper.learning_rate = .05;
    net->spec.hyper.patience = 7;
    for (size_t i = 0; i < t.table.n; i += 3)
        t.table.label[i] ^= 1;
    run(net, &t, 1, &told);
    assert_true(told.best < told.n);
    assert_int_equal(told.n, told.best + 7);
    for (size_t i = 0; i < told.n; i++)
        least = fmin(least, told.epoch[i].stop_loss);
    assert_true(told.epoch[told.best - 1].stop_loss == least);
    assert_near(stop_loss(net, &t), least, 1e-5);
    assert_true(fabs(told.epoch[told.n - 1].stop_loss - least) > 1e-3);
    net_free(net);
    release_toy(&t);
    buf_release(&text);
}

static void train__without_stopping_rows_runs_all(void **state)
{
    struct buf text = clouds(30, 1, false);
    struct log told;
    struct toy t;
    struct net *net;

    (void)state;
    make_toy(&t, text.data, NULL, 0);
    net = make_net(&t, NET_LINEAR, 1);
    net->spec.hyper.epochs = 25;
    net->spec.hyper.patience = 1;
    run(net, &t, 1, &told);
    assert_int_equal(told.n, 25);
    assert_int_equal(told.best, 25);
    assert_true(isnan(told.epoch[24].stop_loss));
    assert_true(told.epoch[24].train_loss < told.epoch[0].train_loss);
    net_free(net);
    release_toy(&t);
    buf_release(&text);
}

/* A stopping row whose label training lacks: an error, but no loss. */
static void train__strange_labels_among_stopping_rows(void **state)
{
    struct log told;
    struct toy t;
    struct net *net;

    (void)state;
    make_toy(&t, "x,label\n1,a\n2,b\n1.1,a\n2.1,b\n1,a\n2,zz\n", NULL, 4);
    t.class_of[2] = LABEL_NONE;
    t.n_classes = 2;
    net = make_net(&t, NET_LINEAR, 1);
    net->spec.hyper.epochs = 1;
    run(net, &t, 1, &told);
    assert_true(isfinite(told.epoch[0].stop_loss));
    assert_true(told.epoch[0].stop_error >= .5);
    net_free(net);
    release_toy(&t);
}

/* ---- weights ---- */

/* 8, 8 and 32 rows: balanced weights are 2, 2 and .5. */
static struct buf unbalanced(bool weights)
{
    static const char *const name[] = {"a", "b", "c"}, *const weight[] = {
                                                           "2", "2", "0.5"};
    struct buf text = {0};
    struct rng rng;

    rng_init(&rng, 8, 1);
    buf_add_text(&text, weights ? "x,y,w,label\n" : "x,y,label\n");
    for (int i = 0; i < 48; i++) {
        int k = i % 6 == 0 ? 0 : i % 6 == 1 ? 1 : 2;
        buf_printf(&text, "%.5f,%.5f,", rng_normal(&rng) + k,
                   rng_normal(&rng) - k);
        if (weights)
            buf_printf(&text, "%s,", weight[k]);
        buf_printf(&text, "%s\n", name[k]);
    }
    return text;
}

static struct net *fit_weighted(bool weights, bool balanced, struct log *told)
{
    struct buf text = unbalanced(weights);
    struct toy t;
    struct net *net;

    make_toy(&t, text.data, weights ? "w" : NULL, 0);
    net = make_net(&t, NET_MLP, 1);
    net->spec.hyper.epochs = 5;
    net->spec.hyper.batch = 16;
    net->spec.hyper.learning_rate = .01;
    net->spec.hyper.class_weight = balanced ? CLASS_WEIGHT_BALANCED
                                            : CLASS_WEIGHT_NONE;
    run(net, &t, 1, told);
    release_toy(&t);
    buf_release(&text);
    return net;
}

static void train__balanced_is_weighting_by_hand(void **state)
{
    static struct log told, by_hand, flat;
    struct net *a = fit_weighted(false, true, &told),
               *b = fit_weighted(true, false, &by_hand),
               *c = fit_weighted(false, false, &flat);

    (void)state;
    assert_true(same_values(a, b));
    assert_false(same_values(a, c));
    /* The curve weighs rows, not classes: as it does the held-out rows. */
    assert_true(told.epoch[4].train_loss > by_hand.epoch[4].train_loss + 1e-6 ||
                told.epoch[4].train_loss < by_hand.epoch[4].train_loss - 1e-6);
    net_free(a);
    net_free(b);
    net_free(c);
}

/* A row of weight 2 counts like two rows. */
static void train__weight_two_is_two_rows(void **state)
{
    struct log one, two;
    struct toy t, twice;
    struct net *a, *b;

    (void)state;
    make_toy(&t, "x,w,label\n1,1,a\n2,1,b\n4,2,b\n", "w", 0);
    make_toy(&twice, "x,w,label\n1,1,a\n2,1,b\n4,1,b\n4,1,b\n", "w", 0);
    twice.encoder.numbers[0] = t.encoder.numbers[0];
    for (size_t i = 0; i < twice.table.n; i++)
        twice.table.numbers[i] = i == 3 ? t.table.numbers[2]
                                        : t.table.numbers[i];
    a = make_net(&t, NET_LINEAR, 1);
    b = make_net(&twice, NET_LINEAR, 1);
    a->spec.hyper.epochs = b->spec.hyper.epochs = 20;
    run(a, &t, 1, &one);
    run(b, &twice, 1, &two);
    for (int i = 0; i < 20; i++)
        assert_near(one.epoch[i].train_loss, two.epoch[i].train_loss, 1e-6);
    net_free(a);
    net_free(b);
    release_toy(&t);
    release_toy(&twice);
}

/* ---- the same losses as PyTorch ---- */

static void set_start(struct net *net)
{
    struct param *p;

    for (size_t k = 0; (p = net_param(net, k)); k++)
        for (size_t i = 0; i < p->rows * p->cols; i++)
            p->value[i] = (real)(.3 * sin((double)(1 + i + 10 * k)));
}

static void assert_losses(const struct toy *t, enum net_kind kind,
                          const char *rate)
{
    struct net *net = make_net(t, kind, 1);
    struct log told;
    char name[64];

    set_start(net);
    net->spec.hyper.learning_rate = strtod(rate, NULL);
    net->spec.hyper.epochs = 20;
    run(net, t, 1, &told);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "adam.%s.%s.%d", net_kind_name(kind), rate,
                 i + 1);
        assert_near(told.epoch[i].train_loss, number_of(name), 1e-4);
    }
    net_free(net);
}

static void train__adam_as_pytorch(void **state)
{
    struct buf text = scratch_read("tests/data/nn/nn_rows.csv");
    struct toy t;

    (void)state;
    make_toy(&t, text.data, NULL, 0);
    assert_int_equal(t.encoder.n_bag_rows, whole_of("bag.rows"));
    assert_losses(&t, NET_LINEAR, "0.0003");
    assert_losses(&t, NET_MLP, "0.0003");
    assert_losses(&t, NET_LINEAR, "0.01");
    assert_losses(&t, NET_MLP, "0.01");
    release_toy(&t);
    buf_release(&text);
}

/* ---- prediction ---- */

/* A row alone, in any order, among others: the same bits. */
static void feed_predict__row_alone(void **state)
{
    struct buf text = clouds(300, 1, true);
    static struct log told;
    struct feed feed;
    struct toy t;
    struct net *net;
    float all[600], back[600], one[2];
    size_t reversed[300];

    (void)state;
    make_toy(&t, text.data, NULL, 0);
    net = train_with(&t, NET_MLP, 2, 1, &told);
    feed_init(&feed, net, &t.encoder, &t.table);
    feed_predict(&feed, t.order, 300, all);
    for (size_t i = 0; i < 300; i++)
        reversed[i] = 299 - i;
    feed_predict(&feed, reversed, 300, back);
    for (size_t i = 0; i < 300; i++) {
        feed_predict(&feed, &i, 1, one);
        assert_memory_equal(one, all + 2 * i, sizeof(one));
        assert_memory_equal(one, back + 2 * (299 - i), sizeof(one));
        assert_near((double)one[0] + (double)one[1], 1, 1e-6);
    }
    net_free(net);
    feed_release(&feed);
    release_toy(&t);
    buf_release(&text);
}

/* ---- going on from a state ---- */

/* Ends a run after an epoch, with its state. */
struct pause {
    size_t after;
    struct buf state;
};

static int ask(void *context, const struct training *run, bool over,
               struct err *err)
{
    struct pause *pause = context;

    (void)over;
    (void)err;
    if (run->epoch != pause->after)
        return 0;
    training_save(run, &pause->state);
    return 1;
}

/* Both have the same layers; running averages count. */
static void assert_same_params(struct net *a, struct net *b)
{
    const struct param *p, *q;

    for (size_t i = 0; (p = net_param(a, i)); i++) {
        q = net_param(b, i);
        assert_memory_equal(p->value, q->value, param_size(p) * sizeof(real));
    }
}

static struct net *make_like(const struct toy *t, const char *const *settings)
{
    struct net_spec spec = make_spec(t, NET_MLP);
    struct err err = {0};

    spec.hyper.epochs = 14;
    spec.hyper.patience = 4;
    spec.hyper.norm = NORM_BATCH;
    for (; *settings; settings += 2)
        if (hyper_set(&spec.hyper, hyper_find(settings[0]), settings[1],
                      &err) != 0)
            fail_msg("%s", err.message);
    return net_new(&spec, 3);
}

/* A run in two parts, the second on a new network, is the run in one. */
static void check_pause(const struct toy *t, const char *const *settings,
                        size_t after, struct net *whole,
                        const struct log *wanted)
{
    struct net *first = make_like(t, settings), *rest = make_like(t, settings);
    struct pause pause = {.after = after}, none = {0};
    struct log told = {0};
    struct err err = {0};
    struct unpack from;
    struct train_watch until = {NULL, ask, &pause}, on = {&from, ask, &none};

    assert_int_equal(train_watched(first, &t->rows, 3, take, &told, &until,
                                   &told.best, &err),
                     0);
    from = (struct unpack){pause.state.data, pause.state.len, false};
    assert_int_equal(
        train_watched(rest, &t->rows, 3, take, &told, &on, &told.best, &err),
        0);
    assert_int_equal(from.left, 0);
    assert_int_equal(told.n, wanted->n);
    assert_int_equal(told.best, wanted->best);
    for (size_t i = 0; i < told.n; i++) {
        assert_true(told.epoch[i].stop_loss == wanted->epoch[i].stop_loss);
        assert_true(told.epoch[i].learning_rate ==
                    wanted->epoch[i].learning_rate);
    }
    assert_same_params(rest, whole);
    net_free(first);
    net_free(rest);
    buf_release(&pause.state);
}

static void train__goes_on_from_a_state(void **state)
{
    static const char *const settings[][9] = {
        {"optimizer", "sgd", "learning_rate", ".5", "schedule", "plateau",
         "schedule_epochs", "1", NULL},
        {"optimizer", "momentum", "learning_rate", ".1", "schedule", "step",
         "schedule_epochs", "3", NULL},
        {"optimizer", "nesterov", "clip", ".5", "schedule", "one_cycle", NULL},
        {"optimizer", "rmsprop", "dropout", ".3", "schedule", "cosine", NULL},
        {"optimizer", "adam", "learning_rate", ".1", "token_drop", ".2", NULL},
        {"optimizer", "adamw", "sampler", "balanced", "noise", ".1", NULL}};
    struct buf text = clouds(240, 1, true);
    struct toy t;

    (void)state;
    make_toy(&t, text.data, NULL, 180);
    for (size_t k = 0; k < sizeof(settings) / sizeof(*settings); k++) {
        struct net *whole = make_like(&t, settings[k]);
        struct log wanted;
        run(whole, &t, 3, &wanted);
        for (size_t after = 1; after <= wanted.n; after++)
            check_pause(&t, settings[k], after, whole, &wanted);
        net_free(whole);
    }
    release_toy(&t);
    buf_release(&text);
}

static void train__a_state_that_does_not_fit(void **state)
{
    static const char *const small[] = {"hidden", "4", NULL}, *const large[] = {
                                                                  "hidden", "6",
                                                                  NULL};
    struct buf text = clouds(60, 1, false);
    struct pause pause = {.after = 2};
    struct log told = {0};
    struct err err = {0};
    struct unpack from;
    struct train_watch until = {NULL, ask, &pause}, on = {&from, ask, &pause};
    struct net *a, *b;
    struct toy t;

    (void)state;
    make_toy(&t, text.data, NULL, 40);
    a = make_like(&t, small);
    b = make_like(&t, large);
    assert_int_equal(
        train_watched(a, &t.rows, 3, take, &told, &until, &told.best, &err), 0);
    from = (struct unpack){pause.state.data, pause.state.len, false};
    assert_int_equal(
        train_watched(b, &t.rows, 3, take, &told, &on, &told.best, &err), -1);
    assert_string_equal(err.message,
                        "the state to go on from does not fit the network");
    from = (struct unpack){pause.state.data, pause.state.len - 9, false};
    assert_int_equal(
        train_watched(a, &t.rows, 3, take, &told, &on, &told.best, &err), -1);
    net_free(a);
    net_free(b);
    release_toy(&t);
    buf_release(&text);
    buf_release(&pause.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(train__separable),
        cmocka_unit_test(train__majority_is_the_frequencies),
        cmocka_unit_test(train__loss_not_finite),
        cmocka_unit_test(train__same_bits_at_any_threads),
        cmocka_unit_test(train__best_epoch_stays),
        cmocka_unit_test(train__without_stopping_rows_runs_all),
        cmocka_unit_test(train__strange_labels_among_stopping_rows),
        cmocka_unit_test(train__balanced_is_weighting_by_hand),
        cmocka_unit_test(train__weight_two_is_two_rows),
        cmocka_unit_test(train__adam_as_pytorch),
        cmocka_unit_test(feed_predict__row_alone),
        cmocka_unit_test(train__goes_on_from_a_state),
        cmocka_unit_test(train__a_state_that_does_not_fit),
    };

    return cmocka_run_group_tests_name("trainer", tests, NULL, scratch_remove);
}
