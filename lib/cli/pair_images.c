#include "cli/pair_images.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/text.h"
#include "cli/pixel_rows.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/timings.h"
#include "table/image_files.h"

enum { CHUNK_BYTES = 1 << 24, CHUNK_MOST = 256, NAMED = 3 };

/* Invariant: row[i] is the image's row of the labels, or JOIN_NONE. */
struct job {
    const struct args *args;
    const struct pair_args *options;
    struct join *join; /* NULL: classes are folders */
    struct image_files files;
    char **paths; /* [files.n] those of files */
    size_t *row;
    size_t *columns, n_columns, id; /* of the labels; id may be CSV_NONE */
    size_t n_written, n_bad;
    struct buf bad, text; /* the first few that are damaged */
};

/* ---- which images, with which labels ---- */

static void find_files(struct job *job)
{
    struct err err = {0};
    const struct pair_args *o = job->options;

    for (size_t i = 0; i < o->n_files; i++)
        report_check(image_files_add(&job->files, o->files[i], &err), &err);
    job->paths = mem_alloc(job->files.n, sizeof(*job->paths));
    for (size_t i = 0; i < job->files.n; i++)
        job->paths[i] = job->files.items[i].path;
}

static void note_left_out(const struct image_files *f)
{
    struct buf text = {0};

    if (f->hidden)
        buf_printf(&text, ", %zu hidden", f->hidden);
    if (f->links)
        buf_printf(&text, ", %zu link%s to folders", f->links,
                   plural(f->links));
    if (f->others)
        buf_printf(&text, ", %zu other file%s (%s)", f->others,
                   plural(f->others), f->names.data);
    if (text.len)
        report_note("no images, left out:%s", text.data + 1);
    buf_release(&text);
}

/* Of images that are listed and not opened. */
static void note_foreign(const struct image_files *f)
{
    size_t n = 0, first = 0;

    for (size_t i = f->n; i-- > 0;)
        if (image_files_foreign(f->items[i].path)) {
            first = i;
            n++;
        }
    if (n)
        report_note("%zu image%s must be converted to PNG or JPEG before they "
                    "can be read, the first is '%s'",
                    n, plural(n), f->items[first].path);
}

static void meet_rows(struct job *job)
{
    struct join *join = job->join;
    bool whole = job->options->rule.match == KEY_PATH;
    bool strict = !job->options->allow_unmatched;
    struct err err = {0};

    join->other =
        (struct join_other){"image", "images", "image", NULL, job->paths};
    job->row = mem_alloc(job->files.n, sizeof(*job->row));
    for (size_t i = 0; i < job->files.n; i++) {
        const struct image_file *file = &job->files.items[i];
        const char *key = whole ? file->path : file->below;
        job->row[i] = join_meet(join, key, strlen(key), i);
    }
    report_check(join_check(join, strict, strict, &err), &err);
}

/* A name that the images' own columns have. */
static bool is_own(const struct pair_args *o, const char *name)
{
    return o->has_shape ? pixel_rows_has(name, image_size(&o->shape))
                        : strcmp(name, "path") == 0;
}

static void choose_columns(struct job *job)
{
    struct join *join = job->join;
    struct err err = {0};
    size_t n = 0;

    report_check(join_columns(join, &job->options->keep, true, &job->columns,
                              &job->n_columns, &err),
                 &err);
    job->id = csv_reader_find(join->table, "id");
    for (size_t i = 0; i < job->n_columns; i++) {
        size_t column = job->columns[i];
        const char *name = csv_reader_name(join->table, column);
        if (column == job->id ||
            (column == join->key && is_own(job->options, name)))
            continue;
        if (is_own(job->options, name))
            report_bad(csv_reader_file(join->table),
                       "column '%s' has the name of one that is written: "
                       "rename it, or leave it out with --keep",
                       name);
        job->columns[n++] = column;
    }
    job->n_columns = n;
}

static void check_folders(const struct job *job)
{
    struct dict ids = {0};

    for (size_t i = 0; i < job->files.n; i++) {
        const struct image_file *file = &job->files.items[i];
        size_t n = ids.count;
        if (!file->class)
            report_bad(file->path, "stands in no folder that could be its "
                                   "class");
        if (dict_add(&ids, file->below, strlen(file->below)) < n)
            report_bad(file->path,
                       "the id '%s' occurs twice: give the folder above",
                       file->below);
    }
    dict_release(&ids);
}

/* ---- rows ---- */

static void write_header(struct job *job, struct csv_writer *w)
{
    const struct pair_args *o = job->options;

    csv_writer_text(w, "id");
    if (!o->has_shape)
        csv_writer_text(w, "path");
    for (size_t i = 0; i < job->n_columns; i++)
        csv_writer_name(w, job->join->table, job->columns[i]);
    if (!job->join)
        csv_writer_text(w, "label");
    if (o->has_shape)
        pixel_rows_header(w, image_size(&o->shape));
    result_end(w);
}

static void write_composed(struct job *job, struct csv_writer *w,
                           const char *text, size_t len)
{
    buf_clear(&job->text);
    text_compose(&job->text, text, len);
    csv_writer_cell(w, job->text.data, job->text.len);
}

static void write_path(struct job *job, struct csv_writer *w, const char *path)
{
    char *folder = job->options->absolute && *path != '/' ? getcwd(NULL, 0)
                                                          : NULL;

    buf_clear(&job->text);
    if (folder)
        buf_printf(&job->text, "%s/", strcmp(folder, "/") == 0 ? "" : folder);
    free(folder);
    buf_add_text(&job->text, path);
    csv_writer_cell(w, job->text.data, job->text.len);
}

/* One image, with its pixels where they are wanted. */
static void write_image(struct job *job, struct csv_writer *w, size_t i,
                        const uint8_t *pixels)
{
    const struct image_file *file = &job->files.items[i];
    const struct csv_field *fields =
        job->join ? join_fields(job->join, job->row[i]) : NULL;

    if (fields)
        csv_writer_field(
            w, &fields[job->id != CSV_NONE ? job->id : job->join->key]);
    else
        write_composed(job, w, file->below, strlen(file->below));
    if (!pixels)
        write_path(job, w, file->path);
    for (size_t c = 0; c < job->n_columns; c++)
        csv_writer_field(w, &fields[job->columns[c]]);
    if (!fields)
        write_composed(job, w, file->class, file->class_len);
    if (pixels)
        pixel_rows_cells(w, pixels, image_size(&job->options->shape),
                         &job->text);
    result_end(w);
    job->n_written++;
}

static void leave_out_bad(struct job *job, const char *path)
{
    if (job->n_bad++ < NAMED)
        buf_printf(&job->bad, "%s%s", job->n_bad > 1 ? ", " : "", path);
    else if (job->n_bad == NAMED + 1)
        buf_add_text(&job->bad, ", ...");
}

/* Decodes and writes the images index[0 .. n). */
static void write_chunk(struct job *job, struct csv_writer *w,
                        const size_t *index, size_t n)
{
    size_t size = image_size(&job->options->shape);
    char **paths = mem_alloc(n, sizeof(*paths));
    uint8_t *pixels = mem_alloc(n, size);
    enum image_result *result = mem_alloc(n, sizeof(*result));
    struct err *err = mem_zalloc(n, sizeof(*err)), failed = {0};

    for (size_t i = 0; i < n; i++)
        paths[i] = job->paths[index[i]];
    image_load_many(paths, n, &job->options->shape, pixels, result, err);
    for (size_t i = 0; i < n && !failed.kind; i++)
        if (result[i] == IMAGE_GOOD)
            write_image(job, w, index[i], pixels + i * size);
        else if (result[i] == IMAGE_DAMAGED && job->args->csv.skip_bad)
            leave_out_bad(job, paths[i]);
        else
            failed = err[i];
    free(paths);
    free(pixels);
    free(result);
    free(err);
    report_check(failed.kind ? -1 : 0, &failed);
}

static void write_pixels(struct job *job, struct csv_writer *w,
                         const size_t *index, size_t n)
{
    size_t most = CHUNK_BYTES / image_size(&job->options->shape);
    size_t threads = (size_t)parallel_threads();
    struct err err = {0};

    report_check(parallel_check(&err), &err);
    most = most > CHUNK_MOST ? CHUNK_MOST : most < threads ? threads : most;
    for (size_t i = 0; i < n; i += most)
        write_chunk(job, w, index + i, n - i < most ? n - i : most);
    if (!job->n_written)
        report_bad("", "none of %zu image%s could be read", n, plural(n));
}

static void write_rows(struct job *job)
{
    size_t *index = mem_alloc(job->files.n, sizeof(*index)), n = 0;
    struct csv_writer w;

    for (size_t i = 0; i < job->files.n; i++)
        if (!job->join || job->row[i] != JOIN_NONE)
            index[n++] = i;
    result_open(&w, job->args);
    write_header(job, &w);
    if (job->options->has_shape)
        write_pixels(job, &w, index, n);
    else
        for (size_t i = 0; i < n; i++)
            write_image(job, &w, index[i], NULL);
    result_close(&w, job->args);
    free(index);
}

/* ---- what it says at the end ---- */

void pair_count(struct rows *summary, const char *kind, size_t n, size_t of)
{
    rows_text(summary, kind);
    rows_count(summary, n);
    rows_number(summary, of ? (double)n / (double)of : 0);
}

void pair_bad(struct rows *summary, const struct join *join, size_t bad,
              size_t of)
{
    if (join) {
        bad += csv_reader_skipped(join->table);
        of += csv_reader_skipped(join->table) + csv_reader_records(join->table);
    }
    pair_count(summary, "bad", bad, of);
}

void pair_unmatched(const struct pair_args *o, struct join *join,
                    struct rows *summary)
{
    size_t rows = join->keys.count - join->n_met;
    size_t others = join->few ? 0 : join->stray_keys.count;
    struct err err = {0};
    struct csv_writer w;

    pair_count(summary, "unmatched_labels", rows, join->keys.count);
    pair_count(summary, "unmatched_data", others, join->n_met + others);
    if (rows || others)
        report_note("without a partner, left out: %zu row%s of '%s', %zu %s",
                    rows, plural(rows), csv_reader_file(join->table), others,
                    others == 1 ? join->other.one : join->other.many);
    if (!o->unmatched)
        return;
    csv_writer_init(&w, output_open(o->unmatched, &err));
    if (!w.out || join_write_unmatched(join, &w, &err) != 0 ||
        output_commit(w.out, &err) != 0)
        report_fail(&err);
    csv_writer_release(&w);
}

static void tell(const struct job *job, struct rows *summary)
{
    struct dict classes = {0};
    size_t n = job->n_written;

    if (job->join) {
        report_note("%zu image%s, each with its row of '%s'", n, plural(n),
                    csv_reader_file(job->join->table));
        report_skipped(csv_reader_skipped(job->join->table));
    } else {
        for (size_t i = 0; i < job->files.n; i++)
            dict_add(&classes, job->files.items[i].class,
                     job->files.items[i].class_len);
        report_note("%zu image%s in %zu folder%s", n, plural(n), classes.count,
                    plural(classes.count));
        dict_release(&classes);
    }
    note_left_out(&job->files);
    if (!job->options->has_shape)
        note_foreign(&job->files);
    if (job->n_bad)
        report_note("%zu damaged image%s left out: %s", job->n_bad,
                    plural(job->n_bad), job->bad.data);
    pair_count(summary, "matched", n, job->files.n);
    pair_bad(summary, job->join, job->n_bad, job->files.n);
}

void pair_images(const struct args *args, const struct pair_args *options,
                 struct join *join, struct rows *summary)
{
    struct job job = {.args = args, .options = options, .join = join};

    find_files(&job);
    if (join) {
        meet_rows(&job);
        choose_columns(&job);
    } else {
        check_folders(&job);
    }
    timings_phase("write");
    write_rows(&job);
    tell(&job, summary);
    if (join)
        pair_unmatched(options, join, summary);
    image_files_release(&job.files);
    buf_release(&job.bad);
    buf_release(&job.text);
    free(job.paths);
    free(job.row);
    free(job.columns);
}
