#include "batch_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void *copy_of(const void *from, size_t n, size_t size)
{
    void *to = from ? mem_alloc(n + 1, size) : NULL;

    if (from)
        memcpy(to, from, n * size);
    return to;
}

void batch_copy(struct batch *to, const struct batch *from)
{
    size_t cells = from->padded * from->steps;

    *to = *from;
    to->dense =
        copy_of(from->dense, from->padded * from->n_dense, sizeof(*to->dense));
    to->start = copy_of(from->start, from->padded * from->n_slots + 1,
                        sizeof(*to->start));
    to->index = copy_of(from->index, from->entries, sizeof(*to->index));
    to->value = copy_of(from->value, from->entries, sizeof(*to->value));
    to->length = copy_of(from->length, from->padded, sizeof(*to->length));
    to->step = copy_of(from->step, cells * from->n_step, sizeof(*to->step));
    to->token = copy_of(from->token, cells, sizeof(*to->token));
}

/* The entries of embedded columns, [slots] of a row. */
static void fill_entries(struct batch *to, const struct batch *from,
                         const size_t *order)
{
    size_t slots = from->n_slots, e = 0;

    if (from->entries > to->entry_capacity) {
        to->entry_capacity = from->entries;
        to->index = mem_resize(to->index, from->entries, sizeof(*to->index));
        to->value = mem_resize(to->value, from->entries, sizeof(*to->value));
    }
    for (size_t r = 0; r < to->padded; r++)
        for (size_t s = 0; s < slots; s++) {
            const size_t *span = from->start +
                                 (r < to->n ? order[r] : r) * slots + s;
            to->start[r * slots + s] = e;
            for (size_t i = span[0]; i < span[1]; i++, e++) {
                to->index[e] = from->index[i];
                to->value[e] = from->value[i];
            }
        }
    to->start[to->padded * slots] = to->entries = e;
}

static void fill_steps(struct batch *to, const struct batch *from,
                       const size_t *order)
{
    size_t steps = from->steps, size = steps * from->n_step;

    to->steps = steps;
    if (to->step)
        to->step = mem_grow(to->step, &to->step_capacity, to->padded * size,
                            sizeof(*to->step));
    if (to->token)
        to->token = mem_grow(to->token, &to->token_capacity, to->padded * steps,
                             sizeof(*to->token));
    for (size_t r = 0; r < to->padded; r++) {
        size_t k = r < to->n ? order[r] : r;
        to->length[r] = from->length[k];
        if (to->step)
            memcpy(to->step + r * size, from->step + k * size,
                   size * sizeof(*to->step));
        if (to->token)
            memcpy(to->token + r * steps, from->token + k * steps,
                   steps * sizeof(*to->token));
    }
}

void batch_fill(struct batch *to, const struct batch *from, const size_t *order)
{
    size_t n = from->n_dense;

    for (size_t r = 0; n && r < to->n; r++)
        memcpy(to->dense + r * n, from->dense + order[r] * n,
               n * sizeof(*to->dense));
    if (from->n_slots)
        fill_entries(to, from, order);
    if (from->step || from->token)
        fill_steps(to, from, order);
}
