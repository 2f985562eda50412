#include "table/time_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/apportion.h"
#include "stats/select.h"

void time_order_release(struct time_order *t)
{
    free(t->keys);
    free(t->part);
    memset(t, 0, sizeof(*t));
}

/* The key of a time of a kind. */
static bool read_key(enum time_kind kind, const char *text, size_t len,
                     uint64_t *key)
{
    double value;

    if (kind == TIME_DATES)
        return date_parse(text, len, key);
    if (!num_parse(text, len, &value))
        return false;
    *key = select_key(value);
    return true;
}

int time_order_add(struct time_order *t, const char *text, size_t len,
                   struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    uint64_t key;

    if (!t->n)
        t->kind = date_parse(text, len, &key) ? TIME_DATES : TIME_NUMBERS;
    if (!read_key(t->kind, text, len, &key))
        return err_set(err, ERR_DATA,
                       "not a time as the others: %s (a number, or a date as "
                       "2021-05-31; empty cells get no part)",
                       err_quote(quoted, sizeof(quoted), text, len));
    t->keys = mem_grow(t->keys, &t->capacity, t->n + 1, sizeof(*t->keys));
    t->keys[t->n++] = key;
    return 0;
}

/* ---- keys in order ---- */

/* The time of row k < n in order. */
static uint64_t key_at(const struct time_order *t, size_t k)
{
    return select_lowest(t->keys, t->n, k);
}

/* Rows before a time. */
static size_t rows_before(const struct time_order *t, uint64_t key)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++)
        n += t->keys[i] < key;
    return n;
}

/* ---- gaps ---- */

/* The first time that is a span or less before another. */
static uint64_t span_before(const struct time_order *t, uint64_t next,
                            double span)
{
    double micros = span * (double)DATE_DAY;

    if (t->kind == TIME_NUMBERS)
        return select_key(select_value(next) - span);
    return micros < (double)next ? next - (uint64_t)micros : 0;
}

/* Where the gap at the end of a part begins. */
static void cut_gap(struct time_order *t, size_t i, const struct time_gap *gap)
{
    uint64_t next = t->part[i + 1].first, out = next;
    size_t end = rows_before(t, next);

    if (end == t->n) /* the next part has no rows */
        return;
    if (gap->rows)
        out = gap->rows < end ? key_at(t, end - gap->rows) : 0;
    if (gap->span > 0)
        out = span_before(t, next, gap->span);
    t->part[i].out = out < next ? out : next;
    if (t->part[i].out < t->part[i].first)
        t->part[i].out = t->part[i].first;
}

/* ---- cuts ---- */

/* The first time behind a cut before row k. */
static uint64_t cut_at(const struct time_order *t, size_t k)
{
    uint64_t key;
    size_t begin, end;

    if (k >= t->n)
        return UINT64_MAX;
    key = key_at(t, k);
    begin = rows_before(t, key);
    end = rows_before(t, key + 1);
    if (k - begin <= end - k)
        return key;
    return end < t->n ? key_at(t, end) : UINT64_MAX;
}

/* The first time behind those of row k; UINT64_MAX: none. */
static uint64_t time_behind(const struct time_order *t, size_t k)
{
    size_t end = k < t->n ? rows_before(t, key_at(t, k) + 1) : t->n;

    return end < t->n ? key_at(t, end) : UINT64_MAX;
}

/*
 * Where a part that wants rows would get none, cuts make room for one time:
 * first towards the beginning, then towards the end.
 */
static void spread_cuts(struct time_order *t, const size_t *wanted)
{
    size_t end = t->n, begin = 0;

    for (size_t i = t->n_parts; --i > 0;) {
        if (wanted[i] && end > 0 && rows_before(t, t->part[i].first) >= end)
            t->part[i].first = key_at(t, end - 1);
        end = rows_before(t, t->part[i].first);
    }
    for (size_t i = 0; i + 1 < t->n_parts; i++) {
        if (wanted[i] && rows_before(t, t->part[i + 1].first) <= begin)
            t->part[i + 1].first = time_behind(t, begin);
        begin = rows_before(t, t->part[i + 1].first);
    }
}

static int check_rows(const struct time_order *t, const struct parts *parts,
                      const size_t *wanted, struct err *err)
{
    for (size_t i = 0; i < parts->n; i++) {
        uint64_t end = i + 1 < parts->n ? t->part[i + 1].first : UINT64_MAX;
        size_t begins = rows_before(t, t->part[i].first);
        if (!wanted[i])
            continue;
        if (rows_before(t, end) == begins)
            return err_set(err, ERR_DATA,
                           "--time: no row is left for '%s': too many have "
                           "the same time",
                           parts->names[i]);
        if (rows_before(t, t->part[i].out) == begins)
            return err_set(err, ERR_DATA,
                           "--time: the gap leaves no row for '%s'",
                           parts->names[i]);
    }
    return 0;
}

int time_order_cut(struct time_order *t, const struct parts *parts,
                   const struct time_gap *gap, struct err *err)
{
    size_t *wanted, row = 0;
    int status;

    if (!t->n)
        return err_set(err, ERR_DATA, "--time: no row has a time");
    wanted = mem_alloc(parts->n, sizeof(*wanted));
    apportion(t->n, parts->shares, parts->n, wanted);
    t->n_parts = parts->n;
    t->part = mem_zalloc(parts->n, sizeof(*t->part));
    for (size_t i = 0; i < parts->n; row += wanted[i++])
        t->part[i].first = i ? cut_at(t, row) : 0;
    spread_cuts(t, wanted);
    for (size_t i = 0; i < parts->n; i++)
        t->part[i].out = i + 1 < parts->n ? t->part[i + 1].first : UINT64_MAX;
    for (size_t i = 0; i + 1 < parts->n; i++)
        cut_gap(t, i, gap);
    status = check_rows(t, parts, wanted, err);
    free(wanted);
    free(t->keys);
    t->keys = NULL;
    return status;
}

size_t time_order_part(const struct time_order *t, const char *text, size_t len)
{
    size_t i = t->n_parts;
    uint64_t key;

    if (!i || !read_key(t->kind, text, len, &key))
        return PARTITION_NONE;
    while (--i > 0 && key < t->part[i].first)
        ;
    return key < t->part[i].out ? i : TIME_ORDER_GAP;
}
