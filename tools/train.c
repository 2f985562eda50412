/* assay train: fits a network; writes its learning curve or predictions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/curve_view.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "cli/train_args.h"
#include "model/fit.h"
#include "stream/curve.h"
#include "stream/prediction.h"

/* The state of one run of the tool. */
struct run {
    const struct args *args;
    const struct train_args *options;
    struct csv_reader *data;
    struct schema schema;
    struct table table;
    struct fit_plan plan;
    struct model model;
    struct rows curve;  /* as it is written, in order */
    struct rows *folds; /* [folds] each fold's part of it */
    struct progress progress;
    size_t epochs_done;
    uint32_t *fold; /* [rows] 0: in none */
    float *prob;    /* [rows][classes], with folds */
};

static void fail_if(int status, const struct err *err)
{
    if (status != 0)
        report_fail(err);
}

/* ---- reading ---- */

static void read_table(struct run *run)
{
    const struct train_args *o = run->options;
    struct buf notes = {0};
    struct err err = {0};

    timings_phase("types");
    run->data = csv_reader_open(run->args->files, run->args->n_files,
                                &run->args->csv, &err);
    fail_if(run->data ? 0 : -1, &err);
    fail_if(schema_infer(&run->schema, run->data, &o->schema, &notes, &err),
            &err);
    report_notes(&notes);
    buf_release(&notes);
    timings_phase("read");
    fail_if(csv_reader_rewind(run->data, &err), &err);
    fail_if(table_init(&run->table, &run->schema, run->data, &err), &err);
    fail_if(table_read(&run->table, run->data, &err), &err);
    if (csv_reader_skipped(run->data))
        report_note("%zu bad records left out", csv_reader_skipped(run->data));
}

static void require_features(const struct run *run)
{
    struct err err = {0};

    if (run->table.n_numbers + run->table.n_categories + run->table.n_texts)
        return;
    err_set(&err, ERR_DATA, "no column is left to learn from");
    err_at(&err, csv_reader_file(run->data), 0);
    report_fail(&err);
}

static void plan_rows(struct run *run)
{
    struct err err = {0};

    fail_if(fit_plan(&run->plan, &run->table, &run->options->fit, &err), &err);
    if (run->plan.unlabelled)
        report_note("%zu row%s without a label left out", run->plan.unlabelled,
                    run->plan.unlabelled == 1 ? "" : "s");
    if (run->plan.strangers)
        report_note("%zu row%s of '%s' have labels that the training rows "
                    "lack: they count as errors, not in the loss",
                    run->plan.strangers, run->plan.strangers == 1 ? "" : "s",
                    run->plan.stop_name);
    if (!run->plan.n_stop && !run->options->fit.folds)
        report_note("no rows decide when to stop: all %zu epochs are run",
                    run->options->fit.training.epochs);
}

/* ---- training ---- */

static void add_epoch(struct rows *curve, const struct run *run,
                      const struct epoch *e, int fold)
{
    struct curve_row train = {e->number,
                              "train",
                              e->train_loss,
                              e->train_error,
                              e->learning_rate,
                              e->grad_norm,
                              e->update_ratio,
                              e->dead,
                              "",
                              fold};
    struct curve_row stop = {e->number,    run->plan.stop_name,
                             e->stop_loss, e->stop_error,
                             NAN,          NAN,
                             NAN,          NAN,
                             "",           fold};

    curve_add(curve, &train);
    if (fold >= 0)
        stop.split = "val";
    if (!isnan(e->stop_error))
        curve_add(curve, &stop);
}

static void show_epoch(struct run *run, const struct epoch *e, size_t runs)
{
    char text[96];

    snprintf(text, sizeof(text), "loss %.4f  held out %.4f  error %.4f",
             e->train_loss, e->stop_loss, e->stop_error);
    progress_step(&run->progress, ++run->epochs_done,
                  runs * run->options->fit.training.epochs, text);
}

static void keep_curve(struct rows *curve, const struct epoch *e,
                       const char *split, double loss, double error)
{
    rows_count(curve, e->number);
    rows_text(curve, split);
    rows_number(curve, (double)(float)loss);
    rows_number(curve, (double)(float)error);
}

static void on_epoch(void *context, const struct epoch *e)
{
    struct run *run = context;

    add_epoch(&run->curve, run, e, -1);
    keep_curve(&run->model.curve, e, "train", e->train_loss, e->train_error);
    if (run->plan.n_stop)
        keep_curve(&run->model.curve, e, run->plan.stop_name, e->stop_loss,
                   e->stop_error);
    show_epoch(run, e, 1);
}

static void on_fold_epoch(void *context, size_t fold, const struct epoch *e)
{
    struct run *run = context;

    add_epoch(&run->folds[fold - 1], run, e, (int)fold);
    show_epoch(run, e, run->options->fit.folds);
}

static void train_one(struct run *run)
{
    struct err err = {0};

    fail_if(fit_model(&run->model, &run->schema, &run->table, &run->plan,
                      &run->options->fit, on_epoch, run, &err),
            &err);
    progress_done(&run->progress);
    report_note("%s: %zu rows, %zu values learned, best epoch %zu",
                net_kind_name(run->options->fit.net.kind), run->plan.n_fit,
                net_size(run->model.net), run->model.best_epoch);
}

static void join_folds(struct run *run)
{
    for (size_t k = 0; k < run->options->fit.folds; k++) {
        for (size_t i = 0; i < run->folds[k].n_cells; i++)
            rows_text(&run->curve, run->folds[k].cells[i]);
        rows_release(&run->folds[k]);
    }
    free(run->folds);
}

static void train_folds(struct run *run)
{
    size_t folds = run->options->fit.folds,
           *best = mem_zalloc(folds, sizeof(*best));
    struct err err = {0};

    run->folds = mem_zalloc(folds, sizeof(*run->folds));
    for (size_t k = 0; k < folds; k++)
        curve_init(&run->folds[k], 1);
    run->fold = mem_alloc(run->table.n, sizeof(*run->fold));
    run->prob =
        mem_alloc(run->table.n, run->plan.classes.n * sizeof(*run->prob));
    fail_if(fit_folds(&run->table, &run->plan, &run->options->fit, run->fold,
                      run->prob, best, on_fold_epoch, run, &err),
            &err);
    progress_done(&run->progress);
    join_folds(run);
    free(best);
}

/* ---- predictions ---- */

static void predict_all(struct run *run)
{
    struct tape tape = {0};
    struct batch batch = {0};
    size_t *rows = mem_alloc(run->table.n, sizeof(*rows));

    for (size_t i = 0; i < run->table.n; i++)
        rows[i] = i;
    run->prob =
        mem_alloc(run->table.n, run->plan.classes.n * sizeof(*run->prob));
    predict(run->model.net, &tape, &batch, &run->model.encoder, &run->table,
            rows, run->table.n, run->prob);
    free(rows);
    tape_release(&tape);
    batch_release(&batch);
}

/* What each row was for, where the data has no split column to say so. */
static bool *find_stop_rows(const struct run *run)
{
    bool *is_stop = mem_zalloc(run->table.n, sizeof(*is_stop));

    for (size_t i = 0; i < run->plan.n_stop; i++)
        is_stop[run->plan.stop[i]] = true;
    return is_stop;
}

static const char *split_of(const struct run *run, size_t row, bool is_stop)
{
    const char *part = run->table.parts.text[run->table.part[row]];

    if (run->options->fit.folds)
        return "val";
    return *part ? part : is_stop ? "val" : "train";
}

static const char *id_of(const struct run *run, char made[32])
{
    size_t id = csv_reader_find(
        run->data, run->options->schema.id ? run->options->schema.id : "id");

    snprintf(made, 32, "%zu", csv_reader_records(run->data));
    return id == CSV_NONE ? made : csv_reader_fields(run->data)[id].text;
}

static void write_prediction(struct run *run, struct csv_writer *w,
                             const struct prediction_format *format, size_t row,
                             bool is_stop)
{
    uint32_t label = run->table.label[row];
    uint32_t class = label == LABEL_NONE ? LABEL_NONE
                                         : run->plan.class_of[label];
    struct err err = {0};
    char made[32];

    if (run->fold && run->fold[row] == 0)
        return;
    fail_if(prediction_write(
                w, format, id_of(run, made), split_of(run, row, is_stop),
                label == LABEL_NONE ? "" : run->table.labels.text[label],
                class == LABEL_NONE ? CLASS_NONE : class,
                run->prob + row * format->n_classes,
                run->fold ? (int)run->fold[row] : -1,
                csv_reader_fields(run->data), &err),
            &err);
}

static void write_predictions(struct run *run)
{
    struct prediction_format format = {.fold = run->fold != NULL,
                                       .probs = run->options->probs,
                                       .classes = run->plan.classes.items,
                                       .n_classes = run->plan.classes.n};
    bool *is_stop = find_stop_rows(run);
    struct err err = {0};
    struct csv_writer w;
    size_t row = 0;
    int got;

    timings_phase("predict");
    if (!run->prob)
        predict_all(run);
    fail_if(csv_reader_rewind(run->data, &err), &err);
    fail_if(prediction_keep(&format, run->data, &run->options->keep, &err),
            &err);
    result_open(&w, run->args);
    fail_if(prediction_write_header(&w, &format, run->data, &err), &err);
    while ((got = csv_reader_next(run->data, &err)) == 1 &&
           row < run->table.n) {
        write_prediction(run, &w, &format, row, is_stop[row]);
        row++;
    }
    fail_if(got, &err);
    result_close(&w, run->args);
    free(format.keep);
    free(is_stop);
}

/* ---- results ---- */

static void write_curve(const struct run *run)
{
    struct args to_file = {.output = run->options->curve};

    if (!run->options->predict)
        result_show(&run->curve, curve_view, run->args);
    else if (run->options->curve)
        result_show(&run->curve, NULL, &to_file);
}

/* The rows of the epoch that was kept, which gates look at. */
static void best_rows(const struct run *run, struct rows *best)
{
    const struct rows *curve = &run->model.curve;

    rows_init(best, "split,loss,error");
    for (size_t r = 0; r < rows_n(curve); r++)
        if (strtoul(rows_cell(curve, r, 0), NULL, 10) == run->model.best_epoch)
            for (size_t c = 1; c < curve->n_columns; c++)
                rows_text(best, rows_cell(curve, r, c));
}

static void explain(const struct run *run)
{
    struct rows table;
    struct encoder e;

    train_explain(&table, &run->schema);
    result_show(&table, NULL, run->args);
    encoder_fit(&e, &run->table, run->plan.fit, run->plan.n_fit);
    report_note("%zu rows train, %zu decide when to stop; %zu classes; %zu "
                "dense inputs, %zu embedded columns with %zu rows",
                run->plan.n_fit, run->plan.n_stop, run->plan.classes.n,
                e.n_dense, e.n_slots, e.n_bag_rows);
    encoder_release(&e);
    rows_release(&table);
}

static void train_and_write(struct run *run)
{
    struct err err = {0};

    timings_phase("train");
    progress_init(&run->progress, run->args->progress, run->args->quiet,
                  "train");
    curve_init(&run->curve, run->options->fit.folds > 0);
    if (run->options->fit.folds)
        train_folds(run);
    else
        train_one(run);
    if (run->options->predict)
        write_predictions(run);
    timings_phase("write");
    write_curve(run);
    if (run->options->model)
        fail_if(model_save(&run->model, run->options->model, &err), &err);
}

int main(int argc, char **argv)
{
    struct train_args options;
    struct args args;
    struct run run = {.args = &args, .options = &options};
    struct rows best;
    int status;

    train_args_parse(&args, &options, argc, argv);
    args.csv.reread = true;
    read_table(&run);
    require_features(&run);
    plan_rows(&run);
    if (options.explain)
        explain(&run);
    else
        train_and_write(&run);
    best_rows(&run, &best);
    status = result_finish(&best, "split", "error", &args);
    rows_release(&best);
    rows_release(&run.curve);
    model_release(&run.model);
    fit_plan_release(&run.plan);
    table_release(&run.table);
    schema_release(&run.schema);
    csv_reader_close(run.data);
    free(run.fold);
    free(run.prob);
    train_args_release(&options);
    args_release(&args);
    return status;
}
