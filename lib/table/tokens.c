#include "table/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static void push(struct tokens *t, uint32_t token)
{
    t->token =
        mem_grow(t->token, &t->capacity, t->entries + 1, sizeof(*t->token));
    t->token[t->entries++] = token;
}

static void add_token(struct tokens *t, bool frozen, const char *text,
                      size_t len)
{
    size_t number = frozen ? dict_find(&t->dict, text, len)
                           : dict_add(&t->dict, text, len);

    push(t, number == DICT_NONE ? TOKEN_UNSEEN : (uint32_t)number);
}

static void add_characters(struct tokens *t, bool frozen, const char *at,
                           const char *end)
{
    while (at < end) {
        size_t bytes = text_utf8_length(at, (size_t)(end - at));
        if (!bytes)
            return;
        add_token(t, frozen, at, bytes);
        at += bytes;
    }
}

/* What lies between two words, or at either end, are blanks. */
static void add_text(struct tokens *t, enum token_kind kind, bool frozen,
                     const char *at, const char *end)
{
    const char *behind = at;
    struct text_word word;

    while (text_next_word(&at, end, &word)) {
        if (kind == TOKENS_WORD) {
            add_token(t, frozen, word.start, word.len);
            continue;
        }
        if (word.start > behind)
            add_token(t, frozen, " ", 1);
        behind = word.start + word.len;
        add_characters(t, frozen, word.start, behind);
    }
    if (kind == TOKENS_CHAR && behind < end)
        add_token(t, frozen, " ", 1);
}

static void start_row(struct tokens *t)
{
    t->start =
        mem_grow(t->start, &t->starts_capacity, t->n + 2, sizeof(*t->start));
    if (t->n == 0)
        t->start[0] = 0;
}

void tokens_add(struct tokens *t, enum token_kind kind, bool frozen,
                const char *text, size_t len)
{
    size_t before;

    start_row(t);
    if (t->entries > t->start[t->n])
        push(t, TOKEN_SEPARATOR);
    before = t->entries;
    buf_clear(&t->folded);
    text_fold(&t->folded, text, len);
    if (t->folded.len)
        add_text(t, kind, frozen, t->folded.data,
                 t->folded.data + t->folded.len);
    if (t->entries == before)
        push(t, TOKEN_UNSEEN);
}

void tokens_end_row(struct tokens *t, size_t max_steps)
{
    size_t first = t->start[t->n];

    if (max_steps && t->entries - first > max_steps) {
        t->entries = first + max_steps;
        t->cut++;
    }
    t->start[++t->n] = t->entries;
}

void tokens_clear(struct tokens *t)
{
    t->n = t->entries = 0;
}

void tokens_release(struct tokens *t)
{
    free(t->start);
    free(t->token);
    dict_release(&t->dict);
    buf_release(&t->folded);
    memset(t, 0, sizeof(*t));
}

/* ---- the model file ---- */

void vocabulary_write(const struct dict *vocabulary, struct buf *bytes)
{
    for (size_t i = 0; i < vocabulary->count; i++)
        buf_add(bytes, vocabulary->text[i], vocabulary->len[i] + 1);
}

int vocabulary_read(struct dict *vocabulary, const char *bytes, size_t len)
{
    const char *before = "", *end = bytes + len;

    if (len && end[-1])
        return -1;
    while (bytes < end) {
        size_t n = strlen(bytes);
        if (strcmp(bytes, before) <= 0 || text_utf8_valid(bytes, n) != n)
            return -1;
        dict_add(vocabulary, bytes, n);
        before = bytes;
        bytes += n + 1;
    }
    return 0;
}
