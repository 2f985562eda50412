#include "model/header.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

/* ---- writing ---- */

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
            array, json_pack("{s:s, s:s, s:s, s:f}", "name", c->name, "role",
                             column_role_name(c->role), "type",
                             column_type_name(c->type), "shift", c->shift));
    }
    return array;
}

static json_t *write_ngrams(const struct ngram_sizes *n)
{
    return json_pack("{s:[i, i], s:[i, i]}", "word", n->word_low, n->word_high,
                     "char", n->char_low, n->char_high);
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
    return json_pack("{s:o, s:o}", "numbers", numbers, "categories",
                     categories);
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

char *header_write(const struct model *m, const unsigned char *rows, size_t len)
{
    json_t *root = json_object();
    char *text;

    json_object_set_new(root, "format", json_integer(HEADER_FORMAT));
    json_object_set_new(root, "columns", write_columns(&m->schema));
    json_object_set_new(root, "missing",
                        strings(m->schema.missing.items, m->schema.missing.n));
    json_object_set_new(root, "ngrams", write_ngrams(&m->schema.ngrams));
    json_object_set_new(root, "encoder", write_encoder(&m->encoder));
    json_object_set_new(root, "classes",
                        strings(m->classes.items, m->classes.n));
    json_object_set_new(root, "net",
                        json_string(net_kind_name(m->net->spec.hyper.net)));
    json_object_set_new(root, "hyperparameters",
                        write_hyper(&m->net->spec.hyper));
    json_object_set_new(root, "training", write_training(m));
    json_object_set_new(root, "curve", write_curve(&m->curve));
    if (rows)
        json_object_set_new(root, "rows", write_bytes(rows, len));
    text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(root);
    return text;
}

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
        if (json_unpack(item, "{s:s, s:s, s:s, s:F}", "name", &name, "role",
                        &role, "type", &type, "shift", &c->shift) != 0 ||
            !role_parse(role, &c->role) ||
            column_type_parse(type, &c->type) != 0)
            return false;
        c->name = mem_strdup(name);
        schema->n++;
    }
    return json_is_array(array);
}

static bool read_ngrams(struct ngram_sizes *n, json_t *root)
{
    return json_unpack(root, "{s:[i, i], s:[i, i]}", "word", &n->word_low,
                       &n->word_high, "char", &n->char_low, &n->char_high) == 0;
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
