#include "nn/channels.h"

#include <string.h>

#include "base/parallel.h"

enum { PARALLEL_WORK = 1 << 17 };

bool channels_much(const struct layer *layer, const struct layer_io *io)
{
    return io->batch->n * shape_size(&layer->in, io->batch) > PARALLEL_WORK;
}

struct strip strip_first(size_t c)
{
    size_t wide = c <= STRIP ? STRIP / c * c : STRIP;

    return (struct strip){c, 0, wide, c <= STRIP ? wide : c};
}

struct strip strip_next(const struct strip *strip)
{
    struct strip next = *strip;
    size_t left;

    next.offset += strip->wide;
    left = next.offset < strip->channels ? strip->channels - next.offset : 0;
    next.wide = left < STRIP ? left : STRIP;
    return next;
}

void strip_spread(const struct strip *strip, const real *constant, real *tile)
{
    for (size_t j = 0, k = strip->offset; j < strip->wide; j++) {
        tile[j] = constant[k];
        k = k + 1 < strip->channels ? k + 1 : 0;
    }
}

void strip_gather(const struct strip *strip, const real *tile, double *sum)
{
    for (size_t j = 0, k = strip->offset; j < strip->wide; j++) {
        sum[k] += (double)tile[j];
        k = k + 1 < strip->channels ? k + 1 : 0;
    }
}

const double *channel_sums(const struct layer *layer, const struct layer_io *io,
                           channel_rows_fn *add_rows, double *room)
{
    size_t c = layer->in.channels;
    int chunks = io->batch->shard ? 1 : CHANNEL_CHUNKS;

    memset(room, 0, (size_t)chunks * 2 * c * sizeof(*room));
#pragma omp parallel for schedule(static) if (channels_much(layer, io))
    for (int k = 0; k < chunks; k++) {
        double *own = room + (size_t)k * 2 * c;
        size_t begin, end;
        parallel_piece(io->batch->n, chunks, k, &begin, &end);
        if (begin < end)
            add_rows(layer, io, begin, end, own, own + c);
    }
    for (size_t k = 1; k < (size_t)chunks; k++)
        for (size_t j = 0; j < 2 * c; j++)
            room[j] += room[k * 2 * c + j];
    return room;
}
