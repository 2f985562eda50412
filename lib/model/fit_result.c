#include "model/fit_result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stream/curve.h"

/* ---- training, with its curves ---- */

struct recorder {
    const struct fit_plan *plan;
    struct run_columns columns;
    size_t done, most;
    struct fit_watch watch;
};

static void add_epoch(struct rows *curve, const struct recorder *r,
                      const struct run *run, const struct epoch *e)
{
    struct curve_row train = {.epoch = e->number,
                              .split = "train",
                              .loss = e->train_loss,
                              .error = e->train_error,
                              .learning_rate = e->learning_rate,
                              .grad_norm = e->grad_norm,
                              .update_ratio = e->update_ratio,
                              .dead = e->dead,
                              .warning = e->warning,
                              .run = run->id};
    struct curve_row stop = {.epoch = e->number,
                             .split = run->id.fold ? "val" : r->plan->stop_name,
                             .loss = e->stop_loss,
                             .error = e->stop_error,
                             .learning_rate = NAN,
                             .grad_norm = NAN,
                             .update_ratio = NAN,
                             .dead = NAN,
                             .warning = "",
                             .run = run->id};

    curve_add(curve, &r->columns, &train);
    if (!isnan(e->stop_error))
        curve_add(curve, &r->columns, &stop);
}

static void on_epoch(void *context, const struct run *run,
                     const struct epoch *e)
{
    struct recorder *r = context;

    add_epoch(run->curve, r, run, e);
    r->done++;
    if (r->watch.epoch)
        r->watch.epoch(r->watch.context, run, e, r->done, r->most);
}

static void on_batch(void *context, const struct run *run, size_t rows,
                     double loss)
{
    struct recorder *r = context;

    r->watch.batch(r->watch.context, run, rows, loss, r->most);
}

/* The epochs of before count as done. */
static void on_resumed(void *context, const struct run *run,
                       const struct epoch *e)
{
    struct recorder *r = context;

    r->done += e->number;
    if (r->watch.epoch)
        r->watch.epoch(r->watch.context, run, e, r->done, r->most);
}

/* The columns of the curve that a model keeps. */
static void keep_curve(struct rows *kept, const struct rows *curve)
{
    rows_init(kept, "epoch,split,loss,error");
    for (size_t r = 0; r < rows_n(curve); r++)
        for (size_t c = 0; c < kept->n_columns; c++)
            rows_text(kept,
                      rows_cell(curve, r, rows_find(curve, kept->columns[c])));
}

static void take_row_hashes(struct model *m, const struct table *t,
                            const struct run *run)
{
    m->n_fingerprints = run->n_fit;
    m->fingerprints = mem_alloc(run->n_fit, sizeof(*m->fingerprints));
    for (size_t i = 0; i < run->n_fit; i++)
        m->fingerprints[i] = t->fingerprint[run->fit[i]];
    model_sort_rows(m);
}

/* A single run, whose model is kept. */
static int run_one(struct fit_result *result, struct schema *schema,
                   const struct runs_context *c, struct err *err)
{
    struct run *run = &result->runs.items[0];
    struct model *m = &result->model;

    m->schema = *schema;
    memset(schema, 0, sizeof(*schema));
    result->table->schema = &m->schema;
    for (size_t i = 0; i < result->plan->classes.n; i++)
        list_add(&m->classes, result->plan->classes.items[i]);
    m->seed = run->seed;
    take_row_hashes(m, result->table, run);
    if (run_train(run, c, &m->encoder, &m->net, &result->anew, err) != 0)
        return -1;
    m->best_epoch = run->best_epoch;
    if (c->options->adaptation.target) {
        m->n_target = c->options->adaptation.target->n;
        m->adapt_weight = c->options->adaptation.weight;
    }
    keep_curve(&m->curve, run->curve);
    return 0;
}

int fit_run(struct fit_result *result, struct schema *schema,
            struct table *table, const struct fit_plan *plan,
            const struct fit_options *options, bool predict,
            const struct fit_watch *watch, struct err *err)
{
    struct recorder recorder = {.plan = plan};
    struct runs_context c = {.table = table,
                             .plan = plan,
                             .options = options,
                             .predict = predict,
                             .told = on_epoch,
                             .resumed = on_resumed,
                             .context = &recorder};

    if (watch)
        recorder.watch = *watch;
    if (recorder.watch.batch)
        c.batch_told = on_batch;
    memset(result, 0, sizeof(*result));
    result->plan = plan;
    result->table = table;
    if (runs_plan(&result->runs, table, plan, options, err) != 0)
        return -1;
    recorder.columns = result->runs.columns;
    recorder.most = result->runs.n * options->hyper.epochs;
    if (result->runs.n == 1 && !options->folds)
        return run_one(result, schema, &c, err);
    return runs_train(&result->runs, &c, err);
}

void fit_result_release(struct fit_result *result)
{
    model_release(&result->model);
    runs_release(&result->runs);
    list_release(&result->anew);
    memset(result, 0, sizeof(*result));
}

void fit_curve(const struct fit_result *result, struct rows *rows)
{
    curve_init(rows, &result->runs.columns);
    for (size_t k = 0; k < result->runs.n; k++) {
        const struct rows *curve = result->runs.items[k].curve;
        for (size_t i = 0; i < curve->n_cells; i++)
            rows_text(rows, curve->cells[i]);
    }
}

/* ---- the range test ---- */

struct range_context {
    const struct recorder *recorder;
    struct rows *curve;
    const struct run *run;
};

static void on_step(void *context, const struct epoch *e)
{
    struct range_context *c = context;
    const struct recorder *r = c->recorder;

    add_epoch(c->curve, r, c->run, e);
    if (r->watch.epoch)
        r->watch.epoch(r->watch.context, c->run, e, e->number, e->most_epochs);
}

int fit_range_test(struct rows *curve, double *suggested, const struct table *t,
                   const struct fit_plan *plan,
                   const struct fit_options *options,
                   const struct fit_watch *watch, struct err *err)
{
    struct recorder recorder = {.plan = plan};
    struct run run = {.seed = options->seed};
    struct range_context c = {&recorder, curve, &run};
    struct fit_rows rows = {plan->fit, plan->stop, plan->n_fit, plan->n_stop,
                            options->seed};
    struct encoder encoder = {0};
    struct train_rows train_rows = {.table = t,
                                    .encoder = &encoder,
                                    .class_of = plan->class_of,
                                    .fit = plan->fit,
                                    .n_fit = plan->n_fit,
                                    .adaptation = &options->adaptation,
                                    .hooks = options->hooks};
    struct net *net =
        fit_prepare(&encoder, t, &rows, &plan->classes, options, NULL, err);
    int status = -1;

    if (watch)
        recorder.watch = *watch;
    curve_init(curve, &recorder.columns);
    if (net)
        status = train_range_test(net, &train_rows, options->seed, on_step, &c,
                                  suggested, err);
    net_free(net);
    encoder_release(&encoder);
    return status;
}

/* ---- scores for gates ---- */

static size_t largest_size(const struct runs *runs)
{
    size_t most = 0;

    for (size_t i = 0; i < runs->n; i++)
        if (runs->items[i].end != RUN_LEFT_OUT &&
            runs->items[i].id.train_size > most)
            most = runs->items[i].id.train_size;
    return most;
}

static void add_score(struct rows *rows, const char *split, double loss,
                      double error)
{
    rows_text(rows, split);
    rows_number(rows, loss);
    rows_number(rows, error);
}

/* Folds differ in size by a row or two; the largest size is the last. */
static void add_held_out(const struct fit_result *result, struct rows *rows)
{
    const struct runs *runs = &result->runs;
    size_t classes = result->plan->classes.n, n = 0, wrong = 0;
    size_t last = largest_size(runs);
    double loss = 0;

    for (size_t i = 0; i < runs->n; i++) {
        const struct run *run = &runs->items[i];
        if (run->id.train_size + 2 < last || !run->prob)
            continue;
        for (size_t k = 0; k < run->n_held; k++) {
            const float *prob = run->prob + k * classes;
            size_t class =
                result->plan->class_of[result->table->label[run->held[k]]];
            loss -= log((double)prob[class]);
            wrong += prediction_class(prob, classes) != class;
            n++;
        }
    }
    add_score(rows, "val", loss / (double)n, (double)wrong / (double)n);
}

/* Adds the loss and error of the best epoch; false where there is none. */
static bool add_best(const struct run *run, bool train, double *loss,
                     double *error)
{
    const struct rows *curve = run->curve;
    size_t split = rows_find(curve, "split");

    for (size_t r = 0; r < rows_n(curve); r++) {
        bool is_train = strcmp(rows_cell(curve, r, split), "train") == 0;
        if (is_train != train ||
            strtoul(rows_cell(curve, r, 0), NULL, 10) != run->best_epoch)
            continue;
        *loss += strtod(rows_cell(curve, r, split + 1), NULL);
        *error += strtod(rows_cell(curve, r, split + 2), NULL);
        return true;
    }
    return false;
}

static void add_mean(const struct fit_result *result, struct rows *rows,
                     bool train)
{
    size_t most = largest_size(&result->runs), n = 0;
    double loss = 0, error = 0;

    for (size_t i = 0; i < result->runs.n; i++) {
        const struct run *run = &result->runs.items[i];
        if (run->id.train_size == most && run->end != RUN_LEFT_OUT)
            n += add_best(run, train, &loss, &error);
    }
    if (n)
        add_score(rows, train ? "train" : result->plan->stop_name,
                  loss / (double)n, error / (double)n);
}

void fit_best_rows(const struct fit_result *result, struct rows *rows)
{
    rows_init(rows, "split,loss,error");
    if (result->runs.columns.fold) {
        add_held_out(result, rows);
        return;
    }
    add_mean(result, rows, true);
    add_mean(result, rows, false);
}

void fit_best_names(const struct fit_plan *plan,
                    const struct fit_options *options, struct rows *rows)
{
    rows_init(rows, "split,loss,error");
    if (options->folds) {
        add_score(rows, "val", NAN, NAN);
        return;
    }
    add_score(rows, "train", NAN, NAN);
    if (plan->n_stop)
        add_score(rows, plan->stop_name, NAN, NAN);
}

void fit_note_leaks(const struct fit_result *result, struct buf *notes)
{
    const struct table *t = result->table;
    size_t *rows = mem_zalloc(t->parts.count, sizeof(*rows)),
           *known = mem_zalloc(t->parts.count, sizeof(*known));

    for (size_t r = 0; result->model.net && plan_has_split(t) && r < t->n;
         r++) {
        rows[t->part[r]]++;
        known[t->part[r]] += model_has_row(&result->model, t->fingerprint[r]);
    }
    for (size_t i = 0; i < t->parts.count; i++)
        model_note_leak(notes, *t->parts.text[i] ? t->parts.text[i] : "test",
                        known[i], rows[i]);
    free(rows);
    free(known);
}
