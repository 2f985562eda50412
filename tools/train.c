/* assay train: fits a network; writes its learning curve or predictions. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/curve_view.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "cli/train_args.h"
#include "model/fit_result.h"

/* What is read before anything is trained. */
struct job {
    const struct args *args;
    const struct train_args *options;
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
                                 job->options->curve};
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
    report_check(schema_infer(&job->schema, job->data, &job->options->schema,
                              &notes, &err),
                 &err);
    report_notes(&notes);
    buf_release(&notes);
    timings_phase("read");
    report_check(csv_reader_rewind(job->data, &err), &err);
    report_check(table_init(&job->table, &job->schema, job->data, &err), &err);
    report_check(table_read(&job->table, job->data, &err), &err);
    report_skipped(csv_reader_skipped(job->data));
    if (!(job->table.n_numbers + job->table.n_categories + job->table.n_texts))
        report_bad(csv_reader_file(job->data),
                   "no column is left to learn from");
}

static void plan_rows(struct job *job)
{
    const struct fit_plan *plan = &job->plan;
    struct buf notes = {0};
    struct err err = {0};

    report_check(fit_plan(&job->plan, &job->table, &job->options->fit, &err),
                 &err);
    fit_note_classes(plan, &notes);
    report_notes(&notes);
    buf_release(&notes);
    if (plan->unlabelled)
        report_note("%zu row%s without a label left out", plan->unlabelled,
                    plural(plan->unlabelled));
    if (plan->strangers)
        report_note("%zu row%s of '%s' with labels that the training rows "
                    "lack: errors, but not in the loss",
                    plan->strangers, plural(plan->strangers), plan->stop_name);
    if (!plan->n_stop && !job->options->fit.folds)
        report_note("no rows decide when to stop: all %zu epochs are run",
                    job->options->fit.training.epochs);
}

/* ---- what is seen, without training ---- */

static int explain(const struct job *job)
{
    struct rows table;
    struct encoder e;
    int status;

    train_explain(&table, &job->schema);
    result_show(&table, NULL, job->args);
    encoder_fit(&e, &job->table, job->plan.fit, job->plan.n_fit);
    report_note("%zu rows train, %zu decide when to stop; %zu classes; %zu "
                "dense inputs, %zu embedded column%s with %zu rows",
                job->plan.n_fit, job->plan.n_stop, job->plan.classes.n,
                e.n_dense, e.n_slots, plural(e.n_slots), e.n_bag_rows);
    encoder_release(&e);
    status = result_finish(&table, "column", "distinct", job->args);
    rows_release(&table);
    return status;
}

/* ---- training and writing ---- */

static void show_epoch(void *progress, const struct epoch *e, size_t done,
                       size_t most)
{
    char text[96];

    snprintf(text, sizeof(text), "loss %.4f  held out %.4f  error %.4f",
             e->train_loss, e->stop_loss, e->stop_error);
    progress_step(progress, done, most, text);
}

static void run(struct job *job, struct fit_result *result)
{
    const struct fit_options *fit = &job->options->fit;
    struct progress progress;
    struct err err = {0};

    timings_phase("train");
    progress_init(&progress, job->args->progress, job->args->quiet, "train");
    progress_step(&progress, 0,
                  fit->training.epochs * (fit->folds ? fit->folds : 1), NULL);
    report_check(fit_run(result, &job->schema, &job->table, &job->plan, fit,
                         show_epoch, &progress, &err),
                 &err);
    progress_done(&progress);
    if (!fit->folds)
        report_note("%s: %zu rows, %zu values learned, best epoch %zu",
                    net_kind_name(fit->net.kind), job->plan.n_fit,
                    net_size(result->model.net), result->model.best_epoch);
}

static void write_predictions(struct job *job, struct fit_result *result)
{
    struct fit_prediction_options options = {.id = job->options->schema.id,
                                             .keep = &job->options->keep,
                                             .probs = job->options->probs};
    struct buf notes = {0};
    struct err err = {0};
    struct csv_writer w;

    timings_phase("predict");
    report_check(csv_reader_rewind(job->data, &err), &err);
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

    if (o->model) {
        model = output_open(o->model, &err);
        report_check(model ? 0 : -1, &err);
        report_check(model_write(&result->model, model, &err), &err);
    }
    if (o->predict)
        write_predictions(job, result);
    timings_phase("write");
    if (!o->predict)
        result_show(&result->curve, curve_view, job->args);
    else if (o->curve)
        result_show(&result->curve, NULL, &to_file);
    if (model)
        report_check(output_commit(model, &err), &err);
}

static int train_and_write(struct job *job)
{
    struct fit_result result;
    struct rows best;
    int status;

    run(job, &result);
    write_results(job, &result);
    fit_best_rows(&result, &best);
    status = result_finish(&best, "split", "error", job->args);
    rows_release(&best);
    fit_result_release(&result);
    return status;
}

int main(int argc, char **argv)
{
    struct train_args options;
    struct args args;
    struct job job = {.args = &args, .options = &options};
    int status;

    train_args_parse(&args, &options, argc, argv);
    read_table(&job);
    plan_rows(&job);
    status = options.explain ? explain(&job) : train_and_write(&job);
    fit_plan_release(&job.plan);
    table_release(&job.table);
    schema_release(&job.schema);
    csv_reader_close(job.data);
    train_args_release(&options);
    args_release(&args);
    return status;
}
