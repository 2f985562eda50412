#include "table/schema_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/simd.h"

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

/* Columns of a piece of work, which is for one thread. */
enum { PIECE = 64, PIECES_A_THREAD = 4 };

/* Of the columns' numbers, in the lanes of a vector; `count` is of all. */
struct lanes {
    double *low, *high, *mean, *count;
    uint32_t *plain; /* as in column_scan */
};

struct scan_work {
    const struct schema *schema;
    const struct csv_reader *reader;
    const struct csv_bulk *bulk;
    struct column_scan *scans;
    struct lanes lanes; /* [schema->n], ahead of the scans */
    size_t columns;     /* of a piece of the work */
    bool *fits;         /* [bulk->n] rows that count */
    size_t capacity;
};

static void lanes_to_scan(const struct lanes *l, size_t i,
                          struct column_scan *scan)
{
    scan->low = l->low[i];
    scan->high = l->high[i];
    scan->mean = l->mean[i];
    scan->smalls = (size_t)l->count[i] - scan->numbers;
}

static void scan_to_lanes(const struct lanes *l, size_t i,
                          const struct column_scan *scan)
{
    l->low[i] = scan->low;
    l->high[i] = scan->high;
    l->mean[i] = scan->mean;
    l->count[i] = (double)(scan->numbers + scan->smalls);
    l->plain[i] = scan->plain;
}

/* The values of n columns' cells from `begin` on that are small numbers. */
static void small_cells(const struct csv_bulk *bulk,
                        const struct csv_rows *rows, size_t record,
                        size_t begin, size_t n, uint32_t *value)
{
    size_t first = bulk->field[begin], i = 1;

    while (i < n && bulk->field[begin + i] == first + i)
        i++;
    if (i == n) {
        small_numbers(rows->text, rows->start + record * bulk->stride + first,
                      n, value);
        return;
    }
    for (i = 0; i < n; i++) {
        size_t len;
        const char *text = csv_bulk_cell(bulk, rows, record, begin + i, &len);
        value[i] = small_number(text, len);
    }
}

/*
 * Takes the small numbers among n cells; the number of others.  The mean is
 * what column_scan_add makes of it, to the bit.
 */
SIMD_CLONES static size_t add_smalls(const struct lanes *l, size_t begin,
                                     size_t n, const uint32_t *value)
{
    double *low = l->low + begin, *high = l->high + begin,
           *mean = l->mean + begin, *count = l->count + begin;
    const uint32_t *plain = l->plain + begin;
    uint32_t taken = 0;

    for (size_t i = 0; i < n; i++)
        taken += value[i] < SMALL_NUMBERS && plain[i];
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        double v = (double)(int32_t)value[i], c = count[i] + 1,
               next = mean[i] + (v - mean[i]) / c;
        bool takes = value[i] < SMALL_NUMBERS && plain[i];
        count[i] = takes ? c : count[i];
        mean[i] = takes ? next : mean[i];
        low[i] = takes && v < low[i] ? v : low[i];
        high[i] = takes && v > high[i] ? v : high[i];
    }
    return n - taken;
}

static void add_other(const struct scan_work *w, const struct csv_rows *rows,
                      size_t record, size_t i)
{
    size_t len;
    const char *text = csv_bulk_cell(w->bulk, rows, record, i, &len);
    struct column_scan *scan = &w->scans[i];

    if (schema_missing(w->schema, text, len)) {
        scan->missing++;
        return;
    }
    lanes_to_scan(&w->lanes, i, scan);
    add_cell(scan, i, w->reader, text, len,
             rows->first_line + (long)rows->line[record]);
    scan_to_lanes(&w->lanes, i, scan);
}

static void scan_cells(const struct scan_work *w, const struct csv_rows *rows,
                       size_t record, size_t begin, size_t n)
{
    uint32_t value[PIECE];
    size_t others = n;

    if (!w->schema->missing.n) {
        small_cells(w->bulk, rows, record, begin, n, value);
        others = add_smalls(&w->lanes, begin, n, value);
        for (size_t i = 0; i < n; i++)
            if (value[i] < SMALL_NUMBERS)
                w->scans[begin + i].small[value[i]] = 1;
    }
    if (!others)
        return;
    for (size_t i = 0; i < n; i++)
        if (w->schema->missing.n || value[i] == SMALL_NUMBERS ||
            !w->lanes.plain[begin + i])
            add_other(w, rows, record, begin + i);
}

/* The i-th piece of the columns. */
static void scan_piece(void *context, size_t i)
{
    const struct scan_work *w = context;
    size_t begin = i * w->columns, left = w->schema->n - begin, row = 0,
           n = left < w->columns ? left : w->columns;

    for (size_t k = 0; k < w->bulk->n_blocks; k++)
        for (size_t r = 0; r < w->bulk->blocks[k].n; r++)
            if (w->fits[row++])
                scan_cells(w, &w->bulk->blocks[k], r, begin, n);
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
    struct scan_work work = {.schema = s,
                             .reader = reader,
                             .bulk = &bulk,
                             .scans = scans,
                             .columns = piece_of(s->n)};
    double *numbers = mem_zalloc(s->n, 4 * sizeof(*numbers));
    int got;

    work.lanes = (struct lanes){.low = numbers,
                                .high = numbers + s->n,
                                .mean = numbers + 2 * s->n,
                                .count = numbers + 3 * s->n,
                                .plain = mem_zalloc(s->n, sizeof(uint32_t))};
    while ((got = csv_reader_bulk(reader, &bulk, err)) == 1) {
        s->fit_rows += find_fits(&work, q);
        csv_reader_share(reader, (s->n + work.columns - 1) / work.columns,
                         scan_piece, &work);
    }
    for (size_t i = 0; i < s->n; i++)
        lanes_to_scan(&work.lanes, i, &scans[i]);
    free(numbers);
    free(work.lanes.plain);
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
