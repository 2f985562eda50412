#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "stream/profile_cell.h"
#include "stream/profile_columns.h"
#include "stream/profile_reading.h"

enum { BUCKETS = 64, PLACES = 1024, TOP_LEVEL = 53 };

static void end_level(struct reading *r)
{
    if (!r->n)
        return;
    quantiles_restore(r->item->numbers, r->h, r->x, r->n);
    r->total += ldexp((double)r->n, (int)r->h);
    r->n = 0;
}

/* The item before this fact lacks something. */
static int lacks(struct reading *r, const char *what, double got, double wanted)
{
    const struct profile_item *item = r->item;
    char check[ERR_QUOTE_SIZE], subject[ERR_QUOTE_SIZE];

    return err_set(
        reading_blame(r, FACT), ERR_DATA,
        "%s of %s before it: %s %.15g, not %.15g",
        err_quote(check, sizeof(check), item->check, strlen(item->check)),
        err_quote(subject, sizeof(subject), item->subject,
                  strlen(item->subject)),
        what, got, wanted);
}

/* What an item must have is known where it ends. */
int profile_read_items_end(struct reading *r)
{
    struct profile_item *item = r->item;

    if (!item)
        return 0;
    end_level(r);
    if (item->kind == PROFILE_NUMBERS && r->total != r->moments.n)
        return lacks(r, "numbers in the sketch:", r->total, r->moments.n);
    if (item->levels.hashed && r->filled != PROFILE_BUCKETS)
        return lacks(r, "buckets:", (double)r->filled, PROFILE_BUCKETS);
    if (r->total > 0)
        quantiles_set_exact(item->numbers, &r->moments, (double)r->range[0],
                            (double)r->range[1]);
    r->item = NULL;
    return 0;
}

static int read_moments(struct reading *r)
{
    struct moments *m = &r->moments;
    double value[5];

    memset(m, 0, sizeof(*m));
    if (!*r->cell[VALUE])
        return 0;
    if (profile_cell_numbers(r->cell[VALUE], value, 5,
                             reading_blame(r, VALUE)) != 0)
        return -1;
    *m = (struct moments){.n = value[0], .mean = value[1], .m2 = value[2]};
    /* Kept as floats: gcc 12 at -fno-trapping-math takes the way of two
     * neighbours through float and back to double for nothing. */
    r->range[0] = (float)(value[3] - r->shift);
    r->range[1] = (float)(value[4] - r->shift);
    return m->n > 0 && m->m2 >= 0 && r->range[0] <= r->range[1] &&
                   isfinite(r->range[0]) && isfinite(r->range[1])
               ? 0
               : reading_wrong(r, VALUE, "moments and a range");
}

static int read_kind(struct reading *r, enum profile_kind *kind, bool *hashed)
{
    static const char *const kinds[] = {"numbers", "counts", "vocabulary",
                                        "buckets"};

    for (size_t i = 0; i < 4; i++)
        if (strcmp(r->cell[NAME], kinds[i]) == 0) {
            *hashed = i == 3;
            *kind = *hashed ? PROFILE_COUNTS : (enum profile_kind)i;
            return 0;
        }
    return reading_wrong(r, NAME, "numbers, counts, buckets or vocabulary");
}

int profile_read_item(struct reading *r)
{
    struct profile *p = r->profile;
    enum profile_kind kind = PROFILE_NUMBERS;
    bool hashed = false;

    if (profile_read_items_end(r) != 0 || read_kind(r, &kind, &hashed) != 0)
        return -1;
    if (profile_find(p, r->cell[CHECK], r->cell[SUBJECT]))
        return reading_wrong(r, SUBJECT, "a new item");
    r->item = profile_item(p, r->cell[CHECK], r->cell[SUBJECT], kind);
    r->shift = profile_columns_shift(p, &r->columns, r->item);
    r->total = 0;
    r->n = r->h = r->filled = 0;
    if (hashed)
        level_counts_bucket(&r->item->levels);
    return kind == PROFILE_NUMBERS ? read_moments(r) : 0;
}

/* Whether a fact is about the item that is being read, and of its kind. */
static int check_item(struct reading *r, enum profile_kind kind, bool hashed)
{
    if (!r->item || strcmp(r->item->check, r->cell[CHECK]) != 0 ||
        strcmp(r->item->subject, r->cell[SUBJECT]) != 0)
        return reading_wrong(r, SUBJECT, "the item before it");
    if (r->item->kind != kind || r->item->levels.hashed != hashed)
        return reading_wrong(r, FACT, "a fact of such an item");
    return 0;
}

/* Numbers as they were read, rising within a level. */
static int add_number(struct reading *r, double value)
{
    float x = (float)(value - r->shift);

    if (!isfinite(x))
        return reading_wrong(r, VALUE, "numbers a float can hold");
    if (r->n && x < r->x[r->n - 1])
        return reading_wrong(r, VALUE, "numbers in rising order");
    r->x = mem_grow(r->x, &r->capacity, r->n + 1, sizeof(*r->x));
    r->x[r->n++] = x;
    return 0;
}

int profile_read_sketch(struct reading *r)
{
    const char *text = r->cell[VALUE];
    double h, value, top = r->profile->accuracy > 0 ? TOP_LEVEL : 0;
    int got;

    if (check_item(r, PROFILE_NUMBERS, false) != 0 ||
        reading_count(r, NAME, top, &h) != 0)
        return -1;
    if ((size_t)h < r->h)
        return reading_wrong(r, NAME, "a level after the one before it");
    if ((size_t)h > r->h)
        end_level(r);
    r->h = (size_t)h;
    while ((got = profile_cell_next(&text, &value, reading_blame(r, VALUE))) ==
           1)
        if (add_number(r, value) != 0)
            return -1;
    return got;
}

int profile_read_level(struct reading *r)
{
    struct level_counts *levels = r->item ? &r->item->levels : NULL;
    size_t len = strlen(r->cell[NAME]);
    double rows;

    if (check_item(r, PROFILE_COUNTS, false) != 0 ||
        reading_count(r, VALUE, PROFILE_MOST, &rows) != 0)
        return -1;
    if (levels->names.count == PROFILE_LEVELS)
        return err_set(reading_blame(r, NAME), ERR_DATA, "more than %d levels",
                       PROFILE_LEVELS);
    if (dict_find(&levels->names, r->cell[NAME], len) != DICT_NONE)
        return reading_wrong(r, NAME, "a new level");
    level_counts_add(levels, r->cell[NAME], len, rows);
    return 0;
}

/* FIRST of so many places a fact, at least where the last one ended. */
static int read_first(struct reading *r, size_t places, size_t of,
                      size_t *first)
{
    double value;

    if (reading_count(r, NAME, (double)of, &value) != 0)
        return -1;
    *first = (size_t)value;
    if (*first < r->filled || *first % places || *first >= of)
        return reading_wrong(r, NAME, "the first place that follows");
    r->filled = *first + places;
    return 0;
}

int profile_read_bucket(struct reading *r)
{
    size_t first, filled = r->filled;
    double *count;

    if (check_item(r, PROFILE_COUNTS, true) != 0 ||
        read_first(r, BUCKETS, PROFILE_BUCKETS, &first) != 0)
        return -1;
    if (first != filled)
        return reading_wrong(r, NAME, "the first place that follows");
    count = r->item->levels.count + first;
    if (profile_cell_numbers(r->cell[VALUE], count, BUCKETS,
                             reading_blame(r, VALUE)) != 0)
        return -1;
    for (size_t i = 0; i < BUCKETS; i++)
        if (!(count[i] >= 0 && count[i] <= PROFILE_MOST &&
              floor(count[i]) == count[i]))
            return reading_wrong(r, VALUE, "whole numbers");
    return 0;
}

int profile_read_words(struct reading *r)
{
    const char *digits = r->cell[VALUE];
    struct word_rows *words = r->item ? &r->item->words : NULL;
    size_t first;

    if (check_item(r, PROFILE_VOCABULARY, false) != 0 ||
        read_first(r, PLACES, PROFILE_WORDS, &first) != 0)
        return -1;
    if (strspn(digits, "012") != PLACES || digits[PLACES])
        return reading_wrong(r, VALUE, "1024 digits from 0 to 2");
    if (!words->rows)
        words->rows = mem_zalloc(PROFILE_WORDS, 1);
    for (size_t i = 0; i < PLACES; i++)
        words->rows[first + i] = (uint8_t)(digits[i] - '0');
    return 0;
}
