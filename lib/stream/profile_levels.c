#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "stream/profile.h"

static size_t bucket(const char *level, size_t len)
{
    return hash_bytes(level, len) % PROFILE_BUCKETS;
}

/* Counts by bucket, of either form; to be freed. */
static double *in_buckets(const struct level_counts *levels)
{
    double *count = mem_zalloc(PROFILE_BUCKETS, sizeof(*count));

    if (levels->hashed)
        memcpy(count, levels->count, PROFILE_BUCKETS * sizeof(*count));
    for (size_t i = 0; i < levels->names.count; i++)
        count[bucket(levels->names.text[i], levels->names.len[i])] +=
            levels->count[i];
    return count;
}

void level_counts_bucket(struct level_counts *levels)
{
    double *count = in_buckets(levels);

    level_counts_release(levels);
    levels->count = count;
    levels->capacity = PROFILE_BUCKETS;
    levels->hashed = true;
}

void level_counts_add(struct level_counts *levels, const char *level,
                      size_t len, double rows)
{
    size_t had = levels->names.count, at;

    if (levels->hashed) {
        levels->count[bucket(level, len)] += rows;
        return;
    }
    at = dict_add(&levels->names, level, len);
    if (at == had) {
        levels->count = mem_grow(levels->count, &levels->capacity, had + 1,
                                 sizeof(*levels->count));
        levels->count[at] = 0;
    }
    levels->count[at] += rows;
    if (levels->names.count > PROFILE_LEVELS)
        level_counts_bucket(levels);
}

void level_counts_merge(struct level_counts *levels,
                        const struct level_counts *other)
{
    if (other->hashed && !levels->hashed)
        level_counts_bucket(levels);
    for (size_t i = 0; other->hashed && i < PROFILE_BUCKETS; i++)
        levels->count[i] += other->count[i];
    for (size_t i = 0; i < other->names.count; i++)
        level_counts_add(levels, other->names.text[i], other->names.len[i],
                         other->count[i]);
}

void level_counts_release(struct level_counts *levels)
{
    dict_release(&levels->names);
    free(levels->count);
    memset(levels, 0, sizeof(*levels));
}

/* ---- two of them ---- */

static double count_of(const struct level_counts *levels, const char *level,
                       size_t len)
{
    size_t at = dict_find(&levels->names, level, len);

    return at == DICT_NONE ? 0 : levels->count[at];
}

static void add_names(struct dict *all, const struct level_counts *levels)
{
    for (size_t i = 0; i < levels->names.count; i++)
        dict_add(all, levels->names.text[i], levels->names.len[i]);
}

/* The level's own text: that of `all` goes. */
static const char *name_in(const struct level_counts *x,
                           const struct level_counts *y, const char *level,
                           size_t len)
{
    size_t at = dict_find(&x->names, level, len);

    return at == DICT_NONE ? y->names.text[dict_find(&y->names, level, len)]
                           : x->names.text[at];
}

static size_t align_names(const struct level_counts *x,
                          const struct level_counts *y, double *a, double *b,
                          const char **names, const struct dict *all)
{
    size_t *order = mem_alloc(all->count, sizeof(*order));

    dict_sorted(all, order);
    for (size_t i = 0; i < all->count; i++) {
        const char *level = all->text[order[i]];
        size_t len = all->len[order[i]];
        a[i] = count_of(x, level, len);
        b[i] = count_of(y, level, len);
        names[i] = name_in(x, y, level, len);
    }
    free(order);
    return all->count;
}

size_t level_counts_align(const struct level_counts *x,
                          const struct level_counts *y, double **a, double **b,
                          const char ***names)
{
    struct dict all = {0};
    size_t n;

    *names = NULL;
    if (x->hashed || y->hashed) {
        *a = in_buckets(x);
        *b = in_buckets(y);
        return PROFILE_BUCKETS;
    }
    add_names(&all, x);
    add_names(&all, y);
    *a = mem_alloc(all.count, sizeof(**a));
    *b = mem_alloc(all.count, sizeof(**b));
    *names = mem_alloc(all.count, sizeof(**names));
    n = align_names(x, y, *a, *b, *names, &all);
    dict_release(&all);
    return n;
}
