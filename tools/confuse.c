/* assay confuse: which classes, which rows are wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/args.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "csv/input.h"
#include "stream/error_rows.h"
#include "stream/top_losses.h"

enum { KEY_MATRIX = 256, KEY_BY_CLASS, KEY_TOP_LOSSES, KEY_ON, KEY_COLUMNS };

static const struct argp_option option_table[] = {
    {"matrix", KEY_MATRIX, 0, 0, "the confusion matrix", 1},
    {"by-class", KEY_BY_CLASS, 0, 0, "precision, recall and F1 of each class",
     1},
    {"top-losses", KEY_TOP_LOSSES, "N", 0,
     "the N rows the model is most wrong about", 1},
    {"on", KEY_ON, "A,B", 0,
     "the splits to look at (all but train, if there are any)", 1},
    {"columns", KEY_COLUMNS, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 1},
    {0}};

static version_library *const libraries[] = {input_library, text_library, NULL};

struct options {
    bool matrix, by_class;
    size_t top;
    struct list on, columns;
};

static int take(void *options, int key, char *value, struct err *err)
{
    struct options *o = options;

    switch (key) {
    case KEY_MATRIX:
        o->matrix = true;
        return 0;
    case KEY_BY_CLASS:
        o->by_class = true;
        return 0;
    case KEY_TOP_LOSSES:
        return args_count("top-losses", value, 1, 1000000, &o->top, err);
    case KEY_ON:
        return args_list("on", value, &o->on, err);
    case KEY_COLUMNS:
        return args_list("columns", value, &o->columns, err);
    default:
        return 1;
    }
}

static const struct args_tool tool = {
    "confuse",
    "[FILE...]",
    "Says which classes are confused and which rows are wrong (--matrix, "
    "--by-class, --top-losses; else the confused pairs).",
    option_table,
    libraries,
    true,
    take};

/* ---- views ---- */

static void draw_pairs(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"label", "is", VIEW_TEXT, false},
        {"pred", "taken for", VIEW_TEXT, false},
        {"count", "rows", VIEW_COUNT, false},
        {"rate", "of its rows", VIEW_PERCENT, false},
        {"low", "low", VIEW_PERCENT, false},
        {"high", "high", VIEW_PERCENT, false},
        {"share", "of errors", VIEW_PERCENT, false},
        {"ids", "such as", VIEW_TEXT, true}};

    view_table(view, rows, spec, sizeof(spec) / sizeof(*spec));
}

static void draw_classes(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"class", NULL, VIEW_TEXT, false},
        {"n", "rows", VIEW_COUNT, false},
        {"predicted", NULL, VIEW_COUNT, false},
        {"precision", NULL, VIEW_PERCENT, false},
        {"recall", NULL, VIEW_PERCENT, false},
        {"f1", "F1", VIEW_PERCENT, false},
        {"f1_low", "low", VIEW_PERCENT, false},
        {"f1_high", "high", VIEW_PERCENT, false}};

    view_table(view, rows, spec, sizeof(spec) / sizeof(*spec));
}

/* The kept columns are what a person recognises a row by. */
static void draw_top(struct view *view, const struct rows *rows)
{
    struct view_column *spec = mem_zalloc(rows->n_columns + 5, sizeof(*spec));
    size_t n = 0;

    spec[n++] = (struct view_column){"id", NULL, VIEW_TEXT, true};
    spec[n++] = (struct view_column){"label", "is", VIEW_TEXT, false};
    spec[n++] = (struct view_column){"pred", "taken for", VIEW_TEXT, false};
    spec[n++] = (struct view_column){"prob", "sure", VIEW_PERCENT, true};
    for (size_t i = 0; i < rows->n_columns; i++)
        if (top_is_kept(rows->columns[i]))
            spec[n++] =
                (struct view_column){rows->columns[i], NULL, VIEW_TEXT, true};
    view_table(view, rows, spec, n);
    free(spec);
}

/* ---- which rows ---- */

/*
 * Without --on the rows of train are looked at only if there are no others,
 * which is known at the end: both are summed until then.
 */
struct sums {
    struct error_sums held_out, train;
    struct top_losses top_held_out, top_train;
};

static void add_row(struct sums *s, const struct options *o,
                    const struct prediction_reader *r)
{
    const char *split = r->splits.text[r->row.split];
    bool train = !o->on.n && strcmp(split, "train") == 0;

    if (r->row.label == CLASS_NONE || (o->on.n && !list_has(&o->on, split)))
        return;
    if (o->top)
        top_add(train ? &s->top_train : &s->top_held_out, r);
    error_add(train ? &s->train : &s->held_out, r);
}

static void read_rows(struct sums *s, const struct options *o,
                      struct prediction_reader *r)
{
    struct err err = {0};
    int got;

    if (o->top && r->loss == CSV_NONE && !r->n_p)
        report_bad(csv_reader_file(r->csv),
                   "--top-losses needs a column loss, or p: columns");
    if (o->top) {
        top_init(&s->top_held_out, o->top, r);
        top_init(&s->top_train, o->top, r);
    }
    while ((got = prediction_reader_next(r, &err)) == 1)
        add_row(s, o, r);
    report_check(got, &err);
    report_check(prediction_check_on(r, &o->on, &err), &err);
    report_skipped(csv_reader_skipped(r->csv));
    if (r->unlabelled)
        report_note("%zu row%s without a label left out", r->unlabelled,
                    plural(r->unlabelled));
    if (!(s->held_out.rows + s->train.rows))
        report_bad(csv_reader_file(r->csv), "no labelled row to look at");
}

static void note_rows(const struct sums *s, const struct error_sums *used)
{
    report_note("%zu of %zu rows are wrong%s", used->errors, used->rows,
                used == &s->train ? " (all of them training rows)"
                : s->train.rows   ? " (training rows left out; --on train)"
                                  : "");
}

/* ---- tables ---- */

static int show(const struct rows *rows, result_draw *draw, const char *keys,
                const char *value, const struct args *args)
{
    result_show(rows, draw, args);
    return result_finish(rows, keys, value, args);
}

/* A pair that is never confused has no row, but a gate may name it. */
static int check_pairs(const struct error_sums *used,
                       const struct prediction_reader *r,
                       const struct args *args)
{
    struct rows all;
    int status;

    if (args->n_gates)
        pair_gate_rows(&all, used, r);
    else
        rows_init(&all, "label,pred");
    status = result_finish(&all, "label,pred", "count", args);
    rows_release(&all);
    return status;
}

static int show_table(struct sums *s, const struct options *o,
                      const struct prediction_reader *r,
                      const struct args *args)
{
    bool held = s->held_out.rows > 0;
    const struct error_sums *used = held ? &s->held_out : &s->train;
    struct rows rows;
    int status;

    note_rows(s, used);
    if (o->matrix) {
        matrix_rows(&rows, used, r);
        status = show(&rows, view_matrix, "label", "label", args);
    } else if (o->by_class) {
        class_rows(&rows, used, r);
        status = show(&rows, draw_classes, "class", "f1", args);
    } else if (o->top) {
        top_rows(&rows, held ? &s->top_held_out : &s->top_train, r);
        status = show(&rows, draw_top, "id", "loss", args);
    } else {
        pair_rows(&rows, used, r);
        result_show(&rows, draw_pairs, args);
        status = check_pairs(used, r, args);
    }
    rows_release(&rows);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct prediction_reader reader;
    struct sums sums = {0};
    struct args args;
    struct buf notes = {0};
    struct err err = {0};
    int status;

    args_parse(&args, &tool, &options, argc, argv);
    if (options.matrix + options.by_class + (options.top > 0) > 1)
        report_usage("--matrix, --by-class and --top-losses are one table "
                     "each: ask for one");
    timings_phase("read");
    report_check(prediction_reader_open(&reader, args.files, args.n_files,
                                        &args.csv, &options.columns, &err),
                 &err);
    prediction_note_models(&reader, &notes);
    report_notes(&notes);
    buf_release(&notes);
    read_rows(&sums, &options, &reader);
    status = show_table(&sums, &options, &reader, &args);
    error_release(&sums.held_out);
    error_release(&sums.train);
    top_release(&sums.top_held_out);
    top_release(&sums.top_train);
    prediction_reader_close(&reader);
    list_release(&options.on);
    list_release(&options.columns);
    args_release(&args);
    return status;
}
