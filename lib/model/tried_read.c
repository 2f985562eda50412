#include "model/tried_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/shell_word.h"
#include "model/model.h"
#include "stream/advice_command.h"

/* ---- hyperparameters ---- */

static void add_hyper(struct tried *t, const struct hyper *hyper)
{
    struct buf value = {0};

    t->net = mem_strdup(net_kind_name(hyper->net));
    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        struct hyper fallback = *hyper;
        struct buf other = {0};
        struct err err = {0};
        if (!hyper_applies(e, hyper->net))
            continue;
        buf_clear(&value);
        hyper_format(hyper, e, &value);
        hyper_set(&fallback, e, hyper_default(e, hyper->net), &err);
        hyper_format(&fallback, e, &other);
        tried_add(t, e->name, value.len ? value.data : "",
                  strcmp(value.len ? value.data : "",
                         other.len ? other.data : "") != 0);
        buf_release(&other);
    }
    buf_release(&value);
}

/* ---- a model ---- */

static void add_option(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, " --%s ", name);
    shell_word(out, value);
}

/* What the data alone do not say of the columns. */
static char *column_options(const struct schema *s)
{
    struct buf out = {0}, text = {0};

    for (size_t i = 0; i < s->n; i++) {
        const struct column *c = &s->columns[i];
        if (c->role == ROLE_GROUP || c->role == ROLE_TIME ||
            c->role == ROLE_WEIGHT ||
            (c->role == ROLE_ID && strcmp(c->name, "id") != 0))
            add_option(&out, column_role_name(c->role), c->name);
    }
    for (size_t i = 0; i < s->n_shape; i++)
        buf_printf(&text, "%s%zu", i ? "x" : "", s->shape[i]);
    if (text.len)
        add_option(&out, "shape", text.data);
    if (s->tokens == TOKENS_CHAR)
        add_option(&out, "tokens", token_kind_name(s->tokens));
    buf_release(&text);
    return out.data;
}

static void add_columns(struct tried *t, const struct schema *schema)
{
    for (size_t i = 0; i < schema->n; i++) {
        const struct column *c = &schema->columns[i];
        if (c->role == ROLE_LABEL)
            t->label = mem_strdup(c->name);
        if (c->role != ROLE_FEATURE)
            continue;
        list_add(&t->features, c->name);
        t->texts |= c->type == TYPE_TEXT;
    }
    t->columns = column_options(schema);
    t->input = schema->form == FORM_IMAGE ? TRIED_IMAGE
               : schema->form == FORM_ROW ? TRIED_ROW
                                          : TRIED_SEQUENCE;
}

/* The last epoch of the curve. */
static size_t epochs_run(const struct rows *curve)
{
    size_t column = rows_find(curve, "epoch"), last = 0;

    for (size_t r = 0; column != CSV_NONE && r < rows_n(curve); r++) {
        const char *cell = rows_cell(curve, r, column);
        double epoch;
        if (num_parse(cell, strlen(cell), &epoch) && epoch > (double)last)
            last = (size_t)epoch;
    }
    return last;
}

int tried_from_model(struct tried *t, const char *path, struct err *err)
{
    struct model model;

    memset(t, 0, sizeof(*t));
    if (model_load(&model, path, err) != 0)
        return -1;
    add_hyper(t, &model.net->spec.hyper);
    add_columns(t, &model.schema);
    t->model = mem_strdup(path);
    t->trials = 1;
    t->best_epoch = model.best_epoch;
    t->epochs_run = epochs_run(&model.curve);
    t->learned = (double)net_size(model.net);
    t->rows = (double)model.n_fingerprints;
    model_release(&model);
    return 0;
}

/* ---- rows ---- */

/* The columns of a table, and what its rows said. */
struct trials {
    struct csv_reader *csv;
    size_t net, trial, state, objective;
    const struct hyper_entry **entry; /* [width], NULL: another column */
    struct dict names;                /* of the trials */
    struct hyper *hyper;              /* [names.count] */
    double *value;                    /* [names.count] objective, or NaN */
    bool *counts;                     /* [names.count] state is done */
    size_t hypers, values, counted;   /* capacities */
};

static size_t find_columns(struct trials *t)
{
    size_t width = csv_reader_width(t->csv), found = 0;

    t->entry = mem_zalloc(width, sizeof(*t->entry));
    for (size_t i = 0; i < width; i++) {
        t->entry[i] = hyper_find(csv_reader_name(t->csv, i));
        found += t->entry[i] != NULL;
    }
    t->net = csv_reader_find(t->csv, "net");
    t->trial = csv_reader_find(t->csv, "trial");
    t->state = csv_reader_find(t->csv, "state");
    t->objective = csv_reader_find(t->csv, "objective");
    if (t->objective == CSV_NONE)
        t->objective = csv_reader_find(t->csv, "val_error");
    return found + (t->net != CSV_NONE);
}

static int bad_cell(const struct trials *t, size_t column, struct err *err)
{
    err->kind = ERR_DATA; /* a wrong value of an option, elsewhere */
    return csv_reader_blame(t->csv, column, err);
}

static int read_hyper(const struct trials *t, struct hyper *hyper,
                      struct err *err)
{
    const struct csv_field *f = csv_reader_fields(t->csv);
    enum net_kind net = NET_MLP;

    if (t->net != CSV_NONE && f[t->net].len &&
        net_kind_parse(f[t->net].text, &net) != 0) {
        err_set(err, ERR_DATA, "no such network: '%s'", f[t->net].text);
        return csv_reader_blame(t->csv, t->net, err);
    }
    hyper_init(hyper, net);
    for (size_t i = 0; i < csv_reader_width(t->csv); i++)
        if (t->entry[i] && f[i].len &&
            hyper_set(hyper, t->entry[i], f[i].text, err) != 0)
            return bad_cell(t, i, err);
    return 0;
}

/* A trial that is named again takes the place of what it was. */
static int read_trial(struct trials *t, struct err *err)
{
    const struct csv_field *f = csv_reader_fields(t->csv);
    char number[NUM_SIZE];
    size_t at;

    num_format(number, (double)csv_reader_records(t->csv));
    at = t->trial == CSV_NONE
             ? dict_add(&t->names, number, strlen(number))
             : dict_add(&t->names, f[t->trial].text, f[t->trial].len);
    t->hyper = mem_grow(t->hyper, &t->hypers, at + 1, sizeof(*t->hyper));
    t->value = mem_grow(t->value, &t->values, at + 1, sizeof(*t->value));
    t->counts = mem_grow(t->counts, &t->counted, at + 1, sizeof(*t->counts));
    t->value[at] = NAN;
    t->counts[at] = t->state == CSV_NONE || f[t->state].len == 0 ||
                    strcmp(f[t->state].text, "done") == 0;
    if (t->objective != CSV_NONE && f[t->objective].len)
        num_parse_any(f[t->objective].text, f[t->objective].len, &t->value[at]);
    return read_hyper(t, &t->hyper[at], err);
}

static size_t best_trial(const struct trials *t)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < t->names.count; i++)
        if (t->counts[i] && (best == SIZE_MAX || t->value[i] < t->value[best] ||
                             (isnan(t->value[best]) && !isnan(t->value[i]))))
            best = i;
    return best;
}

/* The range of a value over the trials of the same network. */
static void widen(struct tried_value *v, const struct trials *t, size_t best)
{
    const struct hyper_entry *e = hyper_find(v->name);
    struct buf text = {0};
    double number;

    for (size_t i = 0; i < t->names.count; i++) {
        if (!t->counts[i] || t->hyper[i].net != t->hyper[best].net)
            continue;
        buf_clear(&text);
        hyper_format(&t->hyper[i], e, &text);
        if (!text.len || !num_parse(text.data, text.len, &number))
            continue;
        v->low = fmin(v->low, number);
        v->high = fmax(v->high, number);
    }
    buf_release(&text);
}

static void summarise(struct tried *tried, const struct trials *t, size_t best)
{
    add_hyper(tried, &t->hyper[best]);
    for (size_t i = 0; i < tried->n_values; i++)
        widen(&tried->values[i], t, best);
    for (size_t i = 0; i < t->names.count; i++)
        tried->trials += t->counts[i];
}

static int read_trials(struct trials *t, struct tried *tried, struct err *err)
{
    size_t best;
    int got;

    if (find_columns(t) == 0) {
        err_set(err, ERR_DATA, "no column has the name of a hyperparameter");
        return err_at(err, csv_reader_file(t->csv), 0);
    }
    while ((got = csv_reader_next(t->csv, err)) == 1)
        if (read_trial(t, err) != 0)
            return -1;
    if (got < 0)
        return -1;
    best = best_trial(t);
    if (best == SIZE_MAX) {
        err_set(err, ERR_DATA, "no trial is done");
        return err_at(err, csv_reader_file(t->csv), 0);
    }
    summarise(tried, t, best);
    return 0;
}

int tried_from_rows(struct tried *tried, const char *path,
                    const struct csv_options *options, struct err *err)
{
    char *paths[] = {mem_strdup(path)};
    struct trials t = {.csv = csv_reader_open(paths, 1, options, err)};
    int status = -1;

    memset(tried, 0, sizeof(*tried));
    if (t.csv) {
        status = read_trials(&t, tried, err);
        csv_reader_close(t.csv);
    }
    dict_release(&t.names);
    free(t.entry);
    free(t.hyper);
    free(t.value);
    free(t.counts);
    free(paths[0]);
    return status;
}
