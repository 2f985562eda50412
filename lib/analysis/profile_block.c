#include "analysis/profile_block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/row_values.h"
#include "base/hash.h"
#include "base/mem.h"

enum { CHUNK = 1024 }; /* rows whose features one thread sums up */

/* ---- what a field says of a row ---- */

/* Whether a row's prediction is wrong: 0, 1, NaN where that is not known. */
static float wrong_of(const struct profile_block *b, size_t row)
{
    const struct table *t = b->table;
    const char *label, *pred;

    if (t->label[row] == LABEL_NONE || b->trained[row])
        return NAN;
    label = t->labels.text[t->label[row]];
    if (b->pred[row] != PREDICTION_NONE)
        pred = b->frame->classes.items[b->pred[row]];
    else if (b->frame->pred != CSV_NONE)
        pred = t->dicts[b->frame->pred]
                   .text[t->levels[row * t->n_categories + b->frame->pred]];
    else
        return NAN;
    return strcmp(label, pred) != 0;
}

static double number_of(const struct profile_block *b,
                        const struct profile_field *f, size_t row)
{
    switch (f->kind) {
    case FIELD_NUMBER:
        return row_number(b->table, row, f->place);
    case FIELD_LENGTH:
        return row_words(b->table, row, f->place);
    case FIELD_STEPS:
        return row_steps(b->table, row, 0);
    case FIELD_STEP_VALUE:
        return row_step_mean(b->table, row, f->place);
    case FIELD_PIXELS:
        return row_pixel(b->table, row, 0);
    case FIELD_SOFTMAX:
        return (double)b->prob[row * b->frame->classes.n + f->place];
    default:
        return NAN;
    }
}

static bool is_missing(const struct profile_block *b,
                       const struct profile_field *f, size_t row)
{
    const struct table *t = b->table;
    uint32_t level;

    switch (b->frame->schema.columns[f->column].type) {
    case TYPE_NUMBER:
        return isnan(row_number(t, row, f->place));
    case TYPE_CATEGORY:
        level = t->levels[row * t->n_categories + f->place];
        return level != LEVEL_UNSEEN && !t->dicts[f->place].len[level];
    case TYPE_TEXT:
        return isnan(row_words(t, row, f->place));
    case TYPE_SEQUENCE:
        return isnan(row_steps(t, row, 0));
    case TYPE_IMAGE:
        return false;
    }
    return false;
}

/* ---- items ---- */

static void add_numbers(const struct profile_block *b,
                        const struct profile_field *f,
                        const struct block_side *s, struct profile_item *item)
{
    float *x = mem_alloc(s->n, sizeof(*x));

    if (f->kind == FIELD_NUMBER) {
        const float *from = b->table->numbers + f->place;
        size_t width = b->table->n_numbers;
        for (size_t i = 0; i < s->n; i++)
            x[i] = from[s->row[i] * width];
    } else {
        for (size_t i = 0; i < s->n; i++)
            x[i] = (float)number_of(b, f, s->row[i]);
    }
    quantiles_add(item->numbers, x, s->n);
    free(x);
}

/* count[names]: into the item, the names in their order of the dictionary. */
static void add_counts(const double *count, const struct dict *names,
                       bool empty_too, struct profile_item *item)
{
    for (size_t l = 0; l < names->count; l++)
        if (count[l] > 0 && (names->len[l] || empty_too))
            level_counts_add(&item->levels, names->text[l], names->len[l],
                             count[l]);
}

static void add_levels(const struct profile_block *b,
                       const struct profile_field *f,
                       const struct block_side *s, struct profile_item *item)
{
    const struct table *t = b->table;
    bool label = f->kind == FIELD_LABEL;
    const struct dict *names = label ? &t->labels : &t->dicts[f->place];
    double *count = mem_zalloc(names->count + 1, sizeof(*count));

    for (size_t i = 0; i < s->n; i++) {
        uint32_t level =
            label ? t->label[s->row[i]]
                  : t->levels[s->row[i] * t->n_categories + f->place];
        if (level < names->count)
            count[level]++;
    }
    add_counts(count, names, label, item);
    free(count);
}

static void add_predictions(const struct profile_block *b,
                            const struct block_side *s,
                            struct profile_item *item)
{
    const struct list *classes = &b->frame->classes;
    double *count = mem_zalloc(classes->n + 1, sizeof(*count));

    for (size_t i = 0; i < s->n; i++)
        count[b->pred[s->row[i]]]++;
    for (size_t k = 0; k < classes->n; k++)
        if (count[k] > 0)
            level_counts_add(&item->levels, classes->items[k],
                             strlen(classes->items[k]), count[k]);
    free(count);
}

static void add_two(struct profile_item *item, const char *const name[2],
                    const double count[2])
{
    for (size_t k = 0; k < 2; k++)
        if (count[k] > 0)
            level_counts_add(&item->levels, name[k], strlen(name[k]), count[k]);
}

static void add_missing(const struct profile_block *b,
                        const struct profile_field *f,
                        const struct block_side *s, struct profile_item *item)
{
    double count[2] = {0};

    for (size_t i = 0; i < s->n; i++)
        count[is_missing(b, f, s->row[i])]++;
    add_two(item, (const char *const[]){"present", "missing"}, count);
}

static void add_errors(const struct profile_block *b,
                       const struct block_side *s, struct profile_item *item)
{
    double count[2] = {0};

    for (size_t i = 0; i < s->n; i++) {
        float wrong = wrong_of(b, s->row[i]);
        if (!isnan(wrong))
            count[wrong > 0]++;
    }
    add_two(item, (const char *const[]){"right", "wrong"}, count);
}

/* The words that a row has, by their buckets. */
static void add_words(const struct profile_block *b,
                      const struct profile_field *f, const struct block_side *s,
                      struct profile_item *item)
{
    const struct ngrams *g = &b->table->texts[f->place];
    uint8_t *rows;

    if (!item->words.rows)
        item->words.rows = mem_zalloc(PROFILE_WORDS, 1);
    rows = item->words.rows;
    for (size_t i = 0; i < s->n; i++)
        for (size_t e = g->start[s->row[i]]; e < g->start[s->row[i] + 1]; e++)
            if (rows[g->bucket[e] % PROFILE_WORDS] < 2)
                rows[g->bucket[e] % PROFILE_WORDS]++;
}

static void add_field(const struct profile_block *b,
                      const struct profile_field *f, const struct block_side *s,
                      struct profile_item *item)
{
    switch (f->kind) {
    case FIELD_MISSING:
        add_missing(b, f, s, item);
        break;
    case FIELD_LEVEL:
    case FIELD_LABEL:
        add_levels(b, f, s, item);
        break;
    case FIELD_PREDICTION:
        if (b->frame->model)
            add_predictions(b, s, item);
        else
            add_levels(b, f, s, item);
        break;
    case FIELD_ERROR:
        add_errors(b, s, item);
        break;
    case FIELD_WORDS:
        add_words(b, f, s, item);
        break;
    default:
        add_numbers(b, f, s, item);
    }
}

/* ---- by all threads ---- */

/* Pieces: of each side its fields, then its chunks of rows for the features. */
struct block_work {
    const struct profile_block *block;
    struct profile_sides *sides;
    struct block_piece {
        size_t side, field, chunk;
    } * piece;
    size_t n, capacity;
    struct feature_sums *sums; /* [chunks] in the order of pieces */
    size_t n_chunks;
};

static void sum_chunk(struct block_work *w, const struct block_piece *p)
{
    const struct block_side *s = &w->block->side[p->side];
    const struct profile_frame *f = w->block->frame;
    size_t first = p->field * CHUNK;
    size_t n = s->n - first < CHUNK ? s->n - first : CHUNK;
    float *x = mem_alloc(n * ROW_VECTOR, sizeof(*x));

    row_vectors(w->block->table, &f->scale, s->row + first, n, x);
    feature_sums_add(&w->sums[p->chunk], f->map, x, n);
    free(x);
}

static void do_piece(void *work, size_t i)
{
    struct block_work *w = work;
    const struct block_piece *p = &w->piece[i];

    if (p->chunk != SIZE_MAX)
        sum_chunk(w, p);
    else
        add_field(w->block, &w->block->frame->fields[p->field],
                  &w->block->side[p->side],
                  &w->sides->at[p->side].items[p->field]);
}

static void plan(struct block_work *w, size_t side, size_t field, size_t chunk)
{
    w->piece = mem_grow(w->piece, &w->capacity, w->n + 1, sizeof(*w->piece));
    w->piece[w->n++] = (struct block_piece){side, field, chunk};
}

static void plan_side(struct block_work *w, size_t side)
{
    const struct block_side *s = &w->block->side[side];

    if (!s->n)
        return;
    for (size_t k = 0; k < w->block->frame->n_fields; k++)
        plan(w, side, k, SIZE_MAX);
    for (size_t c = 0; w->block->frame->sample && c * CHUNK < s->n; c++)
        plan(w, side, c, w->n_chunks++);
}

void profile_block_add(const struct profile_block *b,
                       struct profile_sides *sides)
{
    struct block_work w = {.block = b, .sides = sides};

    for (size_t s = 0; s < b->n_sides; s++)
        plan_side(&w, s);
    w.sums = mem_zalloc(w.n_chunks + 1, sizeof(*w.sums));
    csv_reader_share(b->reader, w.n, do_piece, &w);
    for (size_t i = 0; i < w.n; i++)
        if (w.piece[i].chunk != SIZE_MAX)
            feature_sums_merge(&sides->at[w.piece[i].side].features,
                               &w.sums[w.piece[i].chunk]);
    for (size_t s = 0; s < b->n_sides; s++)
        sides->at[s].rows += (double)b->side[s].n;
    free(w.piece);
    free(w.sums);
}

/* ---- the sample ---- */

static char *copy_cell(const char *text, size_t len)
{
    char *copy = mem_alloc(len + 1, 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static char *cell_of(const struct profile_block *b, const struct csv_rows *rows,
                     size_t record, size_t column)
{
    size_t len;
    const char *text;

    if (column == CSV_NONE)
        return mem_strdup("");
    text = csv_bulk_cell(b->bulk, rows, record, column, &len);
    return copy_cell(text, len);
}

/* Cells of the profile's columns: those of the schema that are used. */
static char **cells_of(const struct profile_block *b,
                       const struct csv_rows *rows, size_t record)
{
    const struct schema *s = &b->frame->schema;
    char **cells = mem_alloc(s->n, sizeof(*cells));
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        if (s->columns[i].role != ROLE_UNUSED)
            cells[n++] = cell_of(b, rows, record,
                                 s->columns[i].role == ROLE_FEATURE
                                     ? b->table->source[i]
                                     : CSV_NONE);
    return cells;
}

static struct profile_row make_row(const struct profile_block *b,
                                   const struct csv_rows *rows, size_t record,
                                   size_t row, uint64_t key)
{
    const struct profile_frame *f = b->frame;
    const struct table *t = b->table;
    size_t id = schema_role(&f->schema, ROLE_ID), classes = f->classes.n;
    struct profile_row r = {.key = key, .wrong = wrong_of(b, row)};
    struct buf number = {0};

    if (id != CSV_NONE && t->source[id] != CSV_NONE) {
        r.id = cell_of(b, rows, record, t->source[id]);
    } else {
        buf_printf(&number, "%zu", b->first_record + row);
        r.id = mem_strdup(number.data);
    }
    r.label = mem_strdup(
        t->label[row] == LABEL_NONE ? "" : t->labels.text[t->label[row]]);
    r.pred = mem_strdup(
        b->pred[row] == PREDICTION_NONE ? "" : f->classes.items[b->pred[row]]);
    r.cells = cells_of(b, rows, record);
    if (classes) {
        r.p = mem_alloc(classes, sizeof(*r.p));
        memcpy(r.p, b->prob + row * classes, classes * sizeof(*r.p));
    }
    buf_release(&number);
    return r;
}

/* Rows that are alike have keys of their own, by where they stand. */
static uint64_t key_of(const struct profile_block *b, size_t row)
{
    uint64_t parts[3] = {b->table->fingerprint[row], b->first_record + row,
                         b->frame->seed};

    return hash_bytes(parts, sizeof(parts));
}

void profile_block_sample(const struct profile_block *b,
                          struct profile_sides *sides)
{
    size_t *side_of = mem_alloc(b->table->n + 1, sizeof(*side_of)), row = 0;

    for (size_t i = 0; i < b->table->n; i++)
        side_of[i] = SIZE_MAX;
    for (size_t s = 0; s < b->n_sides; s++)
        for (size_t i = 0; i < b->side[s].n; i++)
            side_of[b->side[s].row[i]] = s;
    for (size_t k = 0; k < b->bulk->n_blocks; k++)
        for (size_t r = 0; r < b->bulk->blocks[k].n; r++, row++) {
            uint64_t key = key_of(b, row);
            struct profile_sample *sample;
            struct profile_row made;
            if (side_of[row] == SIZE_MAX)
                continue;
            sample = &sides->at[side_of[row]].sample;
            if (!profile_sample_wants(sample, key))
                continue;
            made = make_row(b, &b->bulk->blocks[k], r, row, key);
            profile_sample_add(sample, &made);
        }
    free(side_of);
}
