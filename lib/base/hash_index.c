#include "base/hash_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static size_t slot_of(const struct hash_index *index, uint64_t hash)
{
    size_t at = hash & (index->n_slots - 1);

    while (index->slots[at] && index->hash[index->slots[at] - 1] != hash)
        at = (at + 1) & (index->n_slots - 1);
    return at;
}

static void make_room(struct hash_index *index)
{
    index->n_slots = index->n_slots ? index->n_slots * 2 : 64;
    free(index->slots);
    index->slots = mem_zalloc(index->n_slots, sizeof(*index->slots));
    for (size_t i = 0; i < index->count; i++)
        index->slots[slot_of(index, index->hash[i])] = (uint32_t)i + 1;
}

static size_t find(struct hash_index *index, uint64_t hash)
{
    size_t at;

    if (index->count * 2 >= index->n_slots)
        make_room(index);
    at = slot_of(index, hash);
    if (index->slots[at])
        return index->slots[at] - 1;
    assert(index->count < UINT32_MAX - 1);
    index->hash = mem_grow(index->hash, &index->capacity, index->count + 1,
                           sizeof(*index->hash));
    index->hash[index->count] = hash;
    index->slots[at] = (uint32_t)index->count + 1;
    return index->count++;
}

size_t hash_index_add(struct hash_index *index, uint64_t hash)
{
    size_t next = index->last + 1 < index->count ? index->last + 1 : 0;

    if (next >= index->count || index->hash[next] != hash)
        next = find(index, hash);
    return index->last = next;
}

void hash_index_release(struct hash_index *index)
{
    free(index->hash);
    free(index->slots);
    memset(index, 0, sizeof(*index));
}
