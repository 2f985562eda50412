#include "analysis/profile_frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- the columns ---- */

static const char *const of_predictions[] = {"prob", "loss", "fold", "replica",
                                             "train_size"};
enum { N_OF_PREDICTIONS = sizeof(of_predictions) / sizeof(*of_predictions) };

static bool is_p(const char *name)
{
    return strncmp(name, "p:", 2) == 0 && name[2];
}

/* Whether rows are predictions, and how many p: columns there are. */
static bool are_predictions(const struct csv_reader *reader, size_t *n_p)
{
    *n_p = 0;
    for (size_t i = 0; i < csv_reader_width(reader); i++)
        *n_p += is_p(csv_reader_name(reader, i));
    return csv_reader_find(reader, "pred") != CSV_NONE &&
           (*n_p || csv_reader_find(reader, "prob") != CSV_NONE);
}

static void copy_list(struct list *to, const struct list *from)
{
    for (size_t i = 0; i < from->n; i++)
        list_add(to, from->items[i]);
}

static void add_type(struct schema_request *q, const char *name,
                     const char *type)
{
    struct buf item = {0};

    buf_printf(&item, "%s=%s", name, type);
    list_add(&q->types, item.data);
    buf_release(&item);
}

static void leave_out(struct schema_request *q, const char *name)
{
    if (!list_has(&q->exclude, name) && !list_has(&q->features, name))
        list_add(&q->exclude, name);
}

/* The request, and what the stream's own columns are. */
static void complete(struct schema_request *q, const struct profile_frame *f,
                     const struct csv_reader *reader)
{
    size_t n_p;

    if (!are_predictions(reader, &n_p))
        return;
    for (size_t i = 0; i < N_OF_PREDICTIONS; i++)
        if (csv_reader_find(reader, of_predictions[i]) != CSV_NONE)
            leave_out(q, of_predictions[i]);
    if (f->model)
        leave_out(q, "pred");
    else
        add_type(q, "pred", "category");
    for (size_t i = 0; i < csv_reader_width(reader); i++) {
        const char *name = csv_reader_name(reader, i);
        if (!is_p(name))
            continue;
        if (f->model)
            leave_out(q, name);
        else
            add_type(q, name, "number");
    }
}

/*
 * A shift that sets of rows which are alike have in common: none, unless the
 * numbers are far from 0 and close together, as years or times are.
 */
static void round_shift(struct column *c)
{
    double range = c->high - c->low, unit;

    if (c->shift == 0)
        return;
    unit = 1024 * exp2(ceil(log2(range > 0 ? range : 1)));
    c->shift = unit * round(c->shift / unit);
}

int profile_frame_model(struct profile_frame *f, const char *path,
                        struct err *err)
{
    f->model = mem_zalloc(1, sizeof(*f->model));
    if (model_load(f->model, path, err) != 0) {
        free(f->model);
        f->model = NULL;
        return -1;
    }
    copy_list(&f->classes, &f->model->classes);
    return 0;
}

/* ---- what is looked at ---- */

static void add_field(struct profile_frame *f, enum profile_field_kind kind,
                      size_t column, size_t place, const char *check,
                      const char *subject, enum profile_kind item)
{
    for (size_t i = 0; i < f->n_fields; i++)
        if (strcmp(f->fields[i].check, check) == 0 &&
            strcmp(f->fields[i].subject, subject) == 0)
            return;
    f->fields = mem_grow(f->fields, &f->fields_capacity, f->n_fields + 1,
                         sizeof(*f->fields));
    f->fields[f->n_fields++] = (struct profile_field){
        kind, column, place, check, mem_strdup(subject), item};
}

static void add_sequence(struct profile_frame *f, size_t i)
{
    const struct column *c = &f->schema.columns[i];
    struct buf name = {0};

    add_field(f, FIELD_STEPS, i, 0, "steps", c->name, PROFILE_NUMBERS);
    for (size_t k = 0; k < c->width; k++) {
        buf_clear(&name);
        buf_printf(&name, "%s: value %zu", c->name, k + 1);
        add_field(f, FIELD_STEP_VALUE, i, k, "number", name.data,
                  PROFILE_NUMBERS);
    }
    buf_release(&name);
}

/* The probability of a class among the numbers, or of the prediction. */
static bool add_prediction(struct profile_frame *f, size_t i, size_t place)
{
    const struct column *c = &f->schema.columns[i];

    if (f->pred == CSV_NONE)
        return false;
    if (c->type == TYPE_NUMBER && is_p(c->name)) {
        f->p = mem_resize(f->p, f->classes.n + 1, sizeof(*f->p));
        f->p[f->classes.n] = place;
        list_add(&f->classes, c->name + 2);
        add_field(f, FIELD_SOFTMAX, i, f->classes.n - 1, "softmax", c->name + 2,
                  PROFILE_NUMBERS);
        return true;
    }
    if (c->type == TYPE_CATEGORY && strcmp(c->name, "pred") == 0) {
        f->pred = place;
        add_field(f, FIELD_PREDICTION, i, place, "prediction", "pred",
                  PROFILE_COUNTS);
        return true;
    }
    return false;
}

static void add_column(struct profile_frame *f, size_t i, size_t place)
{
    const char *name = f->schema.columns[i].name;

    switch (f->schema.columns[i].type) {
    case TYPE_NUMBER:
        add_field(f, FIELD_NUMBER, i, place, "number", name, PROFILE_NUMBERS);
        break;
    case TYPE_CATEGORY:
        add_field(f, FIELD_LEVEL, i, place, "category", name, PROFILE_COUNTS);
        break;
    case TYPE_TEXT:
        add_field(f, FIELD_LENGTH, i, place, "length", name, PROFILE_NUMBERS);
        add_field(f, FIELD_WORDS, i, place, "words", name, PROFILE_VOCABULARY);
        break;
    case TYPE_SEQUENCE:
        add_sequence(f, i);
        break;
    case TYPE_IMAGE:
        add_field(f, FIELD_PIXELS, i, place, "pixels", name, PROFILE_NUMBERS);
        break;
    }
    add_field(f, FIELD_MISSING, i, place, "missing", name, PROFILE_COUNTS);
}

static void add_outputs(struct profile_frame *f)
{
    size_t label = schema_role(&f->schema, ROLE_LABEL);
    bool predicted = f->model || f->pred != CSV_NONE;

    if (label != CSV_NONE)
        add_field(f, FIELD_LABEL, label, 0, "label",
                  f->schema.columns[label].name, PROFILE_COUNTS);
    if (f->model) {
        add_field(f, FIELD_PREDICTION, CSV_NONE, 0, "prediction", "pred",
                  PROFILE_COUNTS);
        for (size_t k = 0; k < f->classes.n; k++)
            add_field(f, FIELD_SOFTMAX, CSV_NONE, k, "softmax",
                      f->classes.items[k], PROFILE_NUMBERS);
    }
    if (label != CSV_NONE && predicted)
        add_field(f, FIELD_ERROR, label, 0, "error", "pred", PROFILE_COUNTS);
}

/* Whether the columns are those of predictions, that no model makes. */
static bool has_predictions(const struct profile_frame *f)
{
    bool pred = false, more = false;

    for (size_t i = 0; i < f->schema.n; i++) {
        const struct column *c = &f->schema.columns[i];
        pred |= strcmp(c->name, "pred") == 0 && c->role == ROLE_FEATURE &&
                c->type == TYPE_CATEGORY;
        more |= is_p(c->name) || strcmp(c->name, "prob") == 0;
    }
    return pred && more && !f->model;
}

static void find_fields(struct profile_frame *f)
{
    size_t place[TYPE_IMAGE + 1] = {0};

    f->pred = has_predictions(f) ? 0 : CSV_NONE;
    for (size_t i = 0; i < f->schema.n; i++) {
        const struct column *c = &f->schema.columns[i];
        size_t at;
        if (c->role != ROLE_FEATURE)
            continue;
        at = place[c->type]++;
        if (!add_prediction(f, i, at))
            add_column(f, i, at);
    }
    add_outputs(f);
    f->map = feature_map_new(ROW_VECTOR, f->seed);
}

int profile_frame_infer(struct profile_frame *f, struct csv_reader *reader,
                        const struct schema_request *request, struct buf *notes,
                        struct err *err)
{
    struct schema_request q = *request;
    int status;

    q.types = q.exclude = (struct list){0};
    copy_list(&q.types, &request->types);
    copy_list(&q.exclude, &request->exclude);
    q.whole = q.quick = true;
    if (f->model && !q.label) {
        size_t label = schema_role(&f->model->schema, ROLE_LABEL);
        if (label != CSV_NONE &&
            csv_reader_find(reader, f->model->schema.columns[label].name) !=
                CSV_NONE)
            q.label = f->model->schema.columns[label].name;
    }
    complete(&q, f, reader);
    status = schema_infer(&f->schema, reader, &q, notes, err);
    list_release(&q.types);
    list_release(&q.exclude);
    if (status != 0)
        return -1;
    f->schema.ngrams = (struct ngram_sizes){1, 1, 0, 0};
    for (size_t i = 0; i < f->schema.n; i++)
        round_shift(&f->schema.columns[i]);
    find_fields(f);
    return 0;
}

/* ---- to and from profiles ---- */

static int role_of(const char *word, enum column_role *role)
{
    for (int r = 0; r <= ROLE_UNUSED; r++)
        if (strcmp(column_role_name((enum column_role)r), word) == 0) {
            *role = (enum column_role)r;
            return 0;
        }
    return -1;
}

static int take_column(struct column *to, const struct profile_column *from,
                       struct err *err)
{
    if (role_of(from->role, &to->role) != 0 ||
        (to->role == ROLE_FEATURE &&
         column_type_parse(from->type, &to->type) != 0))
        return err_set(err, ERR_DATA,
                       "the profile's column '%s' is a '%s' of type '%s', "
                       "which this version does not know",
                       from->name, from->role, from->type);
    to->name = mem_strdup(from->name);
    to->shift = from->shift;
    to->width = from->width;
    return 0;
}

/* Its scales, in the order of the numbers. */
static void take_scales(struct profile_frame *f, const struct profile *p)
{
    size_t n = 0;

    f->scale.centre = mem_alloc(p->n_columns + 1, sizeof(*f->scale.centre));
    f->scale.scale = mem_alloc(p->n_columns + 1, sizeof(*f->scale.scale));
    for (size_t i = 0; i < f->schema.n; i++) {
        const struct column *c = &f->schema.columns[i];
        if (c->role != ROLE_FEATURE || c->type != TYPE_NUMBER)
            continue;
        f->scale.centre[n] = (float)p->columns[i].centre;
        f->scale.scale[n++] = (float)p->columns[i].scale;
    }
    f->scaled = true;
}

static bool is_image(const struct column *c)
{
    return c->role == ROLE_FEATURE && c->type == TYPE_IMAGE;
}

/* The shape in which its images were looked at. */
static void take_shape(struct schema *s, struct column *image,
                       const struct profile_column *from)
{
    s->form = FORM_IMAGE;
    s->n_shape = 3;
    s->shape[0] = (size_t)from->shift;
    s->shape[1] = (size_t)from->centre;
    s->shape[2] = (size_t)from->scale;
    image->shift = 0;
}

int profile_frame_from(struct profile_frame *f, const struct profile *p,
                       struct err *err)
{
    f->accuracy = p->accuracy;
    f->sample = p->sample.most;
    f->seed = p->seed;
    f->schema.n = p->n_columns;
    f->schema.columns = mem_zalloc(p->n_columns, sizeof(*f->schema.columns));
    f->schema.ngrams = (struct ngram_sizes){1, 1, 0, 0};
    copy_list(&f->schema.missing, &p->missing_words);
    for (size_t i = 0; i < p->n_columns; i++) {
        struct column *c = &f->schema.columns[i];
        if (take_column(c, &p->columns[i], err) != 0)
            return -1;
        if (c->role == ROLE_FEATURE && c->type == TYPE_SEQUENCE)
            f->schema.form = FORM_STEPS;
        if (is_image(c))
            take_shape(&f->schema, c, &p->columns[i]);
    }
    take_scales(f, p);
    find_fields(f);
    return 0;
}

void profile_frame_start(const struct profile_frame *f, struct profile *p)
{
    memset(p, 0, sizeof(*p));
    p->accuracy = f->accuracy;
    p->seed = f->seed;
    p->sample.most = f->sample;
    copy_list(&p->missing_words, &f->schema.missing);
    copy_list(&p->classes, &f->classes);
    p->columns = mem_zalloc(f->schema.n, sizeof(*p->columns));
    for (size_t i = 0; i < f->schema.n; i++) {
        const struct column *c = &f->schema.columns[i];
        struct profile_column *to;
        if (c->role == ROLE_UNUSED)
            continue;
        to = &p->columns[p->n_columns++];
        to->name = mem_strdup(c->name);
        to->role = mem_strdup(column_role_name(c->role));
        to->type = mem_strdup(
            c->role == ROLE_FEATURE ? column_type_name(c->type) : "");
        to->shift = c->shift;
        to->width = c->width;
        if (is_image(c)) { /* numbers have these, images a shape */
            to->shift = (double)f->schema.shape[0];
            to->centre = (double)f->schema.shape[1];
            to->scale = (double)f->schema.shape[2];
        }
    }
    p->sample.columns = p->n_columns;
    for (size_t i = 0; i < f->n_fields; i++) {
        const struct profile_field *field = &f->fields[i];
        profile_item(p, field->check, field->subject, field->item);
    }
}

void profile_frame_tell(const struct profile_frame *f, struct profile *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n_columns && f->scaled; i++) {
        if (strcmp(p->columns[i].role, column_role_name(ROLE_FEATURE)) != 0 ||
            strcmp(p->columns[i].type, column_type_name(TYPE_NUMBER)) != 0)
            continue;
        p->columns[i].centre = (double)f->scale.centre[n];
        p->columns[i].scale = (double)f->scale.scale[n++];
    }
}

void profile_frame_release(struct profile_frame *f)
{
    for (size_t i = 0; i < f->n_fields; i++)
        free(f->fields[i].subject);
    free(f->fields);
    free(f->p);
    list_release(&f->classes);
    row_scale_release(&f->scale);
    feature_map_free(f->map);
    schema_release(&f->schema);
    if (f->model)
        model_release(f->model);
    free(f->model);
    memset(f, 0, sizeof(*f));
}
