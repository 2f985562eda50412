#include "stream/learning_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"

enum { UNSEEN, RIGHT, WRONG, MOST_MODELS = 4096 };

/* One training size and replica. */
struct learner {
    size_t train_size, replica;
    unsigned char *cell; /* [capacity] of a row: UNSEEN, RIGHT or WRONG */
    size_t capacity;
    double train_wrong, train_rows;
};

struct learning_sums {
    struct learning_options options;
    struct learner *learners;
    size_t n_learners, capacity;
    struct dict ids; /* of held-out rows */
};

/* ---- adding ---- */

void *learning_begin(const void *options, const struct prediction_reader *from,
                     struct err *err)
{
    const struct learning_options *o = options;
    struct learning_sums *s;
    size_t column;

    if (from->train_size == CSV_NONE &&
        csv_reader_require(from->csv, "train_size", &column, err) != 0)
        return NULL;
    if (from->id == CSV_NONE &&
        csv_reader_require(from->csv, "id", &column, err) != 0)
        return NULL;
    if (o->on && list_has(o->on, "train")) {
        err_set(err, ERR_USAGE,
                "--on: rows of 'train' do not show how a model does on others");
        return NULL;
    }
    s = mem_zalloc(1, sizeof(*s));
    s->options = *o;
    return s;
}

bool learning_same_size(const struct prediction_reader *from, size_t a,
                        size_t b)
{
    size_t most = from->fold == CSV_NONE ? 0 : a > 100 ? a / 100 : 1;

    return (a > b ? a - b : b - a) <= most;
}

static struct learner *find_learner(struct learning_sums *s,
                                    const struct prediction_reader *from)
{
    const struct prediction *row = &from->row;
    struct learner *l;

    /* backwards: rows of one model follow each other */
    for (size_t i = s->n_learners; i-- > 0;)
        if (s->learners[i].replica == row->replica &&
            learning_same_size(from, s->learners[i].train_size,
                               row->train_size))
            return &s->learners[i];
    s->learners = mem_grow(s->learners, &s->capacity, s->n_learners + 1,
                           sizeof(*s->learners));
    l = &s->learners[s->n_learners++];
    *l = (struct learner){.train_size = row->train_size,
                          .replica = row->replica};
    return l;
}

static int bad_row(const struct prediction_reader *from, size_t column,
                   const char *what, struct err *err)
{
    err_set(err, ERR_DATA, "%s", what);
    return csv_reader_blame(from->csv, column, err);
}

static int add_held_out(struct learning_sums *s, struct learner *l,
                        const struct prediction_reader *from, bool wrong,
                        struct err *err)
{
    const struct csv_field *id = &csv_reader_fields(from->csv)[from->id];
    size_t row = dict_add(&s->ids, id->text, id->len), had = l->capacity;
    char quoted[ERR_QUOTE_SIZE];

    if (row >= l->capacity) {
        l->cell = mem_grow(l->cell, &l->capacity, row + 1, 1);
        memset(l->cell + had, UNSEEN, l->capacity - had);
    }
    if (l->cell[row] != UNSEEN) {
        err_set(err, ERR_DATA, "predicted twice by one model: %s",
                err_quote(quoted, sizeof(quoted), id->text, id->len));
        return csv_reader_blame(from->csv, from->id, err);
    }
    l->cell[row] = wrong ? WRONG : RIGHT;
    return 0;
}

int learning_add(void *sums, const struct prediction_reader *from,
                 struct err *err)
{
    const char *split = from->splits.text[from->row.split];
    struct learning_sums *s = sums;
    const struct list *on = s->options.on;
    bool wrong = from->row.label != from->row.pred;
    bool train = strcmp(split, "train") == 0;
    struct learner *l;

    if (from->row.train_size == 0)
        return bad_row(from, from->train_size, "no training size", err);
    if (!train && on && on->n && !list_has(on, split))
        return 0;
    l = find_learner(s, from);
    if (s->n_learners > MOST_MODELS)
        return bad_row(from, from->train_size, "too many models", err);
    if (!train)
        return add_held_out(s, l, from, wrong, err);
    l->train_wrong += wrong;
    l->train_rows++;
    return 0;
}

void learning_end(void *sums)
{
    struct learning_sums *s = sums;

    if (!s)
        return;
    for (size_t i = 0; i < s->n_learners; i++)
        free(s->learners[i].cell);
    free(s->learners);
    dict_release(&s->ids);
    free(s);
}

/* ---- what stats wants ---- */

/* The arrays of a struct learning_data, owned. */
struct arrays {
    struct learning_data data;
    double *size, *rows, *train_wrong, *train_rows;
    size_t *size_of, *replica_of;
    float *wrong;    /* [n_units][n_models] */
    size_t left_out; /* rows that not all models have predicted */
    bool knows_train;
};

static void arrays_release(struct arrays *a)
{
    free(a->size);
    free(a->rows);
    free(a->train_wrong);
    free(a->train_rows);
    free(a->size_of);
    free(a->replica_of);
    free(a->wrong);
}

static int by_size(const void *a, const void *b)
{
    const struct learner *x = a, *y = b;

    if (x->train_size != y->train_size)
        return x->train_size < y->train_size ? -1 : 1;
    return (x->replica > y->replica) - (x->replica < y->replica);
}

/* Models with held-out rows come first, by size; returns how many. */
static size_t sort_learners(struct learning_sums *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->n_learners; i++)
        if (s->learners[i].cell) {
            struct learner l = s->learners[i];
            s->learners[i] = s->learners[kept];
            s->learners[kept++] = l;
        }
    qsort(s->learners, kept, sizeof(*s->learners), by_size);
    return kept;
}

static void fill_models(struct arrays *a, const struct learning_sums *s,
                        size_t n)
{
    struct dict replicas = {0};

    a->size = mem_alloc(n, sizeof(*a->size));
    a->size_of = mem_alloc(n, sizeof(*a->size_of));
    a->replica_of = mem_alloc(n, sizeof(*a->replica_of));
    a->train_wrong = mem_alloc(n, sizeof(*a->train_wrong));
    a->train_rows = mem_alloc(n, sizeof(*a->train_rows));
    a->knows_train = true;
    for (size_t m = 0; m < n; m++) {
        const struct learner *l = &s->learners[m];
        if (m == 0 || l->train_size != l[-1].train_size)
            a->size[a->data.n_sizes++] = (double)l->train_size;
        a->size_of[m] = a->data.n_sizes - 1;
        a->replica_of[m] =
            dict_add(&replicas, (const char *)&l->replica, sizeof(l->replica));
        a->train_wrong[m] = l->train_wrong;
        a->train_rows[m] = l->train_rows;
        a->knows_train &= l->train_rows > 0;
    }
    a->data.n_models = n;
    a->data.n_replicas = replicas.count;
    dict_release(&replicas);
}

/* Numbers of the rows that every model has predicted, [returned]. */
static size_t complete_rows(struct arrays *a, const struct learning_sums *s,
                            size_t *rows)
{
    size_t n = 0;

    for (size_t row = 0; row < s->ids.count; row++) {
        bool all = true;
        for (size_t m = 0; m < a->data.n_models && all; m++) {
            const struct learner *l = &s->learners[m];
            all = row < l->capacity && l->cell[row] != UNSEEN;
        }
        if (all)
            rows[n++] = row;
    }
    a->left_out = s->ids.count - n;
    return n;
}

/* Rows alone, or dealt at random to as many units as are of use. */
static void fill_units(struct arrays *a, const struct learning_sums *s)
{
    size_t *rows = mem_alloc(s->ids.count, sizeof(*rows));
    size_t n = complete_rows(a, s, rows), models = a->data.n_models;
    size_t units = n < LEARNING_UNITS ? n : LEARNING_UNITS;
    struct rng rng;

    rng_init(&rng, s->options.seed, RNG_SHUFFLE);
    if (n > units)
        rng_shuffle(&rng, rows, n);
    a->data.n_units = units;
    a->rows = mem_zalloc(units, sizeof(*a->rows));
    a->wrong = mem_zalloc(units * models, sizeof(*a->wrong));
    for (size_t i = 0; i < n; i++) {
        size_t unit = i % units;
        a->rows[unit]++;
        for (size_t m = 0; m < models; m++)
            a->wrong[unit * models + m] +=
                (float)(s->learners[m].cell[rows[i]] == WRONG);
    }
    free(rows);
}

static int arrays_fill(struct arrays *a, struct learning_sums *s,
                       struct err *err)
{
    size_t n = sort_learners(s);

    memset(a, 0, sizeof(*a));
    if (n == 0)
        return err_set(err, ERR_DATA,
                       "no held-out row that has a label and a training size");
    fill_models(a, s, n);
    fill_units(a, s);
    if (a->data.n_sizes > LEARNING_SIZES) {
        arrays_release(a);
        return err_set(err, ERR_DATA, "more than %d training sizes",
                       LEARNING_SIZES);
    }
    if (a->data.n_units == 0) {
        arrays_release(a);
        return err_set(err, ERR_DATA, "no row was predicted by all %zu models",
                       n);
    }
    a->data.size = a->size;
    a->data.size_of = a->size_of;
    a->data.replica_of = a->replica_of;
    a->data.rows = a->rows;
    a->data.wrong = a->wrong;
    a->data.train_wrong = a->train_wrong;
    a->data.train_rows = a->train_rows;
    return 0;
}

static void add_notes(const struct arrays *a, struct buf *notes)
{
    double rows = 0;

    for (size_t i = 0; i < a->data.n_units; i++)
        rows += a->rows[i];
    buf_printf(notes, "%zu model%s of %zu size%s, tested on %.0f row%s\n",
               a->data.n_models, plural(a->data.n_models), a->data.n_sizes,
               plural(a->data.n_sizes), rows, plural((size_t)rows));
    if (a->left_out)
        buf_printf(notes, "%zu row%s left out: not predicted by every model\n",
                   a->left_out, plural(a->left_out));
    if (a->data.n_replicas == 1)
        buf_add_text(notes, "warning: one model of each size: intervals leave "
                            "out how much models differ (--replicas 3)\n");
}

const struct learning_options *
learning_options_of(const struct learning_sums *sums)
{
    return &sums->options;
}

int learning_curves(struct learning_sums *s, struct learning_curve *error,
                    struct learning_curve *gap, struct buf *notes,
                    struct err *err)
{
    struct arrays a;

    if (arrays_fill(&a, s, err) != 0)
        return -1;
    add_notes(&a, notes);
    learning_curve_init(error, &a.data, LEARNING_ERROR, s->options.seed);
    memset(gap, 0, sizeof(*gap));
    if (a.knows_train)
        learning_curve_init(gap, &a.data, LEARNING_GAP, s->options.seed);
    arrays_release(&a);
    return 0;
}
