#include "nn/diagnose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/layer_name.h"

/* The thresholds of the header. */
#define VANISHED 1e-4       /* a gradient … */
#define VANISHED_SHARE 1e-3 /* … and of the last layer's */
#define STEP_MOST 1.0       /* update over value … */
#define STEP_LARGE 0.1      /* … or so much, with a gradient … */
#define GRADIENT_LARGE 70.0 /* … so many times the last layer's */
#define LOSS_LARGE 10.0     /* over the first epoch's, or the start's */
#define DEAD_SHARE 0.7      /* of units */
#define SATURATED_SHARE 0.8 /* of values */
#define SWING 0.25          /* of the mean loss */
#define STUCK_ERROR 0.8     /* of the error of guessing */
#define GUESSING 0.95       /* of that error, where the loss fell at first */
#define STUCK_LOSS 0.9      /* of the first epoch's */
#define SMALL_ERROR 0.02
#define PROGRESS 0.01 /* of the loss */

enum { SWING_RISES = 3, SWING_FALLS = 2, WELL_EPOCHS = 3, SLOW_EPOCHS = 5 };

static const char *const names[TROUBLES] = {"vanishing", "exploding",   "dead",
                                            "saturated", "oscillating", "slow"};

void diagnosis_release(struct diagnosis *d)
{
    buf_release(&d->warning);
    buf_release(&d->news);
    free(d->layers);
    memset(d, 0, sizeof(*d));
}

/* ---- the last step ---- */

static double squares(const real *x, size_t n)
{
    double sum[4] = {0};
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (size_t l = 0; l < 4; l++)
            sum[l] += (double)x[i + l] * (double)x[i + l];
    for (; i < n; i++)
        sum[0] += (double)x[i] * (double)x[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* The values that a step changes: the touched rows of a sparse parameter. */
static void gather(const struct param *p, real *to)
{
    if (!p->sparse) {
        memcpy(to, p->value, param_size(p) * sizeof(real));
        return;
    }
    for (size_t i = 0; i < p->n_touched; i++)
        memcpy(to + i * p->cols, p->value + p->touched[i] * p->cols,
               p->cols * sizeof(real));
}

static real *gathered(const struct param *p)
{
    real *values = mem_alloc(param_grad_size(p), sizeof(real));

    gather(p, values);
    return values;
}

static void begin(struct diagnosis *d, const struct net *net)
{
    d->n_layers = net->n_layers;
    d->layers = mem_alloc(net->n_layers, sizeof(*d->layers));
}

/* A layer of which nothing is learned in this step is not measured. */
static void clear_norms(struct diagnosis *d)
{
    for (size_t i = 0; i < d->n_layers; i++)
        d->layers[i] = (struct layer_norms){NAN, 0, 0};
}

static bool is_stepped(const struct param *p)
{
    return !p->fixed && param_grad_size(p) > 0;
}

void diagnose_step(struct diagnosis *d, double loss)
{
    if (d->start_loss <= 0)
        d->start_loss = loss;
}

void diagnose_before(struct diagnosis *d, struct net *net)
{
    size_t n = 0;

    if (!d->layers)
        begin(d, net);
    clear_norms(d);
    d->before = mem_zalloc(net->n_layers * LAYER_PARAMS, sizeof(*d->before));
    for (size_t i = 0; i < net->n_layers; i++) {
        struct layer_norms *norms = &d->layers[i];
        double gradient = 0;
        bool some = false;
        for (int k = 0; k < net->layers[i].n_params; k++, n++) {
            const struct param *p = &net->layers[i].params[k];
            if (!is_stepped(p))
                continue;
            some = true;
            d->before[n] = gathered(p);
            gradient += squares(p->grad, param_grad_size(p));
            norms->value += squares(d->before[n], param_grad_size(p));
        }
        norms->value = sqrt(norms->value);
        norms->gradient = some ? sqrt(gradient) : NAN;
    }
}

static double squares_of_change(const struct param *p, const real *before)
{
    size_t n = param_grad_size(p);
    real *change = gathered(p);
    double sum;

    for (size_t i = 0; i < n; i++)
        change[i] -= before[i];
    sum = squares(change, n);
    free(change);
    return sum;
}

void diagnose_after(struct diagnosis *d, struct net *net)
{
    size_t n = 0;

    for (size_t i = 0; i < net->n_layers; i++) {
        double update = 0;
        for (int k = 0; k < net->layers[i].n_params; k++, n++)
            if (d->before[n])
                update +=
                    squares_of_change(&net->layers[i].params[k], d->before[n]);
        d->layers[i].update = sqrt(update);
    }
    while (n-- > 0)
        free(d->before[n]);
    free(d->before);
    d->before = NULL;
}

/* ---- signs ---- */

/* What an epoch shows, layer activities already asked for. */
struct signs {
    const struct net *net;
    double dead, saturated;       /* the largest shares of one layer … */
    size_t dead_at, saturated_at; /* … and which that is */
};

/* The last dense layer that was measured; n_layers: none. */
static size_t last_layer(const struct diagnosis *d, const struct net *net)
{
    for (size_t i = d->n_layers; i-- > 0;)
        if (!isnan(d->layers[i].gradient) && !net->layers[i].params[0].sparse)
            return i;
    return d->n_layers;
}

static bool find_vanishing(const struct diagnosis *d, const struct signs *s,
                           struct buf *phrase)
{
    size_t last = last_layer(d, s->net);
    char name[PARAM_NAME], last_name[PARAM_NAME];

    for (size_t i = 0; i < last && last < d->n_layers; i++) {
        double own = d->layers[i].gradient, end = d->layers[last].gradient;
        if (!(own < VANISHED && own < VANISHED_SHARE * end))
            continue;
        layer_base_name(name, &s->net->layers[i]);
        layer_base_name(last_name, &s->net->layers[last]);
        buf_printf(phrase, "the gradient of %s is %.1g, that of %s %.1g", name,
                   own, last_name, end);
        return true;
    }
    return false;
}

/* A layer of zeros cannot be judged by how much of it a step is. */
static bool is_exploding(const struct layer_norms *l, double last_gradient)
{
    return l->value > 0 && (l->update >= STEP_MOST * l->value ||
                            (l->update >= STEP_LARGE * l->value &&
                             l->gradient > GRADIENT_LARGE * last_gradient));
}

/* What a network loses that has not learned anything, or that guesses. */
static double loss_at_start(const struct diagnosis *d, const struct net *net)
{
    return fmax(d->start_loss, log((double)net->spec.n_classes));
}

/* Far worse than before it was trained. */
static bool has_diverged(const struct diagnosis *d, const struct net *net)
{
    return d->loss[0] > LOSS_LARGE * loss_at_start(d, net);
}

static bool find_exploding(const struct diagnosis *d, const struct signs *s,
                           struct buf *phrase)
{
    size_t last = last_layer(d, s->net);
    double gradient = last < d->n_layers ? d->layers[last].gradient : INFINITY;
    char name[PARAM_NAME];

    if (has_diverged(d, s->net)) {
        buf_printf(phrase, "the loss is %.3g, without training %.3g",
                   d->loss[0], loss_at_start(d, s->net));
        return true;
    }
    for (size_t i = 0; i < d->n_layers; i++) {
        const struct layer_norms *l = &d->layers[i];
        if (isnan(l->gradient) || !is_exploding(l, gradient))
            continue;
        layer_base_name(name, &s->net->layers[i]);
        buf_printf(phrase, "a step is %.2g times the weights of %s",
                   l->update / l->value, name);
        return true;
    }
    if (d->loss[0] <= LOSS_LARGE * d->first_loss)
        return false;
    buf_printf(phrase, "the loss is %.2g times that of the first epoch",
               d->loss[0] / d->first_loss);
    return true;
}

static bool find_dead(const struct diagnosis *d, const struct signs *s,
                      struct buf *phrase)
{
    char name[PARAM_NAME];

    (void)d;
    if (s->dead < DEAD_SHARE)
        return false;
    layer_name_near(name, s->net, s->dead_at);
    buf_printf(phrase, "%.0f %% of the units after %s are never active",
               100 * s->dead, name);
    return true;
}

static bool find_saturated(const struct diagnosis *d, const struct signs *s,
                           struct buf *phrase)
{
    char name[PARAM_NAME];

    (void)d;
    if (s->saturated < SATURATED_SHARE)
        return false;
    layer_name_near(name, s->net, s->saturated_at);
    buf_printf(phrase, "%.0f %% of the values after %s are at their limit",
               100 * s->saturated, name);
    return true;
}

static bool find_oscillating(const struct diagnosis *d, const struct signs *s,
                             struct buf *phrase)
{
    size_t n = d->epochs < DIAGNOSE_EPOCHS ? d->epochs : DIAGNOSE_EPOCHS;
    int rises = 0, falls = 0;
    double mean = 0;

    if (s->net->spec.hyper.mixup > 0)
        return false;
    for (size_t i = 0; i < n; i++)
        mean += d->loss[i] / (double)n;
    for (size_t i = 0; i + 1 < n; i++) {
        double change = d->loss[i] - d->loss[i + 1];
        rises += change >= SWING * mean;
        falls += change <= -SWING * mean;
    }
    if (rises < SWING_RISES || falls < SWING_FALLS)
        return false;
    buf_printf(phrase, "the loss rose %d times in %zu epochs", rises, n - 1);
    return true;
}

static bool find_slow(const struct diagnosis *d, const struct signs *s,
                      struct buf *phrase)
{
    double guessing = 1 - 1 / (double)s->net->spec.n_classes, before;

    bool started = d->best[0] <= STUCK_LOSS * d->first_loss;

    if (d->epochs <= SLOW_EPOCHS ||
        d->error < (started ? GUESSING : STUCK_ERROR) * guessing)
        return false;
    before = d->best[SLOW_EPOCHS];
    if (d->best[0] < (1 - PROGRESS) * before)
        return false;
    buf_printf(phrase, "the loss fell by %.2g %% in %d epochs",
               before > 0 ? 100 * (1 - d->best[0] / before) : 0, SLOW_EPOCHS);
    return true;
}

/* ---- an epoch ---- */

static bool does_well(const struct diagnosis *d, const struct net *net)
{
    if (has_diverged(d, net))
        return false;
    return d->epochs <= WELL_EPOCHS || d->error <= SMALL_ERROR ||
           d->best[0] < (1 - PROGRESS * WELL_EPOCHS) * d->best[WELL_EPOCHS];
}

static void remember(struct diagnosis *d, double loss, double error)
{
    size_t rest = (DIAGNOSE_EPOCHS - 1) * sizeof(double);
    double best = d->epochs ? d->best[0] : loss;

    memmove(d->loss + 1, d->loss, rest);
    memmove(d->best + 1, d->best, rest);
    d->loss[0] = loss;
    d->best[0] = loss < best ? loss : best;
    d->error = error;
    if (d->epochs++ == 0)
        d->first_loss = loss;
}

static void ask_layers(struct diagnosis *d, struct signs *s)
{
    size_t units = 0, dead = 0;

    for (size_t i = 0; i < s->net->n_layers; i++) {
        struct layer *layer = &s->net->layers[i];
        struct activity a;
        double share;
        if (!layer->ops->activity)
            continue;
        layer->ops->activity(layer, &a);
        units += a.units;
        dead += a.dead;
        share = a.units ? (double)a.dead / (double)a.units : 0;
        if (share > s->dead) {
            s->dead = share;
            s->dead_at = i;
        }
        if (a.saturated > s->saturated) {
            s->saturated = a.saturated;
            s->saturated_at = i;
        }
    }
    d->dead_share = units ? (double)dead / (double)units : NAN;
}

/* One more epoch with or without this trouble. */
static void settle(struct diagnosis *d, enum trouble kind, bool seen,
                   const struct buf *phrase)
{
    d->lasts[kind] = seen ? d->lasts[kind] + 1 : 0;
    if (d->lasts[kind] < DIAGNOSE_PERSISTS)
        return;
    buf_printf(&d->warning, "%s%s", d->warning.len ? " " : "", names[kind]);
    if (!d->told[kind])
        buf_printf(&d->news, "%s: %s\n", names[kind], phrase->data);
    d->told[kind] = true;
}

void diagnose_epoch(struct diagnosis *d, struct net *net, double loss,
                    double error)
{
    static bool (*const find[TROUBLES])(const struct diagnosis *,
                                        const struct signs *, struct buf *) = {
        find_vanishing, find_exploding,   find_dead,
        find_saturated, find_oscillating, find_slow};
    struct signs signs = {.net = net};
    struct buf phrase = {0};
    bool well;

    if (!d->layers) {
        begin(d, net);
        clear_norms(d);
    }
    remember(d, loss, error);
    ask_layers(d, &signs);
    buf_clear(&d->warning);
    buf_clear(&d->news);
    well = does_well(d, net);
    for (int kind = 0; kind < TROUBLES; kind++) {
        buf_clear(&phrase);
        settle(d, (enum trouble)kind, !well && find[kind](d, &signs, &phrase),
               &phrase);
    }
    buf_release(&phrase);
    clear_norms(d);
}
