#include "table/recoding.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "csv/reader.h"

static void add(struct recoding *r, const char *class, size_t len,
                const char *into)
{
    bool made = false;

    for (size_t i = 0; i < r->to.n; i++)
        if (strcmp(r->to.items[i], class) == 0) {
            free(r->to.items[i]);
            r->to.items[i] = mem_strdup(into);
            made = true;
        }
    if (dict_find(&r->from, class, len) != DICT_NONE)
        return;
    dict_add(&r->from, class, len);
    list_add(&r->to, into);
    r->met = mem_grow(r->met, &r->capacity, r->to.n, sizeof(*r->met));
    r->met[r->to.n - 1] = made;
}

int recoding_read(struct recoding *r, const char *path, struct err *err)
{
    char *paths[] = {(char *)path};
    struct csv_options plain = {0};
    struct csv_reader *plan = csv_reader_open(paths, 1, &plain, err);
    size_t class, into;
    int got = -1;

    if (plan && csv_reader_require(plan, "class", &class, err) == 0 &&
        csv_reader_require(plan, "into", &into, err) == 0)
        while ((got = csv_reader_next(plan, err)) == 1) {
            const struct csv_field *f = csv_reader_fields(plan);
            add(r, f[class].text, f[class].len, f[into].text);
        }
    csv_reader_close(plan);
    return got;
}

void recoding_release(struct recoding *r)
{
    dict_release(&r->from);
    list_release(&r->to);
    free(r->met);
}

const char *recoding_of(const struct recoding *r, const char *label, size_t len)
{
    size_t at = r->to.n ? dict_find(&r->from, label, len) : DICT_NONE;

    if (at == DICT_NONE)
        return NULL;
    r->met[at] = true;
    return r->to.items[at];
}

size_t recoding_unmet(const struct recoding *r, const char **first)
{
    size_t n = 0;

    *first = NULL;
    for (size_t i = 0; i < r->to.n; i++)
        if (!r->met[i] && !n++)
            *first = r->from.text[i];
    return n;
}
