/* assay split: says which row belongs to which part. */
#include <string.h>

#include "cli/report.h"
#include "cli/result.h"
#include "cli/split_args.h"
#include "cli/timings.h"

static void write_header(struct csv_writer *w, const struct csv_reader *data,
                         const struct splitter *s)
{
    for (size_t i = 0; i < csv_reader_width(data); i++)
        csv_writer_name(w, data, i);
    if (s->id == CSV_NONE)
        csv_writer_text(w, "id");
    if (s->split == CSV_NONE)
        csv_writer_text(w, "split");
    if (s->options->balance == BALANCE_WEIGHT)
        csv_writer_text(w, "sample_weight");
    result_end(w);
}

/* The id that is made, a row's number: printf would take as long as the rest.
 */
static void write_number(struct csv_writer *w, size_t number)
{
    char text[24], *first = text + sizeof(text);

    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    csv_writer_raw(w, first, (size_t)(text + sizeof(text) - first));
}

/* The id of a row that is repeated: +1, +2, … behind that of the first. */
static void write_id(struct csv_writer *w, const struct csv_reader *data,
                     const struct splitter *s, size_t copy)
{
    struct buf id = {0};

    if (s->id == CSV_NONE)
        buf_printf(&id, "%zu+%zu", csv_reader_records(data), copy);
    else if (csv_reader_fields(data)[s->id].len)
        buf_printf(&id, "%s+%zu", csv_reader_fields(data)[s->id].text, copy);
    csv_writer_cell(w, id.data ? id.data : "", id.len);
    buf_release(&id);
}

/*
 * Cells as they stood, [from, to): one run of bytes as far as the file has the
 * columns in this order.
 */
static void write_unchanged(struct csv_writer *w, const struct csv_field *cells,
                            size_t from, size_t to)
{
    while (from < to) {
        const struct csv_field *first = &cells[from++];
        const char *end = first->raw ? first->raw + first->raw_len : NULL;
        for (; end && from < to && end + 1 == cells[from].raw && *end == ',';
             from++)
            end += 1 + cells[from].raw_len;
        if (end)
            csv_writer_raw(w, first->raw, (size_t)(end - first->raw));
        else
            csv_writer_field(w, first);
    }
}

static bool is_changed(const struct splitter *s, const struct split_row *row,
                       const struct csv_field *record, size_t column,
                       size_t copy)
{
    if (column == s->split)
        return strcmp(row->part, record[column].text) != 0;
    return (column == s->label && row->label) || (column == s->id && copy);
}

static void write_changed(struct csv_writer *w, const struct csv_reader *data,
                          const struct splitter *s, const struct split_row *row,
                          size_t column, size_t copy)
{
    if (column == s->split)
        csv_writer_text(w, row->part);
    else if (column == s->id && copy)
        write_id(w, data, s, copy);
    else
        csv_writer_text(w, row->label);
}

static void write_record(struct csv_writer *w, const struct csv_reader *data,
                         const struct splitter *s, const struct split_row *row,
                         size_t copy)
{
    const struct csv_field *record = csv_reader_fields(data);
    size_t width = csv_reader_width(data), from = 0;

    if (s->split == CSV_NONE && !row->label && !copy) {
        csv_writer_record(w, data);
        from = width;
    }
    for (size_t i = from; i < width; i++)
        if (is_changed(s, row, record, i, copy)) {
            write_unchanged(w, record, from, i);
            write_changed(w, data, s, row, i, copy);
            from = i + 1;
        }
    write_unchanged(w, record, from, width);
    if (s->id == CSV_NONE && copy)
        write_id(w, data, s, copy);
    else if (s->id == CSV_NONE)
        write_number(w, csv_reader_records(data));
    if (s->split == CSV_NONE)
        csv_writer_text(w, row->part);
    if (s->options->balance == BALANCE_WEIGHT)
        csv_writer_number(w, row->weight);
    result_end(w);
}

/* All passes but the last, which writes. */
static void read_rows(struct csv_reader *data, struct splitter *s)
{
    struct err err = {0};
    int got = 1, seen = 0;

    while (splitter_next_pass(s)) {
        for (seen = 0; seen == 0;) {
            got = csv_reader_next(data, &err);
            seen = got == 1 ? splitter_see(s, data, &err) : 1;
        }
        if (got < 0 || seen < 0 || splitter_end_pass(s, &err) != 0 ||
            csv_reader_rewind(data, &err) != 0)
            report_fail(&err);
    }
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
    struct split_row row;
    int got;

    if (!s->options->hash)
        check_within(data, s);
    result_open(&w, args);
    write_header(&w, data, s);
    while ((got = csv_reader_next(data, &err)) == 1) {
        if (splitter_row(s, data, &row, &err) != 0)
            report_fail(&err);
        for (size_t copy = 0; copy < row.copies; copy++)
            write_record(&w, data, s, &row, copy);
    }
    if (got < 0)
        report_fail(&err);
    check_within(data, s);
    result_close(&w, args);
}

/* Of rows that are written: where balance changed their number, that too. */
static void report_parts(const struct csv_reader *data,
                         const struct splitter *s)
{
    size_t rows = csv_reader_records(data);
    struct buf line = {0};

    buf_printf(&line, "%zu row%s, %zu assigned", rows, plural(rows),
               s->rows - s->gaps - s->timeless);
    if (s->left_out || s->repeated)
        buf_printf(&line, ", %zu written", s->written);
    for (size_t i = 0; i < s->part_names.count; i++) {
        const char *name = s->part_names.text[i];
        buf_printf(&line, "%s %s %zu", i ? "," : ":", *name ? name : "none",
                   s->part_count[i]);
    }
    report_note("%s", line.data);
    buf_release(&line);
}

/* Notes on standard error, and the table that gates look at. */
static int finish(const struct csv_reader *data, const struct splitter *s,
                  const struct split_args *options, const struct args *args)
{
    struct rows summary;
    int status;

    rows_init(&summary, "part,n,share");
    for (size_t i = 0; i < s->part_names.count; i++) {
        rows_text(&summary, s->part_names.text[i]);
        rows_count(&summary, s->part_count[i]);
        rows_number(&summary, (double)s->part_count[i] / (double)s->written);
    }
    report_parts(data, s);
    split_args_report(options, s);
    report_skipped(csv_reader_skipped(data));
    status = result_finish(&summary, "part", "n", args);
    rows_release(&summary);
    return status;
}

int main(int argc, char **argv)
{
    struct split_args options;
    struct args args;
    struct err err = {0};
    struct csv_reader *data;
    struct splitter splitter;
    int status;

    split_args_parse(&args, &options, argc, argv);
    timings_phase("count");
    data = csv_reader_open(args.files, args.n_files, &args.csv, &err);
    if (!data || splitter_init(&splitter, data, &options.split, &err) != 0 ||
        (options.recode && recoding_read(&splitter.recoding, options.recode,
                                         options.steps, &err) != 0))
        report_fail(&err);
    read_rows(data, &splitter);
    timings_phase("write");
    write_rows(data, &splitter, &args);
    status = finish(data, &splitter, &options, &args);
    splitter_release(&splitter);
    split_args_release(&options);
    csv_reader_close(data);
    args_release(&args);
    return status;
}
