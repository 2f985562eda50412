#include "stats/look_alikes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "stats/minhash.h"

/* elements[begin .. begin + n); asked: when it was last a candidate. */
struct look_alike_set {
    uint64_t kind;
    size_t begin, n, asked;
};

/* An element of a kind; key 0: free.  `sets` have it, of which those whose
 * prefix it is in are postings[first .. first + posted). */
struct look_alike_slot {
    uint64_t key;
    uint32_t sets, posted;
    size_t first;
};

/* An element on its way into an order: the rarest first. */
struct look_alike_rank {
    uint64_t key;
    uint64_t sets;
};

void look_alikes_release(struct look_alikes *a)
{
    free(a->sets);
    free(a->elements);
    free(a->slots);
    free(a->postings);
    free(a->found);
    free(a->prefix);
    memset(a, 0, sizeof(*a));
}

void look_alikes_add(struct look_alikes *a, uint64_t kind, const uint64_t *set,
                     size_t n)
{
    a->sets = mem_grow(a->sets, &a->capacity, a->n + 1, sizeof(*a->sets));
    a->elements = mem_grow(a->elements, &a->element_capacity, a->n_elements + n,
                           sizeof(*a->elements));
    a->sets[a->n++] = (struct look_alike_set){kind, a->n_elements, n, 0};
    memcpy(a->elements + a->n_elements, set, n * sizeof(*set));
    a->n_elements += n;
}

/* ---- elements ---- */

static uint64_t key_of(uint64_t kind, uint64_t element)
{
    uint64_t key = hash_finish(element ^ hash_finish(kind));

    return key ? key : 1;
}

static struct look_alike_slot *slot_of(const struct look_alikes *a,
                                       uint64_t key)
{
    size_t at = key & (a->n_slots - 1);

    while (a->slots[at].key && a->slots[at].key != key)
        at = (at + 1) & (a->n_slots - 1);
    return &a->slots[at];
}

static int rarest_first(const void *a, const void *b)
{
    const struct look_alike_rank *x = a, *y = b;

    if (x->sets != y->sets)
        return x->sets < y->sets ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static size_t prefix_length(double similarity, size_t n)
{
    /* a product that is a whole number may come out a little above it */
    return n - (size_t)ceil(similarity * (double)n * (1 - 1e-12)) + 1;
}

/* The prefix of a set: *prefix[returned].  Elements that no set of the index
 * has come first, and where they fill it there is nothing to sort: 0. */
static size_t find_prefix(struct look_alikes *a, uint64_t kind,
                          const uint64_t *set, size_t n,
                          struct look_alike_rank **prefix)
{
    size_t length = prefix_length(a->similarity, n), unknown = 0, known = 0;

    a->prefix = mem_grow(a->prefix, &a->prefix_capacity, n,
                         sizeof(struct look_alike_rank));
    *prefix = (struct look_alike_rank *)(void *)a->prefix;
    for (size_t i = 0; i < n && unknown < length; i++) {
        uint64_t key = key_of(kind, set[i]);
        uint32_t sets = slot_of(a, key)->sets;
        if (sets)
            (*prefix)[known++] = (struct look_alike_rank){key, sets};
        else
            unknown++;
    }
    if (unknown >= length)
        return 0;
    qsort(*prefix, known, sizeof(**prefix), rarest_first);
    return length - unknown;
}

/* ---- the index ---- */

static void count_elements(struct look_alikes *a)
{
    a->n_slots = 64;
    while (a->n_slots < 2 * a->n_elements)
        a->n_slots *= 2;
    a->slots = mem_zalloc(a->n_slots, sizeof(*a->slots));
    for (size_t i = 0; i < a->n; i++) {
        const struct look_alike_set *set = &a->sets[i];
        for (size_t k = 0; k < set->n; k++) {
            uint64_t key = key_of(set->kind, a->elements[set->begin + k]);
            struct look_alike_slot *slot = slot_of(a, key);
            slot->key = key;
            slot->sets++;
        }
    }
}

/* Twice: first counts what each element will have, then writes it. */
static void post(struct look_alikes *a, bool write)
{
    struct look_alike_rank *prefix;

    for (size_t i = 0; i < a->n; i++) {
        const struct look_alike_set *set = &a->sets[i];
        size_t length = find_prefix(a, set->kind, a->elements + set->begin,
                                    set->n, &prefix);
        for (size_t k = 0; k < length; k++) {
            struct look_alike_slot *slot = slot_of(a, prefix[k].key);
            if (write)
                a->postings[slot->first + slot->posted] = (uint32_t)i;
            slot->posted++;
        }
    }
}

void look_alikes_index(struct look_alikes *a, double similarity)
{
    size_t all = 0;

    a->similarity = similarity;
    a->found = mem_alloc(a->n + 1, sizeof(*a->found));
    count_elements(a);
    post(a, false);
    for (size_t i = 0; i < a->n_slots; i++) {
        a->slots[i].first = all;
        all += a->slots[i].posted;
        a->slots[i].posted = 0;
    }
    a->postings = mem_alloc(all + 1, sizeof(*a->postings));
    post(a, true);
}

/* ---- asking ---- */

static bool is_alike(const struct look_alikes *a,
                     const struct look_alike_set *set, uint64_t kind,
                     const uint64_t *other, size_t n)
{
    double least = a->similarity * (1 - 1e-12), m = (double)set->n;

    if (set->kind != kind || m < least * (double)n || (double)n < least * m)
        return false;
    return minhash_jaccard(a->elements + set->begin, set->n, other, n) >=
           a->similarity;
}

size_t look_alikes_find(struct look_alikes *a, uint64_t kind,
                        const uint64_t *set, size_t n, const uint32_t **found)
{
    size_t n_found = 0, length;
    struct look_alike_rank *prefix;

    *found = a->found;
    a->asked++;
    length = find_prefix(a, kind, set, n, &prefix);
    for (size_t k = 0; k < length; k++) {
        const struct look_alike_slot *slot = slot_of(a, prefix[k].key);
        for (size_t i = 0; i < slot->posted; i++) {
            uint32_t at = a->postings[slot->first + i];
            if (a->sets[at].asked == a->asked)
                continue;
            a->sets[at].asked = a->asked;
            if (is_alike(a, &a->sets[at], kind, set, n))
                a->found[n_found++] = at;
        }
    }
    return n_found;
}
