#include "stats/disjoint_sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void disjoint_sets_grow(struct disjoint_sets *sets, size_t n)
{
    if (n <= sets->n)
        return;
    sets->parent =
        mem_grow(sets->parent, &sets->capacity, n, sizeof *sets->parent);
    for (; sets->n < n; sets->n++)
        sets->parent[sets->n] = (uint32_t)sets->n;
}

void disjoint_sets_release(struct disjoint_sets *sets)
{
    free(sets->parent);
    memset(sets, 0, sizeof *sets);
}

uint32_t disjoint_sets_find(struct disjoint_sets *sets, uint32_t i)
{
    uint32_t *parent = sets->parent;

    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

void disjoint_sets_join(struct disjoint_sets *sets, uint32_t a, uint32_t b)
{
    a = disjoint_sets_find(sets, a);
    b = disjoint_sets_find(sets, b);
    if (a < b)
        sets->parent[b] = a;
    else
        sets->parent[a] = b;
}
