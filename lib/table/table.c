#include "table/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "table/column_scan.h"

static const char as_missing_advice[] =
    " (--bad missing takes it for a missing one)";

static void count_features(struct table *t)
{
    for (size_t i = 0; i < t->schema->n; i++) {
        const struct column *column = &t->schema->columns[i];
        if (column->role != ROLE_FEATURE)
            continue;
        t->n_numbers += column->type == TYPE_NUMBER;
        t->n_categories += column->type == TYPE_CATEGORY;
        t->n_texts += column->type == TYPE_TEXT &&
                      t->schema->form != FORM_TOKENS;
        if (column->type == TYPE_SEQUENCE)
            t->sequences.width = column->width;
    }
}

static int bind_columns(struct table *t, const struct csv_reader *reader,
                        struct err *err)
{
    for (size_t i = 0; i < t->schema->n; i++) {
        const struct column *column = &t->schema->columns[i];
        if (column->role == ROLE_FEATURE &&
            csv_reader_require(reader, column->name, &t->source[i], err) != 0)
            return -1;
        t->source[i] = csv_reader_find(reader, column->name);
    }
    return 0;
}

/* The values of a step are known by their place only. */
static int check_steps(const struct schema *schema,
                       const struct csv_reader *reader, struct err *err)
{
    const struct list *here = csv_reader_steps(reader),
                      *known = &schema->step_names;
    size_t i = 0;

    if (!here || !known->n)
        return 0;
    while (i < here->n && i < known->n &&
           strcmp(here->items[i], known->items[i]) == 0)
        i++;
    if (i == here->n && i == known->n)
        return 0;
    if (here->n != known->n)
        err_set(err, ERR_DATA,
                "a step has %zu value%s here, but had %zu in training", here->n,
                here->n == 1 ? "" : "s", known->n);
    else
        err_set(err, ERR_DATA,
                "value %zu of a step is '%s' here, but was '%s' in training",
                i + 1, here->items[i], known->items[i]);
    return err_at(err, csv_reader_file(reader), 0);
}

int table_init(struct table *t, const struct schema *schema,
               const struct csv_reader *reader, struct err *err)
{
    memset(t, 0, sizeof(*t));
    t->schema = schema;
    t->source = mem_zalloc(schema->n, sizeof(*t->source));
    t->bad = mem_zalloc(schema->n, sizeof(*t->bad));
    t->unseen = mem_zalloc(schema->n, sizeof(*t->unseen));
    count_features(t);
    t->dicts = mem_zalloc(t->n_categories, sizeof(*t->dicts));
    t->texts = mem_zalloc(t->n_texts, sizeof(*t->texts));
    if (check_steps(schema, reader, err) != 0)
        return -1;
    return bind_columns(t, reader, err);
}

void table_release(struct table *t)
{
    for (size_t i = 0; i < t->n_categories; i++)
        dict_release(&t->dicts[i]);
    for (size_t i = 0; i < t->n_texts; i++)
        ngrams_release(&t->texts[i]);
    sequences_release(&t->sequences);
    tokens_release(&t->tokens);
    dict_release(&t->labels);
    dict_release(&t->parts);
    free(t->source);
    free(t->numbers);
    free(t->levels);
    free(t->dicts);
    free(t->texts);
    free(t->label);
    free(t->labelled);
    free(t->part);
    free(t->weight);
    free(t->fingerprint);
    free(t->bad);
    free(t->unseen);
    memset(t, 0, sizeof(*t));
}

void table_clear(struct table *t)
{
    t->n = 0;
    for (size_t i = 0; i < t->n_texts; i++)
        ngrams_clear(&t->texts[i]);
    sequences_clear(&t->sequences);
    tokens_clear(&t->tokens);
}

static void grow(struct table *t)
{
    size_t rows = t->capacity ? t->capacity * 2 : 64;

    if (t->n < t->capacity)
        return;
    t->numbers = mem_resize(t->numbers, rows, t->n_numbers * sizeof(float));
    t->levels = mem_resize(t->levels, rows, t->n_categories * sizeof(uint32_t));
    t->label = mem_resize(t->label, rows, sizeof(*t->label));
    t->labelled = mem_resize(t->labelled, rows, sizeof(*t->labelled));
    t->part = mem_resize(t->part, rows, sizeof(*t->part));
    t->weight = mem_resize(t->weight, rows, sizeof(*t->weight));
    t->fingerprint = mem_resize(t->fingerprint, rows, sizeof(*t->fingerprint));
    t->capacity = rows;
}

static int bad_cell(const struct csv_reader *reader, size_t at,
                    const struct csv_field *cell, const char *what,
                    const char *advice, struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];

    err_set(err, ERR_DATA, "%s: %s%s", what,
            err_quote(quoted, sizeof(quoted), cell->text, cell->len), advice);
    return csv_reader_blame(reader, at, err);
}

/* NaN says so, but among pixels there is no such thing. */
static int missing_number(const struct table *t,
                          const struct csv_reader *reader, size_t i,
                          struct err *err)
{
    if (t->schema->form != FORM_IMAGE)
        return 0;
    err_set(err, ERR_DATA, "a pixel is missing");
    return csv_reader_blame(reader, t->source[i], err);
}

static int add_number(struct table *t, const struct csv_reader *reader,
                      size_t i, const struct csv_field *cell, float *to,
                      struct err *err)
{
    double value;

    *to = NAN;
    if (schema_missing(t->schema, cell->text, cell->len))
        return missing_number(t, reader, i, err);
    if (column_number(cell->text, cell->len, &value)) {
        *to = (float)(value - t->schema->columns[i].shift);
        return 0;
    }
    if (!t->bad_as_missing)
        return bad_cell(reader, t->source[i], cell, "not a number",
                        t->frozen ? as_missing_advice : "", err);
    t->bad[i]++;
    return missing_number(t, reader, i, err);
}

static int add_sequence(struct table *t, const struct csv_reader *reader,
                        size_t i, const struct csv_field *cell, struct err *err)
{
    struct sequence_fault fault;
    struct buf words = {0};

    if (schema_missing(t->schema, cell->text, cell->len)) {
        sequences_add_missing(&t->sequences);
        return 0;
    }
    if (sequences_add(&t->sequences, cell->text, cell->len, &fault))
        return 0;
    if (t->bad_as_missing) {
        t->bad[i]++;
        sequences_add_missing(&t->sequences);
        return 0;
    }
    sequence_fault_text(&fault, &words);
    err_set(err, ERR_DATA, "%s%s", words.data,
            t->frozen ? as_missing_advice : "");
    buf_release(&words);
    return csv_reader_blame(reader, t->source[i], err);
}

static void add_level(struct table *t, size_t i, size_t category,
                      const struct csv_field *cell)
{
    struct dict *dict = &t->dicts[category];
    bool missing = schema_missing(t->schema, cell->text, cell->len);
    size_t len = missing ? 0 : cell->len, level;

    level = t->frozen ? dict_find(dict, cell->text, len)
                      : dict_add(dict, cell->text, len);
    t->unseen[i] += level == DICT_NONE;
    t->levels[t->n * t->n_categories + category] =
        level == DICT_NONE ? LEVEL_UNSEEN : (uint32_t)level;
}

static void add_label(struct table *t, const struct csv_field *cell)
{
    size_t label = DICT_NONE;

    t->labelled[t->n] = cell &&
                        !schema_missing(t->schema, cell->text, cell->len);
    if (t->labelled[t->n])
        label = t->frozen ? dict_find(&t->labels, cell->text, cell->len)
                          : dict_add(&t->labels, cell->text, cell->len);
    t->unseen_labels += t->labelled[t->n] && label == DICT_NONE;
    t->label[t->n] = label == DICT_NONE ? LABEL_NONE : (uint32_t)label;
}

static int add_weight(struct table *t, const struct csv_reader *reader,
                      size_t at, const struct csv_field *cell, struct err *err)
{
    double value = 1;

    if (cell && cell->len == 0)
        value = NAN;
    else if (cell && (!num_parse(cell->text, cell->len, &value) || value < 0))
        return bad_cell(reader, at, cell, "not a weight, a number of 0 or more",
                        "", err);
    t->weight[t->n] = (float)value;
    return 0;
}

static const struct csv_field *cell_of(const struct table *t,
                                       const struct csv_reader *reader,
                                       enum column_role role, size_t *at)
{
    size_t i = schema_role(t->schema, role);

    *at = i == CSV_NONE ? CSV_NONE : t->source[i];
    return *at == CSV_NONE ? NULL : &csv_reader_fields(reader)[*at];
}

static void add_text(struct table *t, size_t text, const struct csv_field *cell)
{
    const struct schema *schema = t->schema;
    size_t len = schema_missing(schema, cell->text, cell->len) ? 0 : cell->len;

    if (schema->form == FORM_TOKENS)
        tokens_add(&t->tokens, schema->tokens, t->frozen, cell->text, len);
    else
        ngrams_add(&t->texts[text], &schema->ngrams, cell->text, len);
}

static int add_features(struct table *t, const struct csv_reader *reader,
                        uint64_t *hash, struct err *err)
{
    float *numbers = t->numbers + t->n * t->n_numbers;
    size_t number = 0, category = 0, text = 0;
    int status = 0;

    for (size_t i = 0; i < t->schema->n && status == 0; i++) {
        const struct column *column = &t->schema->columns[i];
        const struct csv_field *cell;
        if (column->role != ROLE_FEATURE)
            continue;
        cell = &csv_reader_fields(reader)[t->source[i]];
        *hash = hash_add(*hash, cell->text, cell->len + 1);
        switch (column->type) {
        case TYPE_NUMBER:
            status = add_number(t, reader, i, cell, &numbers[number++], err);
            break;
        case TYPE_CATEGORY:
            add_level(t, i, category++, cell);
            break;
        case TYPE_TEXT:
            add_text(t, text++, cell);
            break;
        case TYPE_SEQUENCE:
            status = add_sequence(t, reader, i, cell, err);
            break;
        }
    }
    if (status == 0 && t->schema->form == FORM_TOKENS)
        tokens_end_row(&t->tokens, t->schema->max_steps);
    return status;
}

int table_add(struct table *t, const struct csv_reader *reader, struct err *err)
{
    const struct csv_field *label, *split, *weight;
    uint64_t hash = HASH_START;
    size_t at;

    grow(t);
    if (add_features(t, reader, &hash, err) != 0)
        return -1;
    label = cell_of(t, reader, ROLE_LABEL, &at);
    add_label(t, label);
    t->fingerprint[t->n] = hash_finish(hash);
    split = cell_of(t, reader, ROLE_SPLIT, &at);
    t->part[t->n] = (uint32_t)dict_add(&t->parts, split ? split->text : "",
                                       split ? split->len : 0);
    weight = t->frozen ? NULL : cell_of(t, reader, ROLE_WEIGHT, &at);
    if (add_weight(t, reader, at, weight, err) != 0)
        return -1;
    t->n++;
    return 0;
}

int table_read(struct table *t, struct csv_reader *reader, struct err *err)
{
    int got;

    while ((got = csv_reader_next(reader, err)) == 1)
        if (table_add(t, reader, err) != 0)
            return -1;
    return got;
}
