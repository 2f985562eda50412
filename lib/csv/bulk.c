/* Many records of a reader at once. */
#include <assert.h>

#include "base/mem.h"
#include "csv/reader_state.h"

/* Nothing behind a block that failed counts. */
static size_t list_rows(struct csv_reader *r)
{
    r->rows =
        mem_grow(r->rows, &r->rows_capacity, r->stock.n, sizeof(*r->rows));
    for (size_t i = 0; i < r->stock.n; i++) {
        const struct block *b = r->stock.blocks[i];
        r->rows[i] = (struct csv_rows){.n = b->n,
                                       .text = b->cells.text,
                                       .start = b->cells.start,
                                       .line = b->line,
                                       .first_line = r->stock.first_line[i]};
        r->skipped += b->skipped;
        r->bulk_failed = b->failed;
        r->block = i;
        if (b->failed)
            break;
    }
    return r->block + 1;
}

int csv_reader_bulk(struct csv_reader *r, struct csv_bulk *bulk,
                    struct err *err)
{
    size_t n;
    int got;

    assert(!r->sequencer);
    if (r->bulk_failed)
        return stock_fault(&r->stock, r->block, err);
    got = reader_next_blocks(r, true, err);
    if (got != 1)
        return got;
    n = list_rows(r);
    *bulk = (struct csv_bulk){.blocks = r->rows,
                              .n_blocks = n,
                              .stride = r->columns.names.count + 1,
                              .field = r->columns.field};
    for (size_t i = 0; i < bulk->n_blocks; i++)
        bulk->n += r->rows[i].n;
    r->records += bulk->n;
    return 1;
}

void csv_reader_share(struct csv_reader *r, size_t n,
                      void (*work)(void *context, size_t i), void *context)
{
    stock_share(&r->stock, n, work, context);
}

void csv_reader_forget(struct csv_reader *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        input_forget(r->inputs[i]);
}

void csv_reader_attach(struct csv_reader *r, void *what,
                       void (*release)(void *what))
{
    if (r->attached)
        r->release(r->attached);
    r->attached = what;
    r->release = release;
}

void *csv_reader_attached(const struct csv_reader *r)
{
    return r->attached;
}

void csv_reader_pass(struct csv_reader *r)
{
    r->records = r->last_records;
    r->skipped = r->last_skipped;
    r->current = r->n_inputs - 1;
    stock_end(&r->stock);
}
