#include "table/near_duplicates.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/shingles.h"
#include "stats/minhash.h"

enum { MOST_LOOKS = 32 }; /* earlier texts in a band */

int near_duplicates_init(struct near_duplicates *d,
                         const struct csv_reader *data,
                         const struct list *columns, struct err *err)
{
    memset(d, 0, sizeof(*d));
    row_key_init(&d->key, columns->n);
    for (size_t i = 0; i < columns->n; i++)
        if (csv_reader_require(data, columns->items[i], &d->key.columns[i],
                               err) != 0)
            return -1;
    return 0;
}

void near_duplicates_forget(struct near_duplicates *d)
{
    buf_release(&d->bytes);
    free(d->texts);
    free(d->slots);
    d->texts = NULL;
    d->slots = NULL;
    d->n = d->capacity = d->n_slots = 0;
}

void near_duplicates_release(struct near_duplicates *d)
{
    near_duplicates_forget(d);
    row_key_release(&d->key);
    memset(d, 0, sizeof(*d));
}

bool near_duplicates_scan(struct near_duplicates *d,
                          const struct csv_field *record)
{
    return row_key_scan(&d->key, record);
}

/* ---- different texts ---- */

static size_t start_of(const struct near_duplicates *d, size_t text)
{
    return text ? d->texts[text - 1].end : 0;
}

static uint32_t *slot_of(const struct near_duplicates *d, const char *key,
                         size_t len)
{
    size_t at = hash_bytes(key, len) & (d->n_slots - 1);

    for (;; at = (at + 1) & (d->n_slots - 1)) {
        size_t text = d->slots[at], start;
        if (!text--)
            return &d->slots[at];
        start = start_of(d, text);
        if (d->texts[text].end - start == len &&
            memcmp(d->bytes.data + start, key, len) == 0)
            return &d->slots[at];
    }
}

static void make_room(struct near_duplicates *d)
{
    d->n_slots = d->n_slots ? d->n_slots * 2 : 64;
    free(d->slots);
    d->slots = mem_zalloc(d->n_slots, sizeof(*d->slots));
    for (size_t i = 0; i < d->n; i++) {
        size_t start = start_of(d, i);
        *slot_of(d, d->bytes.data + start, d->texts[i].end - start) =
            (uint32_t)i + 1;
    }
}

uint32_t near_duplicates_add(struct near_duplicates *d,
                             const struct csv_field *record)
{
    size_t numbers = row_key_make(&d->key, record);
    uint32_t *slot;

    if (!numbers)
        return NEAR_NONE;
    if (d->n * 2 >= d->n_slots)
        make_room(d);
    slot = slot_of(d, d->key.bytes.data, d->key.bytes.len);
    if (!*slot) {
        d->texts =
            mem_grow(d->texts, &d->capacity, d->n + 1, sizeof(*d->texts));
        buf_add(&d->bytes, d->key.bytes.data, d->key.bytes.len);
        d->texts[d->n++] =
            (struct near_text){d->bytes.len, (uint32_t)numbers, 0};
        *slot = (uint32_t)d->n;
    }
    d->texts[*slot - 1].rows++;
    return *slot - 1;
}

/* ---- likeness ---- */

static void find_shingles(const struct near_duplicates *d, size_t text,
                          struct shingles *s)
{
    size_t from = start_of(d, text) + d->texts[text].numbers;

    shingles_of(s, d->bytes.data + from, d->texts[text].end - from);
}

static bool same_numbers(const struct near_duplicates *d, size_t a, size_t b)
{
    return d->texts[a].numbers == d->texts[b].numbers &&
           memcmp(d->bytes.data + start_of(d, a),
                  d->bytes.data + start_of(d, b), d->texts[a].numbers) == 0;
}

/* ---- clusters ---- */

/* [n][bands] of all texts. */
static uint32_t *all_bands(const struct near_duplicates *d,
                           struct minhash shape)
{
    uint32_t *bands = mem_alloc(d->n, shape.bands * sizeof(*bands));

#pragma omp parallel
    {
        struct shingles s = {0};
#pragma omp for schedule(static)
        for (size_t i = 0; i < d->n; i++) {
            uint64_t numbers =
                hash_bytes(d->bytes.data + start_of(d, i), d->texts[i].numbers);
            find_shingles(d, i, &s);
            minhash_bands(shape, s.hash, s.n, numbers, bands + i * shape.bands);
        }
        shingles_release(&s);
    }
    return bands;
}

/* One band: latest[slot] and before[text] are text + 1, 0 for none. */
struct band {
    const uint32_t *all; /* [n][shape.bands] */
    struct minhash shape;
    size_t at, n_slots;
    uint32_t *latest, *before;
    struct shingles a, b;
    uint32_t of_a; /* text + 1 */
};

/* Whether two texts agree in enough bands, and have not met in one before. */
static bool are_candidates(const struct band *band, uint32_t a, uint32_t b)
{
    const uint32_t *x = band->all + a * band->shape.bands;
    const uint32_t *y = band->all + b * band->shape.bands;
    size_t agree = 0;

    for (size_t i = 0; i < band->shape.bands; i++) {
        agree += x[i] == y[i];
        if (i < band->at && agree)
            return false;
    }
    return agree >= band->shape.least;
}

static bool are_alike(const struct near_duplicates *d, struct band *band,
                      uint32_t a, uint32_t b, double similarity)
{
    if (!are_candidates(band, a, b) || !same_numbers(d, a, b))
        return false;
    if (band->of_a != a + 1) {
        find_shingles(d, a, &band->a);
        shingles_make_set(&band->a);
        band->of_a = a + 1;
    }
    find_shingles(d, b, &band->b);
    shingles_make_set(&band->b);
    return minhash_jaccard(band->a.hash, band->a.n, band->b.hash, band->b.n) >=
           similarity;
}

static void join_alike(const struct near_duplicates *d, struct band *band,
                       uint32_t text, double similarity,
                       struct disjoint_sets *sets)
{
    uint32_t value = band->all[text * band->shape.bands + band->at];
    uint32_t *latest = &band->latest[value & (band->n_slots - 1)];
    uint32_t at = *latest;

    for (int looks = 0; at && looks < MOST_LOOKS; at = band->before[at - 1]) {
        uint32_t other = at - 1;
        if (band->all[other * band->shape.bands + band->at] != value)
            continue;
        looks++;
        if (disjoint_sets_find(sets, text) != disjoint_sets_find(sets, other) &&
            are_alike(d, band, text, other, similarity))
            disjoint_sets_join(sets, text, other);
    }
    band->before[text] = *latest;
    *latest = text + 1;
}

static void join_bands(const struct near_duplicates *d, double similarity,
                       struct disjoint_sets *sets)
{
    struct minhash shape = minhash_for(similarity);
    uint32_t *bands = all_bands(d, shape);
    struct band band = {.all = bands, .shape = shape, .n_slots = 64};

    while (band.n_slots < d->n)
        band.n_slots *= 2;
    band.before = mem_alloc(d->n, sizeof(*band.before));
    for (; band.at < shape.bands; band.at++) {
        band.latest = mem_zalloc(band.n_slots, sizeof(*band.latest));
        for (size_t text = 0; text < d->n; text++)
            join_alike(d, &band, (uint32_t)text, similarity, sets);
        free(band.latest);
    }
    shingles_release(&band.a);
    shingles_release(&band.b);
    free(band.before);
    free(bands);
}

static void count_clusters(struct near_duplicates *d,
                           struct disjoint_sets *sets)
{
    size_t *rows = mem_zalloc(d->n, sizeof(*rows));

    for (size_t i = 0; i < d->n; i++)
        rows[disjoint_sets_find(sets, (uint32_t)i)] += d->texts[i].rows;
    for (size_t i = 0; i < d->n; i++) {
        if (rows[i] < 2)
            continue;
        d->clusters++;
        d->clustered += rows[i];
        d->largest = rows[i] > d->largest ? rows[i] : d->largest;
    }
    free(rows);
}

void near_duplicates_cluster(struct near_duplicates *d, double similarity,
                             struct disjoint_sets *sets)
{
    disjoint_sets_grow(sets, d->n);
    if (row_key_has_text(&d->key) && similarity < 1)
        join_bands(d, similarity, sets);
    count_clusters(d, sets);
}
