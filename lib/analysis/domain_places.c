#include "analysis/domain_places.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

enum { LEAST_ROWS = 5 };

static const double RAREST = .005, SECOND = .05;

struct candidate {
    double worth;
    size_t column, thing;
};

/* Worthiest first; of equals in their order. */
static int by_worth(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->worth != y->worth)
        return x->worth < y->worth ? 1 : -1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->thing < y->thing ? -1 : x->thing > y->thing;
}

/* What is in few rows, or in nearly all, tells little. */
static double worth_of(const struct domain_things *c, size_t i, double n)
{
    double rows = (double)c->rows[i];

    return rows * (1 - rows / (n + 1)) *
           (c->second && c->second[i] ? SECOND : 1);
}

static struct candidate *list_candidates(const struct domain_things *columns,
                                         size_t n_columns, size_t n,
                                         size_t *found)
{
    struct candidate *list = NULL;
    size_t capacity = 0;

    *found = 0;
    for (size_t c = 0; c < n_columns; c++)
        for (size_t i = 0; i < columns[c].n; i++) {
            if (columns[c].rows[i] < LEAST_ROWS)
                continue;
            list = mem_grow(list, &capacity, *found + 1, sizeof(*list));
            list[(*found)++] =
                (struct candidate){worth_of(&columns[c], i, (double)n), c, i};
        }
    if (*found)
        qsort(list, *found, sizeof(*list), by_worth);
    return list;
}

float domain_weight(double share)
{
    return (float)pow(fmax(share, RAREST), -.25);
}

static struct domain_place shared_place(size_t column, size_t thing,
                                        size_t slot, size_t shared)
{
    size_t name[2] = {column, thing};
    uint64_t hash = hash_bytes(name, sizeof(name));
    float weight = domain_weight(0);

    return (struct domain_place){(uint16_t)(slot + hash % shared),
                                 hash >> 63 ? weight : -weight};
}

size_t domain_places(struct domain_things *columns, size_t n_columns, size_t n,
                     size_t slot, size_t own, size_t shared)
{
    size_t found, things = 0;
    struct candidate *list = list_candidates(columns, n_columns, n, &found);
    size_t owners = found < own ? found : own, rest = slot + owners;

    for (size_t c = 0; c < n_columns; c++) {
        things += columns[c].n;
        for (size_t i = 0; i < columns[c].n; i++)
            columns[c].place[i] = shared_place(c, i, rest, shared);
    }
    for (size_t k = 0; k < owners; k++) {
        const struct candidate *owner = &list[k];
        struct domain_things *c = &columns[owner->column];
        c->place[owner->thing] = (struct domain_place){
            (uint16_t)(slot + k),
            domain_weight((double)c->rows[owner->thing] / (double)n)};
    }
    free(list);
    return things > owners ? rest + shared : rest;
}
