/* assay train: fits a network; writes its learning curve or predictions. */
#include <stdlib.h>

#include "cli/column_args.h"
#include "cli/curve_view.h"
#include "cli/explain_view.h"
#include "cli/fit_data.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/target_rows.h"
#include "cli/timings.h"
#include "cli/train_args.h"
#include "cli/train_prepare.h"
#include "cli/training_view.h"
#include "model/fit_result.h"

/* What is read before anything is trained. */
struct job {
    const struct args *args;
    struct train_args *options;
    struct fit_data data;
    struct table target; /* of --adapt, or empty */
};

/* ---- reading ---- */

/* What would fail after the training is better known before it. */
static void check_outputs(const struct job *job)
{
    const char *const paths[] = {job->args->output, job->options->model,
                                 job->options->curve, job->options->pause.path};
    struct prediction_format format = {0};
    struct err err = {0};

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        if (paths[i])
            report_check(output_check(paths[i], &err), &err);
    report_check(
        prediction_keep(&format, job->data.reader, &job->options->keep, &err),
        &err);
    free(format.keep);
}

static void read_data(struct job *job)
{
    const struct fit_setup *setup = &job->options->setup;
    struct fit_data *data = &job->data;
    struct buf notes = {0};

    timings_phase("types");
    fit_data_open(data, job->args, true);
    check_outputs(job);
    job->options->setup.schema.quick = !job->options->explain;
    fit_data_types(data, setup, &notes);
    report_notes(&notes);
    buf_release(&notes);
    fit_data_read(data, setup->root, "learn from");
    report_skipped(csv_reader_skipped(data->reader));
    fit_data_plan(data, &setup->fit);
    target_rows_read(&job->target, job->options, job->args, data);
    if (!data->plan.n_stop && !setup->fit.folds)
        report_note("no rows decide when to stop: all %zu epochs are run",
                    setup->fit.hyper.epochs);
    if (data->table.tokens.cut)
        report_note("%zu text%s longer than --max-steps %zu, cut",
                    data->table.tokens.cut, plural(data->table.tokens.cut),
                    data->schema.max_steps);
}

/* ---- what is seen, without training ---- */

/* Shows a table that is the whole result. */
static int finish_with(struct rows *table, result_draw *draw, const char *key,
                       const char *column, const struct args *args)
{
    int status;

    result_show(table, draw, args);
    status = result_finish(table, key, column, args);
    rows_release(table);
    return status;
}

static int explain(struct job *job)
{
    struct rows table;

    column_args_describe(&table, &job->data.schema);
    train_foresee(job->options, &job->data.table, &job->data.plan);
    return finish_with(&table, explain_columns_view, "column", "distinct",
                       job->args);
}

static int list_hyperparameters(const struct job *job)
{
    const struct train_args *o = job->options;
    struct rows table;

    train_hyperparameters(&table,
                          o->setup.has_net ? &o->setup.fit.hyper : NULL);
    return finish_with(&table, explain_hypers_view, "name", "value", job->args);
}

/* ---- training and writing ---- */

static void run(struct job *job, struct fit_result *result)
{
    const struct fit_options *fit = &job->options->setup.fit;
    struct training_view view;
    struct fit_watch watch =
        training_view_start(&view, job->args, !job->options->predict);
    struct err err = {0};

    timings_phase("train");
    train_prepare(job->options, &job->data.table, &job->data.plan);
    report_check(fit_run(result, &job->data.schema, &job->data.table,
                         &job->data.plan, fit, job->options->predict, &watch,
                         &err),
                 &err);
    training_view_done(&view);
    pause_tell(&job->options->pause, &result->runs);
    for (size_t i = 0; i < result->anew.n; i++)
        report_note("'%s' starts anew", result->anew.items[i]);
    if (result->model.net)
        report_note("%s: %zu rows, %zu values learned, best epoch %zu",
                    net_kind_name(fit->hyper.net), result->runs.items[0].n_fit,
                    net_size(result->model.net), result->model.best_epoch);
    else
        report_note("%s: %zu models", net_kind_name(fit->hyper.net),
                    runs_begun(&result->runs));
}

static void write_predictions(struct job *job, struct fit_result *result)
{
    struct fit_prediction_options options = {
        .id = job->options->setup.schema.id,
        .keep = &job->options->keep,
        .probs = job->options->probs};
    struct buf notes = {0};
    struct err err = {0};
    struct csv_writer w;

    timings_phase("predict");
    result_open(&w, job->args);
    report_check(fit_predictions(result, job->data.reader, &options, &w, &err),
                 &err);
    result_close(&w, job->args);
    fit_note_leaks(result, &notes);
    report_notes(&notes);
    buf_release(&notes);
}

/* The model is written first and put in place last: all or nothing. */
static void write_results(struct job *job, struct fit_result *result)
{
    const struct train_args *o = job->options;
    struct args to_file = {.output = o->curve};
    struct output *model = NULL;
    struct err err = {0};
    struct rows curve;

    if (o->model) {
        model = output_open(o->model, &err);
        report_check(model ? 0 : -1, &err);
        report_check(model_write(&result->model, model, &err), &err);
    }
    if (o->predict)
        write_predictions(job, result);
    timings_phase("write");
    fit_curve(result, &curve);
    if (!o->predict)
        result_show(&curve, curve_view, job->args);
    else if (o->curve)
        result_show(&curve, NULL, &to_file);
    rows_release(&curve);
    if (model)
        result_hold(model);
}

/* A gate that names nothing is known before the training. */
static void check_gates(const struct job *job)
{
    struct rows names;

    fit_best_names(&job->data.plan, &job->options->setup.fit, &names);
    result_check_gates(&names, "split", "error", job->args);
    rows_release(&names);
}

static int train_and_write(struct job *job)
{
    struct fit_result result;
    struct rows best;
    int status;

    check_gates(job);
    run(job, &result);
    write_results(job, &result);
    fit_best_rows(&result, &best);
    status = result_finish(&best, "split", "error", job->args);
    pause_end(&job->options->pause, &result.runs);
    rows_release(&best);
    fit_result_release(&result);
    return status;
}

/* ---- the range test ---- */

static int range_test(struct job *job)
{
    struct training_view view;
    struct fit_watch watch = training_view_start(&view, job->args, true);
    struct rows curve;
    struct err err = {0};
    double suggested;

    timings_phase("train");
    report_check(fit_range_test(&curve, &suggested, &job->data.table,
                                &job->data.plan, &job->options->setup.fit,
                                &watch, &err),
                 &err);
    training_view_done(&view);
    if (suggested > 0)
        report_note("the loss falls fastest at --learning-rate %.1g",
                    suggested);
    else
        report_note("the loss never falls: look at the data first");
    return finish_with(&curve, range_view, "epoch", "loss", job->args);
}

static int work(struct job *job)
{
    int status;

    if (job->options->list_hypers)
        return list_hyperparameters(job);
    read_data(job);
    status = (job->options->explain    ? explain
              : job->options->lr_range ? range_test
                                       : train_and_write)(job);
    table_release(&job->target);
    fit_data_release(&job->data);
    return status;
}

int main(int argc, char **argv)
{
    struct train_args options;
    struct args args;
    struct job job = {.args = &args, .options = &options};
    int status;

    train_args_parse(&args, &options, argc, argv);
    status = work(&job);
    train_args_release(&options);
    args_release(&args);
    return status;
}
