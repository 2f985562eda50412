#include "base/hash_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool insert(struct hash_set *set, uint64_t hash)
{
    size_t at = hash & (set->n_slots - 1);

    while (set->slots[at] && set->slots[at] != hash)
        at = (at + 1) & (set->n_slots - 1);
    if (set->slots[at])
        return false;
    set->slots[at] = hash;
    set->count++;
    return true;
}

static void make_room(struct hash_set *set)
{
    struct hash_set larger = {0};

    larger.n_slots = set->n_slots ? set->n_slots * 2 : 64;
    larger.slots = mem_zalloc(larger.n_slots, sizeof(uint64_t));
    for (size_t i = 0; i < set->n_slots; i++)
        if (set->slots[i])
            insert(&larger, set->slots[i]);
    free(set->slots);
    *set = larger;
}

bool hash_set_add(struct hash_set *set, uint64_t hash)
{
    if (set->count * 2 >= set->n_slots)
        make_room(set);
    return insert(set, hash ? hash : 1);
}

bool hash_set_has(const struct hash_set *set, uint64_t hash)
{
    size_t at;

    hash = hash ? hash : 1;
    if (!set->n_slots)
        return false;
    at = hash & (set->n_slots - 1);
    while (set->slots[at] && set->slots[at] != hash)
        at = (at + 1) & (set->n_slots - 1);
    return set->slots[at] == hash;
}

void hash_set_release(struct hash_set *set)
{
    free(set->slots);
    memset(set, 0, sizeof(*set));
}
