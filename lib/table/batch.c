#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "table/encoder.h"

void batch_release(struct batch *b)
{
    free(b->dense);
    free(b->start);
    free(b->index);
    free(b->value);
    free(b->length);
    free(b->step);
    free(b->token);
    memset(b, 0, sizeof(*b));
}

/* Room for so many padded rows; what is there stays. */
static void grow_rows(struct batch *b, size_t padded)
{
    float *dense;

    if (padded <= b->capacity)
        return;
    dense = mem_aligned(padded * b->n_dense, sizeof(*dense));
    memcpy(dense, b->dense, b->n * b->n_dense * sizeof(*dense));
    free(b->dense);
    b->dense = dense;
    b->start = mem_resize(b->start, padded * b->n_slots + 1, sizeof(*b->start));
    b->length = mem_resize(b->length, padded, sizeof(*b->length));
    b->capacity = padded;
}

static void join_entries(struct batch *b, const struct batch *more)
{
    size_t room = b->entry_capacity, n = more->n * more->n_slots,
           all = b->entries + more->entries;

    b->index = mem_grow(b->index, &b->entry_capacity, all, sizeof(*b->index));
    b->value = mem_grow(b->value, &room, all, sizeof(*b->value));
    for (size_t i = 0; i < n; i++)
        b->start[b->n * b->n_slots + i] = b->entries + more->start[i];
    for (size_t k = 0; k < more->entries; k++) {
        b->index[b->entries + k] = more->index[k];
        b->value[b->entries + k] = more->value[k];
    }
    b->entries = all;
}

void batch_join(struct batch *b, const struct batch *more)
{
    size_t n = b->n + more->n,
           padded = (n + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;

    grow_rows(b, padded);
    memcpy(b->dense + b->n * b->n_dense, more->dense,
           more->n * b->n_dense * sizeof(*b->dense));
    memset(b->dense + n * b->n_dense, 0,
           (padded - n) * b->n_dense * sizeof(*b->dense));
    join_entries(b, more);
    for (size_t i = n * b->n_slots; i <= padded * b->n_slots; i++)
        b->start[i] = b->entries;
    for (size_t i = 0; i < padded; i++)
        b->length[i] = 1;
    b->n = n;
    b->padded = padded;
}
