#include "table/schema_scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/simd.h"
#include "table/kept.h"

static bool is_fit_row(const struct schema_request *q, const char *split)
{
    if (!split || q->describe || q->whole)
        return true;
    if (q->fit_parts.n)
        return list_has(&q->fit_parts, split);
    return strcmp(split, "test") != 0;
}

/* Where the first cell that is no number stands is asked for only once. */
static void add_cell(struct column_scan *scan, size_t column,
                     const struct csv_reader *reader, const char *file,
                     const char *text, size_t len, long line)
{
    const char *other = scan->other, *fault = scan->fault;

    column_scan_add(scan, text, len, file, line);
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
                add_cell(&scans[i], i, reader, csv_reader_file(reader),
                         f[i].text, f[i].len, csv_reader_line(reader));
        }
    }
    return got;
}

/* ---- many at once ---- */

/* Columns of a piece of work, which is for one thread. */
enum { PIECE = 64, PIECES_A_THREAD = 3 };

/*
 * Of the numbers of a piece's columns, in the lanes of a vector; `count` is of
 * all.  No two pieces share a cache line.
 */
struct lanes {
    double mean[PIECE], count[PIECE];
    uint16_t plain[PIECE]; /* as in column_scan */
    size_t others;         /* cells that were no small numbers */
    bool odd;              /* most are not: these lanes are not used */
};

struct scan_work {
    const struct schema *schema;
    const struct csv_reader *reader;
    const struct csv_bulk *bulk;
    struct column_scan *scans;
    size_t columns, pieces; /* columns of a piece of the work */
    struct lanes *lanes;    /* [pieces], ahead of the scans */
    bool *fits;             /* [bulk->n] rows that count */
    size_t capacity;
    struct kept *kept; /* or NULL */
    struct kept_part part;
};

/* A record, and n columns from `begin` on. */
struct strip {
    const struct csv_rows *rows;
    size_t record, row; /* of the block, of the bulk */
    size_t begin, n;
    const char *file;
    bool side_by_side; /* the columns stand so in the file */
    bool plain;        /* all of them */
    struct lanes *lanes;
};

static void lanes_to_scan(const struct lanes *l, size_t i,
                          struct column_scan *scan)
{
    scan->mean = l->mean[i];
    scan->smalls = (size_t)l->count[i] - scan->numbers;
}

static void scan_to_lanes(struct lanes *l, size_t i,
                          const struct column_scan *scan)
{
    l->mean[i] = scan->mean;
    l->count[i] = (double)(scan->numbers + scan->smalls);
    l->plain[i] = scan->plain;
}

static bool are_side_by_side(const struct csv_bulk *bulk, size_t begin,
                             size_t n)
{
    size_t i = 1;

    while (i < n && bulk->field[begin + i] == bulk->field[begin] + i)
        i++;
    return i >= n;
}

/* The values of cells that are small numbers; whether all are. */
static bool small_cells(const struct csv_bulk *bulk, const struct strip *s,
                        uint16_t *value)
{
    unsigned all = 0;

    if (s->side_by_side)
        return small_numbers(s->rows->text,
                             s->rows->start + s->record * bulk->stride +
                                 bulk->field[s->begin],
                             s->n, value);
    for (size_t i = 0; i < s->n; i++) {
        size_t len;
        const char *text =
            csv_bulk_cell(bulk, s->rows, s->record, s->begin + i, &len);
        unsigned v = small_number(text, len);
        value[i] = (uint16_t)v;
        all |= v;
    }
    return !(all & SMALL_NUMBERS);
}

/* The mean is what column_scan_add makes of it, to the bit. */
SIMD_CLONES static void add_smalls(struct lanes *l, size_t n,
                                   const uint16_t *value)
{
    double *mean = l->mean, *count = l->count;

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        count[i] += 1;
        mean[i] += ((double)(int32_t)value[i] - mean[i]) / count[i];
    }
}

/* The same where some cells are not small, or their column is not plain. */
SIMD_CLONES static void add_some_smalls(struct lanes *l, size_t n,
                                        const uint16_t *value)
{
    double *mean = l->mean, *count = l->count;

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        double c = count[i] + 1,
               next = mean[i] + ((double)(int32_t)value[i] - mean[i]) / c;
        bool takes = value[i] < SMALL_NUMBERS && l->plain[i];
        count[i] = takes ? c : count[i];
        mean[i] = takes ? next : mean[i];
    }
}

static bool all_plain(const struct lanes *l, size_t n)
{
    unsigned all = 1;

    for (size_t i = 0; i < n; i++)
        all &= l->plain[i];
    return all;
}

/* Any cell: its value, NaN where it is missing or no number. */
static double add_cell_of(const struct scan_work *w, const struct strip *s,
                          size_t i)
{
    size_t len;
    const char *text = csv_bulk_cell(w->bulk, s->rows, s->record, i, &len);
    struct column_scan *scan = &w->scans[i];
    bool fits = w->fits[s->row];
    double value;

    if (schema_missing(w->schema, text, len)) {
        scan->missing += fits;
        return NAN;
    }
    if (!fits)
        return w->kept && column_number(text, len, &value) ? value : NAN;
    add_cell(scan, i, w->reader, s->file, text, len,
             s->rows->first_line + (long)s->rows->line[s->record]);
    return scan->last;
}

static void keep_other(const struct scan_work *w, const struct strip *s,
                       size_t i, double value)
{
    size_t len = 1,
           place = s->begin * w->bulk->n + s->row * s->n + i - s->begin;

    if (w->schema->columns[i].role != ROLE_FEATURE)
        return;
    if (isnan(value))
        csv_bulk_cell(w->bulk, s->rows, s->record, i, &len);
    w->part.small[place] = SMALL_NUMBERS;
    kept_other(w->kept, &w->part.value[place], value, len == 0);
}

/* Whether there are no other cells, which are to be looked at one by one. */
static bool scan_smalls(const struct scan_work *w, const struct strip *s,
                        uint16_t *value)
{
    struct column_scan *scans = w->scans + s->begin;
    bool all = small_cells(w->bulk, s, value);

    if (!w->fits[s->row])
        return all;
    if (all && s->plain) {
        add_smalls(s->lanes, s->n, value);
        for (size_t i = 0; i < s->n; i++)
            scans[i].small[value[i]] = 1;
        return true;
    }
    add_some_smalls(s->lanes, s->n, value);
    for (size_t i = 0; i < s->n; i++)
        if (value[i] < SMALL_NUMBERS)
            scans[i].small[value[i]] = 1;
    return false;
}

static void scan_cells(const struct scan_work *w, const struct strip *s)
{
    uint16_t here[PIECE], *value = here;

    if (w->kept)
        value = w->part.small + s->begin * w->bulk->n + s->row * s->n;
    if (scan_smalls(w, s, value))
        return;
    for (size_t i = 0; i < s->n; i++) {
        struct column_scan *scan = &w->scans[s->begin + i];
        double number;
        if (value[i] < SMALL_NUMBERS &&
            (s->lanes->plain[i] || !w->fits[s->row]))
            continue;
        s->lanes->others++;
        lanes_to_scan(s->lanes, i, scan);
        number = add_cell_of(w, s, s->begin + i);
        scan_to_lanes(s->lanes, i, scan);
        if (w->kept)
            keep_other(w, s, s->begin + i, number);
    }
}

/* Row by row, all columns of the strip side by side. */
static void scan_strip(const struct scan_work *w, struct strip *s)
{
    s->side_by_side = are_side_by_side(w->bulk, s->begin, s->n);
    s->lanes->others = 0;
    for (size_t k = 0; k < w->bulk->n_blocks; k++) {
        s->rows = &w->bulk->blocks[k];
        for (s->record = 0; s->record < s->rows->n; s->record++, s->row++)
            if (w->fits[s->row] || w->kept)
                scan_cells(w, s);
        s->plain = all_plain(s->lanes, s->n);
    }
    s->lanes->odd = s->lanes->others > w->bulk->n * s->n / 2;
    for (size_t i = 0; i < s->n; i++)
        lanes_to_scan(s->lanes, i, &w->scans[s->begin + i]);
}

/* The same cell by cell. */
static void scan_odd_strip(const struct scan_work *w, struct strip *s)
{
    for (size_t k = 0; k < w->bulk->n_blocks; k++) {
        s->rows = &w->bulk->blocks[k];
        for (s->record = 0; s->record < s->rows->n; s->record++, s->row++) {
            if (!w->fits[s->row] && !w->kept)
                continue;
            for (size_t i = s->begin; i < s->begin + s->n; i++) {
                double number = add_cell_of(w, s, i);
                if (w->kept)
                    keep_other(w, s, i, number);
            }
        }
    }
}

/* The i-th piece of the columns. */
static void scan_columns(const struct scan_work *w, size_t i)
{
    size_t begin = i * w->columns, left = w->schema->n - begin;
    struct strip s = {.begin = begin,
                      .n = left < w->columns ? left : w->columns,
                      .lanes = &w->lanes[i],
                      .file = csv_reader_file(w->reader)};

    if (s.lanes->odd || w->schema->missing.n)
        scan_odd_strip(w, &s);
    else
        scan_strip(w, &s);
}

/* Threads at work on neighbours would write to the same cache lines. */
static size_t apart(size_t i, size_t n)
{
    size_t evens = (n + 1) / 2;

    return i < evens ? 2 * i : 2 * (i - evens) + 1;
}

static void scan_piece(void *context, size_t i)
{
    const struct scan_work *w = context;

    if (i < w->pieces) /* the long ones first */
        scan_columns(w, apart(i, w->pieces));
    else
        kept_piece(w->kept, i - w->pieces);
}

/* What is kept, if anything, goes on, and the text need not be. */
static void end_keeping(struct scan_work *w, struct csv_reader *reader)
{
    if (w->kept && kept_end(w->kept)) {
        csv_reader_forget(reader);
    } else {
        kept_free(w->kept);
        w->kept = NULL;
    }
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

    return each < PIECE ? each : PIECE;
}

static int scan_bulk(struct schema *s, struct csv_reader *reader,
                     const struct schema_request *q, struct column_scan *scans,
                     struct err *err)
{
    struct csv_bulk bulk;
    struct scan_work work = {
        .schema = s,
        .reader = reader,
        .bulk = &bulk,
        .scans = scans,
        .columns = piece_of(s->n),
        .kept = q->whole ? NULL : kept_new(s, reader, piece_of(s->n))};
    int got;

    work.pieces = (s->n + work.columns - 1) / work.columns;
    work.lanes = mem_aligned(work.pieces, sizeof(*work.lanes));
    while ((got = csv_reader_bulk(reader, &bulk, err)) == 1) {
        size_t kept_pieces;
        s->fit_rows += find_fits(&work, q);
        kept_pieces = work.kept ? kept_begin(work.kept, &bulk, &work.part) : 0;
        csv_reader_share(reader, work.pieces + kept_pieces, scan_piece, &work);
        end_keeping(&work, reader);
    }
    if (got == 0 && work.kept)
        csv_reader_attach(reader, work.kept, kept_free);
    else
        kept_free(work.kept);
    free(work.lanes);
    free(work.fits);
    return got;
}

static int scan_all(struct schema *s, struct csv_reader *reader,
                    const struct schema_request *q, struct column_scan *scans,
                    struct err *err)
{
    int got = (csv_reader_key(reader) == CSV_NONE ? scan_bulk : scan_records)(
        s, reader, q, scans, err);

    for (size_t i = 0; i < s->n; i++)
        column_scan_finish(&scans[i]);
    return got;
}

/* Whether a feature that is none of numbers has cells that were not counted. */
static bool must_count(const struct schema *s, const struct column_scan *scans)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->columns[i].role == ROLE_FEATURE && scans[i].uncounted &&
            scans[i].numbers < scans[i].cells)
            return true;
    return false;
}

int schema_scan(struct schema *s, struct csv_reader *reader,
                const struct schema_request *q, struct column_scan *scans,
                struct err *err)
{
    int got;

    for (size_t i = 0; i < s->n; i++)
        scans[i].quick = q->quick;
    got = scan_all(s, reader, q, scans, err);
    if (got != 0 || !must_count(s, scans))
        return got;
    for (size_t i = 0; i < s->n; i++)
        column_scan_release(&scans[i]); /* and zeroed */
    s->fit_rows = 0;
    csv_reader_attach(reader, NULL, NULL);
    return csv_reader_rewind(reader, err) == 0
               ? scan_all(s, reader, q, scans, err)
               : -1;
}
