#include "stats/coincidence.h"

#include <gsl/gsl_cdf.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

static const double MUCH_MORE = 3, RARE = .001, MOST_MEAN = 1e6;

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

double equal_pairs(uint64_t *value, size_t n)
{
    double pairs = 0;
    size_t end;

    if (n)
        qsort(value, n, sizeof(*value), by_value);
    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && value[end] == value[i];)
            end++;
        pairs += (double)(end - i) * (double)(end - i - 1) / 2;
    }
    return pairs;
}

bool is_coincidence(double pairs, double elsewhere, double q)
{
    double mean = elsewhere * q;

    if (pairs <= MUCH_MORE * mean)
        return true;
    if (!(mean > 0))
        return !(pairs > 0);
    return mean < MOST_MEAN && pairs < MOST_MEAN &&
           gsl_cdf_poisson_Q((unsigned)pairs - 1, mean) > RARE;
}

/* ---- lists ---- */

struct keyed {
    uint64_t key;
    double rows;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* What a word is worth at its place. */
static uint64_t at_place(uint64_t word, size_t place)
{
    return hash_finish(word + 0x9e3779b97f4a7c15u * (place + 1));
}

static struct keyed whole_list(const uint64_t *word, size_t len, double rows)
{
    struct keyed k = {hash_finish(len), rows};

    for (size_t j = 0; j < len; j++)
        k.key += at_place(word[j], j);
    return k;
}

/* Pairs between items of one key, less those within an item. */
static double pairs_between(struct keyed *item, size_t n)
{
    double pairs = 0;
    size_t end;

    if (n)
        qsort(item, n, sizeof(*item), by_key);
    for (size_t i = 0; i < n; i = end) {
        double sum = 0, squares = 0;
        for (end = i; end < n && item[end].key == item[i].key; end++) {
            sum += item[end].rows;
            squares += item[end].rows * item[end].rows;
        }
        pairs += (sum * sum - squares) / 2;
    }
    return pairs;
}

/* One of each of equal items, which stand for all their rows. */
static size_t make_distinct(struct keyed *item, size_t *which, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (kept && item[kept - 1].key == item[i].key) {
            item[kept - 1].rows += item[i].rows;
            continue;
        }
        item[kept] = item[i];
        which[kept++] = which[i];
    }
    return kept;
}

struct numbered {
    struct keyed item;
    size_t list;
};

static int by_item(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    int order = by_key(&x->item, &y->item);

    return order ? order : (x->list > y->list) - (x->list < y->list);
}

static size_t find_distinct(const uint64_t *word, const size_t *start,
                            const uint32_t *rows, size_t n, struct keyed *item,
                            size_t *which)
{
    struct numbered *all = mem_alloc(n, sizeof(*all));

    for (size_t i = 0; i < n; i++)
        all[i] = (struct numbered){whole_list(word + start[i],
                                              start[i + 1] - start[i],
                                              rows ? (double)rows[i] : 1),
                                   i};
    qsort(all, n, sizeof(*all), by_item);
    for (size_t i = 0; i < n; i++) {
        item[i] = all[i].item;
        which[i] = all[i].list;
    }
    free(all);
    return make_distinct(item, which, n);
}

static double count_one_apart(const uint64_t *word, const size_t *start,
                              const struct keyed *item, const size_t *which,
                              size_t n)
{
    struct keyed *rest = NULL;
    size_t m = 0, capacity = 0;
    double pairs;

    for (size_t i = 0; i < n; i++) {
        const uint64_t *w = word + start[which[i]];
        size_t len = start[which[i] + 1] - start[which[i]];
        size_t places = len < COINCIDENCE_WORDS ? len : COINCIDENCE_WORDS;
        rest = mem_grow(rest, &capacity, m + places, sizeof(*rest));
        for (size_t j = 0; j < places; j++)
            rest[m++] = (struct keyed){
                hash_finish(item[i].key - at_place(w[j], j) + j * 7919),
                item[i].rows};
    }
    pairs = pairs_between(rest, m);
    free(rest);
    return pairs;
}

struct list_pairs list_pairs(const uint64_t *word, const size_t *start,
                             const uint32_t *rows, size_t n)
{
    struct list_pairs p = {0, 0};
    struct keyed *item;
    size_t *which, distinct;

    if (!n)
        return p;
    item = mem_alloc(n, sizeof(*item));
    which = mem_alloc(n, sizeof(*which));
    distinct = find_distinct(word, start, rows, n, item, which);
    for (size_t i = 0; i < distinct; i++)
        p.equal += item[i].rows * (item[i].rows - 1) / 2;
    p.one_apart = count_one_apart(word, start, item, which, distinct);
    free(item);
    free(which);
    return p;
}
