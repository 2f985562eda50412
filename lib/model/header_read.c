#include "model/header.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

/* ---- reading: every part says whether it was as it should be ---- */

static bool read_list(struct list *list, json_t *array)
{
    size_t i;
    json_t *item;

    json_array_foreach(array, i, item)
    {
        if (!json_is_string(item))
            return false;
        list_add(list, json_string_value(item));
    }
    return json_is_array(array);
}

static bool role_parse(const char *word, enum column_role *role)
{
    for (int i = ROLE_FEATURE; i < ROLE_UNUSED; i++)
        if (strcmp(word, column_role_name((enum column_role)i)) == 0) {
            *role = (enum column_role)i;
            return true;
        }
    return false;
}

static bool read_columns(struct schema *schema, json_t *array)
{
    size_t i;
    json_t *item;

    schema->columns =
        mem_zalloc(json_array_size(array), sizeof(*schema->columns));
    json_array_foreach(array, i, item)
    {
        struct column *c = &schema->columns[i];
        const char *name, *role, *type;
        json_int_t width;
        if (json_unpack(item, "{s:s, s:s, s:s, s:F, s:I}", "name", &name,
                        "role", &role, "type", &type, "shift", &c->shift,
                        "width", &width) != 0 ||
            width < 0 || !role_parse(role, &c->role) ||
            column_type_parse(type, &c->type) != 0)
            return false;
        c->name = mem_strdup(name);
        c->width = (size_t)width;
        schema->n++;
    }
    return json_is_array(array);
}

static bool read_ngrams(struct ngram_sizes *n, json_t *root)
{
    return json_unpack(root, "{s:[i, i], s:[i, i]}", "word", &n->word_low,
                       &n->word_high, "char", &n->char_low, &n->char_high) == 0;
}

/* Up to `most` numbers; the count, or SIZE_MAX where it is no such array. */
static size_t read_reals(double *to, size_t most, const json_t *array)
{
    size_t i;
    json_t *item;

    if (!json_is_array(array) || json_array_size(array) > most)
        return SIZE_MAX;
    json_array_foreach(array, i, item)
    {
        if (!json_is_number(item))
            return SIZE_MAX;
        to[i] = json_number_value(item);
    }
    return i;
}

/* Values of an image or of a sequence of fixed length, in columns. */
static bool read_shape(struct schema *s, const json_t *array)
{
    double shape[3];

    s->n_shape = read_reals(shape, 3, array);
    for (size_t i = 0; i < 3 && i < s->n_shape; i++) {
        if (!(shape[i] >= 1 && shape[i] <= 1e6))
            return false;
        s->shape[i] = (size_t)shape[i];
    }
    return s->n_shape == 0 || s->n_shape == 2 || s->n_shape == 3;
}

static bool read_input(struct schema *s, json_t *root)
{
    const char *form, *tokens;
    json_int_t max_steps;
    size_t n = read_reals(s->pixel_std, 3, json_object_get(root, "pixel_std"));

    s->n_pixel_stats =
        read_reals(s->pixel_mean, 3, json_object_get(root, "pixel_mean"));
    if (json_unpack(root, "{s:s, s:s, s:I}", "form", &form, "tokens", &tokens,
                    "max_steps", &max_steps) != 0 ||
        input_form_parse(form, &s->form) != 0 ||
        token_kind_parse(tokens, &s->tokens) != 0 || max_steps < 0 ||
        !read_list(&s->step_names, json_object_get(root, "step_names")) ||
        !read_shape(s, json_object_get(root, "shape")))
        return false;
    s->max_steps = (size_t)max_steps;
    return n == s->n_pixel_stats && n != SIZE_MAX &&
           (n == 0 || (s->n_shape == 3 && n == s->shape[2])) &&
           (s->form == FORM_IMAGE) == (s->n_shape == 3);
}

static bool read_floats(float *to, size_t n, const json_t *array)
{
    size_t i;
    json_t *item;

    if (json_array_size(array) != n)
        return false;
    json_array_foreach(array, i, item) to[i] = (float)json_number_value(item);
    return true;
}

static bool read_number(struct number_code *code, json_t *item)
{
    double mean, scale;
    int missing;

    if (json_unpack(item, "{s:F, s:F, s:b}", "mean", &mean, "scale", &scale,
                    "missing", &missing) != 0)
        return false;
    code->mean = (float)mean;
    code->scale = (float)scale;
    code->indicator = missing;
    return true;
}

static bool read_category(struct category_code *code, json_t *item)
{
    json_t *levels = json_object_get(item, "levels"),
           *counts = json_object_get(item, "counts"), *level;
    size_t i;

    if (!json_is_array(levels) || !json_is_array(counts) ||
        json_array_size(counts) != json_array_size(levels))
        return false;
    code->count = mem_zalloc(json_array_size(levels), sizeof(*code->count));
    json_array_foreach(levels, i, level)
    {
        const char *text = json_string_value(level);
        if (!text || dict_add(&code->levels, text, strlen(text)) != i)
            return false;
        code->count[i] =
            (uint32_t)json_integer_value(json_array_get(counts, i));
    }
    return true;
}

static bool read_encoder(struct encoder *e, json_t *root)
{
    json_t *numbers = json_object_get(root, "numbers"),
           *categories = json_object_get(root, "categories");

    e->pixel_low = (float)json_number_value(json_object_get(root, "pixel_low"));
    e->pixel_high =
        (float)json_number_value(json_object_get(root, "pixel_high"));
    if (e->form == FORM_STEPS &&
        !(read_floats(e->step_mean, e->n_step,
                      json_object_get(root, "step_mean")) &&
          read_floats(e->step_scale, e->n_step,
                      json_object_get(root, "step_scale"))))
        return false;
    if (json_array_size(numbers) != e->n_numbers ||
        json_array_size(categories) != e->n_categories)
        return false;
    for (size_t i = 0; i < e->n_numbers; i++)
        if (!read_number(&e->numbers[i], json_array_get(numbers, i)))
            return false;
    for (size_t i = 0; i < e->n_categories; i++)
        if (!read_category(&e->categories[i], json_array_get(categories, i)))
            return false;
    return true;
}

static bool read_value(struct hyper *hyper, const struct hyper_entry *e,
                       const json_t *value)
{
    struct err err = {0};
    char number[NUM_SIZE];

    if (json_is_string(value))
        return hyper_set(hyper, e, json_string_value(value), &err) == 0;
    if (!json_is_number(value))
        return false;
    num_format(number, json_number_value(value));
    return hyper_set(hyper, e, number, &err) == 0;
}

static bool read_hyper(struct hyper *hyper, json_t *net, json_t *object)
{
    const char *kind_name = json_string_value(net), *name;
    enum net_kind kind;
    json_t *value;

    if (!kind_name || net_kind_parse(kind_name, &kind) != 0 ||
        !json_is_object(object))
        return false;
    hyper_init(hyper, kind);
    json_object_foreach(object, name, value)
    {
        const struct hyper_entry *e = hyper_find(name);
        if (!e || !read_value(hyper, e, value))
            return false;
    }
    return true;
}

static bool read_training(struct model *m, json_t *root)
{
    json_int_t seed, best;

    if (json_unpack(root, "{s:I, s:I}", "seed", &seed, "best_epoch", &best) !=
        0)
        return false;
    m->seed = (uint64_t)seed;
    m->best_epoch = (size_t)best;
    return true;
}

/* Only where the training had one. */
static bool read_adaptation(struct model *m, json_t *root)
{
    json_int_t rows;

    if (!root)
        return true;
    if (json_unpack(root, "{s:I, s:F}", "rows", &rows, "weight",
                    &m->adapt_weight) != 0 ||
        rows < 1)
        return false;
    m->n_target = (size_t)rows;
    return true;
}

static bool read_curve(struct rows *curve, json_t *array)
{
    size_t i, j;
    json_t *row, *cell;

    rows_init(curve, "epoch,split,loss,error");
    json_array_foreach(array, i, row)
    {
        if (json_array_size(row) != curve->n_columns)
            return false;
        json_array_foreach(row, j, cell) rows_text(
            curve, json_string_value(cell) ? json_string_value(cell) : "");
    }
    return json_is_array(array);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

static bool read_bytes(struct buf *bytes, json_t *text)
{
    const char *hex = text ? json_string_value(text) : "";

    for (; hex && hex[0]; hex += 2) {
        int high = hex_digit(hex[0]), low = hex_digit(hex[1]);
        if (high < 0 || low < 0)
            return false;
        buf_add_char(bytes, (char)(high << 4 | low));
    }
    return hex != NULL;
}

/* The first part that is not as it should be, or NULL. */
static const char *read_parts(struct model *m, struct net_spec *spec,
                              struct buf *rows, json_t *root)
{
    if (!read_columns(&m->schema, json_object_get(root, "columns")))
        return "columns";
    if (!read_list(&m->schema.missing, json_object_get(root, "missing")))
        return "missing";
    if (!read_ngrams(&m->schema.ngrams, json_object_get(root, "ngrams")))
        return "ngrams";
    if (!read_input(&m->schema, json_object_get(root, "input")))
        return "input";
    if (!read_list(&m->classes, json_object_get(root, "classes")) ||
        m->classes.n == 0)
        return "classes";
    encoder_init(&m->encoder, &m->schema);
    if (!read_encoder(&m->encoder, json_object_get(root, "encoder")))
        return "encoder";
    if (!read_hyper(&spec->hyper, json_object_get(root, "net"),
                    json_object_get(root, "hyperparameters")))
        return "hyperparameters";
    if (!read_training(m, json_object_get(root, "training")))
        return "training";
    if (!read_adaptation(m, json_object_get(root, "adapt")))
        return "adapt";
    if (!read_curve(&m->curve, json_object_get(root, "curve")))
        return "curve";
    return read_bytes(rows, json_object_get(root, "rows")) ? NULL : "rows";
}

int header_read(struct model *m, struct net_spec *spec, struct buf *rows,
                const char *json, const char *path, struct err *err)
{
    json_t *root = json_loads(json, 0, NULL);
    json_int_t format = json_integer_value(json_object_get(root, "format"));
    const char *bad = NULL;

    if (format != HEADER_FORMAT)
        bad = "format (written by a newer version?)";
    else
        bad = read_parts(m, spec, rows, root);
    json_decref(root);
    if (!bad)
        return 0;
    err_set(err, ERR_DATA, "not a model file of this version: bad %s", bad);
    return err_at(err, path, 0);
}
