/* assay train: fits a network; writes its learning curve or predictions. */
#include <stdlib.h>

#include "cli/column_args.h"
#include "cli/curve_view.h"
#include "cli/explain_view.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "cli/train_args.h"
#include "cli/train_prepare.h"
#include "cli/training_view.h"
#include "model/fit_result.h"
#include "model/memory_plan.h"
#include "model/transfer.h"
#include "table/label_check.h"

/* What is read before anything is trained. */
struct job {
    const struct args *args;
    struct train_args *options;
    struct csv_reader *data;
    struct schema schema;
    struct table table;
    struct fit_plan plan;
};

/* ---- reading ---- */

static void open_data(struct job *job)
{
    const struct args *args = job->args;
    struct csv_options reread = args->csv;
    struct err err = {0};

    reread.reread = true;
    job->data = csv_reader_open(args->files, args->n_files, &reread, &err);
    report_check(job->data ? 0 : -1, &err);
}

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
    report_check(prediction_keep(&format, job->data, &job->options->keep, &err),
                 &err);
    free(format.keep);
}

static void read_table(struct job *job)
{
    struct buf notes = {0};
    struct err err = {0};

    timings_phase("types");
    open_data(job);
    check_outputs(job);
    job->options->setup.schema.quick = !job->options->explain;
    report_check(schema_infer(&job->schema, job->data,
                              &job->options->setup.schema, &notes, &err),
                 &err);
    if (job->options->setup.fit.init_from && !job->options->setup.foreign)
        report_check(transfer_schema(&job->schema,
                                     job->options->setup.fit.init_from, &err),
                     &err);
    report_notes(&notes);
    buf_release(&notes);
    timings_phase("read");
    report_check(
        memory_check_rows(&job->schema, csv_reader_records(job->data), &err),
        &err);
    report_check(csv_reader_rewind(job->data, &err), &err);
    report_check(table_init(&job->table, &job->schema, job->data, &err), &err);
    table_set_root(&job->table, job->options->setup.root);
    report_check(table_read(&job->table, job->data, &err), &err);
    report_skipped(csv_reader_skipped(job->data));
    if (schema_role(&job->schema, ROLE_FEATURE) == CSV_NONE)
        report_bad(csv_reader_file(job->data),
                   "no column is left to learn from");
}

static void plan_rows_of(struct job *job)
{
    const struct fit_plan *plan = &job->plan;
    struct buf notes = {0};
    struct err err = {0};

    report_check(label_check(&job->table, &err), &err);
    report_check(
        plan_rows(&job->plan, &job->table, &job->options->setup.fit, &err),
        &err);
    plan_notes(plan, &job->options->setup.fit, &notes);
    report_notes(&notes);
    buf_release(&notes);
    if (!plan->n_stop && !job->options->setup.fit.folds)
        report_note("no rows decide when to stop: all %zu epochs are run",
                    job->options->setup.fit.hyper.epochs);
    if (job->table.tokens.cut)
        report_note("%zu text%s longer than --max-steps %zu, cut",
                    job->table.tokens.cut, plural(job->table.tokens.cut),
                    job->schema.max_steps);
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

    column_args_describe(&table, &job->schema);
    train_foresee(job->options, &job->table, &job->plan);
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
    train_prepare(job->options, &job->table, &job->plan);
    report_check(fit_run(result, &job->schema, &job->table, &job->plan, fit,
                         job->options->predict, &watch, &err),
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
    report_check(fit_predictions(result, job->data, &options, &w, &err), &err);
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

    fit_best_names(&job->plan, &job->options->setup.fit, &names);
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
    report_check(fit_range_test(&curve, &suggested, &job->table, &job->plan,
                                &job->options->setup.fit, &watch, &err),
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
    read_table(job);
    plan_rows_of(job);
    status = (job->options->explain    ? explain
              : job->options->lr_range ? range_test
                                       : train_and_write)(job);
    plan_release(&job->plan);
    table_release(&job->table);
    schema_release(&job->schema);
    csv_reader_close(job->data);
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
