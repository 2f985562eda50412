#include "table/time_order.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/apportion.h"
#include "stats/select.h"

void time_order_release(struct time_order *t)
{
    free(t->keys);
    dict_release(&t->texts);
    free(t->count);
    free(t->order);
    free(t->rank);
    free(t->part);
    memset(t, 0, sizeof(*t));
}

static int add_number(struct time_order *t, const char *text, size_t len,
                      struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    double value;

    if (!num_parse(text, len, &value))
        return err_set(err, ERR_DATA, "not a number as the times before: %s",
                       err_quote(quoted, sizeof(quoted), text, len));
    t->keys = mem_grow(t->keys, &t->capacity, t->n + 1, sizeof(*t->keys));
    t->keys[t->n++] = select_key(value);
    return 0;
}

int time_order_add(struct time_order *t, const char *text, size_t len,
                   struct err *err)
{
    size_t i, had = t->count_capacity;
    double value;

    if (!t->known)
        t->numbers = num_parse(text, len, &value);
    t->known = true;
    if (t->numbers)
        return add_number(t, text, len, err);
    i = dict_add(&t->texts, text, len);
    t->count = mem_grow(t->count, &t->count_capacity, i + 1, sizeof(*t->count));
    if (t->count_capacity > had)
        memset(t->count + had, 0,
               (t->count_capacity - had) * sizeof(*t->count));
    t->count[i]++;
    t->n++;
    return 0;
}

/* ---- keys in order ---- */

/* Ranks the texts; count becomes the rows up to each rank. */
static void rank_texts(struct time_order *t)
{
    size_t n = t->texts.count, sum = 0, *upto = mem_alloc(n, sizeof(*upto));

    t->order = mem_alloc(n, sizeof(*t->order));
    t->rank = mem_alloc(n, sizeof(*t->rank));
    dict_sorted(&t->texts, t->order);
    for (size_t i = 0; i < n; i++) {
        t->rank[t->order[i]] = i;
        upto[i] = sum += t->count[t->order[i]];
    }
    free(t->count);
    t->count = upto;
}

/* The time of row k < n in order. */
static uint64_t key_at(const struct time_order *t, size_t k)
{
    size_t low = 0, high = t->texts.count;

    if (t->numbers)
        return select_lowest(t->keys, t->n, k);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->count[middle] <= k)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Rows before a time. */
static size_t rows_before(const struct time_order *t, uint64_t key)
{
    size_t n = 0;

    if (!t->numbers)
        return !key ? 0 : key > t->texts.count ? t->n : t->count[key - 1];
    for (size_t i = 0; i < t->n; i++)
        n += t->keys[i] < key;
    return n;
}

/* ---- gaps ---- */

/* Days since 1 March of year 0 (proleptic Gregorian), and back. */
static long days_of(long year, long month, long day)
{
    long y = month > 2 ? year : year - 1, m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

static void write_date(struct buf *out, long days)
{
    long year = days / 366, month, day;

    while (days_of(year + 1, 3, 1) <= days)
        year++;
    days -= days_of(year, 3, 1);
    month = (5 * days + 2) / 153;
    day = days - (153 * month + 2) / 5 + 1;
    buf_printf(out, "%04ld-%02ld-%02ld", month < 10 ? year : year + 1,
               month < 10 ? month + 3 : month - 9, day);
}

static bool read_date(const char *text, long *days)
{
    int year, month, day, end = 0;

    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 ||
        end != 10 || text[4] != '-' || year < 1 || month < 1 || month > 12 ||
        day < 1 || day > 31)
        return false;
    *days = days_of(year, month, day);
    return true;
}

/* The rank of the first text that is later than a date. */
static uint64_t first_after(const struct time_order *t, const char *date)
{
    size_t i = 0;

    while (i < t->texts.count && strcmp(t->texts.text[t->order[i]], date) <= 0)
        i++;
    return i;
}

static int span_before(const struct time_order *t, uint64_t next, double span,
                       uint64_t *out, struct err *err)
{
    struct buf date = {0};
    char quoted[ERR_QUOTE_SIZE];
    const char *text;
    long days;

    if (t->numbers) {
        *out = select_key(select_value(next) - span) + 1;
        return 0;
    }
    text = t->texts.text[t->order[next]];
    if (!read_date(text, &days))
        return err_set(err, ERR_DATA,
                       "--gap-time needs numbers, or dates as 2021-05-31: %s",
                       err_quote(quoted, sizeof(quoted), text, strlen(text)));
    days -= (long)ceil(span);
    write_date(&date, days < 366 ? 366 : days);
    *out = first_after(t, date.data);
    buf_release(&date);
    return 0;
}

/* Where the gap at the end of a part begins. */
static int cut_gap(struct time_order *t, size_t i, const struct time_gap *gap,
                   struct err *err)
{
    uint64_t next = t->part[i + 1].first, out = next;
    size_t end = rows_before(t, next);

    if (end == t->n) /* the next part has no rows */
        return 0;
    if (gap->rows)
        out = gap->rows < end ? key_at(t, end - gap->rows) : 0;
    if (gap->span > 0 && span_before(t, next, gap->span, &out, err) != 0)
        return -1;
    t->part[i].out = out < next ? out : next;
    if (t->part[i].out < t->part[i].first)
        t->part[i].out = t->part[i].first;
    return 0;
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
    int status = 0;

    if (!t->n)
        return err_set(err, ERR_DATA, "--time: no row has a time");
    wanted = mem_alloc(parts->n, sizeof(*wanted));
    if (!t->numbers)
        rank_texts(t);
    apportion(t->n, parts->shares, parts->n, wanted);
    t->n_parts = parts->n;
    t->part = mem_zalloc(parts->n, sizeof(*t->part));
    for (size_t i = 0; i < parts->n; row += wanted[i++])
        t->part[i].first = i ? cut_at(t, row) : 0;
    spread_cuts(t, wanted);
    for (size_t i = 0; i < parts->n; i++)
        t->part[i].out = i + 1 < parts->n ? t->part[i + 1].first : UINT64_MAX;
    for (size_t i = 0; i + 1 < parts->n && status == 0; i++)
        status = cut_gap(t, i, gap, err);
    if (status == 0)
        status = check_rows(t, parts, wanted, err);
    free(wanted);
    free(t->keys);
    t->keys = NULL;
    return status;
}

size_t time_order_part(const struct time_order *t, const char *text, size_t len)
{
    size_t i = t->n_parts, at;
    uint64_t key;
    double value;

    if (t->numbers) {
        if (!num_parse(text, len, &value))
            return PARTITION_NONE;
        key = select_key(value);
    } else {
        at = dict_find(&t->texts, text, len);
        if (at == DICT_NONE)
            return PARTITION_NONE;
        key = t->rank[at];
    }
    while (--i > 0 && key < t->part[i].first)
        ;
    return key < t->part[i].out ? i : TIME_ORDER_GAP;
}
