#include "table/table_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hash_rows.h"
#include "base/mem.h"
#include "base/small.h"
#include "table/table_cells.h"

enum { PIECE = 64 }; /* numbers that are read at a time */

/* The first error of a piece of the work. */
struct fault {
    bool set;
    size_t row, column; /* of the table and, `order` in a row, the reader */
    size_t order;
    struct err err;
};

/* Feature columns that stand side by side in the file. */
struct run {
    size_t field, fields;
};

/* Schema column `i`, the number, category or text `place` of its type. */
struct cell_place {
    size_t i, place;
};

/* What is added row by row, or has a dictionary: one piece of work each. */
enum ordered_kind {
    ORDERED_LEVEL,
    ORDERED_TEXT,
    ORDERED_SEQUENCE,
    ORDERED_IMAGE,
    ORDERED_TOKENS,
    ORDERED_LABEL,
    ORDERED_PART
};

struct ordered {
    enum ordered_kind kind;
    struct cell_place cell; /* of the first four */
    size_t source;          /* the reader's column, or CSV_NONE */
};

/*
 * Work on a bulk of records: the pieces below n_blocks are rows of a block,
 * for what stands in the row's place (numbers, weights, fingerprints), the
 * others the ordered columns.
 */
struct table_rows {
    struct table *t;
    const struct csv_reader *reader;
    bool with_numbers;
    const struct csv_bulk *bulk;
    size_t *first_row; /* [bulk->n_blocks] in the table */
    struct fault *faults;
    size_t blocks_capacity, faults_capacity;

    size_t *numbers, *fields; /* [t->n_numbers] of the schema, of the file */
    double *shifts;           /* [t->n_numbers] */
    bool *side_by_side;       /* whether PIECE of these fields are */
    struct cell_place *texts; /* [n_texts] for ORDERED_TOKENS */
    struct ordered *ordered;
    struct run *runs;
    size_t n_texts, n_ordered, n_runs, n_pieces;
    size_t weight;
};

static void set_fault(const struct table_rows *w, const struct csv_rows *rows,
                      size_t record, struct fault *fault)
{
    const char *name = csv_reader_name(w->reader, fault->column);

    err_at(&fault->err, csv_reader_file(w->reader),
           rows->first_line + (long)rows->line[record]);
    err_at_column(&fault->err, name,
                  csv_reader_field(w->reader, fault->column));
    fault->set = true;
}

/* ---- rows, each for itself ---- */

/* The values of n numbers from the k-th on that are small; whether all are. */
static bool small_cells(const struct table_rows *w, const struct csv_rows *rows,
                        const uint32_t *start, size_t k, size_t n,
                        uint16_t *value)
{
    const size_t *field = w->fields + k;
    unsigned all = 0;

    if (w->side_by_side[k / PIECE])
        return small_numbers(rows->text, start + field[0], n, value);
    for (size_t i = 0; i < n; i++) {
        const uint32_t *entry = start + field[i];
        unsigned v = small_number(rows->text + entry[0],
                                  entry[1] - entry[0] - (size_t)1);
        value[i] = (uint16_t)v;
        all |= v;
    }
    return !(all & SMALL_NUMBERS);
}

static int set_number(const struct table_rows *w, const struct csv_rows *rows,
                      const uint32_t *entry, size_t row, size_t k,
                      struct fault *fault)
{
    size_t i = w->numbers[k];

    if (table_set_number(w->t, row, i, k, rows->text + entry[0],
                         entry[1] - entry[0] - (size_t)1, &fault->err) == 0)
        return 0;
    fault->order = i;
    fault->column = w->t->source[i];
    return -1;
}

static int set_numbers(const struct table_rows *w, const struct csv_rows *rows,
                       size_t record, size_t row, struct fault *fault)
{
    const uint32_t *start = rows->start + record * w->bulk->stride;
    size_t n_numbers = w->t->n_numbers;
    bool words = w->t->schema->missing.n > 0;
    uint16_t value[PIECE];

    for (size_t k = 0; k < n_numbers; k += PIECE) {
        size_t n = n_numbers - k < PIECE ? n_numbers - k : PIECE;
        bool all = small_cells(w, rows, start, k, n, value);
        table_set_smalls(value, w->shifts + k, n,
                         w->t->numbers + row * n_numbers + k);
        if (all && !words)
            continue;
        for (size_t i = 0; i < n; i++)
            if ((words || value[i] == SMALL_NUMBERS) &&
                set_number(w, rows, start + w->fields[k + i], row, k + i,
                           fault) != 0)
                return -1;
    }
    return 0;
}

static int set_weight(const struct table_rows *w, const struct csv_rows *rows,
                      size_t record, size_t row, struct fault *fault)
{
    size_t len = 0;
    const char *text =
        w->weight == CSV_NONE
            ? NULL
            : csv_bulk_cell(w->bulk, rows, record, w->weight, &len);

    if (table_set_weight(w->t, row, text, len, &fault->err) == 0)
        return 0;
    fault->order = w->t->schema->n;
    fault->column = w->weight;
    return -1;
}

/* Of n records, HASH_ROWS at most. */
static void set_fingerprints(const struct table_rows *w,
                             const struct csv_rows *rows, size_t record,
                             size_t n, uint64_t *to)
{
    const char *bytes[HASH_ROWS];
    size_t len[HASH_ROWS];
    uint64_t state[HASH_ROWS];

    for (size_t i = 0; i < HASH_ROWS; i++)
        state[i] = HASH_START;
    for (size_t k = 0; k < w->n_runs; k++) {
        for (size_t i = 0; i < HASH_ROWS; i++) {
            const uint32_t *entry =
                rows->start + (record + (i < n ? i : 0)) * w->bulk->stride +
                w->runs[k].field;
            bytes[i] = rows->text + entry[0];
            len[i] = entry[w->runs[k].fields] - entry[0];
        }
        hash_rows_add(state, bytes, len);
    }
    for (size_t i = 0; i < n; i++)
        to[i] = hash_finish(state[i]);
}

static void set_rows(const struct table_rows *w, size_t block,
                     struct fault *fault)
{
    const struct csv_rows *rows = &w->bulk->blocks[block];
    size_t row = w->first_row[block];

    for (size_t r = 0; r < rows->n; r += HASH_ROWS)
        set_fingerprints(w, rows, r,
                         rows->n - r < HASH_ROWS ? rows->n - r : HASH_ROWS,
                         w->t->fingerprint + row + r);
    for (size_t r = 0; r < rows->n; r++, row++)
        if ((w->with_numbers && set_numbers(w, rows, r, row, fault) != 0) ||
            set_weight(w, rows, r, row, fault) != 0) {
            fault->row = row;
            set_fault(w, rows, r, fault);
            return;
        }
}

/* ---- columns, from the first row to the last ---- */

/* All texts of a row, one behind the other. */
static void add_tokens(const struct table_rows *w, const struct csv_rows *rows,
                       size_t record)
{
    for (size_t k = 0; k < w->n_texts; k++) {
        size_t len;
        const char *text = csv_bulk_cell(w->bulk, rows, record,
                                         w->t->source[w->texts[k].i], &len);
        table_add_text(w->t, w->texts[k].place, text, len);
    }
    tokens_end_row(&w->t->tokens, w->t->schema->max_steps);
}

static int add_ordered(const struct table_rows *w, const struct csv_rows *rows,
                       size_t record, size_t row, const struct ordered *o,
                       struct err *err)
{
    struct table *t = w->t;
    size_t len = 0;
    const char *text =
        o->source == CSV_NONE
            ? NULL
            : csv_bulk_cell(w->bulk, rows, record, o->source, &len);

    switch (o->kind) {
    case ORDERED_LEVEL:
        table_set_level(t, row, o->cell.i, o->cell.place, text, len);
        break;
    case ORDERED_TEXT:
        table_add_text(t, o->cell.place, text, len);
        break;
    case ORDERED_SEQUENCE:
        return table_add_sequence(t, o->cell.i, text, len, err);
    case ORDERED_IMAGE:
        return table_add_image(t, o->cell.i, text, len,
                               csv_reader_file(w->reader),
                               rows->first_line + (long)rows->line[record],
                               csv_reader_field(w->reader, o->source), err);
    case ORDERED_TOKENS:
        add_tokens(w, rows, record);
        break;
    case ORDERED_LABEL:
        table_set_label(t, row, text, len);
        break;
    case ORDERED_PART:
        table_set_part(t, row, text, len);
        break;
    }
    return 0;
}

static void add_column(const struct table_rows *w, const struct ordered *o,
                       struct fault *fault)
{
    size_t row = w->t->n;

    for (size_t k = 0; k < w->bulk->n_blocks; k++) {
        const struct csv_rows *rows = &w->bulk->blocks[k];
        for (size_t r = 0; r < rows->n; r++, row++)
            if (add_ordered(w, rows, r, row, o, &fault->err) != 0) {
                fault->row = row;
                fault->order = o->cell.i;
                fault->column = o->source;
                set_fault(w, rows, r, fault);
                return;
            }
    }
}

void table_rows_piece(struct table_rows *w, size_t piece)
{
    struct fault *fault = &w->faults[piece];

    fault->set = false;
    if (piece < w->bulk->n_blocks)
        set_rows(w, piece, fault);
    else
        add_column(w, &w->ordered[piece - w->bulk->n_blocks], fault);
}

/* ---- what there is to do ---- */

static void add_work(struct table_rows *w, enum ordered_kind kind,
                     struct cell_place cell, size_t source)
{
    w->ordered[w->n_ordered++] = (struct ordered){kind, cell, source};
}

static void plan_feature(struct table_rows *w, struct cell_place cell)
{
    const struct schema *schema = w->t->schema;
    size_t source = w->t->source[cell.i];

    switch (schema->columns[cell.i].type) {
    case TYPE_NUMBER:
        w->numbers[cell.place] = cell.i;
        w->shifts[cell.place] = schema->columns[cell.i].shift;
        break;
    case TYPE_CATEGORY:
        add_work(w, ORDERED_LEVEL, cell, source);
        break;
    case TYPE_TEXT:
        w->texts[w->n_texts++] = cell;
        if (schema->form != FORM_TOKENS)
            add_work(w, ORDERED_TEXT, cell, source);
        break;
    case TYPE_SEQUENCE:
        add_work(w, ORDERED_SEQUENCE, cell, source);
        break;
    case TYPE_IMAGE:
        add_work(w, ORDERED_IMAGE, cell, source);
        break;
    }
}

static void plan_work(struct table_rows *w)
{
    const struct schema *schema = w->t->schema;
    size_t places[N_TYPES] = {0};

    w->numbers = mem_alloc(schema->n, sizeof(*w->numbers));
    w->fields = mem_alloc(schema->n, sizeof(*w->fields));
    w->shifts = mem_alloc(schema->n, sizeof(*w->shifts));
    w->side_by_side = mem_alloc(schema->n, sizeof(*w->side_by_side));
    w->texts = mem_alloc(schema->n, sizeof(*w->texts));
    w->ordered = mem_alloc(schema->n + 3, sizeof(*w->ordered));
    for (size_t i = 0; i < schema->n; i++)
        if (schema->columns[i].role == ROLE_FEATURE)
            plan_feature(
                w, (struct cell_place){i, places[schema->columns[i].type]++});
    if (schema->form == FORM_TOKENS)
        add_work(w, ORDERED_TOKENS, (struct cell_place){0}, CSV_NONE);
    add_work(w, ORDERED_LABEL, (struct cell_place){0},
             table_source(w->t, ROLE_LABEL));
    add_work(w, ORDERED_PART, (struct cell_place){0},
             table_source(w->t, ROLE_SPLIT));
    w->weight = table_source(w->t, ROLE_WEIGHT);
}

/* Which fields are read and hashed: another file has another order. */
static void find_fields(struct table_rows *w)
{
    const struct schema *schema = w->t->schema;
    struct run *last = NULL;

    for (size_t k = 0; k < w->t->n_numbers; k++) {
        bool *together = &w->side_by_side[k / PIECE];
        w->fields[k] = w->bulk->field[w->t->source[w->numbers[k]]];
        *together = k % PIECE == 0 ||
                    (*together && w->fields[k] == w->fields[k - 1] + 1);
    }
    w->runs = mem_resize(w->runs, schema->n, sizeof(*w->runs));
    w->n_runs = 0;
    for (size_t i = 0; i < schema->n; i++) {
        size_t field;
        if (schema->columns[i].role != ROLE_FEATURE)
            continue;
        field = w->bulk->field[w->t->source[i]];
        if (last && last->field + last->fields == field) {
            last->fields++;
        } else {
            last = &w->runs[w->n_runs++];
            *last = (struct run){field, 1};
        }
    }
}

/* ---- all of it ---- */

struct table_rows *table_rows_new(struct table *t,
                                  const struct csv_reader *reader,
                                  bool with_numbers)
{
    struct table_rows *w = mem_zalloc(1, sizeof(*w));

    w->t = t;
    w->reader = reader;
    w->with_numbers = with_numbers;
    plan_work(w);
    return w;
}

void table_rows_free(struct table_rows *w)
{
    if (!w)
        return;
    free(w->first_row);
    free(w->faults);
    free(w->numbers);
    free(w->fields);
    free(w->shifts);
    free(w->side_by_side);
    free(w->texts);
    free(w->ordered);
    free(w->runs);
    free(w);
}

size_t table_rows_begin(struct table_rows *w, const struct csv_bulk *bulk)
{
    size_t row = w->t->n;

    w->bulk = bulk;
    w->n_pieces = bulk->n_blocks + w->n_ordered;
    w->first_row = mem_grow(w->first_row, &w->blocks_capacity, bulk->n_blocks,
                            sizeof(*w->first_row));
    w->faults = mem_grow(w->faults, &w->faults_capacity, w->n_pieces,
                         sizeof(*w->faults));
    for (size_t i = 0; i < bulk->n_blocks; i++) {
        w->first_row[i] = row;
        row += bulk->blocks[i].n;
    }
    table_reserve(w->t, bulk->n);
    find_fields(w);
    return w->n_pieces;
}

/* The error that comes first, by rows and then by columns. */
int table_rows_end(struct table_rows *w, struct err *err)
{
    const struct fault *first = NULL;

    for (size_t i = 0; i < w->n_pieces; i++) {
        const struct fault *f = &w->faults[i];
        if (f->set && (!first || f->row < first->row ||
                       (f->row == first->row && f->order < first->order)))
            first = f;
    }
    if (first) {
        *err = first->err;
        return -1;
    }
    w->t->n += w->bulk->n;
    return 0;
}
