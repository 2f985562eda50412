#include "nn/units.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "nn/channels.h"

void units_init(struct units *units, size_t channels)
{
    units->used = mem_zalloc(channels, 1);
    units->channels = units->unused = channels;
    units->seen = false;
}

void units_release(struct units *units)
{
    free(units->used);
}

/* The largest values of a strip of a row. */
SIMD_CLONES static void strip_most(const struct strip *s, const real *y,
                                   size_t size, real *most)
{
    memset(most, 0, STRIP * sizeof(*most));
    for (size_t at = s->offset; at < size; at += s->stride) {
        size_t n = strip_values(s, size, at);
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            most[j] = y[at + j] > most[j] ? y[at + j] : most[j];
    }
}

static void mark(struct units *units, const real *y, size_t positions)
{
    size_t c = units->channels;
    real most[STRIP];

    for (struct strip s = strip_first(c); s.wide > 0; s = strip_next(&s)) {
        strip_most(&s, y, positions * c, most);
        for (size_t j = 0; j < s.wide; j++)
            if (most[j] > 0)
                units->used[(s.offset + j) % c] = 1;
    }
    units->unused = 0;
    for (size_t j = 0; j < c; j++)
        units->unused += !units->used[j];
}

void units_observe(struct units *units, const struct layer *layer,
                   const struct layer_io *io)
{
    size_t all = shape_positions(&layer->out, io->batch), c = units->channels;

    units->seen = units->seen || io->batch->n > 0;
    for (size_t r = 0; r < io->batch->n && units->unused > 0; r++)
        mark(units, io->y + r * all * c,
             layer->out.steps ? io->batch->length[r] : all);
}

void units_report(struct units *units, struct activity *activity)
{
    if (units->seen) {
        activity->units += units->channels;
        activity->dead += units->unused;
    }
    if (units->channels)
        memset(units->used, 0, units->channels);
    units->unused = units->channels;
    units->seen = false;
}
