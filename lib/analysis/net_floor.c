/*
 * Short trainings: is anything learned from the inputs, more than by simpler
 * means, and does a larger network learn more?
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/net_steps.h"
#include "base/mem.h"
#include "nn/loss.h"
#include "stats/paired.h"

enum { LOOKED_AT = 1000, CAPACITY_EPOCHS = 20, LARGER = 4, FEW_ROWS = 20 };

/* Multiply-adds of one training. */
static const double WORK = 1e10, FAILS = 1e-3, WARNS = 1e-2,
                    MATTERS = .02; /* a difference of errors */

/* ---- one training ---- */

struct short_run {
    struct rehearsal r;
    struct hyper hyper;
    bool capped; /* it was still getting better when time was up */
    bool lost;   /* the loss was not finite */
    double best;
    size_t best_epoch, epochs;
    bool *right; /* [n_stop] */
};

static void note(void *context, const struct epoch *e)
{
    struct short_run *run = context;

    run->epochs = e->number;
    if (e->stop_loss < run->best || e->number == 1) {
        run->best = e->stop_loss;
        run->best_epoch = e->number;
    }
}

/* Epochs that fit into the work. */
static size_t affordable(const struct rehearsal *r, size_t epochs)
{
    double all = WORK / rehearsal_step_work(r, r->rows.n_fit);

    return (double)epochs < all ? epochs : (size_t)fmax(all, 3);
}

static int train_short(struct net_state *s, struct short_run *run,
                       const struct hyper *hyper, bool decides, struct err *err)
{
    const struct rehearsal_rows *rows = &s->rows;
    struct err lost = {0};
    size_t asked = hyper->epochs;

    memset(run, 0, sizeof(*run));
    run->hyper = *hyper;
    if (rehearsal_init(&run->r, s->subject, &run->hyper, rows->fit, rows->n_fit,
                       decides ? rows->stop : NULL, decides ? rows->n_stop : 0,
                       err) != 0)
        return -1;
    run->r.net->spec.hyper.epochs = affordable(&run->r, asked);
    run->lost = rehearsal_train(&run->r, note, run, NULL, &lost) != 0;
    run->capped = run->epochs < asked &&
                  run->epochs - run->best_epoch < hyper->patience;
    return 0;
}

static void short_run_release(struct short_run *run)
{
    rehearsal_release(&run->r);
    free(run->right);
}

static void judge_rows(struct short_run *run)
{
    const struct train_rows *rows = &run->r.rows;
    size_t classes = run->r.net->spec.n_classes;
    real *logits = rehearsal_logits(&run->r, rows->stop, rows->n_stop);

    run->right = mem_alloc(rows->n_stop + 1, sizeof(*run->right));
    for (size_t i = 0; i < rows->n_stop; i++)
        run->right[i] = largest(logits + i * classes, classes) ==
                        rehearsal_class(&run->r, rows->stop[i]);
    free(logits);
}

static double error_of(const struct short_run *run)
{
    size_t wrong = 0, n = run->r.rows.n_stop;

    for (size_t i = 0; i < n; i++)
        wrong += !run->right[i];
    return (double)wrong / (double)n;
}

/* One-sided: that a is wrong no more often than b. */
static double worse_p(const struct short_run *a, const struct short_run *b)
{
    double better = 0, worse = 0;

    for (size_t i = 0; i < a->r.rows.n_stop; i++) {
        better += a->right[i] && !b->right[i];
        worse += !a->right[i] && b->right[i];
    }
    return worse > better ? mcnemar_exact(better, worse) / 2 : 1;
}

/* ---- zeroed inputs ---- */

/* The batch as it would be if all inputs were zero. */
static void zero_batch(struct batch *b)
{
    if (b->dense)
        memset(b->dense, 0, b->padded * b->n_dense * sizeof(*b->dense));
    if (b->value)
        memset(b->value, 0, b->entries * sizeof(*b->value));
    if (b->step)
        memset(b->step, 0, b->padded * b->steps * b->n_step * sizeof(*b->step));
    if (b->token)
        memset(b->token, 0, b->padded * b->steps * sizeof(*b->token));
}

/* Mean loss of the first rows with inputs of zeros. */
static double zeroed_loss(struct rehearsal *r, size_t n)
{
    struct pass pass = {.training = false};
    size_t classes = r->net->spec.n_classes, block = feed_block(&r->run.feed);
    struct batch batch = {0};
    struct tape tape = {0};
    double sum = 0;

    for (size_t at = 0; at < n; at += block) {
        size_t some = n - at < block ? n - at : block;
        const real *logits;
        encoder_encode(&r->encoder, r->rows.table, r->rows.fit + at, some,
                       &batch);
        zero_batch(&batch);
        logits = net_forward(r->net, &tape, &batch, &pass);
        for (size_t i = 0; i < some; i++)
            sum += loss_value(&r->net->spec.hyper, logits + i * classes,
                              classes, rehearsal_class(r, r->rows.fit[at + i]));
    }
    batch_release(&batch);
    tape_release(&tape);
    return sum / (double)n;
}

static void check_zeroed(struct net_state *s, struct short_run *run,
                         bool learnable)
{
    struct finding f = finding_of("zeroed_inputs", "network", FINDING_OK);
    size_t n = run->r.rows.n_fit < LOOKED_AT ? run->r.rows.n_fit : LOOKED_AT;
    double error;

    rehearsal_score(&run->r, run->r.rows.fit, n, &f.limit, &error);
    f.value = zeroed_loss(&run->r, n);
    f.effect = f.value / f.limit;
    f.n_current = (double)n;
    f.test = "loss with inputs of zeros after a short training; limit: with "
             "the real ones; effect: their ratio";
    if (!(f.value > f.limit * 1.02)) {
        f.status = learnable && !run->capped ? FINDING_FAIL : FINDING_UNDECIDED;
        f.advice = learnable
                       ? "the network makes nothing of its inputs, though a "
                         "linear model does: do they reach it?"
                       : "neither this network nor a linear model makes "
                         "anything of the inputs: other features, more rows";
    }
    net_add(s, &f);
}

/* ---- the floor ---- */

/* The errors of the network and of a simpler model, and the p of a test. */
static struct finding floor_of(const char *name, const struct short_run *net,
                               const struct short_run *floor, double p)
{
    struct finding f = finding_of("floor", name, FINDING_OK);

    f.value = error_of(net);
    f.limit = error_of(floor);
    f.p = p;
    f.effect = f.value - f.limit;
    f.n_current = (double)net->r.rows.n_stop;
    return f;
}

static void add_floor(struct net_state *s, const char *name,
                      const struct short_run *net,
                      const struct short_run *floor, double fails)
{
    struct finding f = floor_of(name, net, floor, worse_p(net, floor));

    f.test = "error on the rows that decide; limit: that of the simpler "
             "model; McNemar, exact, one-sided";
    if (f.p < WARNS && f.effect >= MATTERS) {
        f.status = net->capped   ? FINDING_UNDECIDED
                   : f.p < fails ? FINDING_FAIL
                                 : FINDING_WARN;
        f.advice = net->capped
                       ? "worse so far, and still learning: train it to its end"
                       : "a simpler model is better: overfit one batch, look "
                         "at the learning rate, then at the architecture";
    }
    net_add(s, &f);
}

/*
 * A network that is no better than the largest class where a linear one is:
 * nothing is learned.
 */
static void add_nothing_learned(struct net_state *s,
                                const struct short_run *net,
                                const struct short_run *majority, double p)
{
    struct finding f = floor_of("majority", net, majority, p);

    f.test = "error on the rows that decide; limit: that of the largest class; "
             "McNemar of linear against it, exact, one-sided";
    if (f.effect >= 0) {
        f.status = net->capped ? FINDING_UNDECIDED : FINDING_FAIL;
        f.advice = "no better than the largest class, though a linear model "
                   "is: the network does not learn";
    }
    net_add(s, &f);
}

/* Whether a linear model can read what the network reads. */
static bool reads_rows(const struct net_state *s)
{
    const struct table *t = s->subject->table;

    return s->subject->options->hyper.net != NET_LSTM &&
           s->subject->options->hyper.net != NET_ATTENTION &&
           !t->sequences.start && !t->tokens.start;
}

static int train_floor(struct net_state *s, struct short_run *majority,
                       struct short_run *linear, struct err *err)
{
    struct hyper hyper;

    hyper_init(&hyper, NET_MAJORITY);
    if (train_short(s, majority, &hyper, true, err) != 0)
        return -1;
    judge_rows(majority);
    if (!reads_rows(s))
        return 0;
    hyper_init(&hyper, NET_LINEAR);
    hyper.learning_rate = 3e-3;
    hyper.batch = s->subject->options->hyper.batch;
    if (train_short(s, linear, &hyper, true, err) != 0)
        return -1;
    judge_rows(linear);
    return 0;
}

static void compare(struct net_state *s, struct short_run *net,
                    struct short_run *majority, struct short_run *linear)
{
    double tells = linear->right ? worse_p(majority, linear) : 1;

    judge_rows(net);
    if (tells < FAILS)
        add_nothing_learned(s, net, majority, tells);
    else
        add_floor(s, "majority", net, majority, FAILS);
    if (linear->right && s->subject->options->hyper.net != NET_LINEAR)
        add_floor(s, "linear", net, linear, 0);
    check_zeroed(s, net, tells < FAILS);
}

static int check_floor(struct net_state *s, struct err *err)
{
    struct short_run net = {0}, majority = {0}, linear = {0};
    struct finding f = finding_of("floor", "network", FINDING_FAIL);
    int status = train_short(s, &net, &s->subject->options->hyper, true, err);

    if (status == 0)
        status = train_floor(s, &majority, &linear, err);
    if (status == 0 && net.lost) {
        f.test = "a short training";
        f.advice = "the loss is not finite: lower --learning-rate";
        net_add(s, &f);
    } else if (status == 0) {
        compare(s, &net, &majority, &linear);
    }
    short_run_release(&net);
    short_run_release(&majority);
    short_run_release(&linear);
    return status;
}

/* ---- capacity ---- */

/* A larger network of the same kind; false: there is none to be had. */
static bool enlarge(struct hyper *h)
{
    switch (h->net) {
    case NET_MLP:
    case NET_LENET:
        for (size_t i = 0; i < h->hidden.n; i++)
            h->hidden.at[i] *= LARGER;
        for (size_t i = 0; i < h->filters.n && h->net == NET_LENET; i++)
            h->filters.at[i] *= 2;
        return true;
    case NET_LSTM:
        for (size_t i = 0; i < h->hidden.n; i++)
            h->hidden.at[i] *= 2;
        return true;
    case NET_ATTENTION:
        h->width *= 2;
        return true;
    default:
        return false;
    }
}

/* The training loss after a few epochs, with the seed's luck. */
static int loss_after(struct net_state *s, const struct hyper *hyper,
                      uint64_t luck, double *loss, double *guess,
                      struct err *err)
{
    struct net_subject subject = *s->subject;
    struct fit_options options = *subject.options;
    struct net_state state = *s;
    struct short_run run;
    double error;
    size_t n;

    options.seed += luck;
    subject.options = &options;
    state.subject = &subject;
    if (train_short(&state, &run, hyper, false, err) != 0)
        return -1;
    n = run.r.rows.n_fit < LOOKED_AT ? run.r.rows.n_fit : LOOKED_AT;
    rehearsal_score(&run.r, run.r.rows.fit, n, loss, &error);
    *guess = rehearsal_guess(&run.r);
    if (run.lost)
        *loss = INFINITY;
    short_run_release(&run);
    return 0;
}

/* Once more with other luck where the first answer is not the wanted one. */
static int check_capacity(struct net_state *s, struct err *err)
{
    struct finding f = finding_of("capacity", "network", FINDING_OK);
    struct hyper given = s->subject->options->hyper, larger;
    double guess = 0;
    bool less = true;

    given.epochs = given.epochs < CAPACITY_EPOCHS ? given.epochs
                                                  : CAPACITY_EPOCHS;
    larger = given;
    if (!enlarge(&larger))
        return 0;
    for (uint64_t luck = 0; less && luck < 3; luck++) {
        if (loss_after(s, &given, luck, &f.limit, &guess, err) != 0 ||
            loss_after(s, &larger, luck, &f.value, &guess, err) != 0)
            return -1;
        less = !(guess - f.value >= .5 * (guess - f.limit) - .05);
    }
    f.effect = f.value / f.limit;
    f.test = "training loss after a few epochs with more units, in three runs; "
             "limit: with those given; effect: their ratio";
    if (less) {
        f.status = FINDING_WARN;
        f.advice = "a larger network learns less: the learning rate, the "
                   "initialisation, or the regularisation does not suit it";
    }
    net_add(s, &f);
    return 0;
}

int net_check_floor(struct net_state *s, struct err *err)
{
    struct finding f = finding_of("floor", "network", FINDING_UNDECIDED);

    if (check_capacity(s, err) != 0)
        return -1;
    if (s->rows.n_stop >= FEW_ROWS)
        return check_floor(s, err);
    f.n_current = (double)s->rows.n_stop;
    f.test = "none";
    f.advice = "too few rows that decide to compare models on";
    net_add(s, &f);
    return 0;
}
