#include "analysis/profile_fill.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/profile_block.h"
#include "base/mem.h"
#include "base/num.h"
#include "nn/feed.h"
#include "stream/prediction.h"
#include "table/table_rows.h"

static const char as_text[] =
    " (--type COLUMN=text on both sides compares it as text)";

void profile_sides_release(struct profile_sides *s)
{
    for (size_t i = 0; i < s->n; i++)
        profile_release(&s->at[i]);
    free(s->at);
    memset(s, 0, sizeof(*s));
}

/* The file, the tables its rows become, and the block in hand. */
struct fill {
    struct profile_frame *frame;
    struct csv_reader *reader;
    const struct profile_route *route;
    struct profile_sides *sides;
    size_t route_column;

    struct table table, model_table;
    struct table_rows *rows, *model_rows;
    size_t pieces; /* of the first */
    struct feed feed;
    size_t *all;        /* [capacity] 0, 1, … */
    uint32_t *class_of; /* [n_class_of] level of pred -> class */
    size_t n_class_of;
    struct profile_block block;
    size_t records, trained;
};

/* ---- reading ---- */

static int open_model(struct fill *w, struct err *err)
{
    struct model *m = w->frame->model;

    if (!m)
        return 0;
    if (model_table(m, &w->model_table, w->reader, err) != 0)
        return -1;
    table_set_root(&w->model_table, w->frame->root);
    feed_init(&w->feed, m->net, &m->encoder, &w->model_table);
    w->model_rows = table_rows_new(&w->model_table, w->reader, true);
    return 0;
}

static int open_fill(struct fill *w, struct err *err)
{
    w->block.frame = w->frame;
    w->block.reader = w->reader;
    w->block.table = &w->table;
    w->route_column = CSV_NONE;
    if (w->route->column && csv_reader_require(w->reader, w->route->column,
                                               &w->route_column, err) != 0)
        return -1;
    if (table_init(&w->table, &w->frame->schema, w->reader, err) != 0)
        return -1;
    w->table.advice = as_text;
    table_set_root(&w->table, w->frame->root);
    w->rows = table_rows_new(&w->table, w->reader, true);
    return open_model(w, err);
}

static void close_fill(struct fill *w)
{
    table_rows_free(w->rows);
    table_rows_free(w->model_rows);
    table_release(&w->table);
    if (w->model_rows)
        feed_release(&w->feed);
    table_release(&w->model_table);
    for (size_t i = 0; i < w->block.sides_capacity; i++)
        free(w->block.side[i].row);
    free(w->block.side);
    free(w->block.prob);
    free(w->block.pred);
    free(w->block.trained);
    free(w->all);
    free(w->class_of);
}

static void read_piece(void *fill, size_t i)
{
    struct fill *w = fill;

    if (i < w->pieces)
        table_rows_piece(w->rows, i);
    else
        table_rows_piece(w->model_rows, i - w->pieces);
}

static int read_block(struct fill *w, const struct csv_bulk *bulk,
                      struct err *err)
{
    size_t more = 0;

    w->pieces = table_rows_begin(w->rows, bulk);
    if (w->model_rows)
        more = table_rows_begin(w->model_rows, bulk);
    csv_reader_share(w->reader, w->pieces + more, read_piece, w);
    if (table_rows_end(w->rows, err) != 0 ||
        (w->model_rows && table_rows_end(w->model_rows, err) != 0) ||
        table_load_images(&w->table, err) != 0)
        return -1;
    return w->model_rows ? table_load_images(&w->model_table, err) : 0;
}

/* ---- predictions ---- */

static void make_room(struct fill *w, size_t n)
{
    struct profile_block *b = &w->block;
    size_t classes = w->frame->classes.n;

    if (n <= b->capacity)
        return;
    b->capacity = n;
    b->prob = mem_resize(b->prob, n, (classes + 1) * sizeof(*b->prob));
    b->pred = mem_resize(b->pred, n, sizeof(*b->pred));
    b->trained = mem_resize(b->trained, n, sizeof(*b->trained));
    w->all = mem_resize(w->all, n, sizeof(*w->all));
    for (size_t i = 0; i < n; i++)
        w->all[i] = i;
}

static int predict_block(struct fill *w, struct err *err)
{
    struct profile_block *b = &w->block;
    size_t n = w->table.n, classes = w->frame->classes.n;

    feed_predict(&w->feed, w->all, n, b->prob);
    for (size_t i = 0; i < n; i++) {
        b->pred[i] = (uint32_t)prediction_class(b->prob + i * classes, classes);
        b->trained[i] =
            model_has_row(w->frame->model, w->model_table.fingerprint[i]);
        w->trained += b->trained[i];
    }
    return table_lost(&w->model_table, err);
}

/* Which class a level of the column pred is, by its name. */
static uint32_t class_of(struct fill *w, uint32_t level)
{
    const struct dict *names = &w->table.dicts[w->frame->pred];

    while (w->n_class_of < names->count) {
        uint32_t found = PREDICTION_NONE;
        w->class_of =
            mem_resize(w->class_of, w->n_class_of + 1, sizeof(*w->class_of));
        for (size_t k = 0; k < w->frame->classes.n; k++)
            if (strcmp(w->frame->classes.items[k],
                       names->text[w->n_class_of]) == 0)
                found = (uint32_t)k;
        w->class_of[w->n_class_of++] = found;
    }
    return w->class_of[level];
}

/* Predictions that stand in the file. */
static void take_predictions(struct fill *w)
{
    struct profile_block *b = &w->block;
    size_t classes = w->frame->classes.n;
    const struct table *t = &w->table;

    memset(b->trained, 0, t->n * sizeof(*b->trained));
    for (size_t i = 0; i < t->n; i++) {
        b->pred[i] =
            w->frame->pred == CSV_NONE
                ? PREDICTION_NONE
                : class_of(w, t->levels[i * t->n_categories + w->frame->pred]);
        for (size_t k = 0; k < classes; k++)
            b->prob[i * classes + k] =
                t->numbers[i * t->n_numbers + w->frame->p[k]];
    }
}

/* ---- sides ---- */

static void add_row(struct fill *w, size_t side, size_t row)
{
    struct profile_block *b = &w->block;

    while (side >= w->sides->n) {
        struct profile_sides *s = w->sides;
        s->at = mem_grow(s->at, &s->capacity, s->n + 1, sizeof(*s->at));
        profile_frame_start(w->frame, &s->at[s->n++]);
    }
    if (side >= b->sides_capacity) {
        b->side = mem_resize(b->side, side + 1, sizeof(*b->side));
        memset(b->side + b->sides_capacity, 0,
               (side + 1 - b->sides_capacity) * sizeof(*b->side));
        b->sides_capacity = side + 1;
    }
    if (side >= b->n_sides)
        b->n_sides = side + 1;
    b->side[side].row = mem_grow(b->side[side].row, &b->side[side].capacity,
                                 b->side[side].n + 1,
                                 sizeof(*b->side[side].row));
    b->side[side].row[b->side[side].n++] = row;
}

static int place_error(const struct fill *w, const struct csv_rows *rows,
                       size_t record, struct err *err)
{
    err_at(err, csv_reader_file(w->reader),
           rows->first_line + (long)rows->line[record]);
    err_at_column(err, w->route->column,
                  csv_reader_field(w->reader, w->route_column));
    return -1;
}

static int route_rows(struct fill *w, const struct csv_bulk *bulk,
                      struct err *err)
{
    size_t row = 0;

    for (size_t s = 0; s < w->block.sides_capacity; s++)
        w->block.side[s].n = 0;
    w->block.n_sides = 0;
    for (size_t k = 0; k < bulk->n_blocks; k++)
        for (size_t r = 0; r < bulk->blocks[k].n; r++, row++) {
            size_t side = 0, len;
            if (w->route_column != CSV_NONE) {
                const char *cell = csv_bulk_cell(bulk, &bulk->blocks[k], r,
                                                 w->route_column, &len);
                side = w->route->side(w->route->context, cell, len, err);
            }
            if (side == ROUTE_BAD)
                return place_error(w, &bulk->blocks[k], r, err);
            if (side != ROUTE_OUT)
                add_row(w, side, row);
        }
    return 0;
}

/* ---- all of it ---- */

static int fill_block(struct fill *w, const struct csv_bulk *bulk,
                      struct err *err)
{
    if (read_block(w, bulk, err) != 0)
        return -1;
    make_room(w, w->table.n);
    if (w->model_rows) {
        if (predict_block(w, err) != 0)
            return -1;
    } else {
        take_predictions(w);
    }
    if (!w->frame->scaled) {
        row_scale_of(&w->frame->scale, &w->table);
        w->frame->scaled = true;
    }
    w->block.bulk = bulk;
    w->block.first_record = w->records + 1;
    if (route_rows(w, bulk, err) != 0)
        return -1;
    profile_block_add(&w->block, w->sides);
    if (w->frame->sample)
        profile_block_sample(&w->block, w->sides);
    w->records += bulk->n;
    if (table_lost(&w->table, err) != 0)
        return -1;
    table_clear(&w->table);
    if (w->model_rows)
        table_clear(&w->model_table);
    return 0;
}

static void tell(const struct fill *w, struct buf *notes)
{
    if (w->trained)
        buf_printf(notes,
                   "%s: the model was trained on %zu of %zu rows: their errors "
                   "are left out\n",
                   csv_reader_file(w->reader), w->trained, w->records);
}

int profile_fill(struct profile_frame *frame, struct csv_reader *reader,
                 const struct profile_route *route, struct profile_sides *sides,
                 struct buf *notes, struct err *err)
{
    struct fill w = {
        .frame = frame, .reader = reader, .route = route, .sides = sides};
    struct csv_bulk bulk;
    int got = open_fill(&w, err);

    while (got == 0 && (got = csv_reader_bulk(reader, &bulk, err)) == 1)
        got = fill_block(&w, &bulk, err);
    if (got == 0)
        tell(&w, notes);
    for (size_t i = 0; i < sides->n && got == 0; i++) {
        profile_frame_tell(frame, &sides->at[i]);
        profile_sample_settle(&sides->at[i].sample);
    }
    close_fill(&w);
    return got;
}
