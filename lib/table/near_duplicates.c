#include "table/near_duplicates.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "stats/minhash.h"

enum {
    DIGITS = 4,     /* of numbers */
    SHINGLE = 5,    /* characters */
    MOST_LOOKS = 32 /* earlier texts in a band */
};

static const char NUMBERS_END = '\x1e', CELL_END = '\x1f';

int near_duplicates_init(struct near_duplicates *d,
                         const struct csv_reader *data,
                         const struct list *columns, struct err *err)
{
    memset(d, 0, sizeof(*d));
    d->columns = mem_alloc(columns->n, sizeof(*d->columns));
    d->text = mem_zalloc(columns->n, sizeof(*d->text));
    for (size_t i = 0; i < columns->n; i++, d->n_columns++)
        if (csv_reader_require(data, columns->items[i], &d->columns[i], err) !=
            0)
            return -1;
    return 0;
}

void near_duplicates_forget(struct near_duplicates *d)
{
    buf_release(&d->bytes);
    buf_release(&d->key);
    buf_release(&d->folded);
    free(d->texts);
    free(d->slots);
    d->texts = NULL;
    d->slots = NULL;
    d->n = d->capacity = d->n_slots = 0;
}

void near_duplicates_release(struct near_duplicates *d)
{
    near_duplicates_forget(d);
    free(d->columns);
    free(d->text);
    memset(d, 0, sizeof(*d));
}

bool near_duplicates_scan(struct near_duplicates *d,
                          const struct csv_field *record)
{
    bool all = true;

    for (size_t i = 0; i < d->n_columns; i++) {
        const struct csv_field *cell = &record[d->columns[i]];
        double value;
        if (!d->text[i] && cell->len &&
            !num_parse(cell->text, cell->len, &value))
            d->text[i] = true;
        all &= d->text[i];
    }
    return all;
}

/* ---- what a row says ---- */

static void add_number(struct buf *key, const struct csv_field *cell)
{
    char text[NUM_SIZE];
    double value;

    if (cell->len && num_parse(cell->text, cell->len, &value)) {
        value = num_round(value, DIGITS) + 0.0; /* -0 is 0 */
        buf_add(key, text, num_format(text, value));
    }
    buf_add_char(key, CELL_END);
}

static bool is_ascii(const char *s, size_t len)
{
    unsigned char all = 0;

    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)s[i];
    return all < 0x80;
}

/* What text_fold and text_next_word do, where that is simple. */
static void add_ascii_words(struct buf *key, const char *s, size_t len)
{
    char *out = buf_reserve(key, len + 1);
    size_t n = 0;
    bool between = false;

    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            if (between && n)
                out[n++] = ' ';
            out[n++] = c;
            between = false;
        } else {
            between = true;
        }
    }
    out[n] = '\0';
    key->len += n;
}

static void add_words(struct near_duplicates *d, const char *s, size_t len)
{
    struct text_word word;
    const char *at, *end;
    size_t first = d->key.len;

    buf_clear(&d->folded);
    text_fold(&d->folded, s, len);
    at = d->folded.data;
    end = at + d->folded.len;
    while (at < end && text_next_word(&at, end, &word)) {
        if (word.symbol)
            continue;
        if (d->key.len > first)
            buf_add_char(&d->key, ' ');
        buf_add(&d->key, word.start, word.len);
    }
}

static void add_text(struct near_duplicates *d, const struct csv_field *cell)
{
    size_t first = d->key.len;

    if (is_ascii(cell->text, cell->len))
        add_ascii_words(&d->key, cell->text, cell->len);
    else
        add_words(d, cell->text, cell->len);
    if (d->key.len == first)
        buf_add(&d->key, cell->text, cell->len);
    buf_add_char(&d->key, CELL_END);
}

/* The key of a row; returns the bytes of its numbers, 0 for an empty row. */
static size_t make_key(struct near_duplicates *d,
                       const struct csv_field *record)
{
    size_t numbers, filled = 0;

    buf_clear(&d->key);
    for (size_t i = 0; i < d->n_columns; i++) {
        filled += record[d->columns[i]].len;
        if (!d->text[i])
            add_number(&d->key, &record[d->columns[i]]);
    }
    buf_add_char(&d->key, NUMBERS_END);
    numbers = d->key.len;
    for (size_t i = 0; i < d->n_columns; i++)
        if (d->text[i])
            add_text(d, &record[d->columns[i]]);
    return filled ? numbers : 0;
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
    size_t numbers = make_key(d, record);
    uint32_t *slot;

    if (!numbers)
        return NEAR_NONE;
    if (d->n * 2 >= d->n_slots)
        make_room(d);
    slot = slot_of(d, d->key.data, d->key.len);
    if (!*slot) {
        d->texts =
            mem_grow(d->texts, &d->capacity, d->n + 1, sizeof(*d->texts));
        buf_add(&d->bytes, d->key.data, d->key.len);
        d->texts[d->n++] =
            (struct near_text){d->bytes.len, (uint32_t)numbers, 0};
        *slot = (uint32_t)d->n;
    }
    d->texts[*slot - 1].rows++;
    return *slot - 1;
}

/* ---- likeness ---- */

/* The hashes of a text's shingles, doubles included; {0} is empty. */
struct shingles {
    uint64_t *hash;
    size_t n, capacity;
    struct buf padded;
};

static void shingles_release(struct shingles *s)
{
    free(s->hash);
    buf_release(&s->padded);
}

static size_t next_character(const char *s, size_t at)
{
    do
        at++;
    while (((unsigned char)s[at] & 0xc0) == 0x80);
    return at;
}

static void shingles_of(const struct near_duplicates *d, size_t text,
                        struct shingles *s)
{
    size_t from = start_of(d, text) + d->texts[text].numbers, end = 0, at = 0;

    buf_clear(&s->padded);
    buf_add_char(&s->padded, ' ');
    buf_add(&s->padded, d->bytes.data + from, d->texts[text].end - from);
    s->hash = mem_grow(s->hash, &s->capacity, s->padded.len, sizeof(*s->hash));
    s->n = 0;
    for (int i = 0; i < SHINGLE && end < s->padded.len; i++)
        end = next_character(s->padded.data, end);
    for (;; end = next_character(s->padded.data, end)) {
        s->hash[s->n++] = hash_bytes(s->padded.data + at, end - at);
        if (end >= s->padded.len)
            break;
        at = next_character(s->padded.data, at);
    }
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void make_set(struct shingles *s)
{
    size_t n = 0;

    qsort(s->hash, s->n, sizeof(*s->hash), by_value);
    for (size_t i = 0; i < s->n; i++)
        if (n == 0 || s->hash[i] != s->hash[n - 1])
            s->hash[n++] = s->hash[i];
    s->n = n;
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
            shingles_of(d, i, &s);
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
        shingles_of(d, a, &band->a);
        make_set(&band->a);
        band->of_a = a + 1;
    }
    shingles_of(d, b, &band->b);
    make_set(&band->b);
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
    bool any = false;

    disjoint_sets_grow(sets, d->n);
    for (size_t i = 0; i < d->n_columns; i++)
        any |= d->text[i];
    if (any && similarity < 1)
        join_bands(d, similarity, sets);
    count_clusters(d, sets);
}
