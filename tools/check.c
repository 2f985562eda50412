/*
 * assay check: finds silent bugs in the data, in data and network together,
 * and in anybody's training; describes columns.
 */
#include "analysis/data_checks.h"
#include "analysis/net_checks.h"
#include "analysis/outside_checks.h"
#include "cli/check_args.h"
#include "cli/column_args.h"
#include "cli/columns_view.h"
#include "cli/findings_result.h"
#include "cli/findings_view.h"
#include "cli/fit_data.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"

/* Types, with a note of what was read. */
static void read_schema(struct fit_data *data, struct check_args *o,
                        const struct args *args)
{
    struct buf notes = {0};
    size_t rows, columns;

    timings_phase("types");
    fit_data_open(data, args, !o->columns);
    o->setup.schema.describe = o->columns;
    o->setup.schema.quick = !o->columns;
    fit_data_types(data, &o->setup, &notes);
    rows = csv_reader_records(data->reader);
    columns = csv_reader_width(data->reader);
    report_note("%zu row%s, %zu column%s", rows, plural(rows), columns,
                plural(columns));
    if (csv_reader_delimiter_hint(data->reader))
        report_note("a single column, '%s': %s",
                    csv_reader_name(data->reader, 0),
                    csv_reader_delimiter_hint(data->reader));
    report_notes(&notes);
    report_skipped(csv_reader_skipped(data->reader));
    buf_release(&notes);
}

static int describe(struct check_args *o, const struct args *args)
{
    struct fit_data data;
    struct rows table, overview;
    int status;

    read_schema(&data, o, args);
    column_args_describe(&table, &data.schema);
    column_args_overview(&overview, &data.schema);
    result_show(result_is_drawn(args) ? &overview : &table, columns_view, args);
    status = result_finish(&table, "column", "distinct", args);
    rows_release(&table);
    rows_release(&overview);
    fit_data_release(&data);
    return status;
}

/* ---- what is looked at ---- */

static struct csv_reader *open_file(char *path, const struct args *args)
{
    struct err err = {0};
    struct csv_reader *csv = csv_reader_open(&path, 1, &args->csv, &err);

    report_check(csv ? 0 : -1, &err);
    return csv;
}

static void read_log(struct training_log *log, char *path,
                     const struct list *names, const struct args *args)
{
    struct csv_reader *csv = open_file(path, args);
    struct err err = {0};

    report_check(training_log_read(log, csv, names, &err), &err);
    report_skipped(csv_reader_skipped(csv));
    report_notes(&log->notes);
    csv_reader_close(csv);
}

static void examine_net(const struct check_args *o, const struct args *args,
                        struct fit_data *data, struct findings *findings)
{
    struct training_log baseline = {0};
    struct net_subject subject = {.table = &data->table,
                                  .plan = &data->plan,
                                  .options = &o->setup.fit,
                                  .baseline = o->baseline ? &baseline : NULL};
    struct err err = {0};

    timings_phase("network");
    if (o->baseline)
        read_log(&baseline, o->baseline, &(struct list){0}, args);
    fit_data_plan(data, &o->setup.fit);
    report_check(net_checks(&subject, findings, &err), &err);
    training_log_release(&baseline);
}

static void examine_table(struct check_args *o, const struct args *args,
                          struct findings *findings)
{
    struct fit_data data;
    struct err err = {0};

    read_schema(&data, o, args);
    if (schema_role(&data.schema, ROLE_LABEL) == CSV_NONE)
        report_usage("--label COLUMN is needed (or --columns)");
    fit_data_read(&data, o->setup.root, "look at");
    timings_phase("check");
    report_check(
        data_checks(&data.table, data.reader, args->seed, findings, &err),
        &err);
    if (o->setup.has_net)
        examine_net(o, args, &data, findings);
    fit_data_release(&data);
}

static void examine_curve(const struct check_args *o, const struct args *args,
                          struct findings *findings)
{
    struct training_log log;

    timings_phase("curve");
    read_log(&log, o->curve, &o->rename, args);
    check_curve(&log, o->classes, findings);
    training_log_release(&log);
}

static void examine_predictions(const struct check_args *o,
                                const struct args *args,
                                struct findings *findings)
{
    struct predicted predicted;
    struct err err = {0};

    timings_phase("predictions");
    report_check(predicted_read(&predicted, open_file(o->predictions, args),
                                &o->rename, &err),
                 &err);
    report_skipped(csv_reader_skipped(predicted.reader.csv));
    if (predicted.other_models)
        report_note("several models: the first one's %zu row%s looked at, %zu "
                    "left out",
                    predicted.n, predicted.n == 1 ? " is" : "s are",
                    predicted.other_models);
    check_predictions(&predicted, findings);
    predicted_release(&predicted);
}

static int show(const struct findings *findings, const struct check_args *o,
                const struct args *args)
{
    struct rows rows;

    findings_show(findings, &rows, draw_findings, args);
    report_note("%zu failed, %zu warned, %zu undecided, %zu ok",
                findings_count(findings, FINDING_FAIL),
                findings_count(findings, FINDING_WARN),
                findings_count(findings, FINDING_UNDECIDED),
                findings_count(findings, FINDING_OK));
    return findings_finish(findings, &rows, o->strict, args);
}

static int examine(struct check_args *o, const struct args *args)
{
    struct findings findings = {0};
    int status;

    if (o->data)
        examine_table(o, args, &findings);
    if (o->curve)
        examine_curve(o, args, &findings);
    if (o->predictions)
        examine_predictions(o, args, &findings);
    status = show(&findings, o, args);
    findings_release(&findings);
    return status;
}

int main(int argc, char **argv)
{
    struct check_args options;
    struct args args;
    int status;

    check_args_parse(&args, &options, argc, argv);
    status = options.columns ? describe(&options, &args)
                             : examine(&options, &args);
    check_args_release(&options);
    args_release(&args);
    return status;
}
