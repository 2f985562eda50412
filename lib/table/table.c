#include "table/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "table/table_cells.h"

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
        if (column->type == TYPE_IMAGE) {
            struct image_shape shape = {
                t->schema->shape[0], t->schema->shape[1], t->schema->shape[2]};
            t->images =
                image_rows_new(&shape, column->name, image_rows_most_bytes());
        }
    }
}

void table_set_root(struct table *t, const char *root)
{
    if (t->images)
        image_rows_set_root(t->images, root);
}

int table_load_images(struct table *t, struct err *err)
{
    size_t image = schema_role(t->schema, ROLE_FEATURE); /* the only one */

    if (!t->images)
        return 0;
    return image_rows_load(t->images, t->bad_as_missing, &t->bad[image], err);
}

int table_lost(const struct table *t, struct err *err)
{
    return t->images ? image_rows_lost(t->images, err) : 0;
}

static int bind_columns(struct table *t, const struct csv_reader *reader,
                        struct err *err)
{
    for (size_t i = 0; i < t->schema->n; i++) {
        const struct column *column = &t->schema->columns[i];
        t->source[i] = CSV_NONE;
        if (!reader)
            continue;
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
                plural(here->n), known->n);
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
    if (reader && check_steps(schema, reader, err) != 0)
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
    image_rows_free(t->images);
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
    if (t->images)
        image_rows_clear(t->images);
}

/* ---- record by record ---- */

static int add_feature(struct table *t, const struct csv_reader *reader,
                       size_t i, size_t place, const struct csv_field *cell,
                       struct err *err)
{
    switch (t->schema->columns[i].type) {
    case TYPE_NUMBER:
        return table_set_number(t, t->n, i, place, cell->text, cell->len, err);
    case TYPE_CATEGORY:
        table_set_level(t, t->n, i, place, cell->text, cell->len);
        return 0;
    case TYPE_TEXT:
        table_add_text(t, place, cell->text, cell->len);
        return 0;
    case TYPE_SEQUENCE:
        return table_add_sequence(t, i, cell->text, cell->len, err);
    case TYPE_IMAGE:
        return table_add_image(t, i, cell->text, cell->len,
                               csv_reader_file(reader), csv_reader_line(reader),
                               csv_reader_field(reader, t->source[i]), err);
    }
    return 0;
}

static int add_features(struct table *t, const struct csv_reader *reader,
                        uint64_t *hash, struct err *err)
{
    size_t places[N_TYPES] = {0};

    for (size_t i = 0; i < t->schema->n; i++) {
        const struct column *column = &t->schema->columns[i];
        const struct csv_field *cell;
        if (column->role != ROLE_FEATURE)
            continue;
        cell = &csv_reader_fields(reader)[t->source[i]];
        *hash = hash_add(*hash, cell->text, cell->len + 1);
        if (add_feature(t, reader, i, places[column->type]++, cell, err) != 0)
            return csv_reader_blame(reader, t->source[i], err);
    }
    if (t->schema->form == FORM_TOKENS)
        tokens_end_row(&t->tokens, t->schema->max_steps);
    return 0;
}

/* The cell of the column with this role; its text is NULL without one. */
static struct csv_field cell_of(const struct table *t,
                                const struct csv_reader *reader,
                                enum column_role role)
{
    size_t at = table_source(t, role);

    return at == CSV_NONE ? (struct csv_field){0}
                          : csv_reader_fields(reader)[at];
}

int table_add(struct table *t, const struct csv_reader *reader, struct err *err)
{
    struct csv_field label = cell_of(t, reader, ROLE_LABEL),
                     split = cell_of(t, reader, ROLE_SPLIT),
                     weight = cell_of(t, reader, ROLE_WEIGHT);
    uint64_t hash = HASH_START;

    table_reserve(t, 1);
    if (add_features(t, reader, &hash, err) != 0)
        return -1;
    table_set_label(t, t->n, label.text, label.len);
    t->fingerprint[t->n] = hash_finish(hash);
    table_set_part(t, t->n, split.text, split.len);
    if (table_set_weight(t, t->n, weight.text, weight.len, err) != 0)
        return csv_reader_blame(reader, table_source(t, ROLE_WEIGHT), err);
    t->n++;
    return 0;
}
