#include "stream/profile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static size_t find(const struct dict *index, const char *check,
                   const char *subject, struct buf *name)
{
    buf_add(name, check, strlen(check) + 1);
    buf_add_text(name, subject);
    return dict_find(index, name->data, name->len);
}

/* Sketches that toss the same coins would err in the same way. */
static uint64_t seed_of(const struct profile *p, const struct buf *name)
{
    return hash_bytes(name->data, name->len) ^ p->seed;
}

static struct profile_item *make(struct profile *p, const char *check,
                                 const char *subject, enum profile_kind kind,
                                 const struct buf *name)
{
    struct profile_item *item;

    dict_add(&p->index, name->data, name->len);
    p->items =
        mem_grow(p->items, &p->items_capacity, p->n_items + 1, sizeof(*item));
    item = &p->items[p->n_items++];
    memset(item, 0, sizeof(*item));
    item->check = mem_strdup(check);
    item->subject = mem_strdup(subject);
    item->kind = kind;
    if (kind == PROFILE_NUMBERS)
        item->numbers = quantiles_new(p->accuracy, seed_of(p, name));
    return item;
}

struct profile_item *profile_item(struct profile *p, const char *check,
                                  const char *subject, enum profile_kind kind)
{
    struct buf name = {0};
    size_t at = find(&p->index, check, subject, &name);
    struct profile_item *item =
        at == DICT_NONE ? make(p, check, subject, kind, &name) : &p->items[at];

    assert(item->kind == kind);
    buf_release(&name);
    return item;
}

struct profile_item *profile_find(const struct profile *p, const char *check,
                                  const char *subject)
{
    struct buf name = {0};
    size_t at = find(&p->index, check, subject, &name);

    buf_release(&name);
    return at == DICT_NONE ? NULL : &p->items[at];
}

static void item_release(struct profile_item *item)
{
    free(item->check);
    free(item->subject);
    quantiles_free(item->numbers);
    level_counts_release(&item->levels);
    word_rows_release(&item->words);
}

static void sample_release(struct profile_sample *sample)
{
    for (size_t i = 0; i < sample->n; i++)
        profile_row_release(&sample->row[i], sample->columns);
    free(sample->row);
}

void profile_release(struct profile *p)
{
    list_release(&p->missing_words);
    list_release(&p->classes);
    for (size_t i = 0; i < p->n_columns; i++) {
        free(p->columns[i].name);
        free(p->columns[i].type);
        free(p->columns[i].role);
    }
    free(p->columns);
    for (size_t i = 0; i < p->n_items; i++)
        item_release(&p->items[i]);
    free(p->items);
    dict_release(&p->index);
    sample_release(&p->sample);
    memset(p, 0, sizeof(*p));
}
