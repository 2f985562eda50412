#include "model/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "csv/list.h"
#include "model/model.h"
#include "model/safetensors.h"

static void take_network(struct hyper *to, const struct hyper *from)
{
    struct err err = {0};

    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        struct buf value = {0};
        if (strcmp(e->section, "Network") != 0 || !hyper_applies(e, from->net))
            continue;
        hyper_format(from, e, &value);
        hyper_set(to, e, value.data, &err);
        buf_release(&value);
    }
}

static int take_model(struct hyper *hyper, bool given,
                      const struct tensors *tensors, const char *path,
                      struct err *err)
{
    enum net_kind asked = hyper->net, kind;
    struct model model;

    if (model_from_tensors(&model, tensors, path, err) != 0)
        return -1;
    kind = model.net->spec.hyper.net;
    hyper_init(hyper, kind);
    take_network(hyper, &model.net->spec.hyper);
    model_release(&model);
    if (!given || asked == kind)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--init-from: '%s' is a model of --net %s, not %s", path,
                   net_kind_name(kind), net_kind_name(asked));
}

int transfer_hyper(struct hyper *hyper, bool given, const char *path,
                   bool *foreign, struct err *err)
{
    struct tensors tensors;
    int status = 0;

    if (tensors_load(&tensors, path, err) != 0)
        return -1;
    *foreign = !tensors.metadata;
    if (!*foreign)
        status = take_model(hyper, given, &tensors, path, err);
    else if (given)
        hyper_init(hyper, hyper->net);
    else
        status = err_set(err, ERR_USAGE,
                         "--init-from: '%s' does not say what network it is "
                         "for: give --net",
                         path);
    tensors_release(&tensors);
    return status;
}

/* ---- columns ---- */

static const struct column *next_feature(const struct schema *s, size_t *i)
{
    while (*i < s->n && s->columns[*i].role != ROLE_FEATURE)
        ++*i;
    return *i < s->n ? &s->columns[(*i)++] : NULL;
}

static int other_features(const struct column *own, const struct column *its,
                          const char *path, struct err *err)
{
    if (!its)
        return err_set(err, ERR_DATA,
                       "--init-from: '%s' was trained without '%s', which the "
                       "data has (--features)",
                       path, own->name);
    if (!own)
        return err_set(err, ERR_DATA,
                       "--init-from: '%s' was trained with '%s', which the "
                       "data lacks or does not use (--features)",
                       path, its->name);
    return err_set(err, ERR_DATA,
                   "--init-from: the features of '%s' are others: '%s' where "
                   "the data has '%s' (--features)",
                   path, its->name, own->name);
}

static int take_columns(struct schema *schema, const struct schema *model,
                        const char *path, struct err *err)
{
    size_t i = 0, j = 0;

    for (;;) {
        const struct column *own = next_feature(schema, &i),
                            *its = next_feature(model, &j);
        struct column *column = (struct column *)own;
        if (!own && !its)
            return 0;
        if (!own || !its || strcmp(own->name, its->name) != 0)
            return other_features(own, its, path, err);
        column->type = its->type;
        column->shift = its->shift;
        column->width = its->width;
    }
}

/* Long rows: another order would exchange the values of a step. */
static int check_steps(const struct schema *schema, const struct schema *model,
                       const char *path, struct err *err)
{
    const struct list *own = &schema->step_names, *its = &model->step_names;
    bool same = own->n == its->n || own->n == 0 || its->n == 0;

    for (size_t i = 0; i < own->n && i < its->n; i++)
        same &= strcmp(own->items[i], its->items[i]) == 0;
    if (same)
        return 0;
    return err_set(err, ERR_DATA,
                   "--init-from: the steps of '%s' have other columns", path);
}

static bool same_shape(const size_t *a, const size_t *b, size_t n)
{
    return memcmp(a, b, n * sizeof(*a)) == 0;
}

static bool same_pixels(const struct schema_request *q,
                        const struct schema *model)
{
    size_t n = q->n_pixel_stats * sizeof(double);

    return q->n_pixel_stats == model->n_pixel_stats &&
           memcmp(q->pixel_mean, model->pixel_mean, n) == 0 &&
           memcmp(q->pixel_std, model->pixel_std, n) == 0;
}

/* The option that contradicts the model, or NULL. */
static const char *contradiction(const struct schema_request *q,
                                 const struct schema *model)
{
    static const struct ngram_sizes any;

    if (q->n_shape && (q->n_shape != model->n_shape ||
                       !same_shape(q->shape, model->shape, q->n_shape)))
        return "shape";
    if (q->tokens != TOKENS_NONE && q->tokens != model->tokens)
        return "tokens";
    if (q->max_steps && q->max_steps != model->max_steps)
        return "max-steps";
    if (memcmp(&q->ngrams, &any, sizeof(any)) != 0 &&
        memcmp(&q->ngrams, &model->ngrams, sizeof(any)) != 0)
        return "ngrams";
    if (q->n_pixel_stats && !same_pixels(q, model))
        return "pixel-mean, --pixel-std";
    return NULL;
}

/* A column of --type that the model reads as another type. */
static int check_type(const char *pair, const struct schema *model,
                      const char *path, struct err *err)
{
    char *name = mem_strdup(pair), *word = list_split_pair(name, true);
    enum column_type type;
    int status = 0;

    for (size_t i = 0; i < model->n && word; i++) {
        const struct column *c = &model->columns[i];
        if (c->role != ROLE_FEATURE || strcmp(c->name, name) != 0 ||
            column_type_parse(word, &type) != 0 || type == c->type)
            continue;
        status = err_set(err, ERR_USAGE,
                         "--type: column '%s' is a %s in '%s', not a %s", name,
                         column_type_name(c->type), path, word);
    }
    free(name);
    return status;
}

static int check_request(const struct schema_request *q,
                         const struct schema *model, const char *path,
                         struct err *err)
{
    const char *option = contradiction(q, model);

    if (option)
        return err_set(err, ERR_USAGE,
                       "--%s: '%s' was trained on another one (leave it out)",
                       option, path);
    for (size_t i = 0; i < q->types.n; i++)
        if (check_type(q->types.items[i], model, path, err) != 0)
            return -1;
    return 0;
}

static int take_request(struct schema_request *q, const struct schema *model,
                        const char *path, struct err *err)
{
    if (check_request(q, model, path, err) != 0)
        return -1;
    memcpy(q->shape, model->shape, sizeof(q->shape));
    q->n_shape = model->n_shape;
    q->tokens = model->tokens;
    q->max_steps = model->max_steps;
    q->ngrams = model->ngrams;
    memcpy(q->pixel_mean, model->pixel_mean, sizeof(q->pixel_mean));
    memcpy(q->pixel_std, model->pixel_std, sizeof(q->pixel_std));
    q->n_pixel_stats = model->n_pixel_stats;
    return 0;
}

int transfer_request(struct schema_request *request, const char *path,
                     struct err *err)
{
    struct model model;
    int status;

    if (model_load(&model, path, err) != 0)
        return -1;
    status = take_request(request, &model.schema, path, err);
    model_release(&model);
    return status;
}

static void take_form(struct schema *schema, const struct schema *model)
{
    schema->ngrams = model->ngrams;
    schema->form = model->form;
    memcpy(schema->shape, model->shape, sizeof(schema->shape));
    schema->n_shape = model->n_shape;
    schema->tokens = model->tokens;
    schema->max_steps = model->max_steps;
    memcpy(schema->pixel_mean, model->pixel_mean, sizeof(schema->pixel_mean));
    memcpy(schema->pixel_std, model->pixel_std, sizeof(schema->pixel_std));
    schema->n_pixel_stats = model->n_pixel_stats;
}

int transfer_schema(struct schema *schema, const char *path, struct err *err)
{
    struct model model;
    int status;

    if (model_load(&model, path, err) != 0)
        return -1;
    status = take_columns(schema, &model.schema, path, err);
    if (status == 0)
        status = check_steps(schema, &model.schema, path, err);
    if (status == 0)
        take_form(schema, &model.schema);
    model_release(&model);
    return status;
}
