#include "table/join.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { LISTED = 3 };

/* One more of a list: its key, and where, printf style, after it. */
static void list_one(struct join_list *list, const char *key, size_t len,
                     const char *where)
{
    char text[ERR_QUOTE_SIZE];

    list->n++;
    if (list->n <= LISTED)
        buf_printf(&list->text, "%s%s%s", list->n > 1 ? ", " : "",
                   err_quote(text, sizeof(text), key, len), where);
    else if (list->n == LISTED + 1)
        buf_add_text(&list->text, ", ...");
}

/* The made form of a key, in join->made. */
static void make(struct join *join, const char *text, size_t len)
{
    buf_clear(&join->made);
    key_make(&join->made, join->rule, text, len);
}

/* What is compared of a key, in join->made, where that is not all of it. */
static void add_made(const struct join *join, const char *key, size_t len,
                     struct buf *to)
{
    const struct buf *made = &join->made;
    char text[ERR_QUOTE_SIZE];

    if (made->len != len || memcmp(made->data, key, len) != 0)
        buf_printf(to, ", as %s",
                   err_quote(text, sizeof(text), made->data, made->len));
}

/* ---- the held table ---- */

static int hold_record(struct join *join, struct err *err)
{
    const struct csv_field *cell = &csv_reader_fields(join->table)[join->key];
    size_t before = join->keys.count, number;

    if (!cell->len) {
        err_set(err, ERR_DATA, "the key is empty");
        return csv_reader_blame(join->table, join->key, err);
    }
    make(join, cell->text, cell->len);
    number = dict_add(&join->keys, join->made.data, join->made.len);
    if (number < before) {
        struct buf where = {0};
        add_made(join, cell->text, cell->len, &where);
        buf_printf(&where, " (lines %ld and %ld)", join->lines[number],
                   csv_reader_line(join->table));
        list_one(&join->twice, cell->text, cell->len, where.data);
        buf_release(&where);
        return 0;
    }
    held_add(&join->held, join->table);
    join->lines = mem_grow(join->lines, &join->capacity, before + 1,
                           sizeof(*join->lines));
    join->partner = mem_grow(join->partner, &join->partner_capacity, before + 1,
                             sizeof(*join->partner));
    join->lines[before] = csv_reader_line(join->table);
    join->partner[before] = 0;
    return 0;
}

static int hold_all(struct join *join, struct err *err)
{
    int got;

    while ((got = csv_reader_next(join->table, err)) == 1)
        if (hold_record(join, err) != 0)
            return -1;
    return got;
}

int join_open(struct join *join, const char *path,
              const struct csv_options *options, const char *key,
              struct key_rule rule, struct err *err)
{
    char *paths[] = {(char *)path};

    memset(join, 0, sizeof(*join));
    join->rule = rule;
    join->table = csv_reader_open(paths, 1, options, err);
    if (!join->table)
        return -1;
    if (csv_reader_require(join->table, key, &join->key, err) == 0 &&
        hold_all(join, err) == 0)
        return 0;
    join_release(join);
    return -1;
}

void join_release(struct join *join)
{
    csv_reader_close(join->table);
    held_release(&join->held);
    for (size_t i = 0; i < join->stray_keys.count; i++)
        free(join->strays[i].text);
    free(join->strays);
    free(join->lines);
    free(join->partner);
    dict_release(&join->keys);
    dict_release(&join->loose);
    dict_release(&join->stray_keys);
    buf_release(&join->twice.text);
    buf_release(&join->other_twice.text);
    buf_release(&join->made);
    memset(join, 0, sizeof(*join));
}

int join_columns(const struct join *join, const struct list *keep,
                 bool with_key, size_t **columns, size_t *n, struct err *err)
{
    size_t width = csv_reader_width(join->table);

    *n = 0;
    *columns = mem_alloc(keep->n + width, sizeof(**columns));
    for (size_t i = 0; i < keep->n; i++)
        if (csv_reader_require(join->table, keep->items[i], &(*columns)[(*n)++],
                               err) != 0)
            return -1;
    for (size_t i = 0; i < width && !keep->n; i++)
        if (with_key || i != join->key)
            (*columns)[(*n)++] = i;
    return 0;
}

const struct csv_field *join_fields(const struct join *join, size_t row)
{
    return held_fields(&join->held, row);
}

/* ---- the other side ---- */

static const struct key_rule widest = {KEY_STEM, true};

static void make_loose(struct join *join, const char *text, size_t len)
{
    buf_clear(&join->made);
    key_make_number(&join->made, widest, text, len);
}

void join_expect_few(struct join *join)
{
    join->few = true;
    for (size_t i = 0; i < join->keys.count; i++) {
        const struct csv_field *cell = &join_fields(join, i)[join->key];
        make_loose(join, cell->text, cell->len);
        dict_add(&join->loose, join->made.data, join->made.len);
    }
}

/* Whether a key without a partner looks like one that has none either. */
static bool may_be_meant(struct join *join, const char *key, size_t len)
{
    make_loose(join, key, len);
    return dict_find(&join->loose, join->made.data, join->made.len) !=
           DICT_NONE;
}

/* Whose key in its made form, in join->made, has been met before. */
static void list_double(struct join *join, const char *key, size_t len,
                        size_t first, size_t second)
{
    char a[ERR_QUOTE_SIZE], b[ERR_QUOTE_SIZE];
    struct buf where = {0};
    char *const *paths = join->other.paths;

    add_made(join, key, len, &where);
    if (paths)
        buf_printf(
            &where, " (%s and %s)",
            err_quote(a, sizeof(a), paths[first], strlen(paths[first])),
            err_quote(b, sizeof(b), paths[second], strlen(paths[second])));
    else
        buf_printf(&where, " (%ss %zu and %zu)", join->other.place, first,
                   second);
    list_one(&join->other_twice, key, len, where.data);
    buf_release(&where);
}

static void add_stray(struct join *join, const char *key, size_t len,
                      size_t place)
{
    size_t before = join->stray_keys.count, number;

    if (join->few && !may_be_meant(join, key, len))
        return;
    number = dict_add(&join->stray_keys, join->made.data, join->made.len);
    if (number < before && join->few)
        return;
    if (number < before) {
        list_double(join, key, len, join->strays[number].place, place);
        return;
    }
    join->strays = mem_grow(join->strays, &join->stray_capacity, before + 1,
                            sizeof(*join->strays));
    join->strays[before].text = mem_strndup(key, len);
    join->strays[before].place = place;
}

/*
 * The row of the key in join->made.  A path of an image may be listed as
 * another system writes it, with backslashes.
 */
static size_t find_row(const struct join *join)
{
    size_t row = dict_find(&join->keys, join->made.data, join->made.len);
    struct buf other = {0};

    if (row != DICT_NONE || !join->other.paths || join->rule.match > KEY_PATH)
        return row;
    buf_add(&other, join->made.data, join->made.len);
    for (size_t i = 0; i < other.len; i++)
        if (other.data[i] == '/')
            other.data[i] = '\\';
    row = dict_find(&join->keys, other.data, other.len);
    buf_release(&other);
    return row;
}

size_t join_meet(struct join *join, const char *key, size_t len, size_t place)
{
    size_t row;

    make(join, key, len);
    row = find_row(join);
    if (row == DICT_NONE) {
        add_stray(join, key, len, place);
        return JOIN_NONE;
    }
    if (join->partner[row]) {
        list_double(join, key, len, join->partner[row] - 1, place);
        return row;
    }
    join->partner[row] = place + 1;
    join->n_met++;
    return row;
}
