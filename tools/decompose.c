/* assay decompose: splits the error into its sources. */
#include "cli/decompose_args.h"
#include "cli/report.h"
#include "cli/table_result.h"
#include "cli/timings.h"
#include "stream/source.h"

static bool is_table(const struct csv_reader *input)
{
    return csv_reader_find(input, "error") != CSV_NONE &&
           csv_reader_find(input, "pred") == CSV_NONE &&
           csv_reader_find(input, "label") == CSV_NONE;
}

/* The table split,error[,n] in place of predictions. */
static int from_errors(struct csv_reader *input, const struct decompose_args *o,
                       const struct args *args)
{
    struct split_errors part[SPLIT_COUNT] = {{0}};
    struct buf notes = {0};
    struct err err = {0};
    struct rows rows;
    int status;

    if (o->sources.parts.asked)
        report_bad(csv_reader_file(input),
                   "no bias and variance without predictions");
    report_check(source_read_errors(input, part, &err), &err);
    report_skipped(csv_reader_skipped(input));
    csv_reader_close(input);
    report_check(source_table_rows(&rows, &o->sources, part, &notes, &err),
                 &err);
    report_notes(&notes);
    buf_release(&notes);
    result_show(&rows, o->kind->draw, args);
    status =
        result_finish(&rows, o->kind->table->keys, o->kind->table->value, args);
    rows_release(&rows);
    return status;
}

static void sum(void *sums, const struct prediction_table *table,
                struct prediction_reader *r)
{
    struct err err = {0};
    int got;

    while ((got = prediction_reader_next(r, &err)) == 1)
        if (r->row.label != CLASS_NONE)
            report_check(table->add(sums, r, &err), &err);
    report_check(got, &err);
}

static int from_predictions(struct csv_reader *input,
                            const struct decompose_args *o,
                            const struct args *args)
{
    const struct prediction_table *table = o->kind->table;
    struct prediction_reader r;
    struct err err = {0};
    void *sums;
    int status;

    report_check(prediction_reader_over(&r, input, &o->columns, &err), &err);
    if (!(sums = table->begin(o->options, &r, &err)))
        report_fail(&err);
    sum(sums, table, &r);
    while (table->again && table->again(sums)) {
        report_check(prediction_reader_rewind(&r, &err), &err);
        sum(sums, table, &r);
    }
    if (r.unlabelled)
        report_note("%zu row%s without a label left out", r.unlabelled,
                    plural(r.unlabelled));
    report_skipped(csv_reader_skipped(r.csv));
    status = table_show(table, sums, &r, o->kind->draw, args);
    table->end(sums);
    prediction_reader_close(&r);
    return status;
}

int main(int argc, char **argv)
{
    struct decompose_args options;
    struct csv_reader *input;
    struct err err = {0};
    struct args args;
    int status;

    decompose_args_parse(&args, &options, argc, argv);
    timings_phase("read");
    input = csv_reader_open(args.files, args.n_files, &args.csv, &err);
    report_check(input ? 0 : -1, &err);
    if (options.options == &options.sources && !options.columns.n &&
        is_table(input)) {
        options.known.predictions = NULL;
        status = from_errors(input, &options, &args);
    } else {
        status = from_predictions(input, &options, &args);
    }
    decompose_args_release(&options);
    args_release(&args);
    return status;
}
