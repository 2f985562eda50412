#include "table/kept.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/large.h"
#include "base/mem.h"
#include "base/memory.h"
#include "table/table_cells.h"
#include "table/table_rows.h"

enum { SPARE = 24, LOOK_EVERY = 1 << 24, SLAB = 1 << 22, LINE = 32 };

#define MOST_BYTES 1e9

struct kept {
    struct schema guess; /* every feature a number */
    struct table table;  /* all but the numbers */
    struct table_rows *rows;
    struct kept_part *parts;
    size_t columns; /* of a strip */
    size_t n, capacity;
    double cells, looked_at;
    uint16_t **slabs, *room; /* [n_slabs], and what is left of the last */
    size_t n_slabs, slabs_capacity, slab_left;
    atomic_bool given_up, missing, odd; /* cells beyond the small */
};

/* ---- what it is kept for ---- */

static void guess_schema(struct schema *guess, const struct schema *schema)
{
    guess->n = schema->n;
    guess->columns = mem_zalloc(schema->n, sizeof(*guess->columns));
    for (size_t i = 0; i < schema->n; i++) {
        guess->columns[i].name = mem_strdup(schema->columns[i].name);
        guess->columns[i].role = schema->columns[i].role;
        guess->columns[i].type = TYPE_NUMBER;
    }
}

struct kept *kept_new(const struct schema *schema, struct csv_reader *reader,
                      size_t columns)
{
    struct kept *k;
    struct err err;

    if (schema->missing.n || schema_role(schema, ROLE_FEATURE) == CSV_NONE)
        return NULL;
    k = mem_zalloc(1, sizeof(*k));
    atomic_init(&k->given_up, false);
    atomic_init(&k->missing, false);
    atomic_init(&k->odd, false);
    k->columns = columns;
    guess_schema(&k->guess, schema);
    if (table_init(&k->table, &k->guess, reader, &err) != 0) {
        kept_free(k);
        return NULL;
    }
    k->rows = table_rows_new(&k->table, reader, false);
    k->table.n_numbers = 0;
    return k;
}

static void drop_part(struct kept_part *part)
{
    if (part->value)
        munmap(part->value, part->bytes);
    part->value = NULL;
}

static void drop_values(struct kept *k)
{
    for (size_t i = 0; i < k->n; i++)
        drop_part(&k->parts[i]);
    while (k->n_slabs)
        free(k->slabs[--k->n_slabs]);
    free(k->slabs);
    free(k->parts);
    k->parts = NULL;
    k->n = 0;
}

void kept_free(void *kept)
{
    struct kept *k = kept;

    if (!k)
        return;
    drop_values(k);
    table_rows_free(k->rows);
    table_release(&k->table);
    schema_release(&k->guess);
    free(k);
}

/* ---- keeping ---- */

static void set_flag(atomic_bool *flag)
{
    if (!atomic_load_explicit(flag, memory_order_relaxed))
        atomic_store_explicit(flag, true, memory_order_relaxed);
}

void kept_other(struct kept *k, double *place, double value, bool missing)
{
    *place = value;
    set_flag(&k->odd);
    if (missing)
        set_flag(&k->missing);
    else if (isnan(value))
        set_flag(&k->given_up);
}

/* Room for n small numbers, which begin on a cache line. */
static uint16_t *take_room(struct kept *k, size_t n)
{
    n = (n + LINE - 1) / LINE * LINE;
    if (k->slab_left < n) {
        k->slab_left = n > SLAB ? n : SLAB;
        k->slabs = mem_grow(k->slabs, &k->slabs_capacity, k->n_slabs + 1,
                            sizeof(*k->slabs));
        k->room = large_alloc(k->slab_left, sizeof(*k->room));
        k->slabs[k->n_slabs++] = k->room;
    }
    k->slab_left -= n;
    k->room += n;
    return k->room - n;
}

static bool make_part(struct kept *k, struct kept_part *part, size_t n,
                      size_t width)
{
    void *values;

    part->n = n;
    part->bytes = (n ? n : 1) * width * sizeof(*part->value);
    values = mmap(NULL, part->bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (values == MAP_FAILED)
        return false;
    part->value = values;
    part->small = take_room(k, n * width);
    return true;
}

static bool is_too_much(struct kept *k)
{
    double bytes = k->cells * sizeof(uint16_t), need, limit;

    if (atomic_load(&k->odd))
        bytes += k->cells * sizeof(double);
    if (bytes > MOST_BYTES)
        return true;
    if (bytes < k->looked_at + LOOK_EVERY)
        return false;
    k->looked_at = bytes;
    return memory_broken(SPARE * bytes, &need, &limit) != NULL;
}

size_t kept_begin(struct kept *k, const struct csv_bulk *bulk,
                  struct kept_part *part)
{
    k->parts = mem_grow(k->parts, &k->capacity, k->n + 1, sizeof(*k->parts));
    memset(part, 0, sizeof(*part));
    if (!make_part(k, part, bulk->n, k->guess.n)) {
        set_flag(&k->given_up);
        return 0;
    }
    k->parts[k->n++] = *part;
    k->cells += (double)bulk->n * (double)k->guess.n;
    if (is_too_much(k))
        set_flag(&k->given_up);
    return table_rows_begin(k->rows, bulk);
}

void kept_piece(struct kept *k, size_t piece)
{
    table_rows_piece(k->rows, piece);
}

bool kept_end(struct kept *k)
{
    struct err err;

    return !atomic_load(&k->given_up) && table_rows_end(k->rows, &err) == 0;
}

/* ---- taking ---- */

static bool is_as_guessed(const struct kept *k, const struct schema *schema)
{
    for (size_t i = 0; i < schema->n; i++) {
        const struct column *column = &schema->columns[i];
        if (column->role != k->guess.columns[i].role ||
            (column->role == ROLE_FEATURE && column->type != TYPE_NUMBER))
            return false;
    }
    return !schema->missing.n &&
           !(schema->form == FORM_IMAGE && atomic_load(&k->missing));
}

struct take_work {
    struct kept *kept;
    struct table *table;
    size_t *first_row; /* [kept->n] */
    size_t *number;    /* [schema->n] a feature's place among them, or NONE */
    double *shift;     /* [table->n_numbers] */
};

enum { NONE = -1 };

/* n columns from `begin` on: whether all are small numbers, and features. */
static bool is_simple(const struct take_work *w, size_t begin, size_t n,
                      const uint16_t *small)
{
    const size_t *number = w->number + begin;
    unsigned all = 0;

    for (size_t i = 0; i < n; i++)
        all |= small[i];
    return !(all & SMALL_NUMBERS) && number[0] != (size_t)NONE &&
           number[n - 1] == number[0] + n - 1;
}

static void take_cells(const struct take_work *w, size_t begin, size_t n,
                       const uint16_t *small, const double *value, float *to)
{
    const size_t *number = w->number + begin;

    if (is_simple(w, begin, n, small)) {
        table_set_smalls(small, w->shift + number[0], n, to + number[0]);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double v = small[i] == SMALL_NUMBERS ? value[i] : small[i];
        if (number[i] != (size_t)NONE)
            to[number[i]] = (float)(v - w->shift[number[i]]);
    }
}

/* Its values go as soon as the table has them: both are large. */
static void take_part(void *context, size_t i)
{
    struct take_work *w = context;
    struct kept_part *part = &w->kept->parts[i];
    struct table *t = w->table;
    size_t width = w->kept->guess.n, n;

    for (size_t begin = 0; begin < width; begin += n) {
        n = width - begin < w->kept->columns ? width - begin : w->kept->columns;
        for (size_t r = 0; r < part->n; r++)
            take_cells(w, begin, n, part->small + begin * part->n + r * n,
                       part->value + begin * part->n + r * n,
                       t->numbers + (w->first_row[i] + r) * t->n_numbers);
    }
    drop_part(part);
}

static void plan_take(struct take_work *w)
{
    const struct schema *schema = w->table->schema;
    size_t row = 0, k = 0;

    w->first_row = mem_alloc(w->kept->n, sizeof(*w->first_row));
    w->number = mem_alloc(schema->n, sizeof(*w->number));
    w->shift = mem_alloc(schema->n, sizeof(*w->shift));
    for (size_t i = 0; i < w->kept->n; i++) {
        w->first_row[i] = row;
        row += w->kept->parts[i].n;
    }
    for (size_t i = 0; i < schema->n; i++) {
        w->number[i] = (size_t)NONE;
        if (schema->columns[i].role != ROLE_FEATURE)
            continue;
        w->shift[k] = schema->columns[i].shift;
        w->number[i] = k++;
    }
}

/* What the table had so far is nothing, but for what table_init gave it. */
static void take_rest(struct table *t, struct table *from)
{
    t->labels = from->labels;
    t->parts = from->parts;
    t->label = from->label;
    t->labelled = from->labelled;
    t->part = from->part;
    t->weight = from->weight;
    t->fingerprint = from->fingerprint;
    memset(&from->labels, 0, sizeof(from->labels));
    memset(&from->parts, 0, sizeof(from->parts));
    from->label = from->part = NULL;
    from->labelled = NULL;
    from->weight = NULL;
    from->fingerprint = NULL;
    t->n = from->n;
    t->capacity = from->n; /* that of `numbers`, the least */
    t->levels = mem_alloc(0, sizeof(*t->levels));
}

static void take_all(struct kept *k, struct csv_reader *reader, struct table *t)
{
    struct take_work work = {.kept = k, .table = t};

    plan_take(&work);
    t->numbers = large_alloc(k->table.n, t->n_numbers * sizeof(*t->numbers));
    csv_reader_pass(reader);
    csv_reader_share(reader, k->n, take_part, &work);
    take_rest(t, &k->table);
    free(work.first_row);
    free(work.number);
    free(work.shift);
}

bool kept_take(struct csv_reader *reader, struct table *t)
{
    struct kept *k = csv_reader_attached(reader);

    if (!k)
        return false;
    if (t->n || t->frozen || !is_as_guessed(k, t->schema)) {
        csv_reader_attach(reader, NULL, NULL);
        return false;
    }
    take_all(k, reader, t);
    csv_reader_attach(reader, NULL, NULL);
    return true;
}
