#include "table/schema_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"

static bool is_fit_row(const struct schema_request *q, const char *split)
{
    if (!split)
        return true;
    if (q->fit_parts.n)
        return list_has(&q->fit_parts, split);
    return strcmp(split, "test") != 0;
}

/* Where the first cell that is no number stands is asked for only once. */
static void add_cell(struct column_scan *scan, size_t column,
                     const struct csv_reader *reader, const char *text,
                     size_t len, long line)
{
    const char *other = scan->other, *fault = scan->fault;

    column_scan_add(scan, text, len, csv_reader_file(reader), line);
    if (scan->other != other)
        scan->other_field = csv_reader_field(reader, column);
    if (scan->fault != fault)
        scan->fault_field = csv_reader_field(reader, column);
}

/* ---- record by record ---- */

static int scan_records(struct schema *s, struct csv_reader *reader,
                        const struct schema_request *q,
                        struct column_scan *scans, struct err *err)
{
    size_t split = schema_role(s, ROLE_SPLIT);
    int got;

    while ((got = csv_reader_next(reader, err)) == 1) {
        const struct csv_field *f = csv_reader_fields(reader);
        if (!is_fit_row(q, split == CSV_NONE ? NULL : f[split].text))
            continue;
        s->fit_rows++;
        for (size_t i = 0; i < s->n; i++) {
            if (schema_missing(s, f[i].text, f[i].len))
                scans[i].missing++;
            else
                add_cell(&scans[i], i, reader, f[i].text, f[i].len,
                         csv_reader_line(reader));
        }
    }
    return got;
}

/* ---- many at once ---- */

enum { MOST_COLUMNS = 64, PIECES_A_THREAD = 4 };

struct scan_work {
    const struct schema *schema;
    const struct csv_reader *reader;
    const struct csv_bulk *bulk;
    struct column_scan *scans;
    size_t columns; /* of a piece of the work */
    bool *fits;     /* [bulk->n] rows that count, */
    size_t capacity;
};

static void scan_cells(const struct scan_work *w, const struct csv_rows *rows,
                       size_t record, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        size_t len;
        const char *text = csv_bulk_cell(w->bulk, rows, record, i, &len);
        struct column_scan *scan = &w->scans[i];
        bool missing = !len;
        if (w->schema->missing.n)
            missing = schema_missing(w->schema, text, len);
        if (missing)
            scan->missing++;
        else if (!column_scan_small(scan, text, len))
            add_cell(scan, i, w->reader, text, len,
                     rows->first_line + (long)rows->line[record]);
    }
}

/* The i-th piece of the columns. */
static void scan_piece(void *context, size_t i)
{
    const struct scan_work *w = context;
    size_t begin = i * w->columns, end = begin + w->columns, row = 0;

    if (end > w->schema->n)
        end = w->schema->n;
    for (size_t k = 0; k < w->bulk->n_blocks; k++)
        for (size_t r = 0; r < w->bulk->blocks[k].n; r++)
            if (w->fits[row++])
                scan_cells(w, &w->bulk->blocks[k], r, begin, end);
}

static size_t find_fits(struct scan_work *w, const struct schema_request *q)
{
    size_t split = schema_role(w->schema, ROLE_SPLIT), row = 0, n = 0, len;

    w->fits = mem_grow(w->fits, &w->capacity, w->bulk->n, sizeof(*w->fits));
    for (size_t k = 0; k < w->bulk->n_blocks; k++)
        for (size_t r = 0; r < w->bulk->blocks[k].n; r++) {
            bool fits =
                is_fit_row(q, split == CSV_NONE
                                  ? NULL
                                  : csv_bulk_cell(w->bulk, &w->bulk->blocks[k],
                                                  r, split, &len));
            w->fits[row++] = fits;
            n += fits;
        }
    return n;
}

static size_t piece_of(size_t columns)
{
    size_t pieces = PIECES_A_THREAD * (size_t)parallel_threads(),
           each = (columns + pieces - 1) / pieces;

    return each < MOST_COLUMNS ? each : MOST_COLUMNS;
}

static int scan_bulk(struct schema *s, struct csv_reader *reader,
                     const struct schema_request *q, struct column_scan *scans,
                     struct err *err)
{
    struct csv_bulk bulk;
    struct scan_work work = {.schema = s,
                             .reader = reader,
                             .bulk = &bulk,
                             .scans = scans,
                             .columns = piece_of(s->n)};
    int got;

    while ((got = csv_reader_bulk(reader, &bulk, err)) == 1) {
        s->fit_rows += find_fits(&work, q);
        csv_reader_share(reader, (s->n + work.columns - 1) / work.columns,
                         scan_piece, &work);
    }
    free(work.fits);
    return got;
}

int schema_scan(struct schema *s, struct csv_reader *reader,
                const struct schema_request *q, struct column_scan *scans,
                struct err *err)
{
    int got = (csv_reader_key(reader) == CSV_NONE ? scan_bulk : scan_records)(
        s, reader, q, scans, err);

    for (size_t i = 0; i < s->n; i++)
        column_scan_finish(&scans[i]);
    return got;
}
