#include "nn/units.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/channels.h"

void units_init(struct units *units, size_t channels)
{
    units->used = mem_zalloc(channels, 1);
    units->sums = mem_aligned(CHANNEL_CHUNKS * 2 * channels, sizeof(double));
    units->channels = units->unused = channels;
    units->seen = false;
}

void units_release(struct units *units)
{
    free(units->used);
    free(units->sums);
}

/* How many values of a strip are above zero. */
SIMD_CLONES static void strip_count(const struct strip *s, const real *y,
                                    size_t size, real *count)
{
    memset(count, 0, STRIP * sizeof(*count));
    for (size_t at = s->offset; at < size; at += s->stride) {
        size_t n = strip_values(s, size, at);
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            count[j] += y[at + j] > 0 ? 1 : 0;
    }
}

static void count(const struct layer *layer, const real *y, size_t size,
                  double *above)
{
    real tile[STRIP];

    for (struct strip s = strip_first(layer->out.channels); s.wide > 0;
         s = strip_next(&s)) {
        strip_count(&s, y, size, tile);
        strip_gather(&s, tile, above);
    }
}

static void count_rows(const struct layer *layer, const struct layer_io *io,
                       size_t begin, size_t end, double *first, double *second)
{
    size_t size = shape_size(&layer->out, io->batch), c = layer->out.channels;

    (void)second;
    if (!layer->out.steps)
        count(layer, io->y + begin * size, (end - begin) * size, first);
    for (size_t r = begin; r < end && layer->out.steps; r++)
        count(layer, io->y + r * size, io->batch->length[r] * c, first);
}

void units_observe(struct units *units, const struct layer *layer,
                   const struct layer_io *io)
{
    const double *above;

    units->seen = units->seen || io->batch->n > 0;
    if (units->unused == 0)
        return;
    above = channel_sums(layer, io, count_rows, units->sums);
    units->unused = 0;
    for (size_t j = 0; j < units->channels; j++) {
        units->used[j] |= above[j] > 0;
        units->unused += !units->used[j];
    }
}

static void start_anew(struct units *units)
{
    if (units->channels)
        memset(units->used, 0, units->channels);
    units->unused = units->channels;
    units->seen = false;
}

void units_gather(struct units *units, struct units *from)
{
    units->seen = units->seen || from->seen;
    units->unused = 0;
    for (size_t j = 0; j < units->channels; j++) {
        units->used[j] |= from->used[j];
        units->unused += !units->used[j];
    }
    start_anew(from);
}

void units_report(struct units *units, struct activity *activity)
{
    if (units->seen) {
        activity->units += units->channels;
        activity->dead += units->unused;
    }
    start_anew(units);
}
