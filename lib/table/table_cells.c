#include "table/table_cells.h"

#include <math.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/simd.h"
#include "table/column_scan.h"

static const char as_missing_advice[] =
    " (--bad missing takes it for a missing one)";

/* Behind the word that a cell is none of its column's type. */
static const char *advice_of(const struct table *t)
{
    if (t->advice)
        return t->advice;
    return t->frozen ? as_missing_advice : "";
}

void table_reserve(struct table *t, size_t more)
{
    size_t rows = t->capacity ? t->capacity : 64;

    if (t->capacity >= t->n + more)
        return;
    while (rows < t->n + more)
        rows *= 2;
    t->numbers = mem_resize(t->numbers, rows, t->n_numbers * sizeof(float));
    t->levels = mem_resize(t->levels, rows, t->n_categories * sizeof(uint32_t));
    t->label = mem_resize(t->label, rows, sizeof(*t->label));
    t->labelled = mem_resize(t->labelled, rows, sizeof(*t->labelled));
    t->part = mem_resize(t->part, rows, sizeof(*t->part));
    t->weight = mem_resize(t->weight, rows, sizeof(*t->weight));
    t->fingerprint = mem_resize(t->fingerprint, rows, sizeof(*t->fingerprint));
    t->capacity = rows;
}

size_t table_source(const struct table *t, enum column_role role)
{
    size_t i = schema_role(t->schema, role);

    return i == CSV_NONE ? CSV_NONE : t->source[i];
}

static int bad_cell(const char *text, size_t len, const char *what,
                    const char *advice, struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];

    return err_set(err, ERR_DATA, "%s: %s%s", what,
                   err_quote(quoted, sizeof(quoted), text, len), advice);
}

/* NaN says so, but among pixels there is no such thing. */
static int missing_number(const struct table *t, struct err *err)
{
    return t->schema->form == FORM_IMAGE
               ? err_set(err, ERR_DATA, "a pixel is missing")
               : 0;
}

SIMD_CLONES void table_set_smalls(const uint16_t *value, const double *shift,
                                  size_t n, float *to)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        to[i] = (float)((double)(int32_t)value[i] - shift[i]);
}

int table_set_number(struct table *t, size_t row, size_t i, size_t place,
                     const char *text, size_t len, struct err *err)
{
    float *to = &t->numbers[row * t->n_numbers + place];
    double value;

    *to = NAN;
    if (schema_missing(t->schema, text, len))
        return missing_number(t, err);
    if (column_number(text, len, &value)) {
        *to = (float)(value - t->schema->columns[i].shift);
        return 0;
    }
    if (!t->bad_as_missing)
        return bad_cell(text, len, "not a number", advice_of(t), err);
    t->bad[i]++;
    return missing_number(t, err);
}

int table_add_sequence(struct table *t, size_t i, const char *text, size_t len,
                       struct err *err)
{
    struct sequence_fault fault;
    struct buf words = {0};

    if (schema_missing(t->schema, text, len)) {
        sequences_add_missing(&t->sequences);
        return 0;
    }
    if (sequences_add(&t->sequences, text, len, &fault))
        return 0;
    if (t->bad_as_missing) {
        t->bad[i]++;
        sequences_add_missing(&t->sequences);
        return 0;
    }
    sequence_fault_text(&fault, &words);
    err_set(err, ERR_DATA, "%s%s", words.data, advice_of(t));
    buf_release(&words);
    return -1;
}

int table_add_image(struct table *t, size_t i, const char *text, size_t len,
                    const char *file, long line, int field, struct err *err)
{
    if (schema_missing(t->schema, text, len)) {
        if (!t->bad_as_missing)
            return err_set(err, ERR_DATA, "an image is missing%s",
                           advice_of(t));
        t->bad[i]++;
        len = 0;
    }
    image_rows_add(t->images, text, len, file, line, field);
    return 0;
}

void table_set_level(struct table *t, size_t row, size_t i, size_t place,
                     const char *text, size_t len)
{
    struct dict *dict = &t->dicts[place];
    size_t level;

    if (schema_missing(t->schema, text, len))
        len = 0;
    level = t->frozen ? dict_find(dict, text, len) : dict_add(dict, text, len);
    t->unseen[i] += level == DICT_NONE;
    t->levels[row * t->n_categories + place] =
        level == DICT_NONE ? LEVEL_UNSEEN : (uint32_t)level;
}

void table_add_text(struct table *t, size_t place, const char *text, size_t len)
{
    const struct schema *schema = t->schema;

    if (schema_missing(schema, text, len))
        len = 0;
    if (schema->form == FORM_TOKENS)
        tokens_add(&t->tokens, schema->tokens, t->frozen, text, len);
    else
        ngrams_add(&t->texts[place], &schema->ngrams, text, len);
}

void table_set_label(struct table *t, size_t row, const char *text, size_t len)
{
    size_t label = DICT_NONE;

    t->labelled[row] = text && !schema_missing(t->schema, text, len);
    if (t->labelled[row])
        label = t->frozen ? dict_find(&t->labels, text, len)
                          : dict_add(&t->labels, text, len);
    t->unseen_labels += t->labelled[row] && label == DICT_NONE;
    t->label[row] = label == DICT_NONE ? LABEL_NONE : (uint32_t)label;
}

void table_set_part(struct table *t, size_t row, const char *text, size_t len)
{
    t->part[row] = (uint32_t)dict_add(&t->parts, text ? text : "", len);
}

int table_set_weight(struct table *t, size_t row, const char *text, size_t len,
                     struct err *err)
{
    double value = 1;

    if (t->frozen || !text)
        value = 1;
    else if (len == 0)
        value = NAN;
    else if (!num_parse(text, len, &value) || value < 0)
        return bad_cell(text, len, "not a weight, a number of 0 or more", "",
                        err);
    t->weight[row] = (float)value;
    return 0;
}
