#include "table/balance.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void balance_init(struct balance *b, enum balance_kind kind)
{
    memset(b, 0, sizeof(*b));
    b->kind = kind;
}

void balance_release(struct balance *b)
{
    dict_release(&b->names);
    free(b->classes);
    memset(b, 0, sizeof(*b));
}

void balance_count(struct balance *b, const char *label, size_t len)
{
    size_t i, had = b->capacity;

    if (!len)
        return;
    i = dict_add(&b->names, label, len);
    b->classes = mem_grow(b->classes, &b->capacity, i + 1, sizeof(*b->classes));
    if (b->capacity > had)
        memset(b->classes + had, 0, (b->capacity - had) * sizeof(*b->classes));
    b->classes[i].n++;
    b->rows++;
}

void balance_start(struct balance *b, uint64_t seed)
{
    bool over = b->kind == BALANCE_OVER;

    rng_init(&b->rng, seed, RNG_SAMPLER);
    for (size_t i = 0; i < b->names.count; i++) {
        size_t n = b->classes[i].n;
        if (i == 0 || (over ? n > b->target : n < b->target))
            b->target = n;
    }
    for (size_t i = 0; i < b->names.count; i++) {
        b->classes[i].left = b->classes[i].n;
        b->classes[i].extra = b->target % b->classes[i].n;
    }
}

/* Selection sampling: which of the rows to come are written once more. */
static size_t draw(struct balance *b, struct balance_class *c)
{
    size_t once_more = rng_below(&b->rng, c->left--) < c->extra;

    c->extra -= once_more;
    return b->target / c->n + once_more;
}

struct balanced balance_next(struct balance *b, const char *label, size_t len)
{
    size_t i = len ? dict_find(&b->names, label, len) : DICT_NONE;
    struct balanced row = {1, 1};

    if (i == DICT_NONE || b->kind == BALANCE_NONE)
        return row;
    if (b->kind == BALANCE_WEIGHT)
        row.weight = (double)b->rows /
                     ((double)b->names.count * (double)b->classes[i].n);
    else if (b->classes[i].left > 0)
        row.copies = draw(b, &b->classes[i]);
    return row;
}
