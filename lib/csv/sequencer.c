#include "csv/sequencer.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/hash_set.h"
#include "base/mem.h"
#include "base/num.h"

static const char result_name[] = "sequence";

/* What becomes of a column of the file. */
enum kind { KIND_KEY, KIND_ROW, KIND_TIME, KIND_STEP, KIND_OTHER };

/*
 * Invariant: kind[] is by column of the file; source[] and fields[] by column
 * of the result, of which the last is the sequence.
 */
struct sequencer {
    enum kind *kind; /* [n] */
    size_t n, key;   /* columns of the file, and which names the sequence */
    struct list steps;
    size_t *step; /* [steps.n] columns of the file */
    struct dict names;
    size_t *source;
    size_t name; /* the column of the result that names the sequence */

    struct csv_field *fields;
    struct buf cells;  /* of all fields but the last */
    struct buf values; /* of the last */
    struct buf time;   /* the last step's */
    bool blank;        /* a single step without values */
    struct hash_set keys;
};

/* ---- columns ---- */

static bool is_in(const struct list *list, const char *name)
{
    return list && list_has(list, name);
}

static bool has_one_cell(const struct csv_options *o, const char *name)
{
    return strcmp(name, "label") == 0 || strcmp(name, "split") == 0 ||
           strcmp(name, o->sequence) == 0 || is_in(o->row_columns, name);
}

/* A column `id` that nobody asked for may be the number of a step's row. */
static bool is_other(const struct csv_options *o, const char *name)
{
    return is_in(o->other_columns, name) || strcmp(name, "id") == 0;
}

static enum kind kind_of(const struct csv_options *o, const char *name)
{
    bool named = o->step_columns && o->step_columns->n;

    if (strcmp(name, o->sequence) == 0)
        return KIND_KEY;
    if (o->step_time && strcmp(name, o->step_time) == 0)
        return KIND_TIME;
    if (has_one_cell(o, name))
        return KIND_ROW;
    if (named && list_has(o->step_columns, name))
        return KIND_STEP;
    if (is_other(o, name))
        return KIND_OTHER;
    if (!named)
        return KIND_STEP;
    return o->others_differ ? KIND_OTHER : KIND_ROW;
}

static int check_steps(const struct sequencer *s, const struct csv_options *o,
                       const struct dict *names, struct err *err)
{
    const struct list *steps = o->step_columns;

    for (size_t i = 0; steps && i < steps->n; i++) {
        const char *name = steps->items[i];
        size_t at = dict_find(names, name, strlen(name));
        if (s->kind[at] != KIND_STEP)
            return err_set(err, ERR_USAGE,
                           "column '%s' has one cell a sequence: it cannot be "
                           "a value of its steps",
                           name);
    }
    if (dict_find(names, result_name, strlen(result_name)) != DICT_NONE)
        return err_set(err, ERR_DATA,
                       "there is a column '%s' already: long rows become a "
                       "column of this name",
                       result_name);
    if (s->steps.n == 0)
        return err_set(err, ERR_DATA,
                       "no column is left for the values of the steps");
    return 0;
}

/* The step columns in the order that was asked for, or that of the file. */
static void list_steps(struct sequencer *s, const struct csv_options *o,
                       const struct dict *names)
{
    const struct list *asked = o->step_columns;

    for (size_t i = 0; asked && i < asked->n; i++)
        if (!list_has(&s->steps, asked->items[i]))
            list_add(&s->steps, asked->items[i]);
    for (size_t i = 0; i < s->n && !(asked && asked->n); i++)
        if (s->kind[i] == KIND_STEP)
            list_add(&s->steps, names->text[i]);
    s->step = mem_alloc(s->steps.n, sizeof(*s->step));
    for (size_t i = 0; i < s->steps.n; i++)
        s->step[i] =
            dict_find(names, s->steps.items[i], strlen(s->steps.items[i]));
}

static void list_results(struct sequencer *s, const struct dict *names)
{
    s->source = mem_alloc(s->n + 1, sizeof(*s->source));
    for (size_t i = 0; i < s->n; i++)
        if (s->kind[i] != KIND_STEP) {
            s->source[s->names.count] = i;
            if (s->kind[i] == KIND_KEY)
                s->name = s->names.count;
            dict_add(&s->names, names->text[i], names->len[i]);
        }
    s->source[s->names.count] = s->steps.n ? s->step[0] : 0;
    dict_add(&s->names, result_name, strlen(result_name));
    s->fields = mem_zalloc(s->names.count, sizeof(*s->fields));
}

struct sequencer *sequencer_new(const struct csv_options *o,
                                const struct dict *names, struct err *err)
{
    struct sequencer *s = mem_zalloc(1, sizeof(*s));

    s->n = names->count;
    s->key = dict_find(names, o->sequence, strlen(o->sequence));
    s->kind = mem_alloc(s->n, sizeof(*s->kind));
    for (size_t i = 0; i < s->n; i++)
        s->kind[i] = kind_of(o, names->text[i]);
    list_steps(s, o, names);
    list_results(s, names);
    if (check_steps(s, o, names, err) == 0)
        return s;
    sequencer_free(s);
    return NULL;
}

void sequencer_free(struct sequencer *s)
{
    if (!s)
        return;
    free(s->kind);
    list_release(&s->steps);
    free(s->step);
    dict_release(&s->names);
    free(s->source);
    free(s->fields);
    buf_release(&s->cells);
    buf_release(&s->values);
    buf_release(&s->time);
    hash_set_release(&s->keys);
    free(s);
}

void sequencer_rewind(struct sequencer *s)
{
    hash_set_release(&s->keys);
}

const struct dict *sequencer_names(const struct sequencer *s)
{
    return &s->names;
}

const struct list *sequencer_steps(const struct sequencer *s)
{
    return &s->steps;
}

size_t sequencer_key(const struct sequencer *s)
{
    return s->name;
}

size_t sequencer_source(const struct sequencer *s, size_t i)
{
    return s->source[i];
}

/* ---- steps ---- */

static const char *quoted(char out[ERR_QUOTE_SIZE],
                          const struct csv_field *cell)
{
    return err_quote(out, ERR_QUOTE_SIZE, cell->text, cell->len);
}

static bool has_values(const struct sequencer *s,
                       const struct csv_field *record)
{
    for (size_t i = 0; i < s->steps.n; i++)
        if (record[s->step[i]].len)
            return true;
    return false;
}

static int add_value(struct sequencer *s, const struct csv_field *cell,
                     struct err *err)
{
    char word[ERR_QUOTE_SIZE];
    double value;

    if (cell->len == 0)
        return err_set(err, ERR_DATA, "a value of a step is missing");
    if (!num_parse(cell->text, cell->len, &value))
        return err_set(err, ERR_DATA,
                       "not a number: %s, in a step of a sequence (--features "
                       "or --exclude says which columns are in the steps)",
                       quoted(word, cell));
    buf_add(&s->values, cell->text, cell->len);
    return 0;
}

static int add_step(struct sequencer *s, const struct csv_field *record,
                    size_t *column, struct err *err)
{
    for (size_t i = 0; i < s->steps.n; i++) {
        *column = s->step[i];
        if (s->values.len)
            buf_add_char(&s->values, i ? ' ' : ';');
        if (add_value(s, &record[s->step[i]], err) != 0)
            return -1;
    }
    return 0;
}

/* ---- records ---- */

/* The cells that the whole sequence has, copied. */
static void copy_cells(struct sequencer *s, const struct csv_field *record)
{
    size_t n = s->names.count - 1;
    const char *at;

    buf_clear(&s->cells);
    for (size_t i = 0; i < n; i++) {
        const struct csv_field *from = &record[s->source[i]];
        buf_add(&s->cells, from->text, from->len + 1);
        if (from->raw)
            buf_add(&s->cells, from->raw, from->raw_len);
    }
    at = s->cells.data;
    for (size_t i = 0; i < n; i++) {
        struct csv_field *to = &s->fields[i];
        *to = record[s->source[i]];
        to->text = at;
        at += to->len + 1;
        if (!to->raw)
            continue;
        to->raw = at;
        at += to->raw_len;
    }
}

static void keep_time(struct sequencer *s, const struct csv_field *cell)
{
    buf_clear(&s->time);
    buf_add(&s->time, cell->text, cell->len);
}

int sequencer_begin(struct sequencer *s, const struct csv_field *record,
                    size_t *column, struct err *err)
{
    const struct csv_field *key = &record[s->key];
    char word[ERR_QUOTE_SIZE];

    *column = s->key;
    if (key->len == 0)
        return err_set(err, ERR_DATA,
                       "empty: which sequence is this a step of");
    if (!hash_set_add(&s->keys, hash_bytes(key->text, key->len))) {
        *column = CSV_NONE;
        return err_set(err, ERR_DATA,
                       "sequence %s goes on after others: sort the rows by "
                       "'%s'",
                       quoted(word, key), s->names.text[s->name]);
    }
    copy_cells(s, record);
    for (size_t i = 0; i < s->n; i++)
        if (s->kind[i] == KIND_TIME)
            keep_time(s, &record[i]);
    buf_clear(&s->values);
    s->blank = !has_values(s, record);
    return s->blank ? 0 : add_step(s, record, column, err);
}

static bool is_same(const struct csv_field *a, const struct csv_field *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* As numbers, if both are; else by their bytes, as dates like 2024-02-29. */
static bool is_later(const struct csv_field *cell, const struct buf *before)
{
    double x, y;

    if (num_parse(cell->text, cell->len, &x) &&
        num_parse(before->data, before->len, &y))
        return x > y;
    return strcmp(cell->text, before->data) > 0;
}

/* Column i of the result. */
static int differs(const struct sequencer *s, const struct csv_field *cell,
                   size_t i, struct err *err)
{
    char a[ERR_QUOTE_SIZE], b[ERR_QUOTE_SIZE], key[ERR_QUOTE_SIZE];
    bool split = strcmp(s->names.text[i], "split") == 0;

    return err_set(err, ERR_DATA, "%s, but sequence %s began with %s%s%s%s",
                   quoted(a, cell), quoted(key, &s->fields[s->name]),
                   quoted(b, &s->fields[i]), split ? " (split --hash " : "",
                   split ? s->names.text[s->name] : "",
                   split ? " keeps sequences together)" : "");
}

static int not_in_order(const struct sequencer *s, const struct csv_field *cell,
                        struct err *err)
{
    char a[ERR_QUOTE_SIZE], b[ERR_QUOTE_SIZE], key[ERR_QUOTE_SIZE];

    err_quote(b, sizeof(b), s->time.data, s->time.len);
    return err_set(err, ERR_DATA,
                   "%s after %s: the steps of sequence %s are not in order",
                   quoted(a, cell), b, quoted(key, &s->fields[s->name]));
}

static int check_cells(struct sequencer *s, const struct csv_field *record,
                       size_t *column, struct err *err)
{
    for (size_t i = 0; i + 1 < s->names.count; i++) {
        const struct csv_field *cell = &record[s->source[i]];
        enum kind kind = s->kind[s->source[i]];
        *column = s->source[i];
        if (kind == KIND_ROW && !is_same(cell, &s->fields[i]))
            return differs(s, cell, i, err);
        if (kind != KIND_TIME)
            continue;
        if (!is_later(cell, &s->time))
            return not_in_order(s, cell, err);
        keep_time(s, cell);
    }
    return 0;
}

int sequencer_add(struct sequencer *s, const struct csv_field *record,
                  size_t *column, struct err *err)
{
    char key[ERR_QUOTE_SIZE];

    if (!is_same(&record[s->key], &s->fields[s->name]))
        return 0;
    if (check_cells(s, record, column, err) != 0)
        return -1;
    *column = s->step[0];
    if (s->blank)
        return err_set(err, ERR_DATA,
                       "sequence %s began with a step without values",
                       quoted(key, &record[s->key]));
    return add_step(s, record, column, err) == 0 ? 1 : -1;
}

const struct csv_field *sequencer_fields(struct sequencer *s)
{
    struct csv_field *last = &s->fields[s->names.count - 1];

    last->text = s->values.len ? s->values.data : "";
    last->len = s->values.len;
    last->raw = NULL;
    last->raw_len = 0;
    return s->fields;
}
