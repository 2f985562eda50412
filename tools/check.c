/* assay check: describes the columns of a table. */
#include "cli/column_args.h"
#include "cli/explain_view.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "csv/input.h"

struct check_args {
    struct schema_request schema;
    bool columns;
};

enum { KEY_COLUMNS = KEY_COLUMNS_END };

static const struct argp_option option_table[] = {
    {"columns", KEY_COLUMNS, 0, 0, "what each column is taken for", 0},
    {0, 0, 0, 0, "Columns:", 1},
    COLUMN_OPTIONS,
    ROLE_OPTIONS,
    {0}};

static version_library *const libraries[] = {input_library, NULL};

static int take(void *options, int key, char *value, struct err *err)
{
    struct check_args *o = options;

    if (key != KEY_COLUMNS)
        return column_args_take(&o->schema, key, value, err);
    o->columns = true;
    return 0;
}

static const struct args_tool tool = {
    "check",      "[FILE...]", "Describes the columns of a table (--columns).",
    option_table, libraries,   true,
    take};

static void read_columns(const struct args *args, struct check_args *o,
                         struct schema *schema)
{
    struct csv_reader *data;
    struct buf notes = {0};
    struct err err = {0};

    timings_phase("types");
    data = csv_reader_open(args->files, args->n_files, &args->csv, &err);
    report_check(data ? 0 : -1, &err);
    o->schema.describe = true;
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
    csv_reader_close(data);
}

int main(int argc, char **argv)
{
    struct check_args options = {0};
    struct schema schema;
    struct rows table;
    struct args args;
    int status;

    args_parse(&args, &tool, &options, argc, argv);
    if (!options.columns)
        report_usage("--columns is needed: it is all that this version does");
    read_columns(&args, &options, &schema);
    column_args_describe(&table, &schema);
    result_show(&table, explain_columns_view, &args);
    status = result_finish(&table, "column", "distinct", &args);
    rows_release(&table);
    schema_release(&schema);
    schema_request_release(&options.schema);
    args_release(&args);
    return status;
}
