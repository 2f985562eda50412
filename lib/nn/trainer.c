#include "nn/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "nn/augment.h"
#include "nn/finite.h"
#include "nn/loss.h"
#include "nn/sampler.h"
#include "nn/training.h"

/* Multiply-adds of a step, forward, from which on threads share it. */
enum { THREADS_WORK = 1 << 21 };

static size_t class_of(const struct train_rows *rows, size_t row)
{
    uint32_t label = rows->table->label[row];

    return label == LABEL_NONE ? LABEL_NONE : rows->class_of[label];
}

/* The weight of each class's rows. */
static double *count_classes(const struct training *run, double *total)
{
    double *count = mem_zalloc(run->net->spec.n_classes, sizeof(*count));

    *total = 0;
    for (size_t i = 0; i < run->rows->n_fit; i++) {
        size_t row = run->rows->fit[i];
        count[class_of(run->rows, row)] +=
            (double)run->rows->table->weight[row];
        *total += (double)run->rows->table->weight[row];
    }
    return count;
}

static void weigh_classes(struct training *run)
{
    size_t classes = run->net->spec.n_classes, present = 0;
    double total, *weight = count_classes(run, &total);
    bool balanced = run->hyper->class_weight == CLASS_WEIGHT_BALANCED;

    for (size_t k = 0; k < classes; k++)
        present += weight[k] > 0;
    for (size_t k = 0; k < classes; k++)
        weight[k] = !balanced       ? 1
                    : weight[k] > 0 ? total / ((double)present * weight[k])
                                    : 0;
    run->class_weight = weight;
}

void training_init(struct training *run, struct net *net,
                   const struct train_rows *rows, uint64_t seed)
{
    size_t batch = net->spec.hyper.batch;

    memset(run, 0, sizeof(*run));
    run->net = net;
    run->rows = rows;
    run->hyper = &net->spec.hyper;
    run->seed = seed;
    run->optimizer.hyper = run->hyper;
    run->best_loss = INFINITY;
    schedule_init(&run->schedule, run->hyper,
                  (rows->n_fit + batch - 1) / batch);
    feed_init(&run->feed, net, rows->encoder, rows->table);
    feed_hook(&run->feed, rows->hooks);
    adapt_init(&run->adapt, rows->adaptation, batch);
    feed_adapt(&run->feed, &run->adapt);
    run->order = mem_alloc(rows->n_fit, sizeof(*run->order));
    run->classes = mem_alloc(rows->n_fit, sizeof(*run->classes));
    for (size_t i = 0; i < rows->n_fit; i++)
        run->classes[i] = (uint32_t)class_of(rows, rows->fit[i]);
    run->scratch =
        mem_alloc(SHARDS_MOST * net->spec.n_classes, sizeof(*run->scratch));
    weigh_classes(run);
}

void training_release(struct training *run)
{
    feed_release(&run->feed);
    adapt_release(&run->adapt);
    diagnosis_release(&run->diagnosis);
    free(run->order);
    free(run->classes);
    free(run->scratch);
    free(run->class_weight);
}

/* ---- the prior ---- */

/*
 * ln(w n_k): the softmax does not see w.  Half a row stands for a class
 * without any: its probability is not zero.
 */
static void fit_prior(struct training *run, struct param *bias, bool shares)
{
    double total, *count = count_classes(run, &total);

    for (size_t k = 0; k < run->net->spec.n_classes; k++) {
        double n = count[k] * run->class_weight[k];
        bias->value[k] = (real)log((n > 0 ? n : .5) / (shares ? total : 1));
    }
    free(count);
}

static struct param *output_bias(struct net *net)
{
    struct param *p, *last = NULL;

    for (size_t i = 0; (p = net_param(net, i)); i++) {
        const char *suffix = strrchr(p->name, '.');
        if (p->cols == net->spec.n_classes && p->layout == PARAM_VECTOR &&
            suffix && strcmp(suffix, ".bias") == 0)
            last = p;
    }
    return last;
}

void training_start(struct training *run)
{
    struct param *bias = output_bias(run->net);

    if (run->hyper->output_bias == OUTPUT_BIAS_PRIOR && bias && !bias->fixed)
        fit_prior(run, bias, true);
}

/* ---- one batch ---- */

/*
 * Rows of a batch: their classes, and with mixup their partners'; and
 * what came of them, shard by shard: `own` is the sum of losses, the others
 * are weighted as those of the stopping rows are.  Target rows behind them have
 * no loss.
 */
struct grading {
    struct training *run;
    const size_t *rows; /* [n] */
    size_t n;
    const struct mixup *mixup; /* NULL: none */
    double total;              /* of weights and class weights */
    struct score {
        double own, loss, error, weight;
        real *scratch; /* [classes] */
    } scores[SHARDS_MOST];
};

static size_t target_of(const struct grading *g, size_t i, bool partner)
{
    const struct train_hooks *hooks = g->run->rows->hooks;
    size_t class =
        class_of(g->run->rows, g->rows[partner ? g->mixup->partner[i] : i]);

    return hooks && hooks->target ? hooks->target(hooks->context, class,
                                                  g->run->net->spec.n_classes)
                                  : class;
}

static double weight_of(const struct grading *g, size_t i)
{
    return (double)g->run->rows->table->weight[g->rows[i]];
}

/* Adds share x the loss of one row for one class, and its gradient. */
static void score_class(const struct grading *g, struct score *score,
                        const real *z, real *dz, size_t k, double weight,
                        double share)
{
    const struct training *run = g->run;
    size_t classes = run->net->spec.n_classes;
    double own = share * loss_value(run->hyper, z, classes, k);
    double scale = share * weight * run->class_weight[k];

    score->own += own;
    score->loss += weight * own;
    score->error += largest(z, classes) != k ? share * weight : 0;
    loss_add_gradient(run->hyper, dz, z, classes, k,
                      (real)(g->total > 0 ? scale / g->total : 0),
                      score->scratch);
}

/* A shards_grade_fn: the gradient of the logits has the class weights too. */
static void grade_rows(void *context, size_t shard, size_t begin, size_t rows,
                       const real *logits, real *dlogits)
{
    struct grading *g = context;
    struct score *score = &g->scores[shard];
    size_t classes = g->run->net->spec.n_classes;
    double lambda = g->mixup ? g->mixup->lambda : 1;

    score->scratch = g->run->scratch + shard * classes;
    for (size_t i = 0; i < rows && begin + i < g->n; i++) {
        const real *z = logits + i * classes;
        real *dz = dlogits + i * classes;
        double w = weight_of(g, begin + i);
        score_class(g, score, z, dz, target_of(g, begin + i, false), w, lambda);
        if (g->mixup)
            score_class(g, score, z, dz, target_of(g, begin + i, true), w,
                        1 - lambda);
        score->weight += w;
    }
}

/* Adds the scores to the sums of the epoch; returns the sum of losses. */
static double add_scores(const struct grading *g, size_t shards)
{
    double own = 0;

    for (size_t i = 0; i < shards; i++) {
        own += g->scores[i].own;
        g->run->loss += g->scores[i].loss;
        g->run->error += g->scores[i].error;
        g->run->weight += g->scores[i].weight;
    }
    return own;
}

static int not_finite(struct training *run, const char *what, size_t epoch,
                      uint64_t step, struct err *err)
{
    const char *where = shards_lost(&run->feed.shards);

    return err_set(err, ERR_DATA,
                   "the %s not finite in epoch %zu, step %llu (first in %s): "
                   "lower --learning-rate, or look for huge numbers in the "
                   "data",
                   what, epoch, (unsigned long long)step, where);
}

int training_grade(struct training *run, const size_t *rows, size_t n,
                   size_t epoch, double *mean_loss)
{
    struct pass pass = {true, run->seed, run->optimizer.step, epoch};
    struct mixup mixup = {0};
    struct grading g = {.run = run, .rows = rows, .n = n};
    size_t shards;

    if (run->hyper->mixup > 0)
        g.mixup = mixup_draw(&mixup, run->hyper->mixup, n, &pass);
    run->feed.mixup = g.mixup;
    for (size_t i = 0; i < n; i++)
        g.total += weight_of(&g, i) *
                   run->class_weight[target_of(&g, i, false)];
    adapt_take(&run->adapt, run->rows->table->weight, rows, n);
    shards = feed_train(&run->feed, rows, n, &pass, grade_rows, &g);
    *mean_loss = add_scores(&g, shards) / (double)n;
    if (run->rows->hooks && run->rows->hooks->gradients)
        run->rows->hooks->gradients(run->rows->hooks->context, run->net);
    mixup_release(&mixup);
    return isfinite(*mean_loss) && isfinite(run->adapt.distance) ? 0 : -1;
}

static int train_batch(struct training *run, const size_t *rows, size_t n,
                       bool last, size_t epoch, struct err *err)
{
    double loss;

    if (training_grade(run, rows, n, epoch, &loss) != 0)
        return not_finite(run, "loss is", epoch, run->optimizer.step + 1, err);
    diagnose_step(&run->diagnosis, loss);
    run->optimizer.learning_rate =
        schedule_rate(&run->schedule, run->optimizer.step);
    if (last)
        diagnose_before(&run->diagnosis, run->net);
    optimizer_step(&run->optimizer, run->net, last ? &run->norms : NULL);
    if (last)
        diagnose_after(&run->diagnosis, run->net);
    if (last && !(isfinite(run->norms.gradient) && finite_weights(run->net)))
        return not_finite(run, "weights are", epoch, run->optimizer.step, err);
    return 0;
}

void training_order(struct training *run, size_t epoch)
{
    struct sampler_rows rows = {run->rows->fit, run->classes, run->rows->n_fit,
                                run->net->spec.n_classes};

    sampler_order(run->order, &rows, (enum sampler)run->hyper->sampler,
                  run->seed, epoch);
    adapt_order(&run->adapt, run->seed, epoch);
    if (run->rows->hooks && run->rows->hooks->order)
        run->rows->hooks->order(run->rows->hooks->context, run->order, rows.n,
                                epoch);
}

static int train_epoch(struct training *run, size_t number, struct err *err)
{
    size_t n = run->rows->n_fit, size = run->hyper->batch;

    training_order(run, number);
    run->loss = run->error = run->weight = 0;
    for (size_t at = 0; at < n; at += size) {
        size_t rows = n - at < size ? n - at : size;
        if (train_batch(run, run->order + at, rows, at + size >= n, number,
                        err) != 0)
            return -1;
        if (run->rows->batch_told)
            run->rows->batch_told(run->rows->batch_context, rows,
                                  run->loss / run->weight);
    }
    return 0;
}

/* ---- looking ---- */

/* Mean loss over rows of known classes, error over all; NaN without rows. */
static void evaluate(struct training *run, const size_t *rows, size_t n,
                     double *loss, double *error)
{
    size_t classes = run->net->spec.n_classes, block = feed_block(&run->feed);
    double sum = 0, wrong = 0, weight = 0, known = 0;

    for (size_t at = 0; at < n; at += block) {
        size_t some = n - at < block ? n - at : block;
        const real *logits = feed_look(&run->feed, rows + at, some);
        for (size_t i = 0; i < some; i++) {
            const real *z = logits + i * classes;
            size_t k = class_of(run->rows, rows[at + i]);
            double w = (double)run->rows->table->weight[rows[at + i]];
            weight += w;
            wrong += largest(z, classes) != k ? w : 0;
            if (k == LABEL_NONE)
                continue;
            known += w;
            sum += w * loss_value(run->hyper, z, classes, k);
        }
    }
    *loss = known > 0 ? sum / known : NAN;
    *error = weight > 0 ? wrong / weight : NAN;
}

/* ---- the run ---- */

static void describe_epoch(struct training *run, struct epoch *epoch)
{
    const struct train_rows *rows = run->rows;

    epoch->rows = rows->n_fit;
    epoch->most_epochs = run->hyper->epochs;
    epoch->train_loss = run->weight > 0 ? run->loss / run->weight : NAN;
    epoch->train_error = run->weight > 0 ? run->error / run->weight : NAN;
    epoch->learning_rate = run->optimizer.learning_rate;
    epoch->grad_norm = run->norms.gradient;
    epoch->update_ratio =
        run->norms.value > 0 ? run->norms.update / run->norms.value : NAN;
    evaluate(run, rows->stop, rows->n_stop, &epoch->stop_loss,
             &epoch->stop_error);
}

static void diagnose(struct training *run, struct epoch *epoch)
{
    shards_gather_activity(&run->feed.shards);
    diagnose_epoch(&run->diagnosis, run->net, epoch->train_loss,
                   epoch->train_error);
    epoch->dead = run->diagnosis.dead_share;
    epoch->warning = run->diagnosis.warning.len ? run->diagnosis.warning.data
                                                : "";
    epoch->news = run->diagnosis.news.len ? run->diagnosis.news.data : "";
}

/* Whether the run is over, after an epoch or when it goes on from a state. */
static bool is_over(const struct training *run)
{
    return run->epoch >= run->hyper->epochs ||
           (run->epoch > 0 &&
            run->epoch - run->best_epoch >= run->hyper->patience);
}

/* The epoch is the best so far: on the rows that decide, if there are any. */
static void keep_best(struct training *run, double stop_loss)
{
    bool decides = isfinite(stop_loss);

    if (decides && stop_loss >= run->best_loss)
        return;
    run->best_epoch = run->epoch;
    if (!decides)
        return;
    run->best_loss = stop_loss;
    snapshot_take(&run->best, run->net);
}

static int run_epoch(struct training *run, epoch_fn *told, void *context,
                     struct err *err)
{
    struct epoch epoch = {.number = run->epoch + 1};

    if (train_epoch(run, epoch.number, err) != 0)
        return -1;
    run->epoch++;
    describe_epoch(run, &epoch);
    if (table_lost(run->rows->table, err) != 0 ||
        adapt_lost(&run->adapt, err) != 0)
        return -1;
    diagnose(run, &epoch);
    told(context, &epoch);
    schedule_epoch(&run->schedule, isfinite(epoch.stop_loss)
                                       ? epoch.stop_loss
                                       : epoch.train_loss);
    keep_best(run, epoch.stop_loss);
    return 0;
}

/* The watcher ends the run by a 1. */
static int run_epochs(struct training *run, epoch_fn *told, void *context,
                      const struct train_watch *watch, struct err *err)
{
    int status = 0;

    if (watch && watch->from && !training_load(run, watch->from))
        return err_set(err, ERR_DATA,
                       "the state to go on from does not fit the network");
    while (status == 0 && !is_over(run)) {
        status = run_epoch(run, told, context, err);
        if (status == 0 && watch)
            status = watch->ask(watch->context, run, is_over(run), err);
    }
    return status < 0 ? -1 : 0;
}

static void run_majority(struct training *run, epoch_fn *told, void *context)
{
    struct epoch epoch = {.number = 1,
                          .most_epochs = 1,
                          .rows = run->rows->n_fit,
                          .learning_rate = NAN,
                          .grad_norm = NAN,
                          .update_ratio = NAN,
                          .dead = NAN,
                          .warning = "",
                          .news = ""};

    fit_prior(run, net_param(run->net, 1), false);
    evaluate(run, run->rows->fit, run->rows->n_fit, &epoch.train_loss,
             &epoch.train_error);
    evaluate(run, run->rows->stop, run->rows->n_stop, &epoch.stop_loss,
             &epoch.stop_error);
    told(context, &epoch);
    run->best_epoch = 1;
}

void training_keep(struct training *run)
{
    size_t n_fit = run->rows->n_fit, n_stop = run->rows->n_stop;
    size_t *all = mem_alloc(n_fit + n_stop, sizeof(*all));

    memcpy(all, run->rows->fit, n_fit * sizeof(*all));
    if (n_stop)
        memcpy(all + n_fit, run->rows->stop, n_stop * sizeof(*all));
    feed_keep(&run->feed, all, n_fit + n_stop);
    free(all);
}

/*
 * Threads of a step: small steps wait longer for another thread than they take,
 * and rows of embeddings that two write go to and fro between their caches.
 * Returns how many there were.
 */
static int take_threads(const struct training *run)
{
    int threads = parallel_threads();

    if (run->hyper->batch * feed_row_work(&run->feed) < THREADS_WORK)
        parallel_set_threads(1);
    return threads;
}

int train_watched(struct net *net, const struct train_rows *rows, uint64_t seed,
                  epoch_fn *told, void *context,
                  const struct train_watch *watch, size_t *best,
                  struct err *err)
{
    struct training run;
    int status = 0;

    training_init(&run, net, rows, seed);
    if (net->spec.hyper.net == NET_MAJORITY) {
        run_majority(&run, told, context);
    } else {
        int threads = take_threads(&run);
        training_start(&run);
        training_keep(&run);
        status = run_epochs(&run, told, context, watch, err);
        parallel_set_threads(threads);
    }
    *best = run.best_epoch;
    snapshot_restore(&run.best, net);
    training_release(&run);
    return status;
}

int train(struct net *net, const struct train_rows *rows, uint64_t seed,
          epoch_fn *told, void *context, size_t *best, struct err *err)
{
    return train_watched(net, rows, seed, told, context, NULL, best, err);
}
