/* assay split: says which row belongs to which part. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/args.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "csv/input.h"
#include "table/splitter.h"

enum {
    KEY_LABEL = 256,
    KEY_ID,
    KEY_PARTS,
    KEY_FILL,
    KEY_REPLACE,
    KEY_WITHIN,
    KEY_HASH,
    KEY_RECODE
};

static const struct argp_option option_table[] = {
    {"label", KEY_LABEL, "COLUMN", 0,
     "keep the shares of this column's classes equal in all parts", 1},
    {"parts", KEY_PARTS, "NAME=SHARE,...", 0,
     "the parts and their shares (train=.8,val=.1,test=.1)", 1},
    {"id", KEY_ID, "COLUMN", 0,
     "the column that names a row (id; else one is added)", 1},
    {"hash", KEY_HASH, "COLUMN", 0,
     "decide by this column's value, so that a row never moves", 1},
    {"fill", KEY_FILL, 0, 0, "assign only rows whose split is empty", 1},
    {"replace", KEY_REPLACE, 0, 0, "assign all rows anew", 1},
    {"within", KEY_WITHIN, "PART", 0, "divide only the rows of this part", 1},
    {"recode", KEY_RECODE, "FILE", 0, "replace labels by the table class,into",
     1},
    {0}};

static version_library *const libraries[] = {input_library, text_library, NULL};

struct options {
    struct splitter_options split;
    const char *parts, *recode;
};

static int set_mode(struct options *o, enum split_mode mode, struct err *err)
{
    if (o->split.mode != SPLIT_NEW && o->split.mode != mode)
        return err_set(err, ERR_USAGE,
                       "--fill, --replace and --within exclude each other");
    o->split.mode = mode;
    return 0;
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct options *o = options;

    switch (key) {
    case KEY_LABEL:
        o->split.label = value;
        return 0;
    case KEY_ID:
        o->split.id = value;
        return 0;
    case KEY_PARTS:
        o->parts = value;
        return 0;
    case KEY_HASH:
        o->split.hash = value;
        return 0;
    case KEY_RECODE:
        o->recode = value;
        return 0;
    case KEY_FILL:
        return set_mode(o, SPLIT_FILL, err);
    case KEY_REPLACE:
        return set_mode(o, SPLIT_REPLACE, err);
    case KEY_WITHIN:
        o->split.within = value;
        return set_mode(o, SPLIT_WITHIN, err);
    default:
        return 1;
    }
}

static const struct args_tool tool = {
    "split",
    "[FILE...]",
    "Says which row belongs to which part: adds the columns id and split.",
    option_table,
    libraries,
    false,
    take};

/* Checks that go beyond one option, and the reading of --parts. */
static void finish_options(struct options *o)
{
    struct err err = {0};

    if (!o->parts)
        o->parts = "train=.8,val=.1,test=.1";
    if (o->recode && !o->split.label)
        report_usage("--recode needs --label, the column it changes");
    if (o->split.hash && o->split.label && !o->recode)
        report_usage("--hash decides by one column alone: leave out --label");
    if (parts_parse(&o->split.parts, o->parts, &err) != 0)
        report_fail(&err);
}

static void write_header(struct csv_writer *w, const struct csv_reader *data,
                         const struct splitter *s)
{
    for (size_t i = 0; i < csv_reader_width(data); i++)
        csv_writer_name(w, data, i);
    if (s->id == CSV_NONE)
        csv_writer_text(w, "id");
    if (s->split == CSV_NONE)
        csv_writer_text(w, "split");
    result_end(w);
}

static void write_record(struct csv_writer *w, const struct csv_reader *data,
                         struct splitter *s)
{
    const struct csv_field *record = csv_reader_fields(data);
    const char *label = splitter_label(s, record);
    const char *part = splitter_part(s, record);
    struct err err;

    if (!part) {
        err_set(&err, ERR_DATA, "the input changed while it was read");
        csv_reader_blame(data, CSV_NONE, &err);
        report_fail(&err);
    }
    for (size_t i = 0; i < csv_reader_width(data); i++) {
        if (i == s->split && strcmp(part, record[i].text) != 0)
            csv_writer_text(w, part);
        else if (i == s->label && label)
            csv_writer_text(w, label);
        else
            csv_writer_field(w, &record[i]);
    }
    if (s->id == CSV_NONE)
        csv_writer_count(w, csv_reader_records(data));
    if (s->split == CSV_NONE)
        csv_writer_text(w, part);
    result_end(w);
}

static void count_rows(struct csv_reader *data, struct splitter *s)
{
    struct err err = {0};
    int got;

    while ((got = csv_reader_next(data, &err)) == 1)
        splitter_count(s, csv_reader_fields(data));
    if (got < 0 || csv_reader_rewind(data, &err) != 0)
        report_fail(&err);
}

static void check_within(const struct csv_reader *data,
                         const struct splitter *s)
{
    if (s->options->mode == SPLIT_WITHIN && !s->rows)
        report_bad(csv_reader_file(data), "--within: no row has the split '%s'",
                   s->options->within);
}

static void write_rows(struct csv_reader *data, struct splitter *s,
                       const struct args *args)
{
    struct err err = {0};
    struct csv_writer w;
    int got;

    if (splitter_needs_count(s))
        check_within(data, s);
    splitter_start(s);
    result_open(&w, args);
    write_header(&w, data, s);
    while ((got = csv_reader_next(data, &err)) == 1)
        write_record(&w, data, s);
    if (got < 0)
        report_fail(&err);
    check_within(data, s);
    result_close(&w, args);
}

/* One line on standard error, and the table that gates look at. */
static int finish(const struct csv_reader *data, const struct splitter *s,
                  const struct options *o, const struct args *args)
{
    struct rows summary;
    struct buf line = {0};
    int status;

    rows_init(&summary, "part,n,share");
    for (size_t i = 0; i < s->part_names.count; i++) {
        rows_text(&summary, s->part_names.text[i]);
        rows_count(&summary, s->part_count[i]);
        rows_number(&summary, (double)s->part_count[i] /
                                  (double)csv_reader_records(data));
        buf_printf(&line, "%s%s %zu", i ? ", " : "", s->part_names.text[i],
                   s->part_count[i]);
    }
    report_note("%zu row%s, %zu assigned: %s", csv_reader_records(data),
                plural(csv_reader_records(data)), s->rows, line.data);
    if (o->recode)
        report_note("%zu labels recoded", s->recoded);
    if (s->without_id)
        report_note("%zu row%s without an id: nothing can be joined to them",
                    s->without_id, plural(s->without_id));
    report_skipped(csv_reader_skipped(data));
    status = result_finish(&summary, "part", "n", args);
    rows_release(&summary);
    buf_release(&line);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct args args;
    struct err err = {0};
    struct csv_reader *data;
    struct splitter splitter;
    int status;

    args_parse(&args, &tool, &options, argc, argv);
    finish_options(&options);
    options.split.seed = args.seed;
    args.csv.reread = !options.split.hash;
    timings_phase("count");
    data = csv_reader_open(args.files, args.n_files, &args.csv, &err);
    if (!data || splitter_init(&splitter, data, &options.split, &err) != 0 ||
        (options.recode &&
         splitter_recode(&splitter, options.recode, &err) != 0))
        report_fail(&err);
    if (splitter_needs_count(&splitter))
        count_rows(data, &splitter);
    timings_phase("write");
    write_rows(data, &splitter, &args);
    status = finish(data, &splitter, &options, &args);
    splitter_release(&splitter);
    parts_release(&options.split.parts);
    csv_reader_close(data);
    args_release(&args);
    return status;
}
