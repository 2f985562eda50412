#include "search/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void history_add(struct history *h, const double *value, double objective)
{
    size_t width = h->space->n, before = h->capacity;

    h->objective =
        mem_grow(h->objective, &h->capacity, h->n + 1, sizeof(*h->objective));
    if (h->capacity != before)
        h->value = mem_resize(h->value, h->capacity * width, sizeof(*h->value));
    if (width)
        memcpy(h->value + h->n * width, value, width * sizeof(*value));
    h->objective[h->n++] = objective;
}

void history_release(struct history *h)
{
    free(h->value);
    free(h->objective);
    h->value = h->objective = NULL;
    h->n = h->capacity = 0;
}

size_t history_done(const struct history *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->n; i++)
        n += isfinite(h->objective[i]) != 0;
    return n;
}
