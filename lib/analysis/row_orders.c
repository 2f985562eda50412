#include "analysis/row_orders.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/sort_keys.h"
#include "base/mem.h"

enum { MOST_COLUMNS = 16, MOST_ROWS = 100000, EASY_ROWS = 20000 };

static const double NAME_LIKE = .9; /* share of cells that differ */

/* A column's cells, and whether they look like names. */
struct keys {
    size_t column; /* of the reader and the schema */
    bool names;
    struct sort_keys cells;
};

/* ranks: of each row of the table; at: row of each rank. */
struct ranking {
    const struct keys *keys;
    enum sort_kind kind;
    uint32_t *rank, *at; /* [table->n] */
};

struct row_orders {
    const struct table *table;
    struct csv_reader *data;
    const size_t *row;
    size_t n;

    bool done, failed;
    struct err err;
    struct keys keys[MOST_COLUMNS];
    size_t n_keys;
    struct ranking ranking[MOST_COLUMNS * SORT_KINDS];
    size_t n_rankings, n_names; /* those of names come first */
};

/* An order is a ranking, who stands in it, and which way. */
enum { WAYS = 4 };

struct order {
    const struct ranking *ranking;
    bool inputs, falling;
};

static struct order order_of(const struct row_orders *o, size_t k)
{
    return (struct order){&o->ranking[k / WAYS], (k % WAYS) / 2 == 1,
                          k % 2 == 1};
}

struct row_orders *row_orders_new(const struct table *t,
                                  struct csv_reader *data, const size_t *row,
                                  size_t n)
{
    struct row_orders *o = mem_zalloc(1, sizeof(*o));

    o->table = t;
    o->data = data;
    o->row = row;
    o->n = n;
    return o;
}

void row_orders_free(struct row_orders *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->n_keys; i++)
        sort_keys_release(&o->keys[i].cells);
    for (size_t i = 0; i < o->n_rankings; i++) {
        free(o->ranking[i].rank);
        free(o->ranking[i].at);
    }
    free(o);
}

/* ---- which columns ---- */

static bool can_order(const struct column *c)
{
    return c->role != ROLE_LABEL && c->role != ROLE_SPLIT &&
           c->role != ROLE_WEIGHT && c->distinct > 1 &&
           !(c->role == ROLE_FEATURE && c->type == TYPE_SEQUENCE);
}

static bool is_name(const struct column *c)
{
    return !(c->role == ROLE_FEATURE && c->type == TYPE_NUMBER) &&
           (double)c->distinct >= NAME_LIKE * (double)c->cells;
}

static void choose_columns(struct row_orders *o)
{
    const struct schema *s = o->table->schema;

    for (int names = 1; names >= 0; names--)
        for (size_t i = 0; i < s->n && o->n_keys < MOST_COLUMNS; i++)
            if (can_order(&s->columns[i]) && is_name(&s->columns[i]) == names)
                o->keys[o->n_keys++] =
                    (struct keys){.column = i, .names = names};
}

/* ---- rankings ---- */

static bool is_new(const struct row_orders *o, const struct ranking *r)
{
    size_t n = o->table->n, size = n * sizeof(*r->rank);
    bool rises = true, falls = true;

    for (size_t i = 0; i < n && (rises || falls); i++) {
        rises = rises && r->rank[i] == i;
        falls = falls && r->rank[i] == n - 1 - i;
    }
    if (rises || falls)
        return false;
    for (size_t i = 0; i < o->n_rankings; i++)
        if (memcmp(o->ranking[i].rank, r->rank, size) == 0)
            return false;
    return true;
}

static void add_ranking(struct row_orders *o, const struct keys *keys,
                        enum sort_kind kind)
{
    size_t n = o->table->n;
    struct ranking r = {keys, kind, mem_alloc(n, sizeof(*r.rank)),
                        mem_alloc(n, sizeof(*r.at))};

    if (sort_keys_order(&keys->cells, kind, r.at)) {
        for (size_t i = 0; i < n; i++)
            r.rank[r.at[i]] = (uint32_t)i;
        if (is_new(o, &r)) {
            o->ranking[o->n_rankings++] = r;
            o->n_names += keys->names;
            return;
        }
    }
    free(r.rank);
    free(r.at);
}

static int read_cells(struct row_orders *o)
{
    int got;

    if (csv_reader_rewind(o->data, &o->err) != 0)
        return -1;
    while ((got = csv_reader_next(o->data, &o->err)) == 1)
        for (size_t i = 0; i < o->n_keys; i++) {
            struct csv_field cell = csv_reader_cell(o->data, o->keys[i].column);
            sort_keys_add(&o->keys[i].cells, cell.text, cell.len);
        }
    return got;
}

static void rank_rows(struct row_orders *o)
{
    o->done = true;
    o->failed = read_cells(o) != 0;
    for (size_t i = 0; i < o->n_keys && !o->failed; i++)
        for (int kind = 0; kind < SORT_KINDS; kind++)
            if (o->keys[i].cells.n == o->table->n)
                add_ranking(o, &o->keys[i], (enum sort_kind)kind);
}

/* ---- for alignment_test ---- */

static size_t count(void *context, bool lost)
{
    struct row_orders *o = context;
    bool easy = o->table->n <= EASY_ROWS;

    if (!o->data || o->table->n > MOST_ROWS || (!lost && !easy))
        return 0;
    if (!o->n_keys)
        choose_columns(o);
    if (!o->n_keys || (!lost && !o->keys[0].names))
        return 0;
    if (!o->done)
        rank_rows(o);
    return WAYS * (lost ? o->n_rankings : o->n_names);
}

static uint32_t label_at(const struct table *t, size_t row)
{
    return t->labelled[row] && t->label[row] != LABEL_NONE ? t->label[row]
                                                           : PROBE_NONE;
}

static void labels_of_all(const struct row_orders *o, struct order order,
                          uint32_t *out)
{
    size_t n = o->table->n;

    for (size_t i = 0; i < o->n; i++) {
        size_t row = order.inputs && order.falling ? n - 1 - o->row[i]
                                                   : o->row[i];
        size_t from =
            (order.inputs ? order.ranking->at : order.ranking->rank)[row];
        if (order.falling && !order.inputs)
            from = n - 1 - from;
        out[i] = label_at(o->table, from);
    }
}

/* A row that is looked at, and its rank in the file. */
struct placed {
    uint32_t rank, at;
};

static int by_rank(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    return (x->rank > y->rank) - (x->rank < y->rank);
}

static void labels_of_some(const struct row_orders *o, struct order order,
                           size_t begin, size_t end, uint32_t *out)
{
    size_t n = end - begin;
    struct placed *placed = mem_alloc(n, sizeof(*placed));

    for (size_t i = 0; i < n; i++)
        placed[i] = (struct placed){order.ranking->rank[o->row[begin + i]],
                                    (uint32_t)(begin + i)};
    qsort(placed, n, sizeof(*placed), by_rank);
    for (size_t i = 0; i < n; i++) {
        size_t sorted = placed[order.falling ? n - 1 - i : i].at;
        size_t to = order.inputs ? begin + i : sorted,
               from = order.inputs ? sorted : begin + i;
        out[to] = label_at(o->table, o->row[from]);
    }
    free(placed);
}

static void labels(const void *context, size_t k, size_t begin, size_t end,
                   uint32_t *label)
{
    const struct row_orders *o = context;

    if (begin == 0 && end == o->n)
        labels_of_all(o, order_of(o, k), label);
    else
        labels_of_some(o, order_of(o, k), begin, end, label);
}

struct known_orders row_orders_known(struct row_orders *o)
{
    return (struct known_orders){count, labels, o};
}

int row_orders_failed(const struct row_orders *o, struct err *err)
{
    if (o->failed)
        *err = o->err;
    return o->failed ? -1 : 0;
}

/* ---- words ---- */

bool row_orders_by_input(const struct row_orders *o, size_t k)
{
    const struct column *c =
        &o->table->schema->columns[order_of(o, k).ranking->keys->column];

    return c->role == ROLE_FEATURE && c->type != TYPE_IMAGE;
}

void row_orders_say(const struct row_orders *o, size_t k, struct buf *out)
{
    struct order order = order_of(o, k);
    const struct keys *keys = order.ranking->keys;
    const char *name = csv_reader_name(o->data, keys->column);

    buf_printf(out,
               "the %s stand in the %sorder of column '%s' %s, the rest of a "
               "row does not: join them by key: assay pair",
               order.inputs ? "inputs" : "labels",
               order.falling ? "falling " : "", name,
               sort_kind_words(order.ranking->kind));
    if (keys->names)
        buf_printf(out, " --key='%s'", name);
}
