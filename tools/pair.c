/* assay pair: joins inputs to labels by key, never by order. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/pair_args.h"
#include "cli/pair_images.h"
#include "cli/pixel_rows.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "table/idx.h"
#include "table/join.h"

struct job {
    const struct args *args;
    const struct pair_args *options;
    struct join *join; /* NULL without a table of labels or corrections */
    struct rows *summary;
};

/* ---- two tables ---- */

static struct csv_reader *open_data(const struct job *job, size_t *key)
{
    const struct pair_args *o = job->options;
    bool several = o->n_files > 1;
    struct err err = {0};
    struct csv_reader *data =
        csv_reader_open(o->files, o->n_files, &job->args->csv, &err);

    if (!data || csv_reader_require(data, o->data_key, key, &err) != 0)
        report_fail(&err);
    job->join->other = (struct join_other){
        "row of the data", "rows of the data", "partner in the data",
        several ? "record" : "line", NULL};
    return data;
}

/* The row of the held table that the current record asks for. */
static size_t meet(struct join *join, const struct csv_reader *data, size_t key)
{
    const struct csv_field *cell = &csv_reader_fields(data)[key];
    bool lines = strcmp(join->other.place, "line") == 0;
    struct err err;

    if (!cell->len) {
        err_set(&err, ERR_DATA, "the key is empty");
        csv_reader_blame(data, key, &err);
        report_fail(&err);
    }
    return join_meet(join, cell->text, cell->len,
                     lines ? (size_t)csv_reader_line(data)
                           : csv_reader_records(data));
}

static void check_names(const struct join *join, const struct csv_reader *data,
                        const size_t *columns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = csv_reader_name(join->table, columns[i]);
        if (csv_reader_find(data, name) != CSV_NONE)
            report_bad(csv_reader_file(join->table),
                       "column '%s' is in the data too: leave it out of one, "
                       "or name the others with --keep",
                       name);
    }
}

static void write_header(struct csv_writer *w, const struct csv_reader *data)
{
    for (size_t i = 0; i < csv_reader_width(data); i++)
        csv_writer_name(w, data, i);
}

/* Ends a run over two tables: what is wrong with the keys, then the output. */
static void finish_tables(const struct job *job, struct csv_reader *data,
                          struct csv_writer *w)
{
    bool strict = !job->options->allow_unmatched;
    struct err err = {0};

    report_check(join_check(job->join, strict, strict && !job->join->few, &err),
                 &err);
    result_close(w, job->args);
    pair_count(job->summary, "matched", job->join->n_met,
               job->join->keys.count);
    pair_bad(job->summary, job->join, csv_reader_skipped(data),
             csv_reader_skipped(data) + csv_reader_records(data));
    pair_unmatched(job->options, job->join, job->summary);
    report_skipped(csv_reader_skipped(data) +
                   csv_reader_skipped(job->join->table));
    csv_reader_close(data);
}

static void join_tables(const struct job *job)
{
    struct err err = {0};
    size_t key, *columns, n, row;
    struct csv_reader *data = open_data(job, &key);
    struct csv_writer w;
    int got;

    report_check(join_check_held(job->join, &err), &err);
    report_check(
        join_columns(job->join, &job->options->keep, false, &columns, &n, &err),
        &err);
    check_names(job->join, data, columns, n);
    result_open(&w, job->args);
    write_header(&w, data);
    for (size_t i = 0; i < n; i++)
        csv_writer_name(&w, job->join->table, columns[i]);
    result_end(&w);
    while ((got = csv_reader_next(data, &err)) == 1) {
        if ((row = meet(job->join, data, key)) == JOIN_NONE)
            continue;
        csv_writer_record(&w, data);
        for (size_t i = 0; i < n; i++)
            csv_writer_field(&w, &join_fields(job->join, row)[columns[i]]);
        result_end(&w);
    }
    report_check(got, &err);
    finish_tables(job, data, &w);
    report_note("%zu row%s, each with its row of '%s'", job->join->n_met,
                plural(job->join->n_met), csv_reader_file(job->join->table));
    free(columns);
}

/* ---- corrections ---- */

/* Column of the corrections for each of the data's, CSV_NONE for most. */
static size_t *find_corrections(const struct job *job,
                                const struct csv_reader *data)
{
    size_t width = csv_reader_width(data), column, at;
    size_t *from = mem_alloc(width, sizeof(*from));
    struct err err = {0};

    for (size_t i = 0; i < width; i++)
        from[i] = CSV_NONE;
    for (size_t i = 0; i < job->options->update.n; i++) {
        const char *name = job->options->update.items[i];
        report_check(csv_reader_require(data, name, &at, &err), &err);
        report_check(csv_reader_require(job->join->table, name, &column, &err),
                     &err);
        from[at] = column;
    }
    return from;
}

struct corrections {
    size_t changed, same, empty;
};

static void write_corrected(struct csv_writer *w, const struct csv_reader *data,
                            const struct csv_field *fix, const size_t *from,
                            struct corrections *n)
{
    const struct csv_field *cell = csv_reader_fields(data);

    for (size_t i = 0; i < csv_reader_width(data); i++) {
        const struct csv_field *to = fix && from[i] != CSV_NONE ? &fix[from[i]]
                                                                : NULL;
        bool same = to && to->len == cell[i].len &&
                    memcmp(to->text, cell[i].text, to->len) == 0;
        n->empty += to && !to->len;
        n->same += to && to->len && same;
        n->changed += to && to->len && !same;
        csv_writer_field(w, to && to->len && !same ? to : &cell[i]);
    }
    result_end(w);
}

static void correct_table(const struct job *job)
{
    struct err err = {0};
    struct corrections n = {0};
    size_t key, row;
    struct csv_reader *data = open_data(job, &key);
    size_t *from = find_corrections(job, data);
    struct csv_writer w;
    int got;

    report_check(join_check_held(job->join, &err), &err);
    join_expect_few(job->join);
    result_open(&w, job->args);
    write_header(&w, data);
    result_end(&w);
    while ((got = csv_reader_next(data, &err)) == 1) {
        row = meet(job->join, data, key);
        write_corrected(&w, data,
                        row == JOIN_NONE ? NULL : join_fields(job->join, row),
                        from, &n);
    }
    report_check(got, &err);
    finish_tables(job, data, &w);
    report_note(
        "%zu cell%s changed, %zu the same as before, %zu empty and left "
        "as they are",
        n.changed, plural(n.changed), n.same, n.empty);
    pair_count(job->summary, "changed", n.changed, n.changed + n.same);
    free(from);
}

/* ---- IDX ---- */

static void write_item(struct csv_writer *w, size_t number, unsigned label,
                       const uint8_t *pixels, size_t n, struct buf *text)
{
    csv_writer_count(w, number);
    csv_writer_count(w, label);
    pixel_rows_cells(w, pixels, n, text);
    result_end(w);
}

static void write_idx(const struct job *job)
{
    const struct pair_args *o = job->options;
    struct err err = {0};
    struct idx *idx = idx_open(o->files[0], o->files[1], &err);
    struct image_shape shape = {0};
    struct csv_writer w;
    struct image image;
    struct buf text = {0};
    uint8_t *fitted;
    unsigned label;
    size_t n, i = 0;
    int got;

    if (!idx)
        report_fail(&err);
    shape = o->has_shape ? o->shape : idx_shape(idx);
    n = image_size(&shape);
    fitted = mem_alloc(n, 1);
    result_open(&w, job->args);
    csv_writer_text(&w, "id");
    csv_writer_text(&w, "label");
    pixel_rows_header(&w, n);
    result_end(&w);
    for (; (got = idx_next(idx, &image, &label, &err)) == 1; i++) {
        if (o->has_shape)
            image_resize(&image, &shape, fitted);
        write_item(&w, i, label, o->has_shape ? fitted : image.pixels, n,
                   &text);
    }
    report_check(got, &err);
    result_close(&w, job->args);
    report_note("%zu image%s of %zux%zux%zu", i, plural(i), shape.height,
                shape.width, shape.channels);
    pair_count(job->summary, "matched", i, i);
    idx_close(idx);
    free(fitted);
    buf_release(&text);
}

int main(int argc, char **argv)
{
    struct pair_args options;
    struct args args;
    struct err err = {0};
    struct rows summary;
    struct join join;
    struct job job = {&args, &options, NULL, &summary};
    int status;

    pair_args_parse(&args, &options, argc, argv);
    rows_init(&summary, "kind,n,share");
    timings_phase("read");
    if (options.unmatched)
        report_check(output_check(options.unmatched, &err), &err);
    if (options.table) {
        report_check(join_open(&join, options.table, &args.csv, options.key,
                               options.rule, &err),
                     &err);
        job.join = &join;
    }
    if (options.images)
        pair_images(&args, &options, job.join, &summary);
    else if (options.mode == PAIR_IDX)
        write_idx(&job);
    else if (options.mode == PAIR_UPDATE)
        correct_table(&job);
    else
        join_tables(&job);
    status = result_finish(&summary, "kind", "n", &args);
    if (job.join)
        join_release(job.join);
    rows_release(&summary);
    pair_args_release(&options);
    args_release(&args);
    return status;
}
