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

struct ranked {
    double objective;
    size_t trial;
};

static int by_objective(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->objective != y->objective)
        return x->objective < y->objective ? -1 : 1;
    return x->trial < y->trial ? -1 : x->trial > y->trial;
}

size_t *history_rank(const struct history *h)
{
    struct ranked *ranked = mem_alloc(h->n, sizeof(*ranked));
    size_t *trials = mem_alloc(h->n, sizeof(*trials));

    for (size_t i = 0; i < h->n; i++) {
        double y = h->objective[i];
        ranked[i] = (struct ranked){isfinite(y) ? y : INFINITY, i};
    }
    qsort(ranked, h->n, sizeof(*ranked), by_objective);
    for (size_t i = 0; i < h->n; i++)
        trials[i] = ranked[i].trial;
    free(ranked);
    return trials;
}

static bool same(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] && !(isnan(a[i]) && isnan(b[i])))
            return false;
    return true;
}

bool history_has(const struct history *h, const double *value)
{
    for (size_t i = 0; i < h->n; i++)
        if (same(history_value(h, i), value, h->space->n))
            return true;
    return false;
}
