/* assay eval: applies a model; scores predictions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/eval_args.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "csv/held.h"
#include "model/predictor.h"
#include "stream/coverage_rows.h"
#include "stream/metric.h"

/* Long rows: the model knows which columns are the values of a step. */
static struct csv_options reading(struct eval_args *o, const struct args *args,
                                  const struct predictor *p)
{
    struct csv_options csv = args->csv;

    if (!o->sequence)
        return csv;
    csv.sequence = o->sequence;
    csv.step_columns = predictor_steps(p);
    csv.row_columns = &o->predict.keep;
    csv.others_differ = true;
    if (!o->predict.id)
        o->predict.id = o->sequence;
    return csv;
}

static int apply(struct eval_args *o, const struct args *args)
{
    struct csv_options csv;
    struct err err = {0};
    struct csv_writer w;
    struct predictor *p;
    struct csv_reader *data;
    struct buf notes = {0};
    struct rows errors;
    int status;

    timings_phase("load");
    p = predictor_new(o->model, &o->predict, &err);
    report_check(p ? 0 : -1, &err);
    csv = reading(o, args, p);
    data = csv_reader_open(args->files, args->n_files, &csv, &err);
    report_check(data ? 0 : -1, &err);
    report_check(predictor_bind(p, data, &o->on, &err), &err);
    timings_phase("predict");
    result_open(&w, args);
    w.unbuffered = o->unbuffered;
    report_check(
        predictor_run(p, data, &w, o->unbuffered ? 1 : PREDICTOR_BLOCK, &err),
        &err);
    result_close(&w, args);
    predictor_notes(p, &notes);
    report_notes(&notes);
    report_skipped(csv_reader_skipped(data));
    predictor_errors(p, &errors);
    status = result_finish(&errors, "split", "error", args);
    rows_release(&errors);
    buf_release(&notes);
    csv_reader_close(data);
    predictor_free(p);
    return status;
}

static bool is_on(const struct eval_args *o, const struct prediction_reader *r)
{
    return !o->on.n || list_has(&o->on, r->splits.text[r->row.split]);
}

static void open_predictions(struct prediction_reader *r,
                             const struct eval_args *o, const struct args *args)
{
    struct buf notes = {0};
    struct err err = {0};

    timings_phase("read");
    report_check(prediction_reader_open(r, args->files, args->n_files,
                                        &args->csv, &o->columns, &err),
                 &err);
    prediction_note_models(r, &notes);
    report_notes(&notes);
    buf_release(&notes);
}

static void note_missing(const struct prediction_reader *r, size_t unlabelled)
{
    if (unlabelled)
        report_note("%zu row%s without a label left out", unlabelled,
                    plural(unlabelled));
    if (!r->n_p)
        report_note("no p: columns (--probs): no brier, no auroc%s",
                    r->prob == CSV_NONE ? "; no prob: no ece" : "");
    if (!r->n_p && r->loss == CSV_NONE)
        report_note("no loss column: no log_loss");
}

static int score(const struct eval_args *o, const struct args *args)
{
    struct prediction_reader r;
    struct metric_sums sums = {0};
    struct rows rows;
    struct err err = {0};
    int got, status;

    open_predictions(&r, o, args);
    while ((got = prediction_reader_next(&r, &err)) == 1)
        if (is_on(o, &r))
            metric_add(&sums, &r);
    report_check(got, &err);
    report_check(prediction_check_on(&r, &o->on, &err), &err);
    metric_rows(&rows, &sums, &r, args->seed);
    if (!rows_n(&rows))
        report_bad(csv_reader_file(r.csv), "no labelled row to score");
    note_missing(&r, sums.unlabelled);
    report_skipped(csv_reader_skipped(r.csv));
    result_show(&rows, NULL, args);
    status = result_finish(&rows, "split,metric,class", "value", args);
    rows_release(&rows);
    metric_release(&sums);
    prediction_reader_close(&r);
    return status;
}

static void draw_coverage(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"threshold", "confidence from", VIEW_NUMBER, false},
        {"coverage", "decided", VIEW_PERCENT, false},
        {"error", "error", VIEW_PERCENT, false},
        {"low", "low", VIEW_PERCENT, false},
        {"high", "high", VIEW_PERCENT, false},
        {"n", "rows", VIEW_COUNT, false},
        {"coverage", "", VIEW_BAR, false}};

    view_table(view, rows, spec, sizeof(spec) / sizeof(*spec));
}

static int cover(const struct eval_args *o, const struct args *args)
{
    struct prediction_reader r;
    struct coverage_rows sums = {0};
    struct rows rows, gates;
    struct buf notes = {0};
    struct err err = {0};
    int got, status;

    open_predictions(&r, o, args);
    while ((got = prediction_reader_next(&r, &err)) == 1)
        if (is_on(o, &r))
            coverage_add(&sums, &r);
    report_check(got, &err);
    report_check(prediction_check_on(&r, &o->on, &err), &err);
    report_check(coverage_finish(&sums, &r, o->on.n > 0,
                                 o->has_goal ? &o->goal : NULL, &rows, &notes,
                                 &err),
                 &err);
    report_notes(&notes);
    report_skipped(csv_reader_skipped(r.csv));
    result_show(&rows, draw_coverage, args);
    coverage_gate_rows(&rows, &gates);
    status = result_finish(&gates, "name", "value", args);
    rows_release(&gates);
    rows_release(&rows);
    buf_release(&notes);
    coverage_release(&sums);
    prediction_reader_close(&r);
    return status;
}

int main(int argc, char **argv)
{
    struct eval_args options;
    struct args args;
    int status;

    eval_args_parse(&args, &options, argc, argv);
    status = options.model     ? apply(&options, &args)
             : options.metrics ? score(&options, &args)
                               : cover(&options, &args);
    eval_args_release(&options);
    args_release(&args);
    return status;
}
