#include "analysis/row_chance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "stats/coincidence.h"

enum {
    SAMPLE = 20000,
    MOST_LOOKED_AT = 64,
    MANY_COLUMNS = 16,
    STEP_ROWS = 20000
};

static const double TELLING = .1;

/* ---- columns ---- */

static size_t count_columns(const struct table *t)
{
    return t->n_numbers + t->n_categories + t->n_texts;
}

static uint64_t text_hash(const struct ngrams *g, size_t row)
{
    uint64_t hash =
        hash_add(HASH_START, g->bucket + g->start[row],
                 (g->start[row + 1] - g->start[row]) * sizeof(*g->bucket));

    return hash_add(hash, g->count + g->start[row],
                    (g->start[row + 1] - g->start[row]) * sizeof(*g->count));
}

/* Numbers first, then categories, then texts. */
static uint64_t cell_hash(const struct table *t, size_t row, size_t column)
{
    uint64_t value;
    size_t c = column;

    if (c < t->n_numbers) {
        float x = t->numbers[row * t->n_numbers + c] + 0.0F; /* no -0 */
        uint32_t bits;
        memcpy(&bits, &x, sizeof(bits));
        value = isnan(x) ? UINT32_MAX : bits;
    } else if ((c -= t->n_numbers) < t->n_categories) {
        value = t->levels[row * t->n_categories + c];
    } else {
        value = text_hash(&t->texts[c - t->n_categories], row);
    }
    return hash_finish(value + 0x9e3779b97f4a7c15u * (column + 1));
}

/* What a row says in columns [begin, end). */
static uint64_t cells_hash(const struct table *t, size_t row, size_t begin,
                           size_t end)
{
    uint64_t sum = 0;

    for (size_t c = begin; c < end; c++)
        sum += cell_hash(t, row, c);
    return sum;
}

/* How often two rows of one label agree in them, of up to SAMPLE rows. */
static double agreement(const struct table *t, size_t begin, size_t end,
                        uint64_t *room)
{
    size_t step = t->n / SAMPLE + 1, n = 0;
    double of_label;

    for (size_t i = 0; i < t->n; i += step)
        room[n++] = hash_finish(t->label[i]);
    of_label = equal_pairs(room, n);
    n = 0;
    for (size_t i = 0; i < t->n; i += step)
        room[n++] = cells_hash(t, i, begin, end) + hash_finish(t->label[i]);
    return of_label > 0 ? equal_pairs(room, n) / of_label : 1;
}

/* Rows by all their columns, and how many pairs are equal. */
struct equal_rows {
    const struct table *t;
    uint64_t *sum, *room; /* [n] each */
    double pairs;
    size_t looked_at; /* columns, or blocks of them */
};

static bool may_be_chance(struct equal_rows *e, size_t begin, size_t end,
                          double q)
{
    e->looked_at++;
    for (size_t i = 0; i < e->t->n; i++)
        e->room[i] = e->sum[i] - cells_hash(e->t, i, begin, end);
    return is_coincidence(e->pairs, equal_pairs(e->room, e->t->n), q);
}

static bool chance_in_columns(struct equal_rows *e)
{
    bool chance = false;

    for (size_t c = 0; c < count_columns(e->t) && !chance; c++) {
        double q = agreement(e->t, c, c + 1, e->room);
        if (q <= TELLING && e->looked_at < MOST_LOOKED_AT)
            chance = may_be_chance(e, c, c + 1, q);
    }
    return chance;
}

/* Where no column tells much: neighbours that together do, such as pixels. */
static bool chance_in_blocks(struct equal_rows *e)
{
    size_t begin = 0;
    bool chance = false;

    for (size_t c = 0; c < count_columns(e->t) && !chance; c++) {
        double q = agreement(e->t, begin, c + 1, e->room);
        if (q > TELLING)
            continue;
        if (e->looked_at < MOST_LOOKED_AT)
            chance = may_be_chance(e, begin, c + 1, q);
        begin = c + 1;
    }
    return chance;
}

static enum row_chance chance_by_columns(const struct table *t)
{
    struct equal_rows e = {.t = t,
                           .sum = mem_alloc(t->n, sizeof(*e.sum)),
                           .room = mem_alloc(t->n, sizeof(*e.room))};
    bool chance;

    for (size_t i = 0; i < t->n; i++)
        e.sum[i] = cells_hash(t, i, 0, count_columns(t));
    memcpy(e.room, e.sum, t->n * sizeof(*e.room));
    e.pairs = equal_pairs(e.room, t->n);
    chance = chance_in_columns(&e);
    if (!e.looked_at && count_columns(t) >= MANY_COLUMNS)
        chance = chance_in_blocks(&e);
    free(e.sum);
    free(e.room);
    return chance || !e.looked_at ? ROW_CHANCE : ROW_COPIES;
}

/* ---- words, characters, steps ---- */

/* {0} is empty; start[n + 1]. */
struct lists {
    uint64_t *word;
    size_t *start, n, words, capacity, starts_capacity;
};

static void add_word(struct lists *l, uint64_t word)
{
    l->word = mem_grow(l->word, &l->capacity, l->words + 1, sizeof(*l->word));
    l->word[l->words++] = word;
}

static void end_list(struct lists *l)
{
    l->start =
        mem_grow(l->start, &l->starts_capacity, l->n + 2, sizeof(*l->start));
    l->start[0] = 0;
    l->start[++l->n] = l->words;
}

static enum row_chance chance_of(const struct lists *l, const uint32_t *rows)
{
    struct list_pairs p = list_pairs(l->word, l->start, rows, l->n);

    return p.one_apart >= p.equal ? ROW_CHANCE : ROW_COPIES;
}

static void release_lists(struct lists *l)
{
    free(l->word);
    free(l->start);
    memset(l, 0, sizeof(*l));
}

static void add_text(struct lists *l, const char *at, const char *end,
                     bool characters)
{
    struct text_word word;

    while (characters && at < end) {
        size_t len = text_utf8_length(at, (size_t)(end - at));
        add_word(l, hash_bytes(at, len));
        at += len;
    }
    while (!characters && text_next_word(&at, end, &word))
        add_word(l, hash_bytes(word.start, word.len));
    end_list(l);
}

static void add_texts(struct lists *l, const struct near_duplicates *d,
                      bool characters)
{
    size_t begin = 0;

    for (size_t i = 0; i < d->n; begin = d->texts[i++].end)
        add_text(l, d->bytes.data + begin + d->texts[i].numbers,
                 d->bytes.data + d->texts[i].end, characters);
}

/* Texts of one word have nothing else to differ in than its characters. */
static enum row_chance chance_by_words(const struct near_duplicates *d)
{
    uint32_t *rows = mem_alloc(d->n, sizeof(*rows));
    struct lists l = {0};
    enum row_chance chance;

    for (size_t i = 0; i < d->n; i++)
        rows[i] = d->texts[i].rows;
    add_texts(&l, d, false);
    if (2 * l.words < 3 * l.n) {
        release_lists(&l);
        add_texts(&l, d, true);
    }
    chance = chance_of(&l, rows);
    release_lists(&l);
    free(rows);
    return chance;
}

static enum row_chance chance_by_steps(const struct sequences *s)
{
    struct lists l = {0};
    enum row_chance chance;

    for (size_t i = 0; i < s->n; i += s->n / STEP_ROWS + 1) {
        for (size_t k = s->start[i]; k < s->start[i + 1]; k++)
            add_word(&l, hash_bytes(s->value + k * s->width,
                                    s->width * sizeof(*s->value)));
        end_list(&l);
    }
    chance = chance_of(&l, NULL);
    release_lists(&l);
    return chance;
}

enum row_chance row_chance(const struct table *t, const struct raw_cells *raw)
{
    if (t->sequences.n)
        return chance_by_steps(&t->sequences);
    if (raw && raw->near.n && count_columns(t) == t->n_texts)
        return chance_by_words(&raw->near);
    return count_columns(t) ? chance_by_columns(t) : ROW_COPIES;
}
