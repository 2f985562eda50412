/* assay check: finds silent bugs in the data; describes its columns. */
#include "analysis/data_checks.h"
#include "cli/column_args.h"
#include "cli/explain_view.h"
#include "cli/findings_view.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "csv/input.h"
#include "model/memory_plan.h"

struct check_args {
    struct schema_request schema;
    const char *root;
    bool columns, strict;
};

enum { KEY_COLUMNS = KEY_COLUMNS_END, KEY_STRICT, KEY_ROOT, KEY_SHAPE };

static const struct argp_option option_table[] = {
    {"columns", KEY_COLUMNS, 0, 0, "what each column is taken for, no checks",
     0},
    {"strict", KEY_STRICT, 0, 0, "exit with 3 if any check fails", 0},
    {0, 0, 0, 0, "Columns:", 1},
    COLUMN_OPTIONS,
    ROLE_OPTIONS,
    {"shape", KEY_SHAPE, "HxWxC", 0, "of a column of images", 0},
    {"root", KEY_ROOT, "DIR", 0, "where the paths of images begin", 0},
    {0}};

static version_library *const libraries[] = {input_library, NULL};

static int take(void *options, int key, char *value, struct err *err)
{
    struct check_args *o = options;

    switch (key) {
    case KEY_COLUMNS:
        o->columns = true;
        return 0;
    case KEY_STRICT:
        o->strict = true;
        return 0;
    case KEY_ROOT:
        o->root = value;
        return 0;
    case KEY_SHAPE:
        return shape_parse(o->schema.shape, &o->schema.n_shape, value, err);
    default:
        return column_args_take(&o->schema, key, value, err);
    }
}

static const struct args_tool tool = {
    "check",
    "[FILE...]",
    "Finds silent bugs in a table of rows and labels, or describes its columns "
    "(--columns).",
    option_table,
    libraries,
    true,
    take};

/* Types, with a note of what was read. */
static struct csv_reader *read_schema(const struct args *args,
                                      struct check_args *o,
                                      struct schema *schema)
{
    struct csv_options csv = args->csv;
    struct csv_reader *data;
    struct buf notes = {0};
    struct err err = {0};

    timings_phase("types");
    csv.reread = !o->columns;
    data = csv_reader_open(args->files, args->n_files, &csv, &err);
    report_check(data ? 0 : -1, &err);
    o->schema.describe = o->columns;
    o->schema.ngrams = NGRAM_DEFAULTS;
    o->schema.any_input = true;
    report_check(schema_infer(schema, data, &o->schema, &notes, &err), &err);
    report_note("%zu row%s, %zu column%s", csv_reader_records(data),
                plural(csv_reader_records(data)), csv_reader_width(data),
                plural(csv_reader_width(data)));
    if (csv_reader_delimiter_hint(data))
        report_note("a single column, '%s': %s", csv_reader_name(data, 0),
                    csv_reader_delimiter_hint(data));
    report_notes(&notes);
    report_skipped(csv_reader_skipped(data));
    buf_release(&notes);
    return data;
}

static int describe(const struct schema *schema, const struct args *args)
{
    struct rows table;
    int status;

    column_args_describe(&table, schema);
    result_show(&table, explain_columns_view, args);
    status = result_finish(&table, "column", "distinct", args);
    rows_release(&table);
    return status;
}

static void read_table(struct table *table, const struct schema *schema,
                       struct csv_reader *data, const char *root)
{
    struct err err = {0};

    timings_phase("read");
    report_check(memory_check_rows(schema, csv_reader_records(data), &err),
                 &err);
    report_check(csv_reader_rewind(data, &err), &err);
    report_check(table_init(table, schema, data, &err), &err);
    table_set_root(table, root);
    report_check(table_read(table, data, &err), &err);
    if (schema_role(schema, ROLE_FEATURE) == CSV_NONE)
        report_bad(csv_reader_file(data), "no column is left to look at");
}

static int examine(const struct table *table, const struct check_args *o,
                   const struct args *args)
{
    struct findings findings = {0};
    struct rows rows;
    size_t fails;
    int status;

    timings_phase("check");
    data_checks(table, args->seed, &findings);
    finding_rows(&rows, &findings);
    result_show(&rows, draw_findings, args);
    fails = findings_count(&findings, FINDING_FAIL);
    report_note("%zu failed, %zu warned, %zu undecided, %zu ok", fails,
                findings_count(&findings, FINDING_WARN),
                findings_count(&findings, FINDING_UNDECIDED),
                findings_count(&findings, FINDING_OK));
    status = result_finish(&rows, "check,subject", "value", args);
    rows_release(&rows);
    findings_release(&findings);
    return status == 0 && o->strict && fails ? EXIT_GATE : status;
}

int main(int argc, char **argv)
{
    struct check_args options = {0};
    struct csv_reader *data;
    struct schema schema;
    struct table table;
    struct args args;
    int status;

    args_parse(&args, &tool, &options, argc, argv);
    data = read_schema(&args, &options, &schema);
    if (options.columns) {
        status = describe(&schema, &args);
    } else {
        if (schema_role(&schema, ROLE_LABEL) == CSV_NONE)
            report_usage("--label COLUMN is needed (or --columns)");
        read_table(&table, &schema, data, options.root);
        status = examine(&table, &options, &args);
        table_release(&table);
    }
    csv_reader_close(data);
    schema_release(&schema);
    schema_request_release(&options.schema);
    args_release(&args);
    return status;
}
