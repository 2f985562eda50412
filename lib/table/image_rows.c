#include "table/image_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/memory.h"

/* Pixels in memory at most, of so many times as much that is free. */
#define KEPT_MOST 4e9
#define KEPT_SHARE 3

enum { DECODE_AT_ONCE = 256 };

/* path: offset in text of a NUL-terminated one. */
struct image_row {
    size_t path;
    const char *file;
    long line;
    int field;
    bool blank;
};

struct image_rows {
    struct image_shape shape;
    char *root;
    const char *column;
    struct image_row *rows;
    size_t n, capacity, loaded;
    char *text;
    size_t text_len, text_capacity;
    uint8_t *pixels; /* [kept][size] of the first rows */
    size_t kept, kept_capacity, most;
    struct err lost;
    bool is_lost;
};

struct image_rows *image_rows_new(const struct image_shape *shape,
                                  const char *column, double most)
{
    struct image_rows *r = mem_zalloc(1, sizeof(*r));

    r->shape = *shape;
    r->root = mem_strdup("");
    r->column = column;
    r->most = (size_t)(most / (double)image_size(shape));
    return r;
}

void image_rows_set_root(struct image_rows *r, const char *root)
{
    size_t len = root ? strlen(root) : 0;

    r->root = mem_resize(r->root, len + 2, 1);
    memcpy(r->root, root ? root : "", len + 1);
    if (len > 0 && root[len - 1] != '/')
        memcpy(r->root + len, "/", 2);
}

void image_rows_free(struct image_rows *r)
{
    if (!r)
        return;
    free(r->root);
    free(r->rows);
    free(r->text);
    free(r->pixels);
    free(r);
}

double image_rows_most_bytes(void)
{
    double most = KEPT_MOST, need, limit;

    if (memory_broken(KEPT_SHARE * most, &need, &limit))
        most = (limit - (need - KEPT_SHARE * most)) / KEPT_SHARE;
    return most < 0 ? 0 : most;
}

void image_rows_add(struct image_rows *r, const char *path, size_t len,
                    const char *file, long line, int field)
{
    size_t root = len > 0 && path[0] != '/' ? strlen(r->root) : 0;
    char *to;

    r->rows = mem_grow(r->rows, &r->capacity, r->n + 1, sizeof(*r->rows));
    r->rows[r->n++] =
        (struct image_row){r->text_len, file, line, field, len == 0};
    r->text =
        mem_grow(r->text, &r->text_capacity, r->text_len + root + len + 1, 1);
    to = r->text + r->text_len;
    memcpy(to, r->root, root);
    memcpy(to + root, path, len);
    to[root + len] = '\0';
    r->text_len += root + len + 1;
}

void image_rows_clear(struct image_rows *r)
{
    r->n = r->loaded = r->kept = r->text_len = 0;
}

/* ---- decoding ---- */

static int place_error(const struct image_rows *r, const struct image_row *row,
                       struct err *err)
{
    char message[ERR_MESSAGE_SIZE];

    snprintf(message, sizeof(message), "%s", err->message);
    err_set(err, err->kind, "%s: %s", r->text + row->path, message);
    err_at(err, row->file, row->line);
    return err_at_column(err, r->column, row->field);
}

/* Where the pixels of row i go for now: with those kept, or aside. */
static uint8_t *place_of(struct image_rows *r, size_t i, uint8_t *aside)
{
    size_t size = image_size(&r->shape);

    return i < r->kept ? r->pixels + i * size
                       : aside + i % DECODE_AT_ONCE * size;
}

/* Rows [begin, end), at most DECODE_AT_ONCE. */
static int load_some(struct image_rows *r, size_t begin, size_t end,
                     bool blank_bad, uint8_t *aside, size_t *bad,
                     struct err *err)
{
    struct err *errs = mem_zalloc(end - begin, sizeof(*errs));
    bool good[DECODE_AT_ONCE];
    int status = 0;

#pragma omp parallel for schedule(dynamic)
    for (size_t i = begin; i < end; i++) {
        uint8_t *to = place_of(r, i, aside);
        size_t k = i - begin;
        good[k] = r->rows[i].blank ||
                  image_load(r->text + r->rows[i].path, &r->shape, to,
                             &errs[k]) == IMAGE_GOOD;
        if (!good[k] || r->rows[i].blank)
            memset(to, 0, image_size(&r->shape));
    }
    for (size_t i = begin; i < end && status == 0; i++) {
        if (good[i - begin])
            continue;
        r->rows[i].blank = true;
        ++*bad;
        if (blank_bad)
            continue;
        *err = errs[i - begin];
        status = place_error(r, &r->rows[i], err);
    }
    free(errs);
    return status;
}

/* Room for the pixels of all rows, or of as many as may stay. */
static void keep_rows(struct image_rows *r)
{
    size_t want = r->n < r->most ? r->n : r->most;

    if (want <= r->kept)
        return;
    if (want > r->kept_capacity) {
        r->pixels = mem_resize(r->pixels, want, image_size(&r->shape));
        r->kept_capacity = want;
    }
    r->kept = want;
}

int image_rows_load(struct image_rows *r, bool blank_bad, size_t *bad,
                    struct err *err)
{
    uint8_t *aside = NULL;
    int status = 0;

    keep_rows(r);
    if (r->n > r->kept)
        aside = mem_alloc(DECODE_AT_ONCE, image_size(&r->shape));
    while (r->loaded < r->n && status == 0) {
        size_t end = r->n - r->loaded < DECODE_AT_ONCE
                         ? r->n
                         : r->loaded + DECODE_AT_ONCE;
        status = load_some(r, r->loaded, end, blank_bad, aside, bad, err);
        r->loaded = end;
    }
    free(aside);
    return status;
}

/* ---- asking ---- */

const uint8_t *image_rows_pixels(struct image_rows *r, size_t i, uint8_t *room)
{
    size_t size = image_size(&r->shape);
    struct err err = {0};

    if (i < r->kept)
        return r->pixels + i * size;
    if (r->rows[i].blank) {
        memset(room, 0, size);
        return room;
    }
    if (image_load(r->text + r->rows[i].path, &r->shape, room, &err) ==
        IMAGE_GOOD)
        return room;
    memset(room, 0, size);
#pragma omp critical(image_lost)
    if (!r->is_lost) {
        place_error(r, &r->rows[i], &err);
        r->lost = err;
        r->is_lost = true;
    }
    return room;
}

int image_rows_lost(struct image_rows *r, struct err *err)
{
    if (!r->is_lost)
        return 0;
    *err = r->lost;
    return -1;
}
