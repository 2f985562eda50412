#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stream/profile.h"
#include "stream/profile_columns.h"
#include "stream/profile_number.h"

/* ---- numbers as if read with another shift ---- */

static float moved(float x, double from, double to)
{
    return (float)(profile_number(x, from) - to);
}

/* A copy whose numbers are less `to` where they were less `from`. */
static struct quantiles *move_numbers(struct quantiles *q, double accuracy,
                                      uint64_t seed, double from, double to)
{
    struct quantiles *copy = quantiles_new(accuracy, seed);
    struct distribution d = quantiles_view(q);
    struct moments moments = d.moments;

    if (!(moments.n > 0))
        return copy;
    moments.mean += from - to;
    for (size_t h = 0; h < quantiles_levels(q); h++) {
        size_t n;
        const float *x = quantiles_level(q, h, &n);
        float *y = mem_alloc(n, sizeof(*y));
        for (size_t i = 0; i < n; i++)
            y[i] = moved(x[i], from, to);
        if (n)
            quantiles_restore(copy, h, y, n);
        free(y);
    }
    quantiles_set_exact(copy, &moments, (double)moved((float)d.low, from, to),
                        (double)moved((float)d.high, from, to));
    return copy;
}

void profile_rebase(struct profile *p, const struct profile *like)
{
    struct dict names = {0}, wanted = {0};

    profile_columns_index(p, &names);
    profile_columns_index(like, &wanted);
    for (size_t i = 0; i < p->n_items; i++) {
        struct profile_item *item = &p->items[i];
        double from = profile_columns_shift(p, &names, item),
               to = profile_columns_shift(like, &wanted, item);
        struct quantiles *q;
        if (item->kind != PROFILE_NUMBERS || from == to)
            continue;
        q = move_numbers(item->numbers, p->accuracy, p->seed, from, to);
        quantiles_free(item->numbers);
        item->numbers = q;
    }
    for (size_t i = 0; i < p->n_columns; i++) {
        size_t at =
            dict_find(&wanted, p->columns[i].name, strlen(p->columns[i].name));
        double shift = at == DICT_NONE ? 0 : like->columns[at].shift;
        if (at == DICT_NONE || shift == p->columns[i].shift)
            continue;
        p->columns[i].centre += p->columns[i].shift - shift;
        p->columns[i].shift = shift;
    }
    dict_release(&names);
    dict_release(&wanted);
}

/* ---- are they alike? ---- */

static int differ(struct err *err, const char *what, const char *a,
                  const char *b)
{
    char x[ERR_QUOTE_SIZE], y[ERR_QUOTE_SIZE];

    return err_set(err, ERR_DATA,
                   "another %s than the profile before it: %s, not %s", what,
                   err_quote(x, sizeof(x), b, strlen(b)),
                   err_quote(y, sizeof(y), a, strlen(a)));
}

static int check_count(struct err *err, const char *what, size_t a, size_t b)
{
    return a == b ? 0
                  : err_set(err, ERR_DATA,
                            "%zu %s, but %zu in the profile before it", b, what,
                            a);
}

static int check_words(const struct list *a, const struct list *b,
                       const char *word, const char *words, struct err *err)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return differ(err, word, a->items[i], b->items[i]);
    return check_count(err, words, a->n, b->n);
}

/* Of a column: b where the other has a. */
static int column_differs(const struct profile_column *column, const char *what,
                          const char *a, const char *b, const char *hint,
                          struct err *err)
{
    char name[ERR_QUOTE_SIZE], x[ERR_QUOTE_SIZE], y[ERR_QUOTE_SIZE];

    return err_set(
        err, ERR_DATA, "column %s has %s %s, but %s in the profile before it%s",
        err_quote(name, sizeof(name), column->name, strlen(column->name)), what,
        err_quote(x, sizeof(x), b, strlen(b)),
        err_quote(y, sizeof(y), a, strlen(a)), hint);
}

static int check_column(const struct profile_column *a,
                        const struct profile_column *b, struct err *err)
{
    char name[ERR_QUOTE_SIZE];

    if (strcmp(a->name, b->name) != 0)
        return differ(err, "column", a->name, b->name);
    if (strcmp(a->type, b->type) != 0)
        return column_differs(a, "type", a->type, b->type,
                              " (--like makes them alike)", err);
    if (strcmp(a->role, b->role) != 0)
        return column_differs(a, "role", a->role, b->role, "", err);
    if (a->width != b->width)
        return err_set(err, ERR_DATA,
                       "column %s has %zu values a step, but %zu in the "
                       "profile before it",
                       err_quote(name, sizeof(name), a->name, strlen(a->name)),
                       b->width, a->width);
    return 0;
}

static int check_columns(const struct profile *a, const struct profile *b,
                         struct err *err)
{
    for (size_t i = 0; i < a->n_columns && i < b->n_columns; i++)
        if (check_column(&a->columns[i], &b->columns[i], err) != 0)
            return -1;
    return check_count(err, "columns", a->n_columns, b->n_columns);
}

static int check_items(const struct profile *a, const struct profile *b,
                       struct err *err)
{
    char check[ERR_QUOTE_SIZE], subject[ERR_QUOTE_SIZE];

    for (size_t i = 0; i < b->n_items; i++) {
        const struct profile_item *y = &b->items[i],
                                  *x = profile_find(a, y->check, y->subject);
        if (x && x->kind != y->kind)
            return err_set(
                err, ERR_DATA,
                "%s of %s is of another kind than in the profile before it",
                err_quote(check, sizeof(check), y->check, strlen(y->check)),
                err_quote(subject, sizeof(subject), y->subject,
                          strlen(y->subject)));
    }
    return 0;
}

static int check_alike(const struct profile *a, const struct profile *b,
                       struct err *err)
{
    if (a->accuracy != b->accuracy)
        return err_set(err, ERR_DATA,
                       "another accuracy than the profile before it: %.15g, "
                       "not %.15g",
                       b->accuracy, a->accuracy);
    if (a->seed != b->seed)
        return err_set(err, ERR_DATA,
                       "another seed than the profile before it: %llu, not "
                       "%llu",
                       (unsigned long long)b->seed,
                       (unsigned long long)a->seed);
    if (check_words(&a->missing_words, &b->missing_words, "missing word",
                    "missing words", err) != 0 ||
        check_words(&a->classes, &b->classes, "class", "classes", err) != 0 ||
        check_columns(a, b, err) != 0)
        return -1;
    return check_items(a, b, err);
}

/* ---- what is added ---- */

static void copy_list(struct list *to, const struct list *from)
{
    for (size_t i = 0; i < from->n; i++)
        list_add(to, from->items[i]);
}

/* All but rows and what comes of them. */
static void copy_head(struct profile *p, const struct profile *from)
{
    p->accuracy = from->accuracy;
    p->seed = from->seed;
    p->sample.most = from->sample.most;
    p->sample.columns = from->n_columns;
    copy_list(&p->missing_words, &from->missing_words);
    copy_list(&p->classes, &from->classes);
    p->columns = mem_alloc(from->n_columns, sizeof(*p->columns));
    p->n_columns = from->n_columns;
    for (size_t i = 0; i < p->n_columns; i++) {
        p->columns[i] = from->columns[i];
        p->columns[i].name = mem_strdup(from->columns[i].name);
        p->columns[i].type = mem_strdup(from->columns[i].type);
        p->columns[i].role = mem_strdup(from->columns[i].role);
    }
}

/* The first column whose features would be of another scale, or NULL. */
static const char *other_scale(const struct profile *a, const struct profile *b)
{
    for (size_t i = 0; i < a->n_columns; i++)
        if (a->columns[i].shift != b->columns[i].shift ||
            a->columns[i].centre != b->columns[i].centre ||
            a->columns[i].scale != b->columns[i].scale)
            return a->columns[i].name;
    return NULL;
}

/* Rows without features: of parts with other scales that were merged. */
static bool without(const struct profile *p)
{
    return p->rows > 0 && !(p->features.n > 0);
}

static void merge_features(struct profile *p, const struct profile *other,
                           struct buf *notes)
{
    const char *column = other_scale(p, other);
    bool any = p->features.n > 0 || other->features.n > 0;
    char name[ERR_QUOTE_SIZE];

    if (!column && !without(p) && !without(other)) {
        feature_sums_merge(&p->features, &other->features);
        return;
    }
    memset(&p->features, 0, sizeof(p->features));
    if (any && column)
        buf_printf(notes,
                   "column %s has another scale than in the profile before it: "
                   "no test of all columns together by mean features (--like "
                   "makes scales alike)\n",
                   err_quote(name, sizeof(name), column, strlen(column)));
}

static void merge_numbers(struct profile_item *to,
                          const struct profile_item *from, double accuracy,
                          uint64_t seed, double shift, double wanted)
{
    struct quantiles *copy;

    if (shift == wanted) {
        quantiles_merge(to->numbers, from->numbers);
        return;
    }
    copy = move_numbers(from->numbers, accuracy, seed, shift, wanted);
    quantiles_merge(to->numbers, copy);
    quantiles_free(copy);
}

static void merge_items(struct profile *p, const struct profile *other)
{
    struct dict names = {0};

    profile_columns_index(p, &names);
    for (size_t i = 0; i < other->n_items; i++) {
        const struct profile_item *from = &other->items[i];
        struct profile_item *to =
            profile_item(p, from->check, from->subject, from->kind);
        if (from->kind == PROFILE_NUMBERS)
            merge_numbers(to, from, p->accuracy, p->seed,
                          profile_columns_shift(other, &names, from),
                          profile_columns_shift(p, &names, to));
        level_counts_merge(&to->levels, &from->levels);
        word_rows_merge(&to->words, &from->words);
    }
    dict_release(&names);
}

static struct profile_row copy_row(const struct profile_row *row,
                                   size_t columns, size_t classes)
{
    struct profile_row copy = *row;

    copy.id = mem_strdup(row->id);
    copy.label = mem_strdup(row->label);
    copy.pred = mem_strdup(row->pred);
    if (row->cells)
        copy.cells = mem_alloc(columns, sizeof(*copy.cells));
    for (size_t i = 0; row->cells && i < columns; i++)
        copy.cells[i] = row->cells[i] ? mem_strdup(row->cells[i]) : NULL;
    if (row->p) {
        copy.p = mem_alloc(classes, sizeof(*copy.p));
        memcpy(copy.p, row->p, classes * sizeof(*copy.p));
    }
    return copy;
}

/* Of samples of other sizes only the smaller one's keys are known whole. */
static void merge_samples(struct profile *p, const struct profile *other)
{
    struct profile_sample *s = &p->sample;

    if (other->sample.most < s->most) {
        profile_sample_settle(s);
        s->most = other->sample.most;
        while (s->n > s->most)
            profile_row_release(&s->row[--s->n], s->columns);
    }
    for (size_t i = 0; i < other->sample.n; i++) {
        const struct profile_row *row = &other->sample.row[i];
        struct profile_row copy;
        if (!profile_sample_wants(s, row->key))
            continue;
        copy = copy_row(row, p->n_columns, p->classes.n);
        profile_sample_add(s, &copy);
    }
    profile_sample_settle(s);
}

int profile_merge(struct profile *p, const struct profile *other,
                  struct buf *notes, struct err *err)
{
    if (!p->n_columns && !p->n_items && !(p->rows > 0))
        copy_head(p, other);
    else if (check_alike(p, other, err) != 0)
        return -1;
    merge_features(p, other, notes);
    merge_items(p, other);
    merge_samples(p, other);
    p->rows += other->rows;
    return 0;
}
