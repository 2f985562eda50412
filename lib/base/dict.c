#include "base/dict.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

void dict_release(struct dict *dict)
{
    for (size_t i = 0; i < dict->count; i++)
        free(dict->text[i]);
    free(dict->text);
    free(dict->len);
    free(dict->slots);
    memset(dict, 0, sizeof(*dict));
}

static size_t *find_slot(const struct dict *dict, const char *text, size_t len)
{
    size_t at = hash_bytes(text, len) & (dict->n_slots - 1);

    for (;; at = (at + 1) & (dict->n_slots - 1)) {
        size_t number = dict->slots[at];
        if (!number || (dict->len[number - 1] == len &&
                        memcmp(dict->text[number - 1], text, len) == 0))
            return &dict->slots[at];
    }
}

static void rehash(struct dict *dict)
{
    dict->n_slots = dict->n_slots ? dict->n_slots * 2 : 32;
    free(dict->slots);
    dict->slots = mem_zalloc(dict->n_slots, sizeof(*dict->slots));
    for (size_t i = 0; i < dict->count; i++)
        *find_slot(dict, dict->text[i], dict->len[i]) = i + 1;
}

size_t dict_add(struct dict *dict, const char *text, size_t len)
{
    size_t room = dict->capacity, *slot;

    if (dict->count * 2 >= dict->n_slots)
        rehash(dict);
    slot = find_slot(dict, text, len);
    if (*slot)
        return *slot - 1;
    dict->text = mem_grow(dict->text, &dict->capacity, dict->count + 1,
                          sizeof(*dict->text));
    dict->len = mem_grow(dict->len, &room, dict->count + 1, sizeof(*dict->len));
    dict->text[dict->count] = mem_strndup(text, len);
    dict->len[dict->count] = len;
    *slot = ++dict->count;
    return dict->count - 1;
}

size_t dict_find(const struct dict *dict, const char *text, size_t len)
{
    size_t number = dict->n_slots ? *find_slot(dict, text, len) : 0;

    return number ? number - 1 : DICT_NONE;
}

struct named {
    const char *text;
    size_t len, number;
};

static int by_bytes(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    size_t shorter = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, shorter);

    return order ? order : (x->len > y->len) - (x->len < y->len);
}

void dict_sorted(const struct dict *dict, size_t *order)
{
    struct named *all = mem_alloc(dict->count, sizeof(*all));

    for (size_t i = 0; i < dict->count; i++)
        all[i] = (struct named){dict->text[i], dict->len[i], i};
    qsort(all, dict->count, sizeof(*all), by_bytes);
    for (size_t i = 0; i < dict->count; i++)
        order[i] = all[i].number;
    free(all);
}
