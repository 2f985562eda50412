#include "base/hash_count.h"

#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

enum { LEAST_SLOTS = 512, MANY_SLOTS = 1 << 18 };

/* ---- hashing ---- */

/* Both halves of the product, which depend on all bits of both numbers. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* At most 16 bytes; those in the middle may be taken twice. */
static inline void take_end(const unsigned char *at, size_t len,
                            uint64_t part[2])
{
    uint32_t first, last;

    part[0] = part[1] = 0;
    if (len >= 8) {
        memcpy(&part[0], at, 8);
        memcpy(&part[1], at + len - 8, 8);
    } else if (len >= 4) {
        memcpy(&first, at, 4);
        memcpy(&last, at + len - 4, 4);
        part[0] = first;
        part[1] = last;
    } else if (len) {
        part[0] = at[0];
        part[1] = (uint64_t)at[len / 2] << 8 | at[len - 1];
    }
}

uint64_t hash_quick(const void *bytes, size_t len)
{
    static const uint64_t odd[] = {0x9e3779b97f4a7c15u, 0xd1342543de82ef95u};
    const unsigned char *at = bytes;
    uint64_t hash = len * odd[1], part[2];

    for (; len > sizeof(part); len -= sizeof(part), at += sizeof(part)) {
        memcpy(part, at, sizeof(part));
        hash = mix(part[0] ^ odd[0] ^ hash, part[1] ^ odd[1]);
    }
    take_end(at, len, part);
    return mix(mix(part[0] ^ odd[0] ^ hash, part[1] ^ odd[1]), odd[0]);
}

/* ---- the set ---- */

static void insert(struct hash_count *h, uint64_t hash)
{
    size_t at = hash & (h->n_slots - 1);

    while (h->slots[at] && h->slots[at] != hash)
        at = (at + 1) & (h->n_slots - 1);
    h->count += !h->slots[at];
    h->slots[at] = hash;
}

/* Memory of its own is zero without being written to. */
static uint64_t *zero_slots(size_t n)
{
    size_t bytes = n * sizeof(uint64_t);
    void *slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (slots == MAP_FAILED)
        mem_exhausted();
    madvise(slots, bytes, MADV_HUGEPAGE);
    return slots;
}

static void free_slots(struct hash_count *h)
{
    if (h->slots)
        munmap(h->slots, h->n_slots * sizeof(*h->slots));
}

static void make_room(struct hash_count *h)
{
    struct hash_count larger = {0};

    larger.n_slots = h->n_slots == 0           ? LEAST_SLOTS
                     : h->n_slots < MANY_SLOTS ? h->n_slots * 4
                                               : h->n_slots * 2;
    larger.slots = zero_slots(larger.n_slots);
    for (size_t i = 0; i < h->n_slots; i++)
        if (h->slots[i])
            insert(&larger, h->slots[i]);
    free_slots(h);
    h->slots = larger.slots;
    h->n_slots = larger.n_slots;
}

void hash_count_flush(struct hash_count *h)
{
    while ((h->count + h->n_pending) * 2 > h->n_slots)
        make_room(h);
    for (size_t i = 0; i < h->n_pending; i++)
        __builtin_prefetch(&h->slots[h->pending[i] & (h->n_slots - 1)], 1);
    for (size_t i = 0; i < h->n_pending; i++)
        insert(h, h->pending[i]);
    h->n_pending = 0;
}

void hash_count_release(struct hash_count *h)
{
    free_slots(h);
    memset(h, 0, sizeof(*h));
}
