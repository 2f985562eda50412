#include "analysis/sort_keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

enum { MOST_BYTES = 200 };

void sort_keys_add(struct sort_keys *k, const char *text, size_t len)
{
    size_t kept = len < MOST_BYTES ? len : MOST_BYTES;

    k->start = mem_grow(k->start, &k->capacity, k->n + 1, sizeof(*k->start));
    k->start[k->n++] = k->text.len;
    buf_add(&k->text, text, kept);
    buf_add_char(&k->text, '\0');
    k->paths = k->paths || memchr(text, '/', len) || memchr(text, '\\', len);
}

void sort_keys_release(struct sort_keys *k)
{
    buf_release(&k->text);
    free(k->start);
    *k = (struct sort_keys){0};
}

/* ---- comparing ---- */

struct key {
    const char *text;
    double number;
    uint32_t at;
};

static int by_place(const struct key *a, const struct key *b)
{
    return (a->at > b->at) - (a->at < b->at);
}

static int by_number(const void *x, const void *y)
{
    const struct key *a = x, *b = y;

    return a->number < b->number   ? -1
           : a->number > b->number ? 1
                                   : by_place(a, b);
}

static int by_text(const void *x, const void *y)
{
    const struct key *a = x, *b = y;
    int order = strcmp(a->text, b->text);

    return order ? order : by_place(a, b);
}

static unsigned char small(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int by_alike(const void *x, const void *y)
{
    const struct key *a = x, *b = y;
    size_t i = 0;

    while (a->text[i] && small(a->text[i]) == small(b->text[i]))
        i++;
    return small(a->text[i]) != small(b->text[i])
               ? small(a->text[i]) - small(b->text[i])
               : by_place(a, b);
}

/* Digits in a row, of any length; leaves both behind them. */
static int compare_runs(const char **a, const char **b)
{
    size_t n = 0, m = 0;
    int order;

    while (**a == '0')
        (*a)++;
    while (**b == '0')
        (*b)++;
    while (is_digit((*a)[n]))
        n++;
    while (is_digit((*b)[m]))
        m++;
    order = n != m ? (n > m) - (n < m) : memcmp(*a, *b, n);
    *a += n;
    *b += m;
    return order;
}

static int by_nature(const void *x, const void *y)
{
    const struct key *a = x, *b = y;
    const char *p = a->text, *q = b->text;
    int order = 0;

    while (*p && *q && !order) {
        if (is_digit(*p) && is_digit(*q))
            order = compare_runs(&p, &q);
        else
            order = small(*p++) - small(*q++);
    }
    if (!order)
        order = (*p != '\0') - (*q != '\0');
    return order ? order : by_place(a, b);
}

/* ---- ordering ---- */

static const struct {
    int (*compare)(const void *, const void *);
    bool name;
    const char *words;
} kinds[SORT_KINDS] = {
    [SORT_NUMBERS] = {by_number, false, "as numbers"},
    [SORT_TEXT] = {by_text, false, "as text (10 before 9)"},
    [SORT_ALIKE] = {by_alike, false, "as text, capitals as small letters"},
    [SORT_NATURAL] = {by_nature, false, "as text (9 before 10)"},
    [SORT_NAME] = {by_text, true, "without folders, as text (10 before 9)"},
    [SORT_NATURAL_NAME] = {by_nature, true,
                           "without folders, as text (9 before 10)"},
};

const char *sort_kind_words(enum sort_kind kind)
{
    return kinds[kind].words;
}

static const char *behind_slash(const char *text)
{
    const char *name = text;

    for (; *text; text++)
        if (*text == '/' || *text == '\\')
            name = text + 1;
    return name;
}

/* Empty cells come last. */
static bool parse_numbers(struct key *key, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!*key[i].text)
            key[i].number = INFINITY;
        else if (!num_parse(key[i].text, strlen(key[i].text), &key[i].number))
            return false;
    return true;
}

bool sort_keys_order(const struct sort_keys *k, enum sort_kind kind,
                     uint32_t *at)
{
    struct key *key;
    bool can;

    if (kinds[kind].name && !k->paths)
        return false;
    key = mem_alloc(k->n, sizeof(*key));
    for (size_t i = 0; i < k->n; i++) {
        const char *text = k->text.data + k->start[i];
        key[i] = (struct key){kinds[kind].name ? behind_slash(text) : text, 0,
                              (uint32_t)i};
    }
    can = kind != SORT_NUMBERS || parse_numbers(key, k->n);
    if (can)
        qsort(key, k->n, sizeof(*key), kinds[kind].compare);
    for (size_t i = 0; i < k->n && can; i++)
        at[i] = key[i].at;
    free(key);
    return can;
}
