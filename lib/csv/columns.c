#include "csv/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

static const char *name_of(const struct cells *c, size_t i, size_t *len)
{
    *len = c->start[i + 1] - c->start[i] - 1;
    return c->text + c->start[i];
}

static int take_first(struct columns *c, const struct cells *header,
                      const char *data, struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    size_t n = header->n - 1;

    c->raw_name_of = mem_zalloc(n, sizeof(*c->raw_name_of));
    c->place = mem_zalloc(n, sizeof(*c->place));
    c->field = mem_zalloc(n, sizeof(*c->field));
    for (size_t i = 0; i < n; i++) {
        size_t len;
        const char *name = name_of(header, i, &len);
        size_t at = dict_add(&c->names, name, len);
        if (at != i)
            return err_set(
                err, ERR_DATA, "column %s occurs twice (fields %zu and %zu)",
                err_quote(quoted, sizeof(quoted), name, len), at + 1, i + 1);
        c->place[i] = c->field[i] = i;
        c->raw_name_of[i] = dict_add(&c->raw_names, data + header->raw[i],
                                     header->raw[i + 1] - header->raw[i] - 1);
    }
    c->same_order = true;
    return 0;
}

/* A later file: the same columns, in any order. */
static int match(struct columns *c, const struct cells *header, bool *seen,
                 struct err *err)
{
    size_t n = header->n - 1;

    if (n != c->names.count)
        return err_set(err, ERR_DATA,
                       "%zu column%s, but the first file has %zu", n, plural(n),
                       c->names.count);
    c->same_order = true;
    for (size_t i = 0; i < n; i++) {
        size_t len;
        const char *name = name_of(header, i, &len);
        size_t at = dict_find(&c->names, name, len);
        if (at == DICT_NONE || seen[at])
            return err_set(err, ERR_DATA, "column '%s' %s", name,
                           at == DICT_NONE ? "is not in the first file"
                                           : "occurs twice");
        seen[at] = true;
        c->place[i] = at;
        c->field[at] = i;
        c->same_order = c->same_order && at == i;
    }
    return 0;
}

int columns_take(struct columns *c, const struct cells *header,
                 const char *data, struct err *err)
{
    bool *seen;
    int status;

    if (!c->place)
        return take_first(c, header, data, err);
    seen = mem_zalloc(c->names.count, sizeof(*seen));
    status = match(c, header, seen, err);
    free(seen);
    return status;
}

void columns_release(struct columns *c)
{
    dict_release(&c->names);
    dict_release(&c->raw_names);
    free(c->raw_name_of);
    free(c->place);
    free(c->field);
    memset(c, 0, sizeof(*c));
}
