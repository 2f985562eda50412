#include "stream/top_conflicts.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static const double SIMILARITY = .8;

void top_conflicts_init(struct top_conflicts *c, size_t n_columns)
{
    memset(c, 0, sizeof(*c));
    row_key_init(&c->key, n_columns);
}

void top_conflicts_release(struct top_conflicts *c)
{
    for (size_t i = 0; i < c->texts.count; i++) {
        free(c->twins[i].first.id);
        free(c->twins[i].other.id);
    }
    free(c->twins);
    dict_release(&c->texts);
    row_key_release(&c->key);
    shingles_release(&c->shingles);
    look_alikes_release(&c->alikes);
}

void top_conflicts_scan(struct top_conflicts *c, const struct csv_field *record)
{
    if (!c->all_text)
        c->all_text = row_key_scan(&c->key, record);
}

/* The set of key->bytes, whose first `numbers` bytes say of which kind it is.
 */
static uint64_t make_set(struct top_conflicts *c, size_t numbers)
{
    const struct buf *key = &c->key.bytes;

    shingles_of(&c->shingles, key->data + numbers, key->len - numbers);
    shingles_make_set(&c->shingles);
    return hash_bytes(key->data, numbers);
}

size_t top_conflicts_add(struct top_conflicts *c,
                         const struct csv_field *record)
{
    size_t numbers = row_key_make(&c->key, record);
    size_t count = c->texts.count, text;
    uint64_t kind;

    if (!numbers)
        return TOP_NO_TEXT;
    text = dict_add(&c->texts, c->key.bytes.data, c->key.bytes.len);
    if (text < count)
        return text;
    c->twins = mem_grow(c->twins, &c->capacity, text + 1, sizeof(*c->twins));
    memset(&c->twins[text], 0, sizeof(*c->twins));
    c->open++;
    kind = make_set(c, numbers);
    look_alikes_add(&c->alikes, kind, c->shingles.hash, c->shingles.n);
    return text;
}

void top_conflicts_index(struct top_conflicts *c)
{
    look_alikes_index(&c->alikes, SIMILARITY);
}

/* ---- seeing ---- */

static void note_twin(struct top_conflicts *c, struct top_text *text,
                      size_t label, const char *id)
{
    struct top_twin twin = {label, NULL};

    if (text->other.id || (text->first.id && text->first.label == label))
        return;
    twin.id = mem_strdup(id);
    if (!text->first.id) {
        text->first = twin;
    } else {
        text->other = twin;
        c->open--;
    }
}

void top_conflicts_see(struct top_conflicts *c, const struct csv_field *record,
                       size_t label, const char *id)
{
    const uint32_t *found;
    size_t numbers, n;
    uint64_t kind;

    if (!c->open || !(numbers = row_key_make(&c->key, record)))
        return;
    kind = make_set(c, numbers);
    n = look_alikes_find(&c->alikes, kind, c->shingles.hash, c->shingles.n,
                         &found);
    for (size_t i = 0; i < n; i++)
        note_twin(c, &c->twins[found[i]], label, id);
}

const struct top_twin *top_conflicts_of(const struct top_conflicts *c,
                                        size_t text, size_t label)
{
    const struct top_text *t = text == TOP_NO_TEXT ? NULL : &c->twins[text];

    if (!t || !t->first.id)
        return NULL;
    if (t->first.label != label)
        return &t->first;
    return t->other.id ? &t->other : NULL;
}
