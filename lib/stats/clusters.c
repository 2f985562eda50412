#include "stats/clusters.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The hash of the group, with the set + 1 in the lowest bits; 0: free. */
struct cluster {
    uint64_t key;
    double value, weight;
    bool wrong;
};

static const uint64_t SET_BITS = 7;

static uint64_t key_of(uint64_t group, unsigned set)
{
    return (group & ~SET_BITS) | (set + 1);
}

/* All sets of a group start from one place. */
static struct cluster *slot_of(const struct clusters *c, uint64_t key)
{
    size_t at = (size_t)(key >> 3) & (c->n_slots - 1);

    while (c->slots[at].key && c->slots[at].key != key)
        at = (at + 1) & (c->n_slots - 1);
    return &c->slots[at];
}

static void make_room(struct clusters *c)
{
    struct clusters larger = {.count = c->count};

    larger.n_slots = c->n_slots ? c->n_slots * 2 : 64;
    larger.slots = mem_zalloc(larger.n_slots, sizeof(*larger.slots));
    for (size_t i = 0; i < c->n_slots; i++)
        if (c->slots[i].key)
            *slot_of(&larger, c->slots[i].key) = c->slots[i];
    free(c->slots);
    *c = larger;
}

void clusters_add(struct clusters *c, uint64_t group, unsigned set,
                  double value, double weight, bool wrong)
{
    struct cluster *slot;

    if (c->count * 2 >= c->n_slots)
        make_room(c);
    slot = slot_of(c, key_of(group, set));
    c->count += slot->key == 0;
    slot->key = key_of(group, set);
    slot->value += value;
    slot->weight += weight;
    slot->wrong |= wrong;
}

void clusters_release(struct clusters *c)
{
    free(c->slots);
    memset(c, 0, sizeof(*c));
}

static bool is_of(const struct cluster *slot, unsigned set)
{
    return (slot->key & SET_BITS) == set + 1;
}

struct cluster_sums clusters_sum(const struct clusters *c, unsigned set,
                                 double mean)
{
    struct cluster_sums sums = {0};

    for (size_t i = 0; i < c->n_slots; i++) {
        const struct cluster *slot = &c->slots[i];
        double residual = slot->value - mean * slot->weight;
        if (!is_of(slot, set))
            continue;
        sums.groups++;
        sums.wrong += slot->wrong;
        sums.weights2 += slot->weight * slot->weight;
        sums.residuals2 += residual * residual;
        sums.residuals3 += residual * residual * residual;
    }
    return sums;
}

double clusters_product(const struct clusters *c, unsigned a, double mean_a,
                        unsigned b, double mean_b)
{
    double sum = 0;

    for (size_t i = 0; i < c->n_slots; i++) {
        const struct cluster *x = &c->slots[i], *y;
        if (!is_of(x, a))
            continue;
        y = slot_of(c, key_of(x->key, b));
        if (y->key)
            sum += (x->value - mean_a * x->weight) *
                   (y->value - mean_b * y->weight);
    }
    return sum;
}
