#include "stream/prediction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

const char *const prediction_columns[PREDICTION_COLUMNS] = {
    "id",   "split", "label",   "pred",      "prob",
    "loss", "fold",  "replica", "train_size"};

static const double SUM_TOLERANCE = 1e-3, MOST_COUNT = 1e15;

/* ---- reading: columns ---- */

static const char *renamed(const struct list *names, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < names->n; i++)
        if (strncmp(names->items[i], name, len) == 0 &&
            names->items[i][len] == '=')
            return names->items[i] + len + 1;
    return NULL;
}

/* NAME=COLUMN, with a name that there is. */
static int check_name(const char *option, const char *item, struct err *err)
{
    size_t len = strcspn(item, "=");
    bool found = false;

    for (size_t k = 0; k < PREDICTION_COLUMNS; k++)
        found |= strlen(prediction_columns[k]) == len &&
                 strncmp(prediction_columns[k], item, len) == 0;
    if (found && item[len] == '=')
        return 0;
    return err_set(err, ERR_USAGE,
                   "--%s: '%s' is not NAME=COLUMN with NAME one "
                   "of id, split, label, pred, prob, loss, fold, "
                   "replica, train_size",
                   option, item);
}

static int check_names(const char *option, const struct list *names,
                       struct err *err)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *item = names->items[i];
        size_t len = strcspn(item, "=");
        if (check_name(option, item, err) != 0)
            return -1;
        for (size_t k = 0; k < i; k++) {
            const char *other = names->items[k];
            if (strncmp(other, item, len + 1) == 0)
                return err_set(err, ERR_USAGE, "--%s: '%.*s' occurs twice",
                               option, (int)len, item);
            if (strcmp(strchr(other, '='), item + len) == 0)
                return err_set(err, ERR_USAGE,
                               "--%s: '%s' and '%s' are one column", option,
                               other, item);
        }
    }
    return 0;
}

/* A renamed column must be there; the others are found by their own name. */
static int find(struct prediction_reader *r, const struct list *names,
                const char *name, size_t *column, struct err *err)
{
    const char *other = renamed(names, name);

    if (other)
        return csv_reader_require(r->csv, other, column, err);
    *column = csv_reader_find(r->csv, name);
    return 0;
}

static void find_classes(struct prediction_reader *r)
{
    size_t width = csv_reader_width(r->csv);

    r->p = mem_zalloc(width, sizeof(*r->p));
    for (size_t i = 0; i < width; i++) {
        const char *name = csv_reader_name(r->csv, i);
        if (strncmp(name, "p:", 2) != 0)
            continue;
        dict_add(&r->classes, name + 2, strlen(name + 2));
        r->p[r->n_p++] = i;
    }
    if (r->n_p)
        r->row.p = mem_zalloc(r->n_p, sizeof(*r->row.p));
}

static int find_columns(struct prediction_reader *r, const struct list *names,
                        struct err *err)
{
    if (check_names(r->option, names, err) != 0 ||
        find(r, names, "id", &r->id, err) != 0 ||
        find(r, names, "split", &r->split, err) != 0 ||
        find(r, names, "label", &r->label, err) != 0 ||
        find(r, names, "pred", &r->pred, err) != 0 ||
        find(r, names, "prob", &r->prob, err) != 0 ||
        find(r, names, "loss", &r->loss, err) != 0 ||
        find(r, names, "fold", &r->fold, err) != 0 ||
        find(r, names, "replica", &r->replica, err) != 0 ||
        find(r, names, "train_size", &r->train_size, err) != 0)
        return -1;
    find_classes(r);
    if (r->label == CSV_NONE && !r->bare)
        return csv_reader_require(r->csv, "label", &r->label, err);
    if (r->pred == CSV_NONE && !r->n_p)
        return csv_reader_require(r->csv, "pred", &r->pred, err);
    if (r->label == r->pred && r->label != CSV_NONE)
        return err_set(err, ERR_USAGE,
                       "--%s: label and pred are one column, '%s'", r->option,
                       csv_reader_name(r->csv, r->label));
    return 0;
}

static int start(struct prediction_reader *r, struct csv_reader *csv,
                 const struct list *names, struct err *err)
{
    r->csv = csv;
    if (find_columns(r, names, err) == 0)
        return 0;
    prediction_reader_close(r);
    return -1;
}

int prediction_reader_over(struct prediction_reader *r, struct csv_reader *csv,
                           const struct list *names, struct err *err)
{
    *r = (struct prediction_reader){.option = "columns"};
    return start(r, csv, names, err);
}

int prediction_reader_any(struct prediction_reader *r, struct csv_reader *csv,
                          const struct list *names, struct err *err)
{
    *r = (struct prediction_reader){.option = "rename", .any = true};
    return start(r, csv, names, err);
}

int prediction_reader_bare(struct prediction_reader *r, struct csv_reader *csv,
                           const struct list *names, struct err *err)
{
    *r = (struct prediction_reader){.option = "columns", .bare = true};
    return start(r, csv, names, err);
}

int prediction_reader_open(struct prediction_reader *r, char *const *paths,
                           size_t n_paths, const struct csv_options *options,
                           const struct list *names, struct err *err)
{
    struct csv_reader *csv = csv_reader_open(paths, n_paths, options, err);

    return csv ? prediction_reader_over(r, csv, names, err) : -1;
}

void prediction_reader_close(struct prediction_reader *r)
{
    csv_reader_close(r->csv);
    dict_release(&r->classes);
    dict_release(&r->splits);
    dict_release(&r->replicas);
    free(r->p);
    free(r->row.p);
    free(r->seen);
    memset(r, 0, sizeof(*r));
}

/* ---- reading: rows ---- */

static int read_number(struct prediction_reader *r, size_t column,
                       double *value, struct err *err)
{
    const struct csv_field *cell;
    char quoted[ERR_QUOTE_SIZE];

    *value = NAN;
    if (column == CSV_NONE)
        return 0;
    cell = &csv_reader_fields(r->csv)[column];
    if (cell->len == 0 || num_parse_any(cell->text, cell->len, value))
        return 0;
    err_set(err, ERR_DATA, "not a number: %s",
            err_quote(quoted, sizeof(quoted), cell->text, cell->len));
    return csv_reader_blame(r->csv, column, err);
}

/* A whole number from 1; 0 where there is none. */
static int read_count(struct prediction_reader *r, size_t column, size_t *count,
                      struct err *err)
{
    double value;

    if (read_number(r, column, &value, err) != 0)
        return -1;
    *count = 0;
    if (isnan(value))
        return 0;
    if (!(value >= 1 && value <= MOST_COUNT && value == floor(value))) {
        err_set(err, ERR_DATA, "not a whole number from 1");
        return csv_reader_blame(r->csv, column, err);
    }
    *count = (size_t)value;
    return 0;
}

/* A replica may have any name; what counts is which rows are of one. */
static int read_run(struct prediction_reader *r, struct err *err)
{
    const struct csv_field *cell;

    r->row.replica = CLASS_NONE;
    if (r->replica != CSV_NONE) {
        cell = &csv_reader_fields(r->csv)[r->replica];
        r->row.replica = dict_add(&r->replicas, cell->text, cell->len);
    }
    return read_count(r, r->train_size, &r->row.train_size, err);
}

static int read_probabilities(struct prediction_reader *r, struct err *err)
{
    double sum = 0, value;

    for (size_t k = 0; k < r->n_p; k++) {
        if (read_number(r, r->p[k], &value, err) != 0)
            return -1;
        if (!r->any && !(value >= 0 && value <= 1 + SUM_TOLERANCE)) {
            err_set(err, ERR_DATA, "not a probability");
            return csv_reader_blame(r->csv, r->p[k], err);
        }
        r->row.p[k] = (float)value;
        sum += value;
    }
    if (!r->n_p || r->any || fabs(sum - 1) <= SUM_TOLERANCE)
        return 0;
    err_set(err, ERR_DATA, "the p: columns sum to %.4g, not 1", sum);
    return csv_reader_blame(r->csv, CSV_NONE, err);
}

/* A class that p: columns exist for, but not for this one, is an error. */
static int read_class(struct prediction_reader *r, size_t column, size_t *class,
                      struct err *err)
{
    const struct csv_field *cell = &csv_reader_fields(r->csv)[column];
    char quoted[ERR_QUOTE_SIZE];

    *class = cell->len ? dict_add(&r->classes, cell->text, cell->len)
                       : CLASS_NONE;
    if (*class == CLASS_NONE || !r->n_p || *class < r->n_p ||
        column == r->label || r->any)
        return 0;
    err_set(err, ERR_DATA, "class %s has no p: column",
            err_quote(quoted, sizeof(quoted), cell->text, cell->len));
    return csv_reader_blame(r->csv, column, err);
}

static int read_label(struct prediction_reader *r, struct err *err)
{
    r->row.label = CLASS_NONE;
    return r->label == CSV_NONE ? 0
                                : read_class(r, r->label, &r->row.label, err);
}

static size_t largest_p(const struct prediction_reader *r)
{
    size_t best = 0;

    for (size_t k = 1; k < r->n_p; k++)
        if (r->row.p[k] > r->row.p[best])
            best = k;
    return best;
}

static int read_pred(struct prediction_reader *r, struct err *err)
{
    if (r->pred == CSV_NONE) {
        r->row.pred = largest_p(r);
        return 0;
    }
    if (read_class(r, r->pred, &r->row.pred, err) != 0)
        return -1;
    if (r->row.pred != CLASS_NONE || r->any)
        return 0;
    err_set(err, ERR_DATA, "no prediction");
    return csv_reader_blame(r->csv, r->pred, err);
}

/* What p: columns tell where prob and loss are missing. */
static void derive(struct prediction_reader *r)
{
    struct prediction *row = &r->row;

    if (!r->n_p)
        return;
    if (isnan(row->prob) && row->pred < r->n_p)
        row->prob = (double)row->p[row->pred];
    if (isnan(row->loss) && row->label != CLASS_NONE)
        row->loss = row->label < r->n_p ? -log((double)row->p[row->label])
                                        : INFINITY;
}

static void read_split(struct prediction_reader *r)
{
    const struct csv_field *cell =
        r->split == CSV_NONE ? NULL : &csv_reader_fields(r->csv)[r->split];

    r->row.split = cell && cell->len
                       ? dict_add(&r->splits, cell->text, cell->len)
                       : dict_add(&r->splits, "test", 4);
}

enum { AS_LABEL = 1, AS_PRED = 2, MOST_ALL_WRONG = 10 };

static void remember(struct prediction_reader *r, size_t class, int as)
{
    size_t had = r->seen_capacity;

    if (class == CLASS_NONE)
        return;
    r->seen = mem_grow(r->seen, &r->seen_capacity, class + 1, 1);
    memset(r->seen + had, 0, r->seen_capacity - had);
    r->seen[class] |= (unsigned char)as;
}

/* What two classes that are one have in common: a value, or a folded text. */
static void class_key(struct buf *key, const struct dict *classes, size_t k)
{
    char number[NUM_SIZE];
    double value;

    buf_clear(key);
    if (num_parse(classes->text[k], classes->len[k], &value))
        buf_add(key, number, num_format(number, value));
    else
        text_fold(key, classes->text[k], classes->len[k]);
}

bool prediction_find_alike(const struct dict *classes, const bool *some,
                           const bool *others, size_t *one, size_t *other)
{
    size_t *owner = mem_alloc(classes->count + 1, sizeof(*owner)), at;
    struct dict keys = {0};
    struct buf key = {0};
    bool found = false;

    for (size_t k = 0; k < classes->count; k++) {
        if (some && !some[k])
            continue;
        class_key(&key, classes, k);
        if (dict_find(&keys, key.data, key.len) == DICT_NONE)
            owner[dict_add(&keys, key.data, key.len)] = k;
    }
    for (size_t k = 0; k < classes->count && !found; k++) {
        if (others && !others[k])
            continue;
        class_key(&key, classes, k);
        at = key.len ? dict_find(&keys, key.data, key.len) : DICT_NONE;
        found = at != DICT_NONE && owner[at] != k;
        if (found) {
            *one = owner[at];
            *other = k;
        }
    }
    dict_release(&keys);
    buf_release(&key);
    free(owner);
    return found;
}

/*
 * `1` against `1.0`, or the wrong column: nothing can ever be right.  A few
 * rows may all be wrong by chance, unless their classes are spelled alike.
 */
static int check_shared(const struct prediction_reader *r, struct err *err)
{
    size_t label = CLASS_NONE, pred = CLASS_NONE;
    char a[ERR_QUOTE_SIZE], b[ERR_QUOTE_SIZE];
    size_t one, other;

    for (size_t k = 0; k < r->classes.count && k < r->seen_capacity; k++) {
        if (r->seen[k] == (AS_LABEL | AS_PRED) ||
            (k < r->n_p && r->seen[k] & AS_LABEL))
            return 0;
        if (r->seen[k] == AS_LABEL && label == CLASS_NONE)
            label = k;
        if (r->seen[k] == AS_PRED && pred == CLASS_NONE)
            pred = k;
    }
    if (label == CLASS_NONE || pred == CLASS_NONE ||
        (csv_reader_records(r->csv) < MOST_ALL_WRONG &&
         !prediction_find_alike(&r->classes, NULL, NULL, &one, &other)))
        return 0;
    err_set(
        err, ERR_DATA,
        "labels and predictions share no value (label %s, prediction %s)",
        err_quote(a, sizeof(a), r->classes.text[label], r->classes.len[label]),
        err_quote(b, sizeof(b), r->classes.text[pred], r->classes.len[pred]));
    return err_at(err, csv_reader_file(r->csv), 0);
}

int prediction_reader_next(struct prediction_reader *r, struct err *err)
{
    int got = csv_reader_next(r->csv, err);

    if (got == 0)
        return r->any ? 0 : check_shared(r, err);
    if (got < 0)
        return -1;
    read_split(r);
    if (read_probabilities(r, err) != 0 || read_label(r, err) != 0 ||
        read_pred(r, err) != 0 ||
        read_number(r, r->prob, &r->row.prob, err) != 0 ||
        read_number(r, r->loss, &r->row.loss, err) != 0 ||
        read_run(r, err) != 0)
        return -1;
    if (!r->any && (r->row.prob < 0 || r->row.prob > 1 + SUM_TOLERANCE)) {
        err_set(err, ERR_DATA, "not a probability");
        return csv_reader_blame(r->csv, r->prob, err);
    }
    if (!r->any && r->row.loss < 0) {
        err_set(err, ERR_DATA, "not a loss from 0 to inf");
        return csv_reader_blame(r->csv, r->loss, err);
    }
    remember(r, r->row.label, AS_LABEL);
    remember(r, r->row.pred, AS_PRED);
    r->unlabelled += r->row.label == CLASS_NONE;
    derive(r);
    return 1;
}

int prediction_reader_rewind(struct prediction_reader *r, struct err *err)
{
    r->unlabelled = 0;
    return csv_reader_rewind(r->csv, err);
}

void prediction_note_models(const struct prediction_reader *r,
                            struct buf *notes)
{
    if (r->replica != CSV_NONE || r->train_size != CSV_NONE)
        buf_add_text(notes, "warning: predictions of several models: a row "
                            "counts once for each, so intervals are too "
                            "narrow (score one model at a time)\n");
}

int prediction_check_on(const struct prediction_reader *r,
                        const struct list *on, struct err *err)
{
    struct buf list = {0};

    for (size_t i = 0; i < on->n; i++) {
        if (dict_find(&r->splits, on->items[i], strlen(on->items[i])) !=
            DICT_NONE)
            continue;
        for (size_t k = 0; k < r->splits.count && list.len < 200; k++)
            buf_printf(&list, "%s%s", k ? ", " : "", r->splits.text[k]);
        err_set(err, ERR_DATA,
                "--on: no row has the split '%s' (there are: %s)", on->items[i],
                list.data);
        buf_release(&list);
        return err_at(err, csv_reader_file(r->csv), 0);
    }
    return 0;
}
