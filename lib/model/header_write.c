#include "model/header.h"

#include <jansson.h>

static json_t *strings(char *const *items, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_string(items[i]));
    return array;
}

static json_t *write_columns(const struct schema *schema)
{
    json_t *array = json_array();

    for (size_t i = 0; i < schema->n; i++) {
        const struct column *c = &schema->columns[i];
        if (c->role == ROLE_UNUSED)
            continue;
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:f, s:I}", "name", c->name,
                             "role", column_role_name(c->role), "type",
                             column_type_name(c->type), "shift", c->shift,
                             "width", (json_int_t)c->width));
    }
    return array;
}

static json_t *write_ngrams(const struct ngram_sizes *n)
{
    return json_pack("{s:[i, i], s:[i, i]}", "word", n->word_low, n->word_high,
                     "char", n->char_low, n->char_high);
}

static json_t *counts(const size_t *values, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_integer((json_int_t)values[i]));
    return array;
}

static json_t *reals(const double *values, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_real(values[i]));
    return array;
}

static json_t *floats(const float *values, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_real((double)values[i]));
    return array;
}

static json_t *write_input(const struct schema *s)
{
    return json_pack(
        "{s:s, s:o, s:s, s:I, s:o, s:o, s:o}", "form", input_form_name(s->form),
        "shape", counts(s->shape, s->n_shape), "tokens",
        token_kind_name(s->tokens), "max_steps", (json_int_t)s->max_steps,
        "pixel_mean", reals(s->pixel_mean, s->n_pixel_stats), "pixel_std",
        reals(s->pixel_std, s->n_pixel_stats), "step_names",
        strings(s->step_names.items, s->step_names.n));
}

/* What the form has: pixels, steps, or the codes of columns. */
static json_t *write_codes(json_t *numbers, json_t *categories,
                           const struct encoder *e)
{
    json_t *object =
        json_pack("{s:o, s:o}", "numbers", numbers, "categories", categories);

    if (e->form == FORM_IMAGE) {
        json_object_set_new(object, "pixel_low",
                            json_real((double)e->pixel_low));
        json_object_set_new(object, "pixel_high",
                            json_real((double)e->pixel_high));
    }
    if (e->form == FORM_STEPS) {
        json_object_set_new(object, "step_mean",
                            floats(e->step_mean, e->n_step));
        json_object_set_new(object, "step_scale",
                            floats(e->step_scale, e->n_step));
    }
    return object;
}

static json_t *write_encoder(const struct encoder *e)
{
    json_t *numbers = json_array(), *categories = json_array();

    for (size_t i = 0; i < e->n_numbers; i++)
        json_array_append_new(numbers,
                              json_pack("{s:f, s:f, s:b}", "mean",
                                        (double)e->numbers[i].mean, "scale",
                                        (double)e->numbers[i].scale, "missing",
                                        (int)e->numbers[i].indicator));
    for (size_t i = 0; i < e->n_categories; i++) {
        const struct category_code *c = &e->categories[i];
        json_t *counts = json_array();
        for (size_t l = 0; l < c->levels.count; l++)
            json_array_append_new(counts, json_integer(c->count[l]));
        json_array_append_new(
            categories, json_pack("{s:o, s:o}", "levels",
                                  strings(c->levels.text, c->levels.count),
                                  "counts", counts));
    }
    return write_codes(numbers, categories, e);
}

/* Numbers as numbers, the rest as text. */
static json_t *write_hyper(const struct hyper *hyper)
{
    json_t *object = json_object();

    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        const void *field = (const char *)hyper + e->offset;
        struct buf text = {0};
        json_t *value;
        if (!hyper_applies(e, hyper->net))
            continue;
        if (e->type == HYPER_REAL) {
            value = json_real(*(const double *)field);
        } else if (e->type == HYPER_COUNT) {
            value = json_integer((json_int_t) * (const size_t *)field);
        } else {
            hyper_format(hyper, e, &text);
            value = json_string(text.len ? text.data : "");
        }
        json_object_set_new(object, e->name, value);
        buf_release(&text);
    }
    return object;
}

static json_t *write_training(const struct model *m)
{
    return json_pack("{s:I, s:I}", "seed", (json_int_t)m->seed, "best_epoch",
                     (json_int_t)m->best_epoch);
}

static json_t *write_curve(const struct rows *curve)
{
    json_t *rows = json_array();

    for (size_t r = 0; r < rows_n(curve); r++)
        json_array_append_new(rows, strings(curve->cells + r * curve->n_columns,
                                            curve->n_columns));
    return rows;
}

static json_t *write_bytes(const unsigned char *bytes, size_t len)
{
    struct buf hex = {0};
    json_t *text;

    for (size_t i = 0; i < len; i++) {
        buf_add_char(&hex, "0123456789abcdef"[bytes[i] >> 4]);
        buf_add_char(&hex, "0123456789abcdef"[bytes[i] & 15]);
    }
    text = json_string(hex.len ? hex.data : "");
    buf_release(&hex);
    return text;
}

static json_t *write_adaptation(const struct model *m)
{
    return json_pack("{s:s, s:I, s:f}", "method", "coral", "rows",
                     (json_int_t)m->n_target, "weight", m->adapt_weight);
}

char *header_write(const struct model *m, const unsigned char *rows, size_t len)
{
    json_t *root = json_object();
    char *text;

    json_object_set_new(root, "format", json_integer(HEADER_FORMAT));
    json_object_set_new(root, "columns", write_columns(&m->schema));
    json_object_set_new(root, "missing",
                        strings(m->schema.missing.items, m->schema.missing.n));
    json_object_set_new(root, "ngrams", write_ngrams(&m->schema.ngrams));
    json_object_set_new(root, "input", write_input(&m->schema));
    json_object_set_new(root, "encoder", write_encoder(&m->encoder));
    json_object_set_new(root, "classes",
                        strings(m->classes.items, m->classes.n));
    json_object_set_new(root, "net",
                        json_string(net_kind_name(m->net->spec.hyper.net)));
    json_object_set_new(root, "hyperparameters",
                        write_hyper(&m->net->spec.hyper));
    json_object_set_new(root, "training", write_training(m));
    json_object_set_new(root, "curve", write_curve(&m->curve));
    if (m->n_target)
        json_object_set_new(root, "adapt", write_adaptation(m));
    if (rows)
        json_object_set_new(root, "rows", write_bytes(rows, len));
    text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(root);
    return text;
}
