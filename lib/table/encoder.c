#include "table/encoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "table/encoder_forms.h"

/* Fewest training rows a level or n-gram is seen in to have its own place. */
enum { LEVEL_ROWS = 2, TERM_ROWS = 2 };

/* Features of FORM_ROW. */
static void init_row(struct encoder *e, const struct schema *schema)
{
    for (size_t i = 0; i < schema->n; i++) {
        const struct column *column = &schema->columns[i];
        if (column->role != ROLE_FEATURE)
            continue;
        e->n_numbers += column->type == TYPE_NUMBER;
        e->n_categories += column->type == TYPE_CATEGORY;
        e->n_texts += column->type == TYPE_TEXT;
    }
}

static size_t values_of_step(const struct schema *schema)
{
    if (schema->n_shape)
        return schema->shape[1];
    for (size_t i = 0; i < schema->n; i++)
        if (schema->columns[i].role == ROLE_FEATURE &&
            schema->columns[i].type == TYPE_SEQUENCE)
            return schema->columns[i].width;
    return 0;
}

void encoder_init(struct encoder *e, const struct schema *schema)
{
    memset(e, 0, sizeof(*e));
    e->schema = schema;
    e->form = schema->form;
    if (e->form == FORM_ROW)
        init_row(e, schema);
    if (e->form == FORM_STEPS)
        e->n_step = values_of_step(schema);
    if (e->form == FORM_IMAGE) {
        e->height = schema->shape[0];
        e->width = schema->shape[1];
        e->channels = schema->shape[2];
    }
    e->numbers = mem_zalloc(e->n_numbers, sizeof(*e->numbers));
    e->categories = mem_zalloc(e->n_categories, sizeof(*e->categories));
    e->texts = mem_zalloc(e->n_texts, sizeof(*e->texts));
    e->step_mean = mem_zalloc(e->n_step, sizeof(*e->step_mean));
    e->step_scale = mem_zalloc(e->n_step, sizeof(*e->step_scale));
}

void encoder_release(struct encoder *e)
{
    for (size_t i = 0; i < e->n_categories; i++) {
        dict_release(&e->categories[i].levels);
        free(e->categories[i].count);
        free(e->categories[i].code);
        free(e->categories[i].map);
    }
    for (size_t i = 0; i < e->n_texts; i++) {
        free(e->texts[i].bucket);
        free(e->texts[i].idf);
        free(e->texts[i].term);
    }
    free(e->numbers);
    free(e->categories);
    free(e->texts);
    free(e->step_mean);
    free(e->step_scale);
    dict_release(&e->vocabulary);
    free(e->token_map);
    memset(e, 0, sizeof(*e));
}

/* ---- fitting ---- */

static void fit_number(struct number_code *code, const struct table *t,
                       size_t which, const size_t *rows, size_t n)
{
    double mean = 0, squares = 0;
    size_t seen = 0;

    for (size_t i = 0; i < n; i++) {
        double x = (double)t->numbers[rows[i] * t->n_numbers + which], delta;
        if (isnan(x))
            continue;
        delta = x - mean;
        mean += delta / (double)++seen;
        squares += delta * (x - mean);
    }
    code->mean = (float)mean;
    code->scale = squares > 0 ? (float)sqrt((double)seen / squares) : 0;
    code->indicator = seen < n;
}

static void fit_category(struct category_code *code, const struct table *t,
                         size_t which, const size_t *rows, size_t n)
{
    const struct dict *dict = &t->dicts[which];
    uint32_t *count = mem_zalloc(dict->count, sizeof(*count));
    size_t *order = mem_alloc(dict->count, sizeof(*order));

    for (size_t i = 0; i < n; i++)
        count[t->levels[rows[i] * t->n_categories + which]]++;
    dict_sorted(dict, order);
    code->count = mem_alloc(dict->count, sizeof(*code->count));
    for (size_t i = 0; i < dict->count; i++)
        if (count[order[i]]) {
            code->count[code->levels.count] = count[order[i]];
            dict_add(&code->levels, dict->text[order[i]], dict->len[order[i]]);
        }
    free(count);
    free(order);
}

static void fit_text(struct text_code *code, const struct table *t,
                     size_t which, const size_t *rows, size_t n)
{
    const struct ngrams *g = &t->texts[which];
    uint32_t *seen_in = mem_zalloc(NGRAM_BUCKETS, sizeof(*seen_in));
    size_t terms = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = g->start[rows[i]]; k < g->start[rows[i] + 1]; k++)
            seen_in[g->bucket[k]]++;
    for (size_t b = 0; b < NGRAM_BUCKETS; b++)
        terms += seen_in[b] >= TERM_ROWS;
    code->bucket = mem_alloc(terms, sizeof(*code->bucket));
    code->idf = mem_alloc(terms, sizeof(*code->idf));
    for (uint32_t b = 0; b < NGRAM_BUCKETS; b++)
        if (seen_in[b] >= TERM_ROWS) {
            code->bucket[code->n_terms] = b;
            code->idf[code->n_terms++] =
                (float)(1 + log((1 + (double)n) / (1 + (double)seen_in[b])));
        }
    free(seen_in);
}

void encoder_fit(struct encoder *e, const struct table *table,
                 const size_t *rows, size_t n)
{
    encoder_init(e, table->schema);
    for (size_t i = 0; i < e->n_numbers; i++)
        fit_number(&e->numbers[i], table, i, rows, n);
    for (size_t i = 0; i < e->n_categories; i++)
        fit_category(&e->categories[i], table, i, rows, n);
    for (size_t i = 0; i < e->n_texts; i++)
        fit_text(&e->texts[i], table, i, rows, n);
    if (e->form == FORM_IMAGE)
        image_fit(e, table, rows, n);
    if (e->form == FORM_STEPS)
        steps_fit(e, table, rows, n);
    if (e->form == FORM_TOKENS)
        tokens_fit(e, table, rows, n);
    encoder_finish(e);
    encoder_bind(e, table);
}

/* ---- layout ---- */

static void finish_category(struct encoder *e, struct category_code *code)
{
    uint32_t own = 0;
    bool rare = false;

    code->code = mem_alloc(code->levels.count, sizeof(*code->code));
    for (size_t l = 0; l < code->levels.count; l++) {
        rare |= code->count[l] < LEVEL_ROWS;
        code->code[l] = code->count[l] < LEVEL_ROWS ? LEVEL_UNSEEN : own++;
    }
    code->unseen = rare ? own : LEVEL_UNSEEN;
    code->width = own + rare;
    for (size_t l = 0; l < code->levels.count; l++)
        if (code->code[l] == LEVEL_UNSEEN)
            code->code[l] = code->unseen;
    code->embedded = code->width > ENCODER_ONE_HOT;
    if (code->embedded) {
        code->slot = e->n_slots++;
        code->at = e->n_bag_rows;
        e->n_bag_rows += code->width;
    } else {
        code->at = e->n_dense;
        e->n_dense += code->width;
    }
}

static void finish_text(struct encoder *e, struct text_code *code)
{
    code->term = mem_zalloc(NGRAM_BUCKETS, sizeof(*code->term));
    for (size_t i = 0; i < code->n_terms; i++)
        code->term[code->bucket[i]] = (uint32_t)i + 1;
    code->slot = e->n_slots++;
    code->at = e->n_bag_rows;
    e->n_bag_rows += code->n_terms;
}

void encoder_finish(struct encoder *e)
{
    for (size_t i = 0; i < e->n_numbers; i++) {
        e->numbers[i].at = e->n_dense;
        e->n_dense += e->numbers[i].indicator ? 2 : 1;
    }
    for (size_t i = 0; i < e->n_categories; i++)
        finish_category(e, &e->categories[i]);
    for (size_t i = 0; i < e->n_texts; i++)
        finish_text(e, &e->texts[i]);
    if (e->form == FORM_IMAGE)
        e->n_dense = e->height * e->width * e->channels;
    if (e->form == FORM_TOKENS)
        e->n_tokens = tokens_first(e->schema) + e->vocabulary.count;
}

static void bind_category(struct category_code *code, const struct dict *dict)
{
    free(code->map);
    code->n_map = dict->count;
    code->map = mem_alloc(dict->count, sizeof(*code->map));
    for (size_t l = 0; l < dict->count; l++) {
        size_t known = dict_find(&code->levels, dict->text[l], dict->len[l]);
        code->map[l] = known == DICT_NONE ? code->unseen : code->code[known];
    }
}

void encoder_bind(struct encoder *e, const struct table *table)
{
    for (size_t i = 0; i < e->n_categories; i++)
        bind_category(&e->categories[i], &table->dicts[i]);
    if (e->form == FORM_TOKENS)
        tokens_bind(e, table);
}

static void copy_dict(struct dict *to, const struct dict *from)
{
    for (size_t i = 0; i < from->count; i++)
        dict_add(to, from->text[i], from->len[i]);
}

void encoder_freeze(const struct encoder *e, struct table *table)
{
    for (size_t i = 0; i < e->n_categories; i++)
        copy_dict(&table->dicts[i], &e->categories[i].levels);
    copy_dict(&table->tokens.dict, &e->vocabulary);
    table->frozen = true;
}

/* ---- encoding ---- */

/* Whatever an encoding leaves as it is: zeros, lengths of one step. */
static void prepare(struct batch *b, const struct encoder *e, size_t n)
{
    size_t filled = e->form == FORM_IMAGE ? n : 0; /* every pixel is written */

    b->n = n;
    b->padded = (n + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;
    b->n_dense = e->n_dense;
    b->n_slots = e->n_slots;
    b->n_step = e->n_step;
    b->steps = 1;
    b->entries = 0;
    if (b->padded > b->capacity) {
        free(b->dense);
        free(b->start);
        free(b->length);
        b->capacity = b->padded;
        b->dense = mem_aligned(b->capacity * e->n_dense, sizeof(float));
        b->start = mem_zalloc(b->capacity * e->n_slots + 1, sizeof(size_t));
        b->length = mem_alloc(b->capacity, sizeof(*b->length));
    }
    for (size_t i = 0; i < b->padded; i++)
        b->length[i] = 1;
    memset(b->dense + filled * e->n_dense, 0,
           (b->padded - filled) * e->n_dense * sizeof(float));
}

static void add_entry(struct batch *b, size_t index, float value)
{
    size_t room = b->entry_capacity;

    b->index = mem_grow(b->index, &b->entry_capacity, b->entries + 1,
                        sizeof(*b->index));
    b->value = mem_grow(b->value, &room, b->entries + 1, sizeof(*b->value));
    b->index[b->entries] = (uint32_t)index;
    b->value[b->entries++] = value;
}

static void encode_numbers(const struct encoder *e, const struct table *t,
                           size_t row, float *dense)
{
    const float *x = t->numbers + row * t->n_numbers;

    for (size_t i = 0; i < e->n_numbers; i++) {
        const struct number_code *code = &e->numbers[i];
        bool missing = isnan(x[i]);
        dense[code->at] = encoder_standardised(x[i], code->mean, code->scale);
        if (code->indicator)
            dense[code->at + 1] = missing ? 1 : 0;
    }
}

static uint32_t level_code(const struct category_code *code, uint32_t level)
{
    return level == LEVEL_UNSEEN ? code->unseen : code->map[level];
}

/* Scales entries [from, to) to a length; nothing where they have none. */
static void scale_to(struct batch *b, size_t from, size_t to, double length)
{
    double squares = 0;

    for (size_t k = from; k < to; k++)
        squares += (double)b->value[k] * (double)b->value[k];
    for (size_t k = from; k < to && squares > 0; k++)
        b->value[k] *= (float)(length / sqrt(squares));
}

static void encode_text(const struct text_code *code, const struct ngrams *g,
                        size_t row, struct batch *b)
{
    size_t first = b->entries, characters = SIZE_MAX;

    for (size_t k = g->start[row]; k < g->start[row + 1]; k++) {
        uint32_t term = code->term[g->bucket[k]];
        if (!term)
            continue;
        if (g->bucket[k] >= NGRAM_GROUP && characters == SIZE_MAX)
            characters = b->entries;
        add_entry(b, code->at + term - 1,
                  (1 + logf(g->count[k])) * code->idf[term - 1]);
    }
    if (characters == SIZE_MAX)
        characters = b->entries;
    scale_to(b, first, characters, 1);
    scale_to(b, characters, b->entries, 1);
    scale_to(b, first, b->entries, ENCODER_BAG_LENGTH);
}

static void encode_row(const struct encoder *e, const struct table *t,
                       size_t row, size_t at, struct batch *b)
{
    float *dense = b->dense + at * e->n_dense;
    size_t *start = b->start + at * e->n_slots;

    encode_numbers(e, t, row, dense);
    for (size_t i = 0; i < e->n_categories; i++) {
        const struct category_code *code = &e->categories[i];
        uint32_t l = level_code(code, t->levels[row * t->n_categories + i]);
        if (code->embedded)
            start[code->slot] = b->entries;
        if (l == LEVEL_UNSEEN)
            continue;
        if (code->embedded)
            add_entry(b, code->at + l, (float)ENCODER_BAG_LENGTH);
        else
            dense[code->at + l] = 1;
    }
    for (size_t i = 0; i < e->n_texts; i++) {
        start[e->texts[i].slot] = b->entries;
        encode_text(&e->texts[i], &t->texts[i], row, b);
    }
}

void encoder_encode(const struct encoder *e, const struct table *table,
                    const size_t *rows, size_t n, struct batch *b)
{
    prepare(b, e, n);
    switch (e->form) {
    case FORM_ROW:
        for (size_t i = 0; i < n; i++)
            encode_row(e, table, rows[i], i, b);
        break;
    case FORM_IMAGE:
        image_encode(e, table, rows, b);
        break;
    case FORM_STEPS:
        steps_encode(e, table, rows, b);
        break;
    case FORM_TOKENS:
        tokens_encode(e, table, rows, b);
        break;
    }
    for (size_t i = n * e->n_slots; i <= b->padded * e->n_slots; i++)
        b->start[i] = b->entries;
}
