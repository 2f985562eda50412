/*
 * The network before its first step: its loss against that of guessing, its
 * units and gradients layer by layer.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/net_steps.h"
#include "base/mem.h"
#include "nn/layer_name.h"
#include "nn/loss.h"

enum { LOOKED_AT = 1000, BATCH_ROWS = 128, FEW_UNITS = 8 };

/* ---- the loss ---- */

/* ln of the shares of the classes among the rows; [classes]. */
static real *log_prior(const struct rehearsal *r, const size_t *rows, size_t n)
{
    size_t classes = r->net->spec.n_classes;
    real *prior = mem_zalloc(classes, sizeof(*prior));

    for (size_t i = 0; i < n; i++)
        prior[rehearsal_class(r, rows[i])] += 1;
    for (size_t k = 0; k < classes; k++)
        prior[k] =
            (real)log((prior[k] > 0 ? (double)prior[k] : .5) / (double)n);
    return prior;
}

/* Mean loss of rows that all have these logits. */
static double constant_loss(const struct rehearsal *r, const size_t *rows,
                            size_t n, const real *logits)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += loss_value(&r->net->spec.hyper, logits, r->net->spec.n_classes,
                          rehearsal_class(r, rows[i]));
    return sum / (double)n;
}

/* What guessing costs: all classes alike, and by their shares. */
struct guesses {
    double alike, prior;
};

static struct guesses guess(const struct rehearsal *r, const size_t *rows,
                            size_t n)
{
    real *prior = log_prior(r, rows, n);
    struct guesses g = {rehearsal_guess(r), constant_loss(r, rows, n, prior)};

    free(prior);
    return g;
}

/* As a step would have it: normalised by its batch, where layers do that. */
static double first_loss(struct rehearsal *r, size_t n)
{
    size_t classes = r->net->spec.n_classes;
    double sum = 0;

    for (size_t at = 0; at < n; at += BATCH_ROWS) {
        size_t some = n - at < BATCH_ROWS ? n - at : BATCH_ROWS;
        const size_t *rows = r->rows.fit + at;
        real *logits = rehearsal_trained_logits(r, rows, some);
        for (size_t i = 0; i < some; i++)
            sum += loss_value(&r->net->spec.hyper, logits + i * classes,
                              classes, rehearsal_class(r, rows[i]));
        free(logits);
    }
    return sum / (double)n;
}

static void check_initial_loss(struct net_state *s, double loss,
                               const struct guesses *g, size_t n)
{
    struct finding f = finding_of("initialisation", "loss", FINDING_OK);
    bool prior = s->subject->options->hyper.output_bias == OUTPUT_BIAS_PRIOR;

    f.value = loss;
    f.limit = prior ? g->prior : g->alike;
    f.effect = loss / f.limit;
    f.n_current = (double)n;
    f.test = prior ? "loss before the first step; limit: the entropy of the "
                     "classes; effect: their ratio"
                   : "loss before the first step; limit: ln of the number of "
                     "classes; effect: their ratio";
    if (!(loss <= f.limit * 2 + 1)) {
        f.status = loss <= f.limit * 4 + 2 ? FINDING_WARN : FINDING_FAIL;
        f.advice = "the network begins sure and wrong: weights or inputs are "
                   "too large (--init, standardised inputs)";
    } else if (s->subject->options->init_from == NULL && loss < f.limit * .5) {
        f.status = FINDING_WARN;
        f.advice = "better than guessing before it learned anything: does an "
                   "input give the label away?";
    }
    net_add(s, &f);
}

/* What starting at the shares of the classes would spare. */
static void check_output_bias(struct net_state *s, double loss,
                              const struct guesses *g, size_t n)
{
    struct finding f = finding_of("output_bias", "loss", FINDING_OK);

    f.value = loss;
    f.limit = g->prior;
    f.effect = loss - g->prior;
    f.n_current = (double)n;
    f.test = "loss before the first step; limit: the entropy of the classes; "
             "effect: what is above it";
    if (g->prior < .6 * g->alike && f.effect > .3 * g->alike &&
        s->subject->options->hyper.class_weight == CLASS_WEIGHT_NONE &&
        s->subject->options->hyper.sampler == SAMPLER_SHUFFLE) {
        f.status = FINDING_WARN;
        f.advice = "rare classes: the first epochs learn their shares only; "
                   "start there: --output-bias prior";
    }
    net_add(s, &f);
}

/* ---- layers ---- */

/* What the outputs of a layer look like over some rows. */
struct outlook {
    size_t units, dead; /* dead: the same value for all rows */
    bool alike;         /* all units the same, row by row */
    double deviation;
};

/* Steps behind the end of a sequence hold anything. */
static bool holds(const struct shape *shape, const struct batch *batch,
                  size_t row, size_t position)
{
    return !shape->steps || !batch->length || position < batch->length[row];
}

static void look_at(struct outlook *o, const real *y, const struct shape *shape,
                    const struct batch *batch)
{
    size_t positions = shape_positions(shape, batch), c = shape->channels;
    real *low = mem_alloc(c, sizeof(*low)), *high = mem_alloc(c, sizeof(*high));
    double sum = 0, square = 0, n = 0;
    bool alike = c > 1;

    for (size_t k = 0; k < c; k++)
        low[k] = INFINITY, high[k] = -INFINITY;
    for (size_t i = 0; i < batch->n * positions; i++) {
        const real *at = y + i * c;
        if (!holds(shape, batch, i / positions, i % positions))
            continue;
        for (size_t k = 0; k < c; k++) {
            low[k] = at[k] < low[k] ? at[k] : low[k];
            high[k] = at[k] > high[k] ? at[k] : high[k];
            alike &= fabs((double)at[k] - (double)at[0]) <=
                     1e-5 * fabs((double)at[0]);
            sum += (double)at[k];
            square += (double)at[k] * (double)at[k];
            n++;
        }
    }
    *o = (struct outlook){.units = c, .alike = alike};
    for (size_t k = 0; k < c; k++)
        if (!(high[k] > low[k]))
            o->dead++;
    o->deviation = n > 0 ? sqrt(fmax(square / n - sum * sum / n / n, 0)) : 0;
    free(low);
    free(high);
}

static void layer_finding(struct net_state *s, const char *check,
                          const char *name, double value, double limit,
                          const char *test, const char *advice)
{
    struct finding f = finding_of(check, name, FINDING_FAIL);

    f.value = value;
    f.limit = limit;
    f.test = test;
    f.advice = advice;
    net_add(s, &f);
}

/* Whether a layer's units ought to differ: not the last one, nor its input. */
static bool is_hidden(const struct net *net, size_t i)
{
    return i + 1 < net->n_layers && net->layers[i].out.channels >= FEW_UNITS;
}

/*
 * Layers whose units are all the same, or nearly all without life: the first
 * one of each is told.
 */
static bool check_units(struct net_state *s, const struct net *net,
                        const struct tape *tape, const struct batch *batch)
{
    for (size_t i = 0; i < net->n_layers; i++) {
        char name[LAYER_NAME];
        struct outlook o;
        if (!is_hidden(net, i))
            continue;
        look_at(&o, tape->y[i], &net->layers[i].out, batch);
        layer_full_name(name, net, i);
        if (10 * o.dead >= 7 * o.units) {
            layer_finding(s, "layers", name, (double)o.dead / (double)o.units,
                          .7, "share of units with one value for all rows",
                          "units are dead: biases far below zero, weights of "
                          "zero, or nothing reaches the layer");
            return false;
        }
        if (o.alike) {
            layer_finding(s, "initialisation", name, 1, 1,
                          "share of units that are all the same",
                          "units that start alike stay alike: draw weights at "
                          "random (--init)");
            return false;
        }
    }
    return true;
}

/* Root mean square of the gradients of a layer's weights, biases apart. */
static double gradient_of(const struct layer *layer)
{
    double sum = 0, n = 0;

    for (int k = 0; k < layer->n_params; k++) {
        const struct param *p = &layer->params[k];
        if (p->fixed || p->layout == PARAM_VECTOR)
            continue;
        for (size_t i = 0; i < param_grad_size(p); i++)
            sum += (double)p->grad[i] * (double)p->grad[i];
        n += (double)param_grad_size(p);
    }
    return n > 0 ? sqrt(sum / n) : NAN;
}

/* Gradients of the layer nearest to the inputs against the last one's. */
static void check_gradients(struct net_state *s, const struct net *net)
{
    struct finding f = finding_of("layers", "all layers", FINDING_OK);
    double first = NAN, last = NAN;

    for (size_t i = 0; i < net->n_layers; i++) {
        double g = gradient_of(&net->layers[i]);
        first = isnan(first) ? g : first;
        last = isnan(g) ? last : g;
    }
    f.value = first / last;
    f.limit = 1e-4;
    f.test = "gradient of a weight of the first layer over one of the last, "
             "root mean square";
    if (f.value < f.limit || f.value > 1e4) {
        f.status = FINDING_WARN;
        f.advice = f.value < 1 ? "gradients vanish on their way: --norm, "
                                 "another --init or --activation, fewer layers"
                               : "gradients explode on their way: --norm, "
                                 "--clip, a smaller --init";
    }
    net_add(s, &f);
}

static void check_layers(struct net_state *s, struct rehearsal *r, size_t n)
{
    struct pass pass = {.training = false};
    struct batch batch = {0};
    struct tape tape = {0};

    encoder_encode(&r->encoder, r->rows.table, r->rows.fit, n, &batch);
    net_forward(r->net, &tape, &batch, &pass);
    if (check_units(s, r->net, &tape, &batch) &&
        r->net->spec.hyper.net != NET_LINEAR) {
        rehearsal_grade(r, r->rows.fit, n);
        check_gradients(s, r->net);
    }
    tape_release(&tape);
    batch_release(&batch);
}

int net_check_start(struct net_state *s, struct err *err)
{
    struct hyper plain = rehearsal_plain(&s->subject->options->hyper);
    size_t n = s->rows.n_fit < LOOKED_AT ? s->rows.n_fit : LOOKED_AT;
    struct rehearsal r = {0};
    struct guesses g;
    double loss;

    if (rehearsal_init(&r, s->subject, &plain, s->rows.fit, s->rows.n_fit, NULL,
                       0, err) != 0)
        return -1;
    g = guess(&r, r.rows.fit, n);
    loss = first_loss(&r, n);
    check_initial_loss(s, loss, &g, n);
    check_layers(s, &r, n < BATCH_ROWS ? n : BATCH_ROWS);
    check_output_bias(s, loss, &g, n);
    rehearsal_release(&r);
    return 0;
}
