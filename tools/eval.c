/* assay eval: applies a model; scores predictions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/args.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "csv/held.h"
#include "csv/input.h"
#include "model/predictor.h"
#include "model/safetensors.h"
#include "nn/product.h"
#include "stream/coverage_rows.h"
#include "stream/metric.h"

enum {
    KEY_LABEL = 256,
    KEY_ID,
    KEY_SEQUENCE,
    KEY_METRICS,
    KEY_COVERAGE,
    KEY_GOAL,
    KEY_ON,
    KEY_PROBS,
    KEY_KEEP,
    KEY_BAD,
    KEY_COLUMNS,
    KEY_UNBUFFERED
};

static const struct argp_option option_table[] = {
    {0, 0, 0, 0, "Applying a model:", 1},
    {"model", 'm', "FILE", 0, "the model", 0},
    {"probs", KEY_PROBS, 0, 0, "add a column p:CLASS for each class", 0},
    {"keep", KEY_KEEP, "A,B", 0, "add these columns of the data", 0},
    {"label", KEY_LABEL, "COLUMN", 0,
     "the column with the truth (as in training)", 0},
    {"id", KEY_ID, "COLUMN", 0, "the column that names a row (id)", 0},
    {"sequence", KEY_SEQUENCE, "COLUMN", 0,
     "rows with the same COLUMN are the steps of one sequence", 0},
    {"bad", KEY_BAD, "error|missing", 0,
     "what a cell is that should be a number and is not (error)", 0},
    {"unbuffered", KEY_UNBUFFERED, 0, 0,
     "answer every row at once, for slow pipes", 0},
    {0, 0, 0, 0, "Scoring predictions:", 2},
    {"metrics", KEY_METRICS, 0, 0, "scores by split, with intervals", 0},
    {"coverage", KEY_COVERAGE, 0, 0,
     "error by confidence: which share can be decided unattended", 0},
    {"goal", KEY_GOAL, "X", 0,
     "with --coverage: only the largest share with an error of at most X", 0},
    {"columns", KEY_COLUMNS, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 0},
    {"on", KEY_ON, "A,B", 0, "use only the rows of these splits", 0},
    {0}};

static version_library *const libraries[] = {
    input_library, text_library, product_library, tensors_library, NULL};

struct options {
    const char *model, *sequence;
    bool metrics, coverage, has_goal, unbuffered;
    double goal;
    struct list on, columns;
    struct predictor_options predict;
};

static int take_bad(struct options *o, const char *value, struct err *err)
{
    o->predict.bad_as_missing = strcmp(value, "missing") == 0;
    if (!o->predict.bad_as_missing && strcmp(value, "error") != 0)
        return err_set(err, ERR_USAGE, "--bad: '%s' is not error or missing",
                       value);
    return 0;
}

static int take_value(struct options *o, int key, char *value, struct err *err)
{
    switch (key) {
    case 'm':
        o->model = value;
        return 0;
    case KEY_LABEL:
        o->predict.label = value;
        return 0;
    case KEY_ID:
        o->predict.id = value;
        return 0;
    case KEY_SEQUENCE:
        o->sequence = value;
        return 0;
    case KEY_KEEP:
        return list_add_record(&o->predict.keep, value, err);
    case KEY_ON:
        return list_add_record(&o->on, value, err);
    case KEY_COLUMNS:
        return list_add_record(&o->columns, value, err);
    case KEY_BAD:
        return take_bad(o, value, err);
    case KEY_GOAL:
        o->has_goal = true;
        return args_number("goal", value, 0, 1, &o->goal, err);
    default:
        return 1;
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct options *o = options;

    switch (key) {
    case KEY_METRICS:
        o->metrics = true;
        return 0;
    case KEY_COVERAGE:
        o->coverage = true;
        return 0;
    case KEY_PROBS:
        o->predict.probs = true;
        return 0;
    case KEY_UNBUFFERED:
        o->unbuffered = true;
        return 0;
    default:
        return take_value(o, key, value, err);
    }
}

static const struct args_tool tool = {
    "eval",
    "[FILE...]",
    "Applies a model to data (-m), or scores predictions (--metrics, "
    "--coverage).",
    option_table,
    libraries,
    true,
    take};

static void check(const struct options *o, const struct args *args)
{
    if ((o->model != NULL) + o->metrics + o->coverage != 1)
        report_usage("one of -m MODEL, --metrics and --coverage is needed");
    if (o->has_goal && !o->coverage)
        report_usage("--goal needs --coverage");
    if (o->model && args->view == VIEW_ALWAYS)
        report_usage("--view: predictions are always CSV");
    if (o->sequence && !o->model)
        report_usage("--sequence is for data: -m MODEL");
    if (o->columns.n && o->model)
        report_usage("--columns is for predictions, not for data");
}

/* Long rows: the model knows which columns are the values of a step. */
static struct csv_options reading(struct options *o, const struct args *args,
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

static int apply(struct options *o, const struct args *args)
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

static bool is_on(const struct options *o, const struct prediction_reader *r)
{
    return !o->on.n || list_has(&o->on, r->splits.text[r->row.split]);
}

static void open_predictions(struct prediction_reader *r,
                             const struct options *o, const struct args *args)
{
    struct err err = {0};

    timings_phase("read");
    report_check(prediction_reader_open(r, args->files, args->n_files,
                                        &args->csv, &o->columns, &err),
                 &err);
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

static int score(const struct options *o, const struct args *args)
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

static int cover(const struct options *o, const struct args *args)
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
    struct options options = {0};
    struct args args;
    int status;

    args_parse(&args, &tool, &options, argc, argv);
    check(&options, &args);
    status = options.model     ? apply(&options, &args)
             : options.metrics ? score(&options, &args)
                               : cover(&options, &args);
    list_release(&options.on);
    list_release(&options.columns);
    list_release(&options.predict.keep);
    args_release(&args);
    return status;
}
