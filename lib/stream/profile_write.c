#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_sort.h"
#include "base/mem.h"
#include "base/num.h"
#include "stream/profile.h"
#include "stream/profile_columns.h"
#include "stream/profile_number.h"
#include "stream/profile_row.h"

/* Numbers, counts of buckets, and words in a cell. */
enum { NUMBERS = 500, BUCKETS = 64, PLACES = 1024 };

struct writing {
    const struct profile *profile;
    struct csv_writer *csv;
    struct dict columns;
    struct buf value; /* of the fact that is being made */
    struct err *err;
};

/* ---- one fact ---- */

static int fact(struct writing *w, const char *name, const char *check,
                const char *subject, const char *of, const char *value,
                size_t len)
{
    csv_writer_text(w->csv, name);
    csv_writer_text(w->csv, check);
    csv_writer_text(w->csv, subject);
    csv_writer_text(w->csv, of);
    csv_writer_cell(w->csv, value, len);
    return csv_writer_end(w->csv, w->err);
}

/* With the value gathered, which is empty then. */
static int put(struct writing *w, const char *name, const char *check,
               const char *subject, const char *of)
{
    int status = fact(w, name, check, subject, of,
                      w->value.len ? w->value.data : "", w->value.len);

    buf_clear(&w->value);
    return status;
}

static int put_at(struct writing *w, const char *name, const char *check,
                  const char *subject, size_t at)
{
    char of[NUM_SIZE];

    snprintf(of, sizeof(of), "%zu", at);
    return put(w, name, check, subject, of);
}

static void add_number(struct writing *w, double value)
{
    char text[NUM_SIZE];

    if (w->value.len)
        buf_add_char(&w->value, ' ');
    buf_add(&w->value, text, num_format(text, value));
}

/* A fact of one number. */
static int number(struct writing *w, const char *name, double value)
{
    add_number(w, value);
    return put(w, name, "", "", "");
}

static int number_as_is(struct writing *w, const char *name, uint64_t value)
{
    buf_printf(&w->value, "%llu", (unsigned long long)value);
    return put(w, name, "", "", "");
}

/* ---- the head ---- */

static int write_column(struct writing *w, const struct profile_column *c)
{
    add_number(w, c->shift);
    add_number(w, c->centre);
    add_number(w, c->scale);
    add_number(w, (double)c->width);
    return put(w, "column", c->type, c->name, c->role);
}

static int write_words(struct writing *w, const char *name,
                       const struct list *words)
{
    int status = 0;

    for (size_t i = 0; i < words->n && status == 0; i++)
        status = put(w, name, "", "", words->items[i]);
    return status;
}

static int write_head(struct writing *w)
{
    const struct profile *p = w->profile;
    int status = 0;

    if (fact(w, "fact", "check", "subject", "name", "value", 5) != 0 ||
        fact(w, "format", "", "", "assay-profile", "1", 1) != 0 ||
        number(w, "rows", p->rows) != 0 ||
        number(w, "accuracy", p->accuracy) != 0 ||
        number_as_is(w, "seed", p->seed) != 0 ||
        number_as_is(w, "sample", p->sample.most) != 0 ||
        write_words(w, "missing", &p->missing_words) != 0 ||
        write_words(w, "class", &p->classes) != 0)
        return -1;
    for (size_t i = 0; i < p->n_columns && status == 0; i++)
        status = write_column(w, &p->columns[i]);
    return status;
}

/* ---- items ---- */

static int put_item(struct writing *w, const struct profile_item *item,
                    const char *kind)
{
    return put(w, "item", item->check, item->subject, kind);
}

/* A level's numbers, in rising order: the same whatever order they came in. */
static int write_level(struct writing *w, const struct profile_item *item,
                       size_t h, double shift)
{
    size_t n;
    const float *x = quantiles_level(item->numbers, h, &n);
    float *sorted = mem_alloc(n, sizeof(*sorted));
    uint32_t *scratch = mem_alloc(n, sizeof(*scratch));
    int status = 0;

    if (n)
        memcpy(sorted, x, n * sizeof(*sorted));
    float_sort(sorted, scratch, n);
    free(scratch);
    for (size_t i = 0; i < n && status == 0; i++) {
        add_number(w, profile_number(sorted[i], shift));
        if (i + 1 == n || (i + 1) % NUMBERS == 0)
            status = put_at(w, "sketch", item->check, item->subject, h);
    }
    free(sorted);
    return status;
}

static int write_numbers(struct writing *w, const struct profile_item *item)
{
    double shift = profile_columns_shift(w->profile, &w->columns, item);
    struct distribution d = quantiles_view(item->numbers);
    int status;

    if (d.moments.n > 0) {
        add_number(w, d.moments.n);
        add_number(w, d.moments.mean);
        add_number(w, d.moments.m2);
        add_number(w, profile_number((float)d.low, shift));
        add_number(w, profile_number((float)d.high, shift));
    }
    status = put_item(w, item, "numbers");
    for (size_t h = 0; h < quantiles_levels(item->numbers) && status == 0; h++)
        status = write_level(w, item, h, shift);
    return status;
}

static int write_levels(struct writing *w, const struct profile_item *item)
{
    const struct dict *names = &item->levels.names;
    size_t *order = mem_alloc(names->count, sizeof(*order));
    int status = put_item(w, item, "counts");

    dict_sorted(names, order);
    for (size_t i = 0; i < names->count && status == 0; i++) {
        add_number(w, item->levels.count[order[i]]);
        status =
            put(w, "level", item->check, item->subject, names->text[order[i]]);
    }
    free(order);
    return status;
}

static int write_buckets(struct writing *w, const struct profile_item *item)
{
    int status = put_item(w, item, "buckets");

    for (size_t i = 0; i < PROFILE_BUCKETS && status == 0; i++) {
        add_number(w, item->levels.count[i]);
        if ((i + 1) % BUCKETS == 0)
            status = put_at(w, "bucket", item->check, item->subject,
                            i + 1 - BUCKETS);
    }
    return status;
}

static int write_vocabulary(struct writing *w, const struct profile_item *item)
{
    const uint8_t *rows = item->words.rows;
    int status = put_item(w, item, "vocabulary");

    for (size_t i = 0; rows && i < PROFILE_WORDS && status == 0; i += PLACES) {
        bool any = false;
        for (size_t k = i; k < i + PLACES; k++) {
            any |= rows[k] > 0;
            buf_add_char(&w->value, (char)('0' + rows[k]));
        }
        if (any)
            status = put_at(w, "words", item->check, item->subject, i);
        buf_clear(&w->value);
    }
    return status;
}

static int write_item(struct writing *w, const struct profile_item *item)
{
    switch (item->kind) {
    case PROFILE_NUMBERS:
        return write_numbers(w, item);
    case PROFILE_VOCABULARY:
        return write_vocabulary(w, item);
    case PROFILE_COUNTS:
    default:
        return item->levels.hashed ? write_buckets(w, item)
                                   : write_levels(w, item);
    }
}

struct place {
    size_t column; /* DICT_NONE: of none */
    const struct profile_item *item;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = (x->column > y->column) - (x->column < y->column);

    if (!order)
        order = strcmp(x->item->check, y->item->check);
    return order ? order : strcmp(x->item->subject, y->item->subject);
}

static int write_items(struct writing *w)
{
    const struct profile *p = w->profile;
    struct place *places = mem_alloc(p->n_items, sizeof(*places));
    int status = 0;

    for (size_t i = 0; i < p->n_items; i++) {
        const char *subject = p->items[i].subject;
        places[i].item = &p->items[i];
        places[i].column = dict_find(&w->columns, subject, strlen(subject));
    }
    qsort(places, p->n_items, sizeof(*places), by_place);
    for (size_t i = 0; i < p->n_items && status == 0; i++)
        status = write_item(w, places[i].item);
    free(places);
    return status;
}

/* ---- features, sample, end ---- */

static int write_features(struct writing *w)
{
    const struct feature_sums *f = &w->profile->features;
    const double *product = f->product;
    int status;

    if (!(f->n > 0))
        return 0;
    add_number(w, f->n);
    for (size_t i = 0; i < MEAN_FEATURES; i++)
        add_number(w, f->sum[i]);
    status = put(w, "features", "", "", "sum");
    for (size_t i = 0; i < MEAN_FEATURES && status == 0; i++) {
        for (size_t k = 0; k <= i; k++)
            add_number(w, *product++);
        status = put_at(w, "features", "", "", i);
    }
    return status;
}

static int write_sample(struct writing *w)
{
    const struct profile *p = w->profile;
    char key[NUM_SIZE];
    int status = 0;

    for (size_t i = 0; i < p->sample.n && status == 0; i++) {
        const struct profile_row *row = &p->sample.row[i];
        snprintf(key, sizeof(key), "%016llx", (unsigned long long)row->key);
        profile_row_record(&w->value, row, p->n_columns, p->classes.n);
        status = put(w, "row", "", row->id, key);
    }
    return status;
}

int profile_write(const struct profile *profile, struct csv_writer *writer,
                  struct err *err)
{
    struct writing w = {.profile = profile, .csv = writer, .err = err};
    size_t before = writer->records + 1; /* the header is no fact */
    int status;

    profile_columns_index(profile, &w.columns);
    status = write_head(&w);
    if (status == 0)
        status = write_items(&w);
    if (status == 0)
        status = write_features(&w);
    if (status == 0)
        status = write_sample(&w);
    if (status == 0)
        status = number(&w, "end", (double)(writer->records - before));
    dict_release(&w.columns);
    buf_release(&w.value);
    return status;
}
