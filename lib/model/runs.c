#include "model/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/parallel.h"
#include "model/run_watch.h"
#include "nn/feed.h"
#include "stream/curve.h"
#include "table/partition.h"

/* Steps from one seed to the next: primes, so that sums do not meet. */
enum { FOLD_SEED = 1000003, REPLICA_SEED_STEP = 15485863 };

void runs_release(struct runs *runs)
{
    for (size_t i = 0; i < runs->n; i++) {
        struct run *run = &runs->items[i];
        free(run->fit);
        free(run->stop);
        free(run->held);
        free(run->role);
        free(run->prob);
        rows_release(run->curve);
        free(run->curve);
    }
    free(runs->items);
    memset(runs, 0, sizeof(*runs));
}

/* ---- how many rows ---- */

/* "10%" or "500" of n rows; 0 where it is neither. */
static size_t amount(const char *text, size_t n)
{
    size_t len = strlen(text);
    bool percent = len && text[len - 1] == '%';
    double value;

    if (!num_parse(text, len - percent, &value) || value <= 0)
        return 0;
    if (percent)
        return value > 100 ? 0 : (size_t)llround(value / 100 * (double)n);
    return value == floor(value) ? (size_t)value : 0;
}

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* The training sizes, rising; one of all n rows where none were asked for. */
static int read_sizes(size_t *sizes, size_t *n_sizes, size_t n,
                      const struct fit_options *o, struct err *err)
{
    *n_sizes = o->train_sizes.n ? o->train_sizes.n : 1;
    sizes[0] = n;
    for (size_t i = 0; i < o->train_sizes.n; i++) {
        const char *text = o->train_sizes.items[i];
        sizes[i] = amount(text, n);
        if (!sizes[i])
            return err_set(err, ERR_USAGE,
                           "--train-sizes: '%s' is not like 10%% or 500", text);
        if (sizes[i] > n)
            return err_set(err, ERR_DATA,
                           "--train-sizes: '%s' is more than the %zu rows to "
                           "train on",
                           text, n);
    }
    qsort(sizes, *n_sizes, sizeof(*sizes), by_size);
    return 0;
}

/* ---- which rows ---- */

static size_t *copy_rows(const size_t *rows, size_t n)
{
    size_t *copy = mem_alloc(n, sizeof(*copy));

    if (n)
        memcpy(copy, rows, n * sizeof(*copy));
    return copy;
}

/* Keeps `size` of fit[0..n), with equal shares of the classes, in order. */
static void thin_out(const struct table *t, size_t *fit, size_t *n, size_t size,
                     uint64_t seed)
{
    double shares[2] = {(double)size / (double)*n,
                        1 - (double)size / (double)*n};
    size_t *count = mem_zalloc(t->labels.count, sizeof(*count)), kept = 0;
    struct partition draw;

    for (size_t i = 0; i < *n; i++)
        count[t->label[fit[i]]]++;
    partition_init(&draw, count, t->labels.count, shares, 2, seed, RNG_SIZES);
    for (size_t i = 0; i < *n; i++)
        if (partition_next(&draw, t->label[fit[i]]) == 0)
            fit[kept++] = fit[i];
    *n = kept;
    partition_release(&draw);
    free(count);
}

/* As many rows, drawn with replacement, in order. */
static void bootstrap(size_t *fit, size_t n, uint64_t seed)
{
    size_t *drawn = mem_alloc(n, sizeof(*drawn));
    struct rng rng;

    rng_init(&rng, seed, RNG_REPLICA);
    for (size_t i = 0; i < n; i++)
        drawn[i] = fit[rng_below(&rng, n)];
    qsort(drawn, n, sizeof(*drawn), by_size);
    memcpy(fit, drawn, n * sizeof(*fit));
    free(drawn);
}

/* fold[i] of plan->fit[i], from 1; all 0 without folds. */
static size_t *draw_folds(const struct table *t, const struct fit_plan *plan,
                          const struct fit_options *o)
{
    size_t *fold = mem_zalloc(plan->n_fit, sizeof(*fold));
    size_t *count = mem_zalloc(t->labels.count, sizeof(*count));
    double *shares = mem_alloc(o->folds, sizeof(*shares));
    struct partition draw;

    for (size_t k = 0; k < o->folds; k++)
        shares[k] = 1.0 / (double)o->folds;
    for (size_t i = 0; i < plan->n_fit; i++)
        count[t->label[plan->fit[i]]]++;
    if (o->folds) {
        partition_init(&draw, count, t->labels.count, shares, o->folds, o->seed,
                       RNG_FOLDS);
        for (size_t i = 0; i < plan->n_fit; i++)
            fold[i] = partition_next(&draw, t->label[plan->fit[i]]) + 1;
        partition_release(&draw);
    }
    free(shares);
    free(count);
    return fold;
}

/* The rows of the other folds to train on and to stop, this one's held out. */
static void take_fold(struct run *run, const struct table *t,
                      const struct fit_plan *plan, const size_t *fold,
                      const struct fit_options *o)
{
    run->fit = mem_alloc(plan->n_fit, sizeof(*run->fit));
    run->stop = mem_alloc(plan->n_fit, sizeof(*run->stop));
    run->held = mem_alloc(plan->n_fit, sizeof(*run->held));
    for (size_t i = 0; i < plan->n_fit; i++) {
        if (fold[i] == run->id.fold)
            run->held[run->n_held++] = plan->fit[i];
        else
            run->fit[run->n_fit++] = plan->fit[i];
    }
    if (!o->stop_on)
        plan_take_tenth(t, run->fit, &run->n_fit, run->stop, &run->n_stop,
                        run->seed);
    run->role = mem_alloc(run->n_held, 1);
    memset(run->role, ROW_OTHER, run->n_held);
}

static void take_plan(struct run *run, const struct fit_plan *plan)
{
    run->fit = copy_rows(plan->fit, plan->n_fit);
    run->stop = copy_rows(plan->stop, plan->n_stop);
    run->n_fit = plan->n_fit;
    run->n_stop = plan->n_stop;
}

/* All rows but those that could have been trained on and were not. */
static void hold_others(struct run *run, const struct table *t,
                        const struct fit_plan *plan)
{
    unsigned char *role = mem_alloc(t->n, 1);

    memset(role, ROW_OTHER, t->n);
    for (size_t i = 0; i < plan->n_fit; i++)
        role[plan->fit[i]] = ROW_LEFT_OUT;
    for (size_t i = 0; i < run->n_stop; i++)
        role[run->stop[i]] = ROW_STOP;
    for (size_t i = 0; i < run->n_fit; i++)
        role[run->fit[i]] = ROW_TRAIN;
    run->held = mem_alloc(t->n, sizeof(*run->held));
    for (size_t r = 0; r < t->n; r++)
        if (role[r] != ROW_LEFT_OUT) {
            role[run->n_held] = role[r];
            run->held[run->n_held++] = r;
        }
    run->role = role;
}

/*
 * The rows of one run: a subset of its size by way of all larger ones, so that
 * subsets are nested, then the bootstrap.
 */
static int take_rows(struct run *run, const struct table *t,
                     const struct fit_plan *plan, const size_t *fold,
                     const struct fit_options *o, size_t size, struct err *err)
{
    size_t sizes[TRAIN_SIZES], n_sizes;

    if (run->id.fold)
        take_fold(run, t, plan, fold, o);
    else
        take_plan(run, plan);
    if (read_sizes(sizes, &n_sizes, run->n_fit, o, err) != 0)
        return -1;
    for (size_t i = n_sizes; i-- > size;)
        if (sizes[i] < run->n_fit)
            thin_out(t, run->fit, &run->n_fit, sizes[i],
                     o->seed + run->id.fold);
    run->id.train_size = run->n_fit;
    if (o->replicas && o->replica_by == REPLICA_BOOTSTRAP)
        bootstrap(run->fit, run->n_fit, run->seed);
    if (!run->id.fold)
        hold_others(run, t, plan);
    return 0;
}

/* "fold 2", "replica 1", "the training size 5": what made it so small. */
static void name_run(char name[48], const struct run *run,
                     const struct fit_options *o)
{
    if (o->folds)
        snprintf(name, 48, "fold %zu", run->id.fold);
    else if (o->train_sizes.n)
        snprintf(name, 48, "the training size %zu", run->id.train_size);
    else
        snprintf(name, 48, "replica %zu", run->id.replica);
}

/* What alone is an error is one in each of many, too. */
static int check_run(const struct run *run, const struct table *t,
                     const struct fit_options *o, struct err *err)
{
    bool several = false;
    char name[48];

    for (size_t i = 1; i < run->n_fit; i++)
        several |= t->label[run->fit[i]] != t->label[run->fit[0]];
    if (several && (!o->folds || run->n_held))
        return 0;
    name_run(name, run, o);
    if (o->folds && !run->n_held)
        return err_set(err, ERR_DATA, "--folds: no row is left for %s", name);
    if (!run->n_fit)
        return err_set(err, ERR_DATA, "%s has no row to train on", name);
    return err_set(err, ERR_DATA,
                   "%s has a single class in the rows to train on: '%s'", name,
                   t->labels.text[t->label[run->fit[0]]]);
}

int runs_plan(struct runs *runs, const struct table *t,
              const struct fit_plan *plan, const struct fit_options *o,
              struct err *err)
{
    size_t folds = o->folds ? o->folds : 1,
           replicas = o->replicas ? o->replicas : 1, models = fit_models(o);
    size_t *fold = draw_folds(t, plan, o);
    int status = 0;

    memset(runs, 0, sizeof(*runs));
    runs->columns = (struct run_columns){o->folds > 0, o->replicas > 0,
                                         o->train_sizes.n > 0};
    runs->n_folds = folds;
    runs->items = mem_zalloc(models, sizeof(*runs->items));
    for (size_t i = 0; i < models && status == 0; i++) {
        struct run *run = &runs->items[runs->n++];
        run->number = i;
        run->id.fold = o->folds ? i % folds + 1 : 0;
        run->id.replica = i / folds % replicas + 1;
        run->seed = o->seed + FOLD_SEED * run->id.fold +
                    REPLICA_SEED_STEP * (run->id.replica - 1);
        run->curve = mem_zalloc(1, sizeof(*run->curve));
        curve_init(run->curve, &runs->columns);
        status = take_rows(run, t, plan, fold, o, i / folds / replicas, err);
        if (status == 0)
            status = check_run(run, t, o, err);
    }
    free(fold);
    return status;
}

/* ---- training ---- */

struct teller {
    const struct runs_context *context;
    struct run *run;
};

static void tell(void *context, const struct epoch *epoch)
{
    struct teller *t = context;

#pragma omp critical(run_told)
    t->context->told(t->context->context, t->run, epoch);
}

static void tell_batch(void *context, size_t rows, double loss)
{
    struct teller *t = context;

#pragma omp critical(run_told)
    t->context->batch_told(t->context->context, t->run, rows, loss);
}

static int predict_held(struct run *run, const struct runs_context *c,
                        const struct encoder *encoder, struct net *net,
                        struct err *err)
{
    struct feed feed;

    run->prob = mem_alloc(run->n_held, c->plan->classes.n * sizeof(*run->prob));
    feed_init(&feed, net, encoder, c->table);
    feed_hook(&feed, c->options->hooks);
    feed_predict(&feed, run->held, run->n_held, run->prob);
    feed_release(&feed);
    return table_lost(c->table, err);
}

size_t runs_begun(const struct runs *runs)
{
    size_t n = 0;

    for (size_t i = 0; i < runs->n; i++)
        n += runs->items[i].end != RUN_LEFT_OUT;
    return n;
}

/* The run from where it is to its end, with its predictions. */
static int run_on(struct watched_run *w, struct encoder *encoder,
                  struct net **net, struct list *left, struct err *err)
{
    const struct runs_context *c = w->shared;
    struct run *run = w->run;
    struct fit_rows rows = {run->fit, run->stop, run->n_fit, run->n_stop,
                            run->seed};
    struct train_rows train_rows = {.table = c->table,
                                    .encoder = encoder,
                                    .class_of = c->plan->class_of,
                                    .fit = run->fit,
                                    .stop = run->stop,
                                    .n_fit = run->n_fit,
                                    .n_stop = run->n_stop,
                                    .adaptation = &c->options->adaptation,
                                    .hooks = c->options->hooks};
    struct teller teller = {c, run};
    int status;

    if (c->batch_told) {
        train_rows.batch_told = tell_batch;
        train_rows.batch_context = &teller;
    }
    *net = fit_prepare(encoder, c->table, &rows, &c->plan->classes, c->options,
                       left, err);
    if (!*net)
        return -1;
    run->end = RUN_OVER;
    status = train_watched(*net, &train_rows, run->seed, tell, &teller,
                           &w->watch, &run->best_epoch, err);
    if (status == 0 && (c->predict || run->id.fold))
        status = predict_held(run, c, encoder, *net, err);
    return status == 0 ? watched_run_over(w, err) : -1;
}

int run_train(struct run *run, const struct runs_context *c,
              struct encoder *encoder, struct net **net, struct list *left,
              struct err *err)
{
    struct watched_run watched = {.run = run, .shared = c};
    int status = watched_run_begin(&watched, err);

    if (status == 0 && run->end != RUN_OVER)
        status = run_on(&watched, encoder, net, left, err);
    watched_run_release(&watched);
    return status;
}

static void train_alone(struct run *run, const struct runs_context *c,
                        struct err *err)
{
    struct encoder encoder = {0};
    struct net *net = NULL;

    if (run->number > 0 && run_watch_stops(c->options->watch))
        return;
    run_train(run, c, &encoder, &net, NULL, err);
    net_free(net);
    encoder_release(&encoder);
}

static int by_rows_falling(const void *a, const void *b)
{
    const struct run *x = *(const struct run *const *)a,
                     *y = *(const struct run *const *)b;

    if (x->n_fit != y->n_fit)
        return x->n_fit < y->n_fit ? 1 : -1;
    return (x > y) - (x < y);
}

/*
 * How cores are divided: with as many models as threads, or more, each has a
 * thread of its own, which never waits for another; fewer divide the threads
 * among them.  The largest begin.
 */
int runs_train(struct runs *runs, const struct runs_context *c, struct err *err)
{
    struct err *errs = mem_zalloc(runs->n, sizeof(*errs));
    struct run **order = mem_alloc(runs->n, sizeof(struct run *));
    int threads = parallel_threads(), status = 0,
        beside = runs->n < (size_t)threads ? (int)runs->n : threads;

    for (size_t i = 0; i < runs->n; i++)
        order[i] = &runs->items[i];
    qsort(order, runs->n, sizeof(struct run *), by_rows_falling);
    parallel_nest(beside < threads);
#pragma omp parallel for schedule(dynamic, 1) num_threads(beside)
    for (size_t i = 0; i < runs->n; i++) {
        parallel_set_threads(threads / beside);
        train_alone(order[i], c, &errs[order[i] - runs->items]);
    }
    parallel_nest(false);
    for (size_t i = runs->n; i-- > 0;)
        if (errs[i].kind != ERR_NONE) {
            *err = errs[i];
            status = -1;
        }
    free(order);
    free(errs);
    return status;
}
