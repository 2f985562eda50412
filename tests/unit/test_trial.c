#include "analysis/trial.h"

#include <math.h>
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
#include "base/parallel.h"
#include "base/rng.h"
#include "model/fit_result.h"

enum { ROWS = 180, CLASSES = 3 };

/* ---- a subject ---- */

struct fixture {
    struct schema schema;
    struct table table;
    struct fit_options options;
    struct fit_plan plan;
    struct trial_subject subject;
};

/* Three classes around three points, a weight, three fifths to train on. */
static struct buf make_text(void)
{
    static const char *const parts[] = {"train", "val", "train", "test",
                                        "train"};
    struct buf text = {0};
    struct rng rng;

    rng_init(&rng, 3, 1);
    buf_add_text(&text, "a,b,label,w,split\n");
    for (size_t i = 0; i < ROWS; i++)
        buf_printf(&text, "%.4f,%.4f,%c,%d,%s\n",
                   (double)(i % 3) + rng_normal(&rng),
                   (double)(i % 3 == 1) + rng_normal(&rng), "abc"[i % 3],
                   i % 4 == 1 ? 2 : 1, parts[i % 5]);
    return text;
}

static void read_table(struct fixture *f, const char *text, bool steps)
{
    struct schema_request request = {.weight = "w", .sequential = steps};
    struct csv_reader *reader = scratch_reader(text, true);
    struct buf notes = {0};
    struct err err = {0};

    if (steps) {
        request.n_shape = 2;
        request.shape[0] = 2;
        request.shape[1] = 1;
    }
    if (schema_infer(&f->schema, reader, &request, &notes, &err) != 0 ||
        csv_reader_rewind(reader, &err) != 0 ||
        table_init(&f->table, &f->schema, reader, &err) != 0 ||
        table_read(&f->table, reader, &err) != 0)
        fail_msg("%s", err.message);
    buf_release(&notes);
    csv_reader_close(reader);
}

static void begin(struct fixture *f, enum net_kind net)
{
    struct buf text = make_text();

    memset(f, 0, sizeof(*f));
    read_table(f, text.data, net == NET_ATTENTION);
    hyper_init(&f->options.hyper, net);
    f->options.hyper.hidden = (struct widths){1, {6}};
    f->options.hyper.learning_rate = .02;
    f->options.hyper.batch = 16;
    f->options.hyper.epochs = 12;
    f->options.seed = 5;
    f->subject.metric = METRIC_ERROR;
    buf_release(&text);
}

static int prepare(struct fixture *f, struct err *err)
{
    f->subject.table = &f->table;
    f->subject.plan = &f->plan;
    f->subject.options = &f->options;
    if (plan_rows(&f->plan, &f->table, &f->options, err) != 0)
        fail_msg("%s", err->message);
    return trial_prepare(&f->subject, err);
}

static void ready(struct fixture *f)
{
    struct err err = {0};

    if (prepare(f, &err) != 0)
        fail_msg("%s", err.message);
}

static void end(struct fixture *f)
{
    trial_release(&f->subject);
    plan_release(&f->plan);
    table_release(&f->table);
    schema_release(&f->schema);
    list_release(&f->options.on);
    list_release(&f->options.freeze);
}

/* ---- trials ---- */

struct result {
    struct buf state;
    struct outcome outcome;
};

static void release(struct result *r)
{
    buf_release(&r->state);
    buf_release(&r->outcome.note);
    buf_release(&r->outcome.per_row);
    memset(r, 0, sizeof(*r));
}

static void go(const struct fixture *f, struct result *r, uint64_t seed,
               size_t until)
{
    struct err err = {0};

    if (trial_train(&f->subject, &f->options.hyper, seed, until, &r->state,
                    &r->outcome, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(err.kind, ERR_NONE);
}

static const char *text_of(const struct buf *buf)
{
    return buf->len ? buf->data : "";
}

static void assert_same_bits(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof(a));
}

static void assert_same(const struct result *a, const struct result *b)
{
    assert_int_equal(a->outcome.state, b->outcome.state);
    assert_same_bits(a->outcome.objective, b->outcome.objective);
    assert_same_bits(a->outcome.val_error, b->outcome.val_error);
    assert_same_bits(a->outcome.val_loss, b->outcome.val_loss);
    assert_int_equal(a->outcome.epochs_run, b->outcome.epochs_run);
    assert_string_equal(text_of(&a->outcome.note), text_of(&b->outcome.note));
    assert_string_equal(text_of(&a->outcome.per_row),
                        text_of(&b->outcome.per_row));
    assert_int_equal(a->state.len, b->state.len);
    assert_memory_equal(text_of(&a->state), text_of(&b->state), a->state.len);
}

/* ---- in parts ---- */

/* 3, 9 and all epochs, each at once and each from where the one before was. */
static void check_parts(struct fixture *f)
{
    static const size_t stops[] = {3, 9, 0};
    struct result parts = {0};

    for (int i = 0; i < 3; i++) {
        struct result whole = {0};
        go(f, &parts, 7, stops[i]);
        go(f, &whole, 7, stops[i]);
        assert_same(&parts, &whole);
        assert_true(isfinite(whole.outcome.val_loss));
        assert_int_equal(whole.outcome.state,
                         whole.outcome.epochs_run == stops[i] ? OUTCOME_RUNG
                                                              : OUTCOME_DONE);
        release(&whole);
    }
    go(f, &parts, 7, 0); /* once more, of what is over */
    assert_int_equal(parts.outcome.state, OUTCOME_DONE);
    assert_true(isfinite(parts.outcome.objective));
    release(&parts);
}

static void trial_train__parts_are_the_whole(void **state)
{
    static const int optimizers[] = {OPTIMIZER_MOMENTUM, OPTIMIZER_RMSPROP,
                                     OPTIMIZER_ADAM};
    struct fixture f;

    (void)state;
    begin(&f, NET_MLP);
    ready(&f);
    f.options.hyper.dropout = .2;
    for (int schedule = SCHEDULE_CONSTANT; schedule <= SCHEDULE_PLATEAU;
         schedule++)
        for (int i = 0; i < 3; i++) {
            f.options.hyper.schedule = schedule;
            f.options.hyper.schedule_epochs = 2;
            f.options.hyper.optimizer = optimizers[i];
            check_parts(&f);
        }
    end(&f);
}

/* The best epoch is before the last, in another part than the end. */
static void trial_train__patience_over_parts(void **state)
{
    struct fixture f;
    struct result parts = {0}, whole = {0};

    (void)state;
    begin(&f, NET_MLP);
    f.options.hyper.learning_rate = .3;
    f.options.hyper.epochs = 40;
    f.options.hyper.patience = 6;
    ready(&f);
    go(&f, &whole, 2, 0);
    assert_int_equal(whole.outcome.state, OUTCOME_DONE);
    assert_in_range(whole.outcome.epochs_run, 7, 30);
    for (size_t until = 2; parts.outcome.state != OUTCOME_DONE; until += 2)
        go(&f, &parts, 2, until);
    assert_same(&parts, &whole);
    release(&parts);
    release(&whole);
    end(&f);
}

/* ---- what it measures ---- */

/* What the run of `train` predicts for the rows of val. */
struct peer {
    double error, log_loss, brier, macro_f1, balanced;
    char wrong[ROWS + 1];
};

static void told(void *context, const struct run *run,
                 const struct epoch *epoch)
{
    (void)context;
    (void)run;
    (void)epoch;
}

static float *train_peer(const struct fixture *f, const struct runs *runs)
{
    struct runs_context context = {.table = &f->table,
                                   .plan = &f->plan,
                                   .options = &f->options,
                                   .predict = true,
                                   .told = told};
    struct encoder encoder = {0};
    struct net *net = NULL;
    struct err err = {0};

    if (run_train(&runs->items[0], &context, &encoder, &net, NULL, &err) != 0)
        fail_msg("%s", err.message);
    net_free(net);
    encoder_release(&encoder);
    return runs->items[0].prob;
}

static size_t best_of(const float *prob)
{
    size_t best = 0;

    for (size_t k = 1; k < CLASSES; k++)
        if (prob[k] > prob[best])
            best = k;
    return best;
}

static void measure_peer(struct peer *p, const struct fixture *f)
{
    double hits[CLASSES] = {0}, labels[CLASSES] = {0}, preds[CLASSES] = {0};
    double all = 0;
    struct runs runs;
    struct err err = {0};
    const float *prob;

    memset(p, 0, sizeof(*p));
    assert_int_equal(runs_plan(&runs, &f->table, &f->plan, &f->options, &err),
                     0);
    prob = train_peer(f, &runs);
    for (size_t i = 0, n = 0; i < runs.items[0].n_held; i++, prob += CLASSES) {
        size_t row = runs.items[0].held[i], label = row % 3;
        double w = (double)f->table.weight[row], squares = 0;
        if (runs.items[0].role[i] != ROW_STOP)
            continue;
        for (size_t k = 0; k < CLASSES; k++)
            squares += pow((double)prob[k] - (k == label), 2);
        all += w;
        labels[label] += w;
        preds[best_of(prob)] += w;
        hits[label] += best_of(prob) == label ? w : 0;
        p->log_loss -= w * log((double)prob[label]);
        p->brier += w * squares;
        p->wrong[n++] = best_of(prob) == label ? '0' : '1';
    }
    for (size_t k = 0; k < CLASSES; k++) {
        p->error += (labels[k] - hits[k]) / all;
        p->balanced += (1 - hits[k] / labels[k]) / CLASSES;
        p->macro_f1 += (1 - 2 * hits[k] / (labels[k] + preds[k])) / CLASSES;
    }
    p->log_loss /= all;
    p->brier /= all;
    runs_release(&runs);
}

static void check_metric(struct fixture *f, enum metric_kind metric,
                         double wanted)
{
    struct result r = {0};

    f->subject.metric = metric;
    go(f, &r, f->options.seed, 0);
    assert_near(r.outcome.objective, wanted, 1e-6);
    release(&r);
}

static void trial_train__judges_what_train_makes(void **state)
{
    struct fixture f;
    struct result r = {0};
    struct peer peer;

    (void)state;
    begin(&f, NET_MLP);
    ready(&f);
    assert_string_equal(f.plan.stop_name, "val");
    measure_peer(&peer, &f);
    go(&f, &r, f.options.seed, 0);
    assert_string_equal(r.outcome.per_row.data, peer.wrong);
    assert_int_equal(r.outcome.per_row.len, ROWS / 5);
    assert_near(r.outcome.val_error, peer.error, 1e-12);
    assert_near(r.outcome.val_loss, peer.log_loss, 1e-6);
    assert_in_range((int)(1000 * peer.error), 100, 500);
    check_metric(&f, METRIC_ERROR, peer.error);
    check_metric(&f, METRIC_LOG_LOSS, peer.log_loss);
    check_metric(&f, METRIC_BRIER, peer.brier);
    check_metric(&f, METRIC_MACRO_F1, peer.macro_f1);
    check_metric(&f, METRIC_BALANCED_ERROR, peer.balanced);
    release(&r);
    end(&f);
}

/* A model of the same columns, as a file. */
static char *make_model(void)
{
    char *path = scratch_path("a.model");
    struct fit_result result;
    struct fixture f;
    struct err err = {0};

    begin(&f, NET_MLP);
    ready(&f);
    trial_release(&f.subject);
    if (fit_run(&result, &f.schema, &f.table, &f.plan, &f.options, false, NULL,
                &err) != 0 ||
        model_save(&result.model, path, &err) != 0)
        fail_msg("%s", err.message);
    fit_result_release(&result);
    end(&f);
    return path;
}

/* A trial begins with the weights of a file, as `train` does. */
static void trial_train__init_from(void **state)
{
    char *path = make_model();
    struct fixture f;
    struct result r = {0};
    struct peer peer;
    struct err err = {0};

    (void)state;
    begin(&f, NET_MLP);
    f.options.init_from = path;
    list_add(&f.options.freeze, "hidden");
    f.options.hyper.epochs = 2;
    ready(&f);
    measure_peer(&peer, &f);
    go(&f, &r, f.options.seed, 1);
    go(&f, &r, f.options.seed, 2);
    assert_near(r.outcome.val_loss, peer.log_loss, 1e-6);
    assert_true(r.outcome.val_error < .4);
    f.options.hyper.hidden.at[0] = 7;
    buf_clear(&r.state);
    go(&f, &r, 1, 0);
    assert_int_equal(r.outcome.state, OUTCOME_FAILED);
    assert_non_null(strstr(r.outcome.note.data, "tensor 'hidden.0.weight'"));
    trial_release(&f.subject);
    f.options.init_from = "/none";
    assert_int_equal(trial_prepare(&f.subject, &err), -1);
    assert_null(f.subject.runs);
    release(&r);
    end(&f);
}

/* The loss that is reported does not depend on the one that is trained on. */
static void trial_train__log_loss_whatever_the_loss(void **state)
{
    struct fixture f;
    struct result r = {0};
    struct peer peer;

    (void)state;
    begin(&f, NET_MLP);
    f.options.hyper.loss = LOSS_SQUARED;
    ready(&f);
    measure_peer(&peer, &f);
    go(&f, &r, f.options.seed, 0);
    assert_near(r.outcome.val_loss, peer.log_loss, 1e-6);
    release(&r);
    end(&f);
}

/* Rows of test as no numbers at all: nothing changes. */
static void trial_train__never_reads_test(void **state)
{
    struct fixture f;
    struct result before = {0}, after = {0};

    (void)state;
    begin(&f, NET_MLP);
    ready(&f);
    go(&f, &before, 3, 0);
    for (size_t r = 3; r < ROWS; r += 5) {
        f.table.numbers[2 * r] = f.table.numbers[2 * r + 1] = NAN;
        f.table.label[r] = LABEL_NONE;
    }
    trial_release(&f.subject);
    assert_int_equal(trial_prepare(&f.subject, &(struct err){0}), 0);
    go(&f, &after, 3, 0);
    assert_same(&before, &after);
    release(&before);
    release(&after);
    end(&f);
}

/* A label that training lacks: wrong, and not in the loss. */
static void trial_train__unknown_label(void **state)
{
    struct fixture f;
    struct result before = {0}, after = {0};
    double wrong, weight = 0;

    (void)state;
    begin(&f, NET_MLP);
    ready(&f);
    go(&f, &before, 3, 1);
    f.plan.class_of[2] = LABEL_NONE;
    for (size_t i = 0; i < f.plan.n_fit; i++)
        f.table.label[f.plan.fit[i]] %= 2;
    go(&f, &after, 4, 1);
    for (size_t i = 0; i < f.plan.n_stop; i++)
        if (f.plan.stop[i] % 3 == 2)
            assert_int_equal(after.outcome.per_row.data[i], '1');
    wrong = 0;
    for (size_t i = 0; i < f.plan.n_stop; i++) {
        double w = (double)f.table.weight[f.plan.stop[i]];
        weight += w;
        wrong += after.outcome.per_row.data[i] == '1' ? w : 0;
    }
    assert_near(after.outcome.val_error, wrong / weight, 1e-12);
    assert_true(isfinite(after.outcome.val_loss));
    release(&before);
    release(&after);
    end(&f);
}

static void trial_train__majority(void **state)
{
    struct fixture f;
    struct result r = {0};

    (void)state;
    begin(&f, NET_MAJORITY);
    ready(&f);
    go(&f, &r, 1, 0);
    assert_int_equal(r.outcome.state, OUTCOME_DONE);
    assert_int_equal(r.outcome.epochs_run, 1);
    assert_true(r.outcome.val_error > .5);
    release(&r);
    end(&f);
}

/* ---- folds ---- */

static void trial_train__folds(void **state)
{
    struct fixture f;
    struct result r = {0};
    double mean = 0;

    (void)state;
    begin(&f, NET_MLP);
    f.options.folds = 3;
    ready(&f);
    check_parts(&f);
    go(&f, &r, f.options.seed, 0);
    assert_int_equal(r.outcome.per_row.len, f.plan.n_fit);
    assert_int_equal(f.plan.n_fit, ROWS * 4 / 5);
    for (size_t i = 0; i < 3; i++) {
        const struct run *run = &f.subject.runs->items[i];
        double weight = 0, wrong = 0;
        for (size_t k = 0, at = 0; k < run->n_held; k++) {
            double w = (double)f.table.weight[run->held[k]];
            while (f.plan.fit[at] != run->held[k])
                at++;
            weight += w;
            wrong += r.outcome.per_row.data[at] == '1' ? w : 0;
        }
        mean += wrong / weight / 3;
    }
    assert_near(r.outcome.objective, mean, 1e-12);
    release(&r);
    end(&f);
}

/* The folds of `train` with the same seed, to the bit. */
static void trial_train__folds_are_those_of_train(void **state)
{
    struct fixture f;
    struct result r = {0};
    struct runs runs;
    struct runs_context context = {.told = told};
    struct err err = {0};
    const char *wrong;

    (void)state;
    begin(&f, NET_LINEAR);
    f.options.folds = 3;
    ready(&f);
    go(&f, &r, f.options.seed, 0);
    context.table = &f.table;
    context.plan = &f.plan;
    context.options = &f.options;
    runs_plan(&runs, &f.table, &f.plan, &f.options, &err);
    assert_int_equal(runs_train(&runs, &context, &err), 0);
    wrong = r.outcome.per_row.data;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0, at = 0; k < runs.items[i].n_held; k++) {
            size_t row = runs.items[i].held[k];
            while (f.plan.fit[at] != row)
                at++;
            assert_int_equal(wrong[at] == '1', best_of(runs.items[i].prob +
                                                       k * CLASSES) != row % 3);
        }
    runs_release(&runs);
    release(&r);
    end(&f);
}

/* ---- cut short ---- */

static int asked, stop_at;

static bool stop_then(void)
{
    return ++asked >= stop_at;
}

/* Stopped again and again, it ends where it would have. */
static void check_cuts(struct fixture *f)
{
    struct result cut = {0}, whole = {0};
    int cuts = -1;

    f->subject.stop = NULL;
    go(f, &whole, 7, 0);
    f->subject.stop = stop_then;
    stop_at = 3;
    do {
        asked = 0;
        cuts++;
        go(f, &cut, 7, 0);
    } while (cut.outcome.state == OUTCOME_CUT && cuts < 100);
    assert_same(&cut, &whole);
    assert_in_range(cuts, 5, 50);
    release(&cut);
    release(&whole);
}

static void trial_train__cut(void **state)
{
    struct fixture f;
    struct result r = {0};

    (void)state;
    begin(&f, NET_MLP);
    ready(&f);
    check_cuts(&f);
    stop_at = 1;
    asked = 0;
    go(&f, &r, 7, 0);
    assert_int_equal(r.outcome.state, OUTCOME_CUT);
    assert_int_equal(r.outcome.epochs_run, 0);
    assert_true(isnan(r.outcome.objective));
    stop_at = 6;
    go(&f, &r, 7, 9);
    assert_int_equal(r.outcome.state, OUTCOME_CUT);
    assert_int_equal(r.outcome.epochs_run, 4);
    go(&f, &r, 7, 3); /* it is further already */
    assert_int_equal(r.outcome.state, OUTCOME_RUNG);
    assert_int_equal(r.outcome.epochs_run, 4);
    assert_true(isfinite(r.outcome.objective));
    release(&r);
    end(&f);
}

static void trial_train__cut_in_a_fold(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, NET_MLP);
    f.options.folds = 3;
    ready(&f);
    check_cuts(&f);
    end(&f);
}

/* ---- given up, and what cannot be ---- */

static void check_end(struct fixture *f, enum outcome_state wanted,
                      const char *note, size_t least, size_t most)
{
    struct result r = {0};

    go(f, &r, 1, 0);
    assert_int_equal(r.outcome.state, wanted);
    assert_string_equal(text_of(&r.outcome.note), note);
    assert_in_range(r.outcome.epochs_run, least, most);
    assert_int_equal(r.state.len, 0);
    release(&r);
}

static void trial_train__exploding(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, NET_MLP);
    f.options.hyper.epochs = 60;
    f.options.hyper.patience = 60;
    f.options.hyper.optimizer = OPTIMIZER_SGD;
    f.options.hyper.learning_rate = 1000;
    ready(&f);
    check_end(&f, OUTCOME_PRUNED, "exploding", 0, 12);
    end(&f);
}

static void begin_deep(struct fixture *f, int optimizer, double learning_rate)
{
    begin(f, NET_MLP);
    f->options.hyper.hidden = (struct widths){2, {16, 16}};
    f->options.hyper.epochs = f->options.hyper.patience = 60;
    f->options.hyper.optimizer = optimizer;
    f->options.hyper.learning_rate = learning_rate;
    ready(f);
}

/* Most units are dead in both, but one network has learned all there is. */
static void trial_train__dead(void **state)
{
    struct fixture f;
    struct result r = {0};

    (void)state;
    begin_deep(&f, OPTIMIZER_MOMENTUM, 1.6);
    check_end(&f, OUTCOME_PRUNED, "dead", 8, 30);
    end(&f);
    begin_deep(&f, OPTIMIZER_ADAM, .2);
    go(&f, &r, 2, 0);
    assert_int_equal(r.outcome.state, OUTCOME_DONE);
    assert_int_equal(r.outcome.epochs_run, 60);
    assert_true(r.outcome.objective < .3);
    release(&r);
    end(&f);
}

static void trial_train__slow(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, NET_MLP);
    f.options.hyper.epochs = 60;
    f.options.hyper.patience = 60;
    f.options.hyper.learning_rate = 1e-9;
    ready(&f);
    check_end(&f, OUTCOME_PRUNED, "slow", 20, 20);
    end(&f);
}

static void trial_train__failed(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, NET_ATTENTION);
    f.options.hyper.width = 10;
    ready(&f);
    check_end(&f, OUTCOME_FAILED, "--heads 4 does not divide --width 10", 0, 0);
    end(&f);
    begin(&f, NET_MLP);
    f.options.hyper.norm = NORM_BATCH;
    f.options.hyper.batch = 1;
    ready(&f);
    check_end(&f, OUTCOME_FAILED, "--norm batch needs a --batch of 2 or more",
              0, 0);
    end(&f);
}

/* ---- states ---- */

static void refuse(const struct fixture *f, struct result *r, uint64_t seed,
                   const char *message)
{
    struct buf before = {0};
    struct err err = {0};

    buf_add(&before, r->state.data, r->state.len);
    assert_int_equal(trial_train(&f->subject, &f->options.hyper, seed, 0,
                                 &r->state, &r->outcome, &err),
                     -1);
    assert_int_equal(err.kind, ERR_DATA);
    assert_string_equal(err.message, message);
    assert_int_equal(r->state.len, before.len);
    assert_memory_equal(r->state.data, before.data, before.len);
    buf_release(&before);
}

static void trial_train__foreign_state(void **state)
{
    struct fixture f;
    struct result r = {0};

    (void)state;
    begin(&f, NET_MLP);
    ready(&f);
    go(&f, &r, 1, 2);
    assert_int_equal(r.outcome.state, OUTCOME_RUNG);
    refuse(&f, &r, 2, "the state is not of this trial");
    f.options.hyper.epochs = 13;
    refuse(&f, &r, 1, "the state is not of this trial");
    f.options.hyper.epochs = 12;
    r.state.len -= 4;
    refuse(&f, &r, 1, "the state of a trial is damaged");
    r.state.len = 4;
    refuse(&f, &r, 1, "the state is not of this trial");
    release(&r);
    end(&f);
}

/* ---- before the first trial ---- */

static void refuse_plan(struct fixture *f, const char *message)
{
    struct err err = {0};

    assert_int_equal(prepare(f, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message, message);
    assert_null(f->subject.runs);
    end(f);
}

static void trial_prepare__nothing_to_decide_by(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, NET_MLP);
    f.options.stop_on = "none";
    refuse_plan(&f, "--stop-on none leaves no rows that tell which trial is "
                    "better (leave it out, or use --folds)");
    begin(&f, NET_MLP);
    f.options.stop_on = "test";
    refuse_plan(&f, "--stop-on: 'test' is not looked at while hyperparameters "
                    "are searched");
    begin(&f, NET_MLP);
    list_add(&f.options.on, "test");
    refuse_plan(&f, "--on: 'test' is not looked at while hyperparameters are "
                    "searched");
    begin(&f, NET_MLP);
    f.options.folds = 2;
    f.options.all_rows = true;
    refuse_plan(&f, "--all-rows: 'test' is not looked at while "
                    "hyperparameters are searched");
    begin(&f, NET_MLP);
    f.options.folds = 2;
    f.options.stop_on = "none";
    ready(&f);
    check_parts(&f);
    end(&f);
}

/* ---- side by side ---- */

static void trial_train__side_by_side(void **state)
{
    enum { TRIALS = 12 };
    struct fixture f;
    static struct result alone[TRIALS], beside[TRIALS];
    static struct err errs[TRIALS];

    (void)state;
    begin(&f, NET_MLP);
    f.options.hyper.epochs = 4;
    ready(&f);
    for (size_t i = 0; i < TRIALS; i++)
        go(&f, &alone[i], i, 0);
#pragma omp parallel for schedule(dynamic) num_threads(4)
    for (size_t i = 0; i < TRIALS; i++)
        trial_train(&f.subject, &f.options.hyper, i, 0, &beside[i].state,
                    &beside[i].outcome, &errs[i]);
    for (size_t i = 0; i < TRIALS; i++) {
        assert_int_equal(errs[i].kind, ERR_NONE);
        assert_same(&alone[i], &beside[i]);
        release(&alone[i]);
        release(&beside[i]);
    }
    end(&f);
}

static void trial_threads__divides_the_cores(void **state)
{
    struct fixture f;
    struct trial_speed speed;
    int threads;

    (void)state;
    begin(&f, NET_MLP);
    ready(&f);
    assert_int_equal(trial_threads(&f.subject, &f.options.hyper, 1, &speed), 1);
    assert_int_equal(speed.threads, 1);
    threads = trial_threads(&f.subject, &f.options.hyper, 2, &speed);
    assert_in_range(threads, 1, 2);
    assert_int_equal(speed.threads, threads);
    assert_true(speed.alone > 0 && speed.split > 0);
    assert_int_equal(threads, speed.split > 1.05 * speed.alone ? 2 : 1);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trial_train__parts_are_the_whole),
        cmocka_unit_test(trial_train__patience_over_parts),
        cmocka_unit_test(trial_train__judges_what_train_makes),
        cmocka_unit_test(trial_train__init_from),
        cmocka_unit_test(trial_train__log_loss_whatever_the_loss),
        cmocka_unit_test(trial_train__never_reads_test),
        cmocka_unit_test(trial_train__unknown_label),
        cmocka_unit_test(trial_train__majority),
        cmocka_unit_test(trial_train__folds),
        cmocka_unit_test(trial_train__folds_are_those_of_train),
        cmocka_unit_test(trial_train__cut),
        cmocka_unit_test(trial_train__cut_in_a_fold),
        cmocka_unit_test(trial_train__exploding),
        cmocka_unit_test(trial_train__dead),
        cmocka_unit_test(trial_train__slow),
        cmocka_unit_test(trial_train__failed),
        cmocka_unit_test(trial_train__foreign_state),
        cmocka_unit_test(trial_prepare__nothing_to_decide_by),
        cmocka_unit_test(trial_train__side_by_side),
        cmocka_unit_test(trial_threads__divides_the_cores)};

    parallel_set_threads(1);
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
