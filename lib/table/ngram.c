#include "table/ngram.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"

enum { MOST_WORDS = 8 };

void ngrams_release(struct ngrams *g)
{
    free(g->start);
    free(g->bucket);
    free(g->count);
    free(g->scratch);
    buf_release(&g->folded);
    memset(g, 0, sizeof(*g));
}

void ngrams_clear(struct ngrams *g)
{
    g->n = g->entries = 0;
}

static size_t push(struct ngrams *g, size_t n, uint64_t state,
                   uint32_t first_bucket)
{
    g->scratch =
        mem_grow(g->scratch, &g->scratch_capacity, n + 1, sizeof(uint32_t));
    g->scratch[n] = first_bucket +
                    (uint32_t)(hash_finish(state) & (NGRAM_GROUP - 1));
    return n + 1;
}

/* The marks are no n-grams by themselves. */
static bool is_mark(const char *start, const char *end,
                    const struct buf *marked)
{
    return end - start == 1 &&
           (start == marked->data || end == marked->data + marked->len);
}

/* All character n-grams of "<word>", each size from every character on. */
static size_t add_characters(struct ngrams *g, size_t n,
                             const struct ngram_sizes *sizes,
                             const struct text_word *word, struct buf *marked)
{
    const char *start, *end;

    buf_clear(marked);
    buf_add_char(marked, '<');
    buf_add(marked, word->start, word->len);
    buf_add_char(marked, '>');
    end = marked->data + marked->len;
    for (start = marked->data; start < end;) {
        uint64_t state = hash_add(HASH_START, "c", 1);
        const char *at = start;
        for (int size = 1; size <= sizes->char_high && at < end; size++) {
            size_t bytes = text_utf8_length(at, (size_t)(end - at));
            state = hash_add(state, at, bytes);
            at += bytes;
            if (size >= sizes->char_low && !is_mark(start, at, marked))
                n = push(g, n, state, NGRAM_GROUP);
        }
        start += text_utf8_length(start, (size_t)(end - start));
    }
    return n;
}

/* The word n-grams that end with the last of `words`. */
static size_t add_words(struct ngrams *g, size_t n,
                        const struct ngram_sizes *sizes,
                        const struct text_word *words, size_t n_words)
{
    for (int size = sizes->word_low; size && size <= sizes->word_high; size++) {
        uint64_t state = hash_add(HASH_START, "w", 1);
        if ((size_t)size > n_words)
            break;
        for (size_t i = n_words - (size_t)size; i < n_words; i++) {
            state = hash_add(state, words[i].start, words[i].len);
            state = hash_add(state, " ", 1);
        }
        n = push(g, n, state, 0);
    }
    return n;
}

static size_t collect(struct ngrams *g, const struct ngram_sizes *sizes)
{
    struct text_word recent[MOST_WORDS];
    const char *at = g->folded.data, *end = at + g->folded.len;
    struct buf marked = {0};
    size_t n = 0, n_recent = 0;

    for (;;) {
        if (n_recent == MOST_WORDS) {
            memmove(recent, recent + 1, (MOST_WORDS - 1) * sizeof(*recent));
            n_recent--;
        }
        if (!text_next_word(&at, end, &recent[n_recent]))
            break;
        n_recent++;
        n = add_words(g, n, sizes, recent, n_recent);
        if (sizes->char_high && !recent[n_recent - 1].symbol)
            n = add_characters(g, n, sizes, &recent[n_recent - 1], &marked);
    }
    buf_release(&marked);
    return n;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void append_entry(struct ngrams *g, uint32_t bucket, size_t count)
{
    size_t room = g->capacity;

    g->bucket =
        mem_grow(g->bucket, &g->capacity, g->entries + 1, sizeof(*g->bucket));
    g->count = mem_grow(g->count, &room, g->entries + 1, sizeof(*g->count));
    g->bucket[g->entries] = bucket;
    g->count[g->entries++] = (float)count;
}

void ngrams_add(struct ngrams *g, const struct ngram_sizes *sizes,
                const char *text, size_t len)
{
    size_t n = 0;

    g->start =
        mem_grow(g->start, &g->starts_capacity, g->n + 2, sizeof(*g->start));
    g->start[g->n] = g->entries;
    buf_clear(&g->folded);
    text_fold(&g->folded, text, len);
    if (g->folded.len)
        n = collect(g, sizes);
    if (n)
        qsort(g->scratch, n, sizeof(*g->scratch), by_number);
    for (size_t i = 0; i < n;) {
        size_t same = 1;
        while (i + same < n && g->scratch[i + same] == g->scratch[i])
            same++;
        append_entry(g, g->scratch[i], same);
        i += same;
    }
    g->start[++g->n] = g->entries;
}
