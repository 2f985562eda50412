#include "analysis/rehearsal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/loss.h"

enum { FEW_STOPPING = 200 };

static const double WAKING = .1; /* deviation */

/* ---- rows ---- */

/* Of n rows at most so many, evenly; `to` may be `from`.  Returns how many. */
static size_t thin(size_t *to, const size_t *from, size_t n, size_t most)
{
    size_t some = n < most ? n : most;

    for (size_t i = 0; i < some; i++)
        to[i] = from[i * n / some];
    return some;
}

/* Every fourth row decides. */
static void set_aside(struct rehearsal_rows *r)
{
    size_t n = 0;

    free(r->stop);
    r->stop = mem_alloc(r->n_fit + 1, sizeof(*r->stop));
    r->n_stop = 0;
    for (size_t i = 0; i < r->n_fit; i++)
        if (i % 4 == 3)
            r->stop[r->n_stop++] = r->fit[i];
        else
            r->fit[n++] = r->fit[i];
    r->n_fit = n;
}

void rehearsal_rows_init(struct rehearsal_rows *r, const struct fit_plan *plan)
{
    r->fit = mem_alloc(REHEARSAL_ROWS, sizeof(*r->fit));
    r->stop = mem_alloc(REHEARSAL_ROWS / 2, sizeof(*r->stop));
    r->n_fit = thin(r->fit, plan->fit, plan->n_fit, REHEARSAL_ROWS);
    r->n_stop = thin(r->stop, plan->stop, plan->n_stop, REHEARSAL_ROWS / 2);
    if (plan->stop_drawn && r->n_stop < FEW_STOPPING)
        set_aside(r);
}

void rehearsal_rows_limit(struct rehearsal_rows *r, size_t most)
{
    r->n_fit = thin(r->fit, r->fit, r->n_fit, most);
    r->n_stop = thin(r->stop, r->stop, r->n_stop, most / 2);
}

void rehearsal_rows_release(struct rehearsal_rows *r)
{
    free(r->fit);
    free(r->stop);
}

/* ---- hyperparameters ---- */

struct hyper rehearsal_plain(const struct hyper *hyper)
{
    struct hyper h = *hyper;

    h.dropout = h.label_smoothing = h.weight_decay = h.l1 = 0;
    h.shift = h.cutout = 0;
    h.flip = 0;
    h.rotate = h.noise = h.mixup = h.crop = h.token_drop = 0;
    h.class_weight = CLASS_WEIGHT_NONE;
    h.sampler = SAMPLER_SHUFFLE;
    return h;
}

bool rehearsal_regularised(const struct hyper *h)
{
    return h->dropout > 0 || h->label_smoothing > 0 || h->weight_decay > 0 ||
           h->l1 > 0;
}

/* ---- making ---- */

int rehearsal_init(struct rehearsal *r, const struct net_subject *subject,
                   const struct hyper *hyper, const size_t *fit, size_t n_fit,
                   const size_t *stop, size_t n_stop, struct err *err)
{
    struct fit_rows rows = {fit, stop, n_fit, n_stop, subject->options->seed};

    memset(r, 0, sizeof(*r));
    r->subject = subject;
    r->options = *subject->options;
    r->options.hyper = *hyper;
    r->net = fit_prepare(&r->encoder, subject->table, &rows,
                         &subject->plan->classes, &r->options, NULL, err);
    if (!r->net)
        return -1;
    r->rows = (struct train_rows){.table = subject->table,
                                  .encoder = &r->encoder,
                                  .class_of = subject->plan->class_of,
                                  .fit = fit,
                                  .stop = stop,
                                  .n_fit = n_fit,
                                  .n_stop = n_stop,
                                  .hooks = subject->options->hooks};
    training_init(&r->run, r->net, &r->rows, subject->options->seed);
    training_start(&r->run);
    return 0;
}

void rehearsal_release(struct rehearsal *r)
{
    if (!r->net)
        return;
    training_release(&r->run);
    net_free(r->net);
    encoder_release(&r->encoder);
}

void rehearsal_wake(struct rehearsal *r)
{
    struct param *p;
    struct rng rng;

    rng_init(&rng, r->subject->options->seed, RNG_INIT);
    for (size_t i = 0; (p = net_param(r->net, i)); i++) {
        bool zero = !p->fixed;
        for (size_t j = 0; zero && j < param_size(p); j++)
            zero = p->value[j] == 0;
        if (zero)
            param_fill_normal(p, WAKING, &rng);
    }
}

/* ---- looking ---- */

/* A shards_grade_fn that learns nothing: where logits are kept. */
struct keeping {
    real *to;
    size_t classes;
};

static void keep_logits(void *context, size_t shard, size_t begin, size_t rows,
                        const real *logits, real *dlogits)
{
    struct keeping *k = context;

    (void)shard;
    (void)dlogits;
    memcpy(k->to + begin * k->classes, logits,
           rows * k->classes * sizeof(*k->to));
}

real *rehearsal_trained_logits(struct rehearsal *r, const size_t *rows,
                               size_t n)
{
    struct pass pass = {true, r->run.seed, 0, 1};
    size_t classes = r->net->spec.n_classes;
    struct keeping keeping = {mem_alloc(n * classes, sizeof(real)), classes};

    feed_train(&r->run.feed, rows, n, &pass, keep_logits, &keeping);
    return keeping.to;
}

real *rehearsal_logits(struct rehearsal *r, const size_t *rows, size_t n)
{
    size_t classes = r->net->spec.n_classes, block = feed_block(&r->run.feed);
    real *to = mem_alloc(n * classes, sizeof(*to));

    for (size_t at = 0; at < n; at += block) {
        size_t some = n - at < block ? n - at : block;
        memcpy(to + at * classes, feed_look(&r->run.feed, rows + at, some),
               some * classes * sizeof(*to));
    }
    return to;
}

size_t rehearsal_class(const struct rehearsal *r, size_t row)
{
    uint32_t label = r->rows.table->label[row];

    return label == LABEL_NONE ? LABEL_NONE : r->rows.class_of[label];
}

void rehearsal_score(struct rehearsal *r, const size_t *rows, size_t n,
                     double *loss, double *error)
{
    size_t classes = r->net->spec.n_classes, known = 0, wrong = 0;
    real *logits = rehearsal_logits(r, rows, n);
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        const real *z = logits + i * classes;
        size_t k = rehearsal_class(r, rows[i]);
        if (k == LABEL_NONE)
            continue;
        known++;
        sum += loss_value(&r->net->spec.hyper, z, classes, k);
        wrong += largest(z, classes) != k;
    }
    free(logits);
    *loss = known ? sum / (double)known : NAN;
    *error = known ? (double)wrong / (double)known : NAN;
}

double rehearsal_grade(struct rehearsal *r, const size_t *rows, size_t n)
{
    double mean;

    r->run.loss = r->run.error = r->run.weight = 0;
    if (training_grade(&r->run, rows, n, 1, &mean) != 0)
        return NAN;
    return r->run.weight > 0 ? r->run.loss / r->run.weight : NAN;
}

static void told_nobody(void *context, const struct epoch *epoch)
{
    (void)context;
    (void)epoch;
}

int rehearsal_train(struct rehearsal *r, epoch_fn *told, void *context,
                    const struct train_watch *watch, struct err *err)
{
    size_t best;

    return train_watched(r->net, &r->rows, r->run.seed,
                         told ? told : told_nobody, context, watch, &best, err);
}

double rehearsal_guess(const struct rehearsal *r)
{
    size_t classes = r->net->spec.n_classes;
    real *alike = mem_zalloc(classes, sizeof(*alike));
    double loss = loss_value(&r->net->spec.hyper, alike, classes, 0);

    free(alike);
    return loss;
}

double rehearsal_step_work(const struct rehearsal *r, size_t n)
{
    return 3 * (double)n * (double)feed_row_work(&r->run.feed);
}
