#include "analysis/raw_cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "table/table_cells.h"
#include "table/time_order.h"

void raw_cells_release(struct raw_cells *raw)
{
    free(raw->group);
    free(raw->time);
    free(raw->text);
    near_duplicates_release(&raw->near);
    list_release(&raw->text_columns);
    memset(raw, 0, sizeof(*raw));
}

static bool is_text(const struct column *column)
{
    return column->role == ROLE_FEATURE && column->type == TYPE_TEXT;
}

/* Where the columns stand, and room for their cells. */
struct pass {
    size_t group, time;
    struct time_order order;
    uint64_t every; /* a row is looked at where its hash is at most this */
};

static int begin_texts(struct raw_cells *raw, const struct table *t,
                       const struct csv_reader *data, struct err *err)
{
    for (size_t i = 0; i < t->schema->n; i++)
        if (is_text(&t->schema->columns[i]))
            list_add(&raw->text_columns, t->schema->columns[i].name);
    if (!raw->text_columns.n)
        return 0;
    raw->text = mem_alloc(t->n, sizeof(*raw->text));
    if (near_duplicates_init(&raw->near, data, &raw->text_columns, err) != 0)
        return -1;
    for (size_t i = 0; i < raw->text_columns.n; i++)
        raw->near.key.text[i] = true;
    return 0;
}

static int add_time(struct raw_cells *raw, struct pass *pass, size_t row,
                    const struct csv_field *cell, struct err *err)
{
    raw->time[row] = 0;
    if (!cell->len)
        return 0;
    pass->order.n = pass->order.n ? 1 : 0; /* the first says what they are */
    if (time_order_add(&pass->order, cell->text, cell->len, err) != 0)
        return -1;
    raw->time[row] = pass->order.keys[pass->order.n - 1];
    return 0;
}

static int add_row(struct raw_cells *raw, struct pass *pass, size_t row,
                   const struct csv_reader *data, struct err *err)
{
    const struct csv_field *cells = csv_reader_fields(data);

    if (raw->group)
        raw->group[row] =
            cells[pass->group].len
                ? hash_bytes(cells[pass->group].text, cells[pass->group].len)
                : 0;
    if (raw->time && add_time(raw, pass, row, &cells[pass->time], err) != 0)
        return csv_reader_blame(data, pass->time, err);
    if (raw->text) {
        raw->text[row] = hash_finish(row + 1) <= pass->every
                             ? near_duplicates_add(&raw->near, cells)
                             : NEAR_NONE;
        raw->n_texts += raw->text[row] != NEAR_NONE;
    }
    return 0;
}

static int read_rows(struct raw_cells *raw, struct pass *pass,
                     const struct table *t, struct csv_reader *data,
                     struct err *err)
{
    size_t row = 0;
    int got;

    if (csv_reader_rewind(data, err) != 0)
        return -1;
    while ((got = csv_reader_next(data, err)) == 1) {
        if (row == t->n)
            return err_set(err, ERR_DATA,
                           "the input changed while it was read");
        if (add_row(raw, pass, row++, data, err) != 0)
            return -1;
    }
    if (got == 0 && row < t->n)
        return err_set(err, ERR_DATA, "the input changed while it was read");
    return got;
}

int raw_cells_read(struct raw_cells *raw, const struct table *t,
                   struct csv_reader *data, struct err *err)
{
    struct pass pass = {table_source(t, ROLE_GROUP),
                        table_source(t, ROLE_TIME),
                        {0},
                        UINT64_MAX};
    int status;

    memset(raw, 0, sizeof(*raw));
    if (begin_texts(raw, t, data, err) != 0) {
        raw_cells_release(raw);
        return -1;
    }
    if (pass.group != CSV_NONE)
        raw->group = mem_alloc(t->n, sizeof(*raw->group));
    if (pass.time != CSV_NONE)
        raw->time = mem_alloc(t->n, sizeof(*raw->time));
    if (!raw->group && !raw->time && !raw->text)
        return 0;
    if (t->n > RAW_TEXTS)
        pass.every = (uint64_t)((double)RAW_TEXTS / (double)t->n * 0x1p64);
    status = read_rows(raw, &pass, t, data, err);
    time_order_release(&pass.order);
    if (status != 0)
        raw_cells_release(raw);
    return status;
}
