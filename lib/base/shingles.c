#include "base/shingles.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

void shingles_release(struct shingles *s)
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

void shingles_of(struct shingles *s, const char *text, size_t len)
{
    size_t end = 0, at = 0;

    buf_clear(&s->padded);
    buf_add_char(&s->padded, ' ');
    buf_add(&s->padded, text, len);
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

void shingles_make_set(struct shingles *s)
{
    size_t n = 0;

    qsort(s->hash, s->n, sizeof(*s->hash), by_value);
    for (size_t i = 0; i < s->n; i++)
        if (n == 0 || s->hash[i] != s->hash[n - 1])
            s->hash[n++] = s->hash[i];
    s->n = n;
}
