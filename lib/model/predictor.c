#include "model/predictor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "csv/held.h"
#include "model/model.h"
#include "nn/feed.h"
#include "stream/prediction.h"

/* A block is predicted when it has this many bytes of cells. */
enum { BLOCK_BYTES = 1 << 22 };

/* Of one split. */
struct tally {
    size_t rows, labelled, wrong, trained_on;
    size_t held_back; /* labelled, and not trained on */
};

struct predictor {
    const struct predictor_options *options;
    struct model model;
    struct table table;
    struct held_records held;
    struct prediction_format format;
    struct feed feed;
    const struct list *on;
    size_t id, split, label; /* columns, CSV_NONE: none */
    float *prob;
    size_t *rows;
    size_t capacity;
    struct dict splits;
    struct tally *tallies; /* [n_tallies] by splits */
    size_t n_tallies;
    size_t left_out;            /* rows of other splits */
    size_t unlabelled, unknown; /* left out by predictor_load */
    bool strange; /* the data has columns that nothing is made of */
};

static void rename_label(struct schema *schema, const char *label)
{
    size_t i = schema_role(schema, ROLE_LABEL);

    if (!label || i == CSV_NONE)
        return;
    free(schema->columns[i].name);
    schema->columns[i].name = mem_strdup(label);
}

struct predictor *predictor_new(const char *model,
                                const struct predictor_options *options,
                                struct err *err)
{
    struct predictor *p = mem_zalloc(1, sizeof(*p));

    p->options = options;
    if (model_load(&p->model, model, err) != 0) {
        free(p);
        return NULL;
    }
    rename_label(&p->model.schema, options->label);
    return p;
}

void predictor_free(struct predictor *p)
{
    if (!p)
        return;
    table_release(&p->table);
    model_release(&p->model);
    held_release(&p->held);
    feed_release(&p->feed);
    free(p->format.keep);
    free(p->prob);
    free(p->rows);
    dict_release(&p->splits);
    free(p->tallies);
    free(p);
}

const struct list *predictor_steps(const struct predictor *p)
{
    return &p->model.schema.step_names;
}

/* Long rows that are read as they stand have no column of sequences. */
static int check_layout(const struct predictor *p,
                        const struct csv_reader *data, struct err *err)
{
    if (p->model.schema.step_names.n && !csv_reader_steps(data) &&
        csv_reader_find(data, "sequence") == CSV_NONE)
        return err_set(err, ERR_USAGE,
                       "the model was trained on long rows: --sequence COLUMN "
                       "says which rows are one sequence");
    return 0;
}

/* A column that is not the model's, nor kept, nor the id or the split. */
static bool has_strange_column(const struct predictor *p,
                               const struct csv_reader *data)
{
    const struct schema *s = &p->model.schema;

    for (size_t i = 0; i < csv_reader_width(data); i++) {
        const char *name = csv_reader_name(data, i);
        bool known = i == p->id || i == p->split ||
                     list_has(&p->options->keep, name);
        for (size_t k = 0; k < s->n && !known; k++)
            known = strcmp(s->columns[k].name, name) == 0;
        if (!known)
            return true;
    }
    return false;
}

int predictor_bind(struct predictor *p, const struct csv_reader *data,
                   const struct list *on, struct err *err)
{
    size_t label = schema_role(&p->model.schema, ROLE_LABEL);

    if (check_layout(p, data, err) != 0)
        return -1;
    p->on = on;
    if (model_table(&p->model, &p->table, data, err) != 0)
        return -1;
    table_set_root(&p->table, p->options->root);
    feed_init(&p->feed, p->model.net, &p->model.encoder, &p->table);
    p->table.bad_as_missing = p->options->bad_as_missing;
    p->label = label == CSV_NONE ? CSV_NONE : p->table.source[label];
    if (p->options->label &&
        csv_reader_require(data, p->options->label, &p->label, err) != 0)
        return -1;
    p->split = csv_reader_find(data, "split");
    p->id = csv_reader_find(data, "id");
    if (p->options->id &&
        csv_reader_require(data, p->options->id, &p->id, err) != 0)
        return -1;
    p->strange = has_strange_column(p, data);
    p->format.probs = p->options->probs;
    p->format.classes = p->model.classes.items;
    p->format.n_classes = p->model.classes.n;
    return prediction_keep(&p->format, data, &p->options->keep, err);
}

static const char *split_of(const struct predictor *p,
                            const struct csv_field *record)
{
    if (p->split == CSV_NONE || record[p->split].len == 0)
        return "test";
    return record[p->split].text;
}

static void make_room(struct predictor *p, size_t n)
{
    if (n <= p->capacity)
        return;
    p->capacity = n;
    p->prob = mem_resize(p->prob, n, p->model.classes.n * sizeof(*p->prob));
    p->rows = mem_resize(p->rows, n, sizeof(*p->rows));
    for (size_t i = 0; i < n; i++)
        p->rows[i] = i;
}

static void count_row(struct predictor *p, const char *split, size_t row,
                      bool wrong)
{
    size_t part = dict_add(&p->splits, split, strlen(split));
    struct tally *t;

    if (part >= p->n_tallies) {
        p->tallies = mem_resize(p->tallies, part + 1, sizeof(*p->tallies));
        memset(p->tallies + p->n_tallies, 0,
               (part + 1 - p->n_tallies) * sizeof(*p->tallies));
        p->n_tallies = part + 1;
    }
    t = &p->tallies[part];
    t->rows++;
    t->labelled += p->table.labelled[row];
    t->wrong += p->table.labelled[row] && wrong;
    if (model_has_row(&p->model, p->table.fingerprint[row]))
        t->trained_on++;
    else
        t->held_back += p->table.labelled[row];
}

static int write_row(struct predictor *p, struct csv_writer *w, size_t row,
                     struct err *err)
{
    const struct csv_field *record = held_fields(&p->held, row);
    const float *prob = p->prob + row * p->format.n_classes;
    uint32_t class = p->table.label[row];
    char made[32];

    snprintf(made, sizeof(made), "%zu", held_number(&p->held, row));
    count_row(p, split_of(p, record), row,
              prediction_class(prob, p->format.n_classes) != class);
    return prediction_write(
        w, &p->format, p->id == CSV_NONE ? made : record[p->id].text,
        split_of(p, record),
        p->table.labelled[row] ? record[p->label].text : "",
        class == LABEL_NONE ? CLASS_NONE : class, prob, NULL, record, err);
}

static int write_block(struct predictor *p, struct csv_writer *w,
                       struct err *err)
{
    size_t n = p->table.n;

    make_room(p, n);
    if (table_load_images(&p->table, err) != 0)
        return -1;
    feed_predict(&p->feed, p->rows, n, p->prob);
    if (table_lost(&p->table, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (write_row(p, w, i, err) != 0)
            return -1;
    table_clear(&p->table);
    held_clear(&p->held);
    return 0;
}

static int no_such_split(const struct predictor *p, struct err *err)
{
    return err_set(err, ERR_DATA, "--on: no row has the split '%s'",
                   p->on->items[0]);
}

int predictor_run(struct predictor *p, struct csv_reader *data,
                  struct csv_writer *w, size_t block, struct err *err)
{
    int got;

    if (prediction_write_header(w, &p->format, data, err) != 0)
        return -1;
    while ((got = csv_reader_next(data, err)) == 1) {
        if (p->on->n &&
            !list_has(p->on, split_of(p, csv_reader_fields(data)))) {
            p->left_out++;
            continue;
        }
        if (table_add(&p->table, data, err) != 0)
            return -1;
        held_add(&p->held, data);
        if ((p->table.n >= block || p->held.bytes >= BLOCK_BYTES) &&
            write_block(p, w, err) != 0)
            return -1;
    }
    if (got < 0)
        return -1;
    if (p->left_out == csv_reader_records(data))
        return no_such_split(p, err);
    return write_block(p, w, err);
}

/* ---- all rows at once ---- */

struct model *predictor_model(struct predictor *p)
{
    return &p->model;
}

struct table *predictor_table(struct predictor *p)
{
    return &p->table;
}

struct feed *predictor_feed(struct predictor *p)
{
    return &p->feed;
}

static int need_labels(const struct predictor *p, const struct csv_reader *data,
                       struct err *err)
{
    size_t label = schema_role(&p->model.schema, ROLE_LABEL);

    if (p->label != CSV_NONE)
        return 0;
    err_set(err, ERR_DATA,
            "no column '%s': the labels are needed (--label names another)",
            label == CSV_NONE ? "label" : p->model.schema.columns[label].name);
    return err_at(err, csv_reader_file(data), 0);
}

/* Whether the current record is one that is wanted and can be scored. */
static bool is_scored(struct predictor *p, const struct csv_reader *data)
{
    const struct csv_field *record = csv_reader_fields(data);
    const struct csv_field *label = &record[p->label];
    const char *split = split_of(p, record);

    if (p->on->n ? !list_has(p->on, split) : strcmp(split, "train") == 0)
        p->left_out++;
    else if (schema_missing(&p->model.schema, label->text, label->len))
        p->unlabelled++;
    else if (dict_find(&p->table.labels, label->text, label->len) == DICT_NONE)
        p->unknown++;
    else
        return true;
    return false;
}

static int nothing_scored(const struct predictor *p,
                          const struct csv_reader *data, struct err *err)
{
    if (p->left_out < csv_reader_records(data))
        err_set(err, ERR_DATA, "no row has a label that the model knows");
    else if (p->on->n)
        return no_such_split(p, err);
    else
        err_set(err, ERR_DATA,
                "all rows are training rows (--on train takes them)");
    return err_at(err, csv_reader_file(data), 0);
}

static int load_rows(struct predictor *p, struct csv_reader *data,
                     struct err *err)
{
    int got;

    while ((got = csv_reader_next(data, err)) == 1) {
        if (!is_scored(p, data))
            continue;
        if (table_add(&p->table, data, err) != 0)
            return -1;
        count_row(p, split_of(p, csv_reader_fields(data)), p->table.n - 1,
                  false);
    }
    if (got == 0 && !p->table.n)
        return nothing_scored(p, data, err);
    return got;
}

int predictor_load(struct predictor *p, struct csv_reader *data,
                   struct err *err)
{
    size_t most = p->model.schema.max_steps;
    int status;

    if (need_labels(p, data, err) != 0)
        return -1;
    p->model.schema.max_steps = 0;
    status = load_rows(p, data, err);
    p->model.schema.max_steps = most;
    return status == 0 ? table_load_images(&p->table, err) : -1;
}

/* ---- what was noticed ---- */

static void note_columns(const struct predictor *p, struct buf *notes)
{
    for (size_t i = 0; i < p->model.schema.n; i++) {
        const char *name = p->model.schema.columns[i].name;
        if (p->table.unseen[i])
            buf_printf(notes,
                       "column '%s': %zu cell%s with values that training "
                       "never saw\n",
                       name, p->table.unseen[i], plural(p->table.unseen[i]));
        if (p->table.bad[i])
            buf_printf(notes,
                       "column '%s': %zu cell%s not %s, taken for missing\n",
                       name, p->table.bad[i], plural(p->table.bad[i]),
                       p->table.images ? "an image" : "a number");
    }
}

/* Such as the tenth that decided when to stop, where there was no val. */
static void note_held_back(const struct predictor *p, struct buf *notes)
{
    for (size_t i = 0; i < p->n_tallies && p->model.n_fingerprints; i++)
        if (p->tallies[i].held_back && strcmp(p->splits.text[i], "train") == 0)
            buf_printf(notes,
                       "warning: %zu of %zu rows called 'train' are not among "
                       "those the model was trained on: their errors are no "
                       "training errors\n",
                       p->tallies[i].held_back, p->tallies[i].rows);
}

static void note_unscored(const struct predictor *p, struct buf *notes)
{
    if (p->unlabelled)
        buf_printf(notes, "%zu row%s without a label left out\n", p->unlabelled,
                   plural(p->unlabelled));
    if (p->unknown)
        buf_printf(notes,
                   "%zu row%s with labels that the model does not know left "
                   "out\n",
                   p->unknown, plural(p->unknown));
}

void predictor_notes(const struct predictor *p, struct buf *notes)
{
    size_t label = schema_role(&p->model.schema, ROLE_LABEL);

    note_columns(p, notes);
    if (p->label == CSV_NONE && label != CSV_NONE && p->strange)
        buf_printf(notes,
                   "no column '%s': the labels are empty (--label names "
                   "another)\n",
                   p->model.schema.columns[label].name);
    if (p->table.unseen_labels)
        buf_printf(notes,
                   "%zu row%s with labels that the model does not know: loss "
                   "inf\n",
                   p->table.unseen_labels, plural(p->table.unseen_labels));
    for (size_t i = 0; i < p->n_tallies; i++)
        model_note_leak(notes, p->splits.text[i], p->tallies[i].trained_on,
                        p->tallies[i].rows);
    note_held_back(p, notes);
    if (p->left_out && p->on->n)
        buf_printf(notes, "%zu rows of other splits left out\n", p->left_out);
    else if (p->left_out)
        buf_printf(notes, "%zu training row%s left out (--on train)\n",
                   p->left_out, plural(p->left_out));
    note_unscored(p, notes);
}

void predictor_errors(const struct predictor *p, struct rows *rows)
{
    rows_init(rows, "split,error,n");
    for (size_t i = 0; i < p->n_tallies; i++) {
        const struct tally *t = &p->tallies[i];
        if (!t->labelled)
            continue;
        rows_text(rows, p->splits.text[i]);
        rows_number(rows, (double)t->wrong / (double)t->labelled);
        rows_count(rows, t->labelled);
    }
}
