/* assay eval: applies a model; scores and compares predictions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare_view.h"
#include "cli/eval_args.h"
#include "cli/eval_view.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/table_result.h"
#include "cli/timings.h"
#include "csv/held.h"

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

/* A predictor and the data it is bound to. */
static struct predictor *open_data(struct eval_args *o, const struct args *args,
                                   struct csv_reader **data)
{
    struct csv_options csv;
    struct err err = {0};
    struct predictor *p;

    timings_phase("load");
    p = predictor_new(o->model, &o->predict, &err);
    report_check(p ? 0 : -1, &err);
    csv = reading(o, args, p);
    *data = csv_reader_open(args->files, args->n_files, &csv, &err);
    report_check(*data ? 0 : -1, &err);
    report_check(predictor_bind(p, *data, &o->on, &err), &err);
    timings_phase("predict");
    return p;
}

static void close_data(struct predictor *p, struct csv_reader *data)
{
    csv_reader_close(data);
    predictor_free(p);
}

static void tell(const struct predictor *p, const struct csv_reader *data)
{
    struct buf notes = {0};

    predictor_notes(p, &notes);
    report_notes(&notes);
    report_skipped(csv_reader_skipped(data));
    buf_release(&notes);
}

static int apply(struct eval_args *o, const struct args *args)
{
    struct csv_reader *data;
    struct predictor *p = open_data(o, args, &data);
    struct err err = {0};
    struct csv_writer w;
    struct rows errors;
    int status;

    result_open(&w, args);
    w.unbuffered = o->unbuffered;
    report_check(
        predictor_run(p, data, &w, o->unbuffered ? 1 : PREDICTOR_BLOCK, &err),
        &err);
    result_close(&w, args);
    tell(p, data);
    predictor_errors(p, &errors);
    status = result_finish(&errors, "split", "error", args);
    rows_release(&errors);
    close_data(p, data);
    return status;
}

static int rank_features(struct eval_args *o, const struct args *args)
{
    struct csv_reader *data;
    struct predictor *p = open_data(o, args, &data);
    struct buf notes = {0};
    struct err err = {0};
    struct rows rows;
    int status;

    report_check(
        permutation_rows(p, data, &o->permutation, &rows, &notes, &err), &err);
    tell(p, data);
    report_notes(&notes);
    buf_release(&notes);
    result_show(&rows, draw_importance, args);
    status = result_finish(&rows, "feature", "drop", args);
    rows_release(&rows);
    close_data(p, data);
    return status;
}

static bool is_on(const struct eval_args *o, const struct prediction_reader *r)
{
    return !o->on.n || list_has(&o->on, r->splits.text[r->row.split]);
}

/* A table made of predictions. */
static int score(const struct eval_args *o, const struct args *args)
{
    const struct prediction_table *table = o->table.table;
    struct prediction_reader r;
    struct err err = {0};
    void *sums;
    int got, status;

    table_open(&r, &o->columns, args);
    sums = table->begin(o->table.options, &r, &err);
    report_check(sums ? 0 : -1, &err);
    while ((got = prediction_reader_next(&r, &err)) == 1)
        if (is_on(o, &r))
            report_check(table->add(sums, &r, &err), &err);
    report_check(got, &err);
    report_check(prediction_check_on(&r, &o->on, &err), &err);
    report_skipped(csv_reader_skipped(r.csv));
    status = table_show(table, sums, &r, o->table.draw, args);
    table->end(sums);
    prediction_reader_close(&r);
    return status;
}

static int compare(const struct eval_args *o, const struct args *args)
{
    struct joined_options how = o->joined;
    struct comparison_options what = o->comparison;
    struct joined joined;
    struct rows rows;
    struct buf notes = {0};
    struct err err = {0};
    int status;

    how.on = o->on;
    how.columns = o->columns;
    what.seed = args->seed;
    timings_phase("read");
    report_check(joined_read(&joined, args->files, args->n_files, &args->csv,
                             &how, &notes, &err),
                 &err);
    timings_phase("compare");
    report_check(comparison_rows(&joined, &what, &rows, &notes, &err), &err);
    report_notes(&notes);
    result_show(&rows, draw_comparison, args);
    status = result_finish(&rows, COMPARISON_KEYS, COMPARISON_VALUE, args);
    rows_release(&rows);
    joined_release(&joined);
    buf_release(&notes);
    return status;
}

int main(int argc, char **argv)
{
    struct eval_args options;
    struct args args;
    int status;

    eval_args_parse(&args, &options, argc, argv);
    status = options.importance ? rank_features(&options, &args)
             : options.model    ? apply(&options, &args)
             : options.compare  ? compare(&options, &args)
                                : score(&options, &args);
    eval_args_release(&options);
    args_release(&args);
    return status;
}
