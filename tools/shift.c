/*
 * assay shift: are two sets of rows of one distribution, does it matter, and
 * what is to be done?
 */
#include <string.h>

#include "analysis/spooled_predictions.h"
#include "analysis/weigh_data.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/shift_args.h"
#include "cli/shift_compare.h"
#include "cli/table_result.h"
#include "cli/timings.h"
#include "stream/collect.h"
#include "stream/label_shift_rows.h"
#include "stream/shift_errors.h"

/* The names of --columns, but for those of a column that only the other side
 * has: there it is called so. */
static struct list names_of(const struct list *names,
                            const struct csv_reader *side,
                            const struct csv_reader *other)
{
    struct list own = {0};

    for (size_t i = 0; i < names->n; i++) {
        const char *column = strchr(names->items[i], '=');
        if (!column || csv_reader_find(side, column + 1) != CSV_NONE ||
            csv_reader_find(other, column + 1) == CSV_NONE)
            list_add(&own, names->items[i]);
    }
    return own;
}

static void open_predictions(struct prediction_reader *sides[2],
                             const struct shift_args *o,
                             const struct args *args)
{
    struct csv_options csv = args->csv;
    struct csv_reader *reader[2];
    struct list names[2];
    struct err err = {0};

    csv.reread = o->correct;
    for (size_t i = 0; i < 2; i++) {
        reader[i] = csv_reader_open(&args->files[i], 1, &csv, &err);
        report_check(reader[i] ? 0 : -1, &err);
    }
    for (size_t i = 0; i < 2; i++)
        names[i] = names_of(&o->columns, reader[i], reader[1 - i]);
    for (size_t i = 0; i < 2; i++) {
        report_check(
            prediction_reader_bare(sides[i], reader[i], &names[i], &err), &err);
        list_release(&names[i]);
    }
}

/* The model's predictions of either side. */
static void predict_side(struct prediction_reader *r,
                         const struct shift_args *o, const struct args *args,
                         char *path)
{
    struct predictor_options predict = {.label = o->schema.label,
                                        .id = o->schema.id,
                                        .root = o->root,
                                        .probs = true};
    struct buf notes = {0};
    struct err err = {0};

    report_check(spooled_predictions_open(r, o->model, &predict, path,
                                          &args->csv, &notes, &err),
                 &err);
    report_notes(&notes);
    buf_release(&notes);
}

static void open_sides(struct prediction_reader *reference,
                       struct prediction_reader *current,
                       const struct shift_args *o, const struct args *args)
{
    struct prediction_reader *sides[2] = {reference, current};

    for (size_t i = 0; o->model && i < 2; i++)
        predict_side(sides[i], o, args, args->files[i]);
    if (!o->model)
        open_predictions(sides, o, args);
}

static void rewrite(struct label_shift_streams *streams, struct buf *notes,
                    const struct args *args)
{
    struct csv_writer writer;
    struct err err = {0};

    result_open(&writer, args);
    report_check(label_shift_rewrite(streams, &writer, notes, &err), &err);
    result_close(&writer, args);
}

static int label_shift(struct shift_args *o, const struct args *args)
{
    struct prediction_reader reference, current;
    struct label_shift_streams streams = {&reference,     &current,
                                          args->files[0], args->files[1],
                                          &o->on,         o->labels};
    struct buf notes = {0};
    struct rows rows;
    struct err err = {0};
    int status;

    timings_phase("read");
    open_sides(&reference, &current, o, args);
    if (o->correct) {
        rows_init(&rows, "class");
        rewrite(&streams, &notes, args);
    } else {
        report_check(label_shift_rows(&streams, &rows, &notes, &err), &err);
        result_show(&rows, NULL, args);
    }
    report_notes(&notes);
    buf_release(&notes);
    status = result_finish(&rows, "class", "current", args);
    rows_release(&rows);
    prediction_reader_close(&reference);
    prediction_reader_close(&current);
    return status;
}

/* Which slices carry the extra error. */
static int errors_mode(struct shift_args *o, const struct args *args)
{
    struct shift_errors_options options = {
        .pair = o->pairs.n ? o->pairs.items[0] : NULL,
        .columns = &o->schema.features,
        .exclude = &o->schema.exclude,
        .least = SHIFT_ERRORS_LEAST};
    struct collect_options collect = {o->collect, args->seed};
    struct prediction_reader reader;
    struct shift_errors errors;
    struct rows rows;
    struct buf notes = {0};
    struct err err = {0};
    int status;

    table_open(&reader, &o->columns, args);
    status = shift_errors_read(&errors, &options, &reader, &notes, &err);
    if (status == 0 && o->collect)
        status = collect_rows(&errors, &collect, &reader, &rows, &notes, &err);
    else if (status == 0)
        shift_errors_rows(&errors, &rows);
    report_notes(&notes);
    report_check(status, &err);
    result_show(&rows, NULL, args);
    status = result_finish(&rows, o->collect ? COLLECT_KEYS : SHIFT_ERRORS_KEYS,
                           o->collect ? COLLECT_VALUE : SHIFT_ERRORS_VALUE,
                           args);
    rows_release(&rows);
    shift_errors_release(&errors);
    prediction_reader_close(&reader);
    buf_release(&notes);
    return status;
}

/* The reference's data, weighted to stand for the current. */
static int weights_mode(struct shift_args *o, const struct args *args)
{
    struct weigh_options options = {&o->schema, o->root, &o->on, args->seed};
    struct csv_options csv = args->csv;
    struct csv_reader *side[2] = {NULL};
    struct weigh_data data;
    struct csv_writer writer;
    struct rows summary;
    struct buf notes = {0};
    struct err err = {0};
    int status;

    csv.reread = true;
    for (size_t i = 0; i < 2; i++) {
        side[i] = csv_reader_open(&args->files[i], 1, &csv, &err);
        report_check(side[i] ? 0 : -1, &err);
    }
    status = weigh_data_read(&data, side[0], side[1], &options, &notes, &err);
    report_notes(&notes);
    report_check(status, &err);
    result_open(&writer, args);
    report_check(weigh_data_write(&data, side[0], &writer, &err), &err);
    result_close(&writer, args);
    report_skipped(csv_reader_skipped(side[0]) + csv_reader_skipped(side[1]));
    weigh_data_summary(&data, &summary);
    status = result_finish(&summary, "name", "value", args);
    rows_release(&summary);
    weigh_data_release(&data);
    csv_reader_close(side[0]);
    csv_reader_close(side[1]);
    buf_release(&notes);
    return status;
}

static int run(struct shift_args *o, const struct args *args)
{
    switch (o->mode) {
    case SHIFT_LABELS:
        return label_shift(o, args);
    case SHIFT_COMPARE:
        return shift_compare(o, args);
    case SHIFT_BY:
        return shift_by(o, args);
    case SHIFT_PROFILE:
        return shift_profile(o, args);
    case SHIFT_MERGE:
        return shift_merge(o, args);
    case SHIFT_WEIGHTS:
        return weights_mode(o, args);
    case SHIFT_ERRORS:
        return errors_mode(o, args);
    }
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct shift_args options;
    struct args args;
    int status;

    shift_args_parse(&args, &options, argc, argv);
    status = run(&options, &args);
    shift_args_release(&options);
    args_release(&args);
    return status;
}
