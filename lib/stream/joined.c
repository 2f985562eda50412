#include "stream/joining.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

#define ROW_NONE SIZE_MAX

static const size_t MOST_ROWS = UINT32_MAX - 1;

static const char *const by_names[] = {"split", "fold", "replica",
                                       "train_size"};

static size_t by_column(const struct prediction_reader *r, int by)
{
    return by == BY_SPLIT     ? r->split
           : by == BY_FOLD    ? r->fold
           : by == BY_REPLICA ? r->replica
                              : r->train_size;
}

/* ---- opening ---- */

/* "A" and "1" are the first of n files; ROW_NONE: neither. */
static size_t by_letter_or_number(const char *name, size_t n)
{
    char *end;
    unsigned long number;

    if (*name >= 'A' && (size_t)(*name - 'A') < n && !name[1])
        return (size_t)(*name - 'A');
    number = strtoul(name, &end, 10);
    return *name >= '1' && *name <= '9' && !*end && number <= n ? number - 1
                                                                : ROW_NONE;
}

static int choose_first(struct joining *j, char *const *paths, struct err *err)
{
    const char *name = j->options->labels_from;

    if (!name)
        return 0;
    for (size_t f = 0; f < j->out->n_models; f++)
        if (strcmp(paths[f], name) == 0) {
            j->first = f;
            return 0;
        }
    j->first = by_letter_or_number(name, j->out->n_models);
    if (j->first != ROW_NONE)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--labels-from: '%s' is none of the files, nor the number "
                   "or letter of one",
                   name);
}

static int open_sources(struct joining *j, char *const *paths,
                        const struct csv_options *csv, struct err *err)
{
    for (int by = 0; by < N_BY; by++)
        j->by[by] = true;
    for (size_t f = 0; f < j->out->n_models; f++) {
        struct source *s = &j->sources[f];
        j->out->models[f].name = paths[f];
        if (prediction_reader_open(&s->reader, &paths[f], 1, csv,
                                   &j->options->columns, err) != 0)
            return -1;
        s->open = s->numbered = true;
        if (s->reader.id == CSV_NONE) {
            err_set(err, ERR_DATA,
                    "no column 'id': rows are joined by it, never by their "
                    "order (--columns id=COLUMN names another)");
            return err_at(err, csv_reader_file(s->reader.csv), 1);
        }
        for (int by = 0; by < N_BY; by++)
            j->by[by] &= by_column(&s->reader, by) != CSV_NONE;
        j->any_split |= s->reader.split != CSV_NONE;
    }
    return 0;
}

/* ---- keys ---- */

static const char *split_text(const struct prediction_reader *r)
{
    return r->splits.text[r->row.split];
}

static bool is_number_of(const struct csv_field *id, size_t number)
{
    size_t value = 0;

    if (id->len > 18 || id->text[0] == '0')
        return false;
    for (size_t i = 0; i < id->len; i++) {
        if (id->text[i] < '0' || id->text[i] > '9')
            return false;
        value = value * 10 + (size_t)(id->text[i] - '0');
    }
    return value == number;
}

/* The hash of what the current row is joined by, and that of its id alone. */
static uint64_t key_of(const struct joining *j,
                       const struct prediction_reader *r, uint64_t *id_hash)
{
    const struct csv_field *fields = csv_reader_fields(r->csv);
    uint64_t state =
        hash_add(HASH_START, fields[r->id].text, fields[r->id].len + 1);

    *id_hash = hash_finish(state);
    if (j->by[BY_SPLIT])
        state = hash_add(state, split_text(r), strlen(split_text(r)) + 1);
    for (int by = BY_FOLD; by < N_BY; by++)
        if (j->by[by]) {
            const struct csv_field *cell = &fields[by_column(r, by)];
            state = hash_add(state, cell->text, cell->len + 1);
        }
    return hash_finish(state);
}

/* ---- which rows ---- */

/* Where others have splits, a file without them has rows of all. */
static bool is_wanted(struct joining *j, const struct prediction_reader *r)
{
    if (r->split == CSV_NONE && j->any_split)
        return true;
    if (j->options->on.n)
        return list_has(&j->options->on, split_text(r));
    if (j->held_out && strcmp(split_text(r), "train") == 0) {
        j->dropped = true;
        return false;
    }
    return true;
}

/* What is no row to compare in one file is none in those without a split. */
static void rule_out(struct joining *j, const struct prediction_reader *r)
{
    uint64_t id_hash;

    if (!j->by[BY_SPLIT])
        hash_set_add(&j->ruled_out, key_of(j, r, &id_hash));
}

/* The first row that is held out: those of train were read in vain. */
static void forget_train(struct joining *j, const struct prediction_reader *r)
{
    if (j->held_out || j->options->on.n ||
        (r->split != CSV_NONE && strcmp(split_text(r), "train") == 0))
        return;
    j->held_out = true;
    j->dropped = j->n > 0;
    for (size_t i = 0; i < j->n && !j->by[BY_SPLIT]; i++)
        hash_set_add(&j->ruled_out, j->key[i]);
    j->n = 0;
    buf_clear(&j->out->id_text);
    if (j->n_slots)
        memset(j->slots, 0, j->n_slots * sizeof(*j->slots));
}

/* ---- the table of keys ---- */

static uint32_t *find_slot(const struct joining *j, uint64_t key)
{
    size_t at = key & (j->n_slots - 1);

    while (j->slots[at] && j->key[j->slots[at] - 1] != key)
        at = (at + 1) & (j->n_slots - 1);
    return &j->slots[at];
}

static void grow_slots(struct joining *j)
{
    if (j->n * 2 < j->n_slots)
        return;
    j->n_slots = j->n_slots ? j->n_slots * 2 : 1024;
    free(j->slots);
    j->slots = mem_zalloc(j->n_slots, sizeof(*j->slots));
    for (size_t i = 0; i < j->n; i++)
        *find_slot(j, j->key[i]) = (uint32_t)i + 1;
}

static int twice(const struct joining *j, const struct prediction_reader *r,
                 struct err *err)
{
    const struct csv_field *id = &csv_reader_fields(r->csv)[r->id];
    char quoted[ERR_QUOTE_SIZE];
    const char *apart = NULL;

    for (int by = 0; by < N_BY; by++)
        if (!j->by[by] && by_column(r, by) != CSV_NONE)
            apart = by_names[by];
    err_quote(quoted, sizeof(quoted), id->text, id->len);
    if (apart)
        err_set(err, ERR_DATA,
                "id %s occurs twice (not all files have a column '%s')", quoted,
                apart);
    else
        err_set(err, ERR_DATA, "id %s occurs twice", quoted);
    return err_at(err, csv_reader_file(r->csv), csv_reader_line(r->csv));
}

static int check_id(struct source *s, struct err *err)
{
    const struct prediction_reader *r = &s->reader;
    const struct csv_field *id = &csv_reader_fields(r->csv)[r->id];

    s->numbered = s->numbered && is_number_of(id, csv_reader_records(r->csv));
    if (id->len)
        return 0;
    err_set(err, ERR_DATA, "no id");
    return csv_reader_blame(r->csv, r->id, err);
}

/* ---- reading ---- */

static void make_room(struct joining *j)
{
    struct joined *out = j->out;
    struct joined_model *m = &out->models[j->first];
    size_t n;

    if (j->n < j->capacity)
        return;
    n = j->capacity = j->capacity ? j->capacity * 2 : 1024;
    j->key = mem_resize(j->key, n, sizeof(*j->key));
    j->id_hash = mem_resize(j->id_hash, n, sizeof(*j->id_hash));
    out->label = mem_resize(out->label, n, sizeof(*out->label));
    out->split = mem_resize(out->split, n, sizeof(*out->split));
    m->pred = mem_resize(m->pred, n, sizeof(*m->pred));
    m->loss = mem_resize(m->loss, n, sizeof(*m->loss));
    m->brier = mem_resize(m->brier, n, sizeof(*m->brier));
    if (j->options->group)
        out->group = mem_resize(out->group, n, sizeof(*out->group));
    if (j->options->ids)
        out->id = mem_resize(out->id, n, sizeof(*out->id));
}

static int add_first(struct joining *j, size_t group, struct err *err)
{
    struct source *s = &j->sources[j->first];
    struct prediction_reader *r = &s->reader;
    const struct csv_field *fields = csv_reader_fields(r->csv);
    struct joined *out = j->out;
    uint64_t id_hash, key = key_of(j, r, &id_hash);
    uint32_t *slot;

    forget_train(j, r);
    if (j->n == MOST_ROWS) {
        err_set(err, ERR_DATA, "more than %zu rows to compare", MOST_ROWS);
        return err_at(err, csv_reader_file(r->csv), csv_reader_line(r->csv));
    }
    grow_slots(j);
    slot = find_slot(j, key);
    if (*slot)
        return twice(j, r, err);
    make_room(j);
    j->key[j->n] = key;
    j->id_hash[j->n] = id_hash;
    out->label[j->n] = joining_class(j, s, r->row.label);
    out->split[j->n] =
        (uint32_t)dict_add(&out->splits, split_text(r), strlen(split_text(r)));
    if (out->id) {
        out->id[j->n] = out->id_text.len;
        buf_add(&out->id_text, fields[r->id].text, fields[r->id].len + 1);
    }
    if (out->group) {
        if (!fields[group].len) {
            err_set(err, ERR_DATA, "no group");
            return csv_reader_blame(r->csv, group, err);
        }
        out->group[j->n] = (uint32_t)dict_add(&out->groups, fields[group].text,
                                              fields[group].len);
    }
    joining_fill(j, j->first, j->n);
    *slot = (uint32_t)++j->n;
    return 0;
}

void joining_leave(struct joining *j, size_t f, const char *split)
{
    struct source *s = &j->sources[f];
    size_t at = dict_add(&j->out->splits, split, strlen(split)),
           had = s->left_capacity;

    s->left = mem_grow(s->left, &s->left_capacity, at + 1, sizeof(*s->left));
    memset(s->left + had, 0, (s->left_capacity - had) * sizeof(*s->left));
    s->left[at]++;
    s->n_left++;
}

static int add_stray(struct joining *j, size_t f, uint64_t key,
                     uint64_t id_hash, struct err *err)
{
    struct source *s = &j->sources[f];
    const struct prediction_reader *r = &s->reader;
    const struct csv_field *id = &csv_reader_fields(r->csv)[r->id];

    if (!hash_set_add(&s->stray, key))
        return twice(j, r, err);
    if (hash_set_has(&j->ruled_out, key))
        return 0;
    hash_set_add(&j->stray_ids, id_hash);
    if (!j->example.len) {
        buf_add(&j->example, id->text, id->len);
        j->example_of = f;
    }
    joining_leave(j, f, split_text(r));
    return 0;
}

static int add_other(struct joining *j, size_t f, struct err *err)
{
    struct source *s = &j->sources[f];
    uint64_t id_hash, key = key_of(j, &s->reader, &id_hash);
    uint32_t slot = j->n_slots ? *find_slot(j, key) : 0;

    if (!slot)
        return add_stray(j, f, key, id_hash, err);
    if (j->out->models[f].pred[slot - 1] != NO_CLASS)
        return twice(j, &s->reader, err);
    if (joining_check_label(j, s, slot - 1, err) != 0)
        return -1;
    joining_fill(j, f, slot - 1);
    return 0;
}

static void prepare_other(struct joining *j, size_t f)
{
    struct joined_model *m = &j->out->models[f];

    m->pred = mem_alloc(j->n, sizeof(*m->pred));
    m->loss = mem_alloc(j->n, sizeof(*m->loss));
    m->brier = mem_alloc(j->n, sizeof(*m->brier));
    memset(m->pred, 0xff, j->n * sizeof(*m->pred));
}

static int read_source(struct joining *j, size_t f, struct err *err)
{
    struct source *s = &j->sources[f];
    struct prediction_reader *r = &s->reader;
    size_t group = CSV_NONE;
    int got;

    if (f != j->first)
        prepare_other(j, f);
    else if (j->options->group &&
             csv_reader_require(r->csv, j->options->group, &group, err) != 0)
        return -1;
    while ((got = prediction_reader_next(r, err)) == 1) {
        if (check_id(s, err) != 0)
            return -1;
        if (!is_wanted(j, r)) {
            rule_out(j, r);
            continue;
        }
        if ((f == j->first ? add_first(j, group, err) : add_other(j, f, err)) !=
            0)
            return -1;
    }
    if (got == 0 && (r->split != CSV_NONE || !j->any_split))
        got = prediction_check_on(r, &j->options->on, err);
    return got;
}

/* ---- all of it ---- */

static int read_all(struct joining *j, char *const *paths,
                    const struct csv_options *csv, struct buf *notes,
                    struct err *err)
{
    if (choose_first(j, paths, err) != 0 ||
        open_sources(j, paths, csv, err) != 0 ||
        read_source(j, j->first, err) != 0)
        return -1;
    for (size_t f = 0; f < j->out->n_models; f++)
        if (f != j->first && read_source(j, f, err) != 0)
            return -1;
    if (joining_keep(j, err) != 0)
        return -1;
    joining_note(j, notes);
    return 0;
}

static void joining_release(struct joining *j)
{
    for (size_t f = 0; f < j->out->n_models; f++) {
        struct source *s = &j->sources[f];
        if (s->open)
            prediction_reader_close(&s->reader);
        free(s->class);
        free(s->left);
        hash_set_release(&s->stray);
    }
    free(j->sources);
    free(j->key);
    free(j->id_hash);
    free(j->slots);
    hash_set_release(&j->stray_ids);
    hash_set_release(&j->ruled_out);
    buf_release(&j->example);
}

int joined_read(struct joined *out, char *const *paths, size_t n_paths,
                const struct csv_options *csv,
                const struct joined_options *options, struct buf *notes,
                struct err *err)
{
    struct joining j = {.out = out, .options = options};
    int status;

    memset(out, 0, sizeof(*out));
    out->n_models = n_paths;
    out->models = mem_zalloc(n_paths, sizeof(*out->models));
    j.sources = mem_zalloc(n_paths, sizeof(*j.sources));
    status = read_all(&j, paths, csv, notes, err);
    joining_release(&j);
    if (status != 0)
        joined_release(out);
    return status;
}

void joined_release(struct joined *joined)
{
    for (size_t f = 0; f < joined->n_models; f++) {
        free(joined->models[f].pred);
        free(joined->models[f].loss);
        free(joined->models[f].brier);
    }
    free(joined->models);
    dict_release(&joined->classes);
    dict_release(&joined->splits);
    dict_release(&joined->groups);
    free(joined->label);
    free(joined->split);
    free(joined->group);
    buf_release(&joined->id_text);
    free(joined->id);
    memset(joined, 0, sizeof(*joined));
}
