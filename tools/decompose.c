/* assay decompose: splits the error into its sources. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/args.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/sources_view.h"
#include "cli/timings.h"
#include "csv/input.h"
#include "stream/prediction.h"
#include "stream/source.h"

enum { KEY_GOAL = 256, KEY_COLUMNS };

static const struct argp_option option_table[] = {
    {"goal", KEY_GOAL, "X", 0,
     "the error that could be reached: a person's, say (0, marked as assumed)",
     1},
    {"columns", KEY_COLUMNS, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 1},
    {0}};

static version_library *const libraries[] = {input_library, text_library, NULL};

struct options {
    double goal;
    bool has_goal;
    struct list columns;
};

static int take(void *options, int key, char *value, struct err *err)
{
    struct options *o = options;

    if (key == KEY_GOAL) {
        o->has_goal = true;
        return args_number("goal", value, 0, 1, &o->goal, err);
    }
    if (key == KEY_COLUMNS)
        return args_list("columns", value, &o->columns, err);
    return 1;
}

static const struct args_tool tool = {
    "decompose",
    "[FILE...]",
    "Splits the error into its sources and says which to attack first.",
    option_table,
    libraries,
    true,
    take};

static void add_row(const struct prediction *row, const char *split,
                    struct split_errors part[SPLIT_COUNT], size_t *others)
{
    int which = source_split(split);

    if (which < 0) {
        ++*others;
        return;
    }
    part[which].present = true;
    part[which].n++;
    part[which].errors += row->label != row->pred;
}

static void count_errors(struct prediction_reader *r,
                         struct split_errors part[SPLIT_COUNT])
{
    struct err err = {0};
    size_t others = 0;
    int got;

    while ((got = prediction_reader_next(r, &err)) == 1)
        if (r->row.label != CLASS_NONE)
            add_row(&r->row, r->splits.text[r->row.split], part, &others);
    report_check(got, &err);
    if (r->unlabelled)
        report_note("%zu row%s without a label left out", r->unlabelled,
                    plural(r->unlabelled));
    report_skipped(csv_reader_skipped(r->csv));
    if (others)
        report_note("%zu row%s left out: the split is not train, trainval, "
                    "val, testval or test",
                    others, plural(others));
}

static bool is_table(const struct csv_reader *input)
{
    return csv_reader_find(input, "error") != CSV_NONE &&
           csv_reader_find(input, "pred") == CSV_NONE &&
           csv_reader_find(input, "label") == CSV_NONE;
}

/* Predictions, or the table split,error[,n]: its header tells. */
static void read_input(const struct args *args, const struct options *o,
                       struct split_errors part[SPLIT_COUNT])
{
    struct err err = {0};
    struct prediction_reader r;
    struct buf notes = {0};
    struct csv_reader *input =
        csv_reader_open(args->files, args->n_files, &args->csv, &err);

    report_check(input ? 0 : -1, &err);
    if (!o->columns.n && is_table(input)) {
        report_check(source_read_errors(input, part, &err), &err);
        csv_reader_close(input);
        return;
    }
    report_check(prediction_reader_over(&r, input, &o->columns, &err), &err);
    prediction_note_models(&r, &notes);
    report_notes(&notes);
    buf_release(&notes);
    count_errors(&r, part);
    prediction_reader_close(&r);
}

static void check_parts(const struct split_errors part[SPLIT_COUNT])
{
    for (int i = 0; i < SPLIT_COUNT; i++)
        if (part[i].present)
            return;
    report_bad("", "no labelled row of a known split");
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct split_errors part[SPLIT_COUNT] = {{0}};
    struct args args;
    struct gaps gaps;
    struct rows rows;
    int status;

    args_parse(&args, &tool, &options, argc, argv);
    timings_phase("read");
    read_input(&args, &options, part);
    check_parts(part);
    gaps_measure(options.goal, part, &gaps);
    source_rows(&rows, &gaps, options.goal, !options.has_goal, part);
    result_show(&rows, sources_view, &args);
    status = result_finish(&rows, "kind,name", "value", &args);
    rows_release(&rows);
    list_release(&options.columns);
    args_release(&args);
    return status;
}
