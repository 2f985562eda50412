/* assay confuse: which classes, which rows are wrong. */
#include <string.h>

#include "cli/confuse_args.h"
#include "cli/report.h"
#include "cli/table_result.h"
#include "cli/timings.h"
#include "stream/flow_rows.h"

/*
 * Without --on the rows of train are looked at only if there are no others,
 * which is known after a first pass: both are summed until then.
 */
struct side {
    void *sums;
    size_t rows, errors;
};

struct sides {
    struct side held_out, train;
    struct side *used; /* NULL during the first pass: both */
};

static struct side *side_of(struct sides *s, const struct confuse_args *o,
                            const char *split)
{
    struct side *side = !o->on.n && strcmp(split, "train") == 0 ? &s->train
                                                                : &s->held_out;

    if (o->on.n && !list_has(&o->on, split))
        return NULL;
    return !s->used || s->used == side ? side : NULL;
}

static void add_row(struct sides *s, const struct confuse_args *o,
                    const struct prediction_reader *r)
{
    struct side *side = side_of(s, o, r->splits.text[r->row.split]);
    struct err err = {0};

    if (r->row.label == CLASS_NONE || !side)
        return;
    report_check(o->kind->table->add(side->sums, r, &err), &err);
    side->rows += s->used == NULL;
    side->errors += s->used == NULL && r->row.label != r->row.pred;
}

static void read_rows(struct sides *s, const struct confuse_args *o,
                      struct prediction_reader *r)
{
    struct err err = {0};
    int got;

    while ((got = prediction_reader_next(r, &err)) == 1)
        add_row(s, o, r);
    report_check(got, &err);
}

static void note_rows(const struct sides *s, const struct prediction_reader *r)
{
    report_skipped(csv_reader_skipped(r->csv));
    if (r->unlabelled)
        report_note("%zu row%s without a label left out", r->unlabelled,
                    plural(r->unlabelled));
    if (!s->used->rows)
        report_bad(csv_reader_file(r->csv), "no labelled row to look at");
    report_note("%zu of %zu rows are wrong%s", s->used->errors, s->used->rows,
                s->used == &s->train ? " (all of them training rows)"
                : s->train.rows      ? " (training rows left out; --on train)"
                                     : "");
}

/* All passes over the rows. */
static void sum(struct sides *s, const struct confuse_args *o,
                struct prediction_reader *r)
{
    const struct prediction_table *table = o->kind->table;
    struct err err = {0};

    if (!(s->held_out.sums = table->begin(o->options, r, &err)) ||
        !(s->train.sums = table->begin(o->options, r, &err)))
        report_fail(&err);
    read_rows(s, o, r);
    report_check(prediction_check_on(r, &o->on, &err), &err);
    s->used = s->held_out.rows ? &s->held_out : &s->train;
    note_rows(s, r);
    while (table->again && table->again(s->used->sums)) {
        report_check(prediction_reader_rewind(r, &err), &err);
        read_rows(s, o, r);
    }
}

static int flow(const struct confuse_args *o, const struct args *args)
{
    struct joined_options how = {.on = o->on,
                                 .columns = o->columns,
                                 .labels_from = o->labels_from,
                                 .ids = true};
    struct joined joined;
    struct rows rows, gates;
    struct buf notes = {0};
    struct err err = {0};
    int status;

    timings_phase("read");
    report_check(joined_read(&joined, args->files, args->n_files, &args->csv,
                             &how, &notes, &err),
                 &err);
    flow_rows(&joined, &rows, &notes);
    report_notes(&notes);
    result_show(&rows, o->kind->draw, args);
    if (args->n_gates) {
        flow_gate_rows(&joined, &rows, &gates);
        status = result_finish(&gates, FLOW_KEYS, FLOW_VALUE, args);
        rows_release(&gates);
    } else {
        status = result_finish(&rows, FLOW_KEYS, FLOW_VALUE, args);
    }
    rows_release(&rows);
    joined_release(&joined);
    buf_release(&notes);
    return status;
}

static int tabulate(struct confuse_args *o, const struct args *args)
{
    struct prediction_reader reader;
    struct sides sides = {0};
    struct err err = {0};
    int status;

    if (o->tags)
        report_check(tag_file_read(&o->tag_file, o->tags, &args->csv, &err),
                     &err);
    table_open(&reader, &o->columns, args);
    sum(&sides, o, &reader);
    status = table_show(o->kind->table, sides.used->sums, &reader,
                        o->kind->draw, args);
    o->kind->table->end(sides.held_out.sums);
    o->kind->table->end(sides.train.sums);
    prediction_reader_close(&reader);
    return status;
}

int main(int argc, char **argv)
{
    struct confuse_args options;
    struct args args;
    int status;

    confuse_args_parse(&args, &options, argc, argv);
    status = options.kind->table ? tabulate(&options, &args)
                                 : flow(&options, &args);
    confuse_args_release(&options);
    args_release(&args);
    return status;
}
