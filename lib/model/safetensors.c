#include "model/safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { ALIGN = 8, READ_BLOCK = 1 << 20 };

static const struct {
    const char *name;
    size_t size;
} types[] = {{"F32", 4}, {"I32", 4}, {"U8", 1}};

void tensors_release(struct tensors *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->items[i].name);
        free(t->items[i].data);
    }
    free(t->items);
    free(t->metadata);
    memset(t, 0, sizeof(*t));
}

static struct tensor *append(struct tensors *t, const char *name,
                             enum tensor_type type)
{
    struct tensor *item;

    t->items = mem_resize(t->items, t->n + 1, sizeof(*t->items));
    item = &t->items[t->n++];
    memset(item, 0, sizeof(*item));
    item->name = mem_strdup(name);
    item->type = type;
    return item;
}

void tensors_add(struct tensors *t, const char *name, enum tensor_type type,
                 size_t rank, const size_t *shape, void *data)
{
    struct tensor *item = append(t, name, type);

    item->rank = rank;
    memcpy(item->shape, shape, rank * sizeof(*shape));
    item->data = data;
}

void tensors_add_vector(struct tensors *t, const char *name,
                        enum tensor_type type, size_t n, void *data)
{
    tensors_add(t, name, type, 1, &n, data);
}

const struct tensor *tensors_find(const struct tensors *t, const char *name,
                                  enum tensor_type type)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i].type == type && strcmp(t->items[i].name, name) == 0)
            return &t->items[i];
    return NULL;
}

size_t tensor_size(const struct tensor *tensor)
{
    size_t size = 1;

    for (size_t i = 0; i < tensor->rank; i++)
        size *= tensor->shape[i];
    return size;
}

size_t tensor_bytes(const struct tensor *tensor)
{
    return tensor_size(tensor) * types[tensor->type].size;
}

/* ---- writing ---- */

static json_t *describe(const struct tensor *item, size_t at)
{
    json_t *shape = json_array();

    for (size_t i = 0; i < item->rank; i++)
        json_array_append_new(shape, json_integer((json_int_t)item->shape[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", types[item->type].name,
                     "shape", shape, "data_offsets", (json_int_t)at,
                     (json_int_t)(at + tensor_bytes(item)));
}

static char *make_header(const struct tensors *t)
{
    json_t *root = json_object();
    size_t at = 0;
    char *text;

    json_object_set_new(root, "__metadata__",
                        json_pack("{s:s}", "assay", t->metadata));
    for (size_t i = 0; i < t->n; i++) {
        json_object_set_new(root, t->items[i].name, describe(&t->items[i], at));
        at += tensor_bytes(&t->items[i]);
    }
    text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(root);
    return text;
}

int tensors_write(const struct tensors *t, struct output *out, struct err *err)
{
    struct buf head = {0};
    char *header = make_header(t);
    uint64_t length;
    int status;

    buf_add_text(&head, header);
    while (head.len % ALIGN)
        buf_add_char(&head, ' ');
    length = head.len;
    status = output_write(out, &length, sizeof(length), err);
    if (status == 0)
        status = output_write(out, head.data, head.len, err);
    for (size_t i = 0; i < t->n && status == 0; i++)
        status = output_write(out, t->items[i].data, tensor_bytes(&t->items[i]),
                              err);
    free(header);
    buf_release(&head);
    return status == 0 ? output_flush(out, err) : -1;
}

/* ---- reading ---- */

static int damaged(const char *path, const char *what, struct err *err)
{
    err_set(err, ERR_DATA, "not a model file: %s", what);
    return err_at(err, path, 0);
}

static int read_whole(struct buf *bytes, const char *path, struct err *err)
{
    FILE *file = fopen(path, "rbe");
    size_t n;

    if (!file) {
        err_system(err, "cannot open the model");
        return err_at(err, path, 0);
    }
    do {
        n = fread(buf_reserve(bytes, READ_BLOCK), 1, READ_BLOCK, file);
        bytes->len += n;
    } while (n > 0);
    if (ferror(file)) {
        err_system(err, "cannot read the model");
        err_at(err, path, 0);
    }
    n = (size_t)ferror(file);
    fclose(file);
    return n ? -1 : 0;
}

static int find_type(const char *word, enum tensor_type *type)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(types[i].name, word) == 0) {
            *type = (enum tensor_type)i;
            return 0;
        }
    return -1;
}

/* Shape and bytes of one entry; -1 where they contradict each other. */
static int load_tensor(struct tensors *t, const char *name, json_t *entry,
                       const char *data, size_t size)
{
    json_t *shape = json_object_get(entry, "shape");
    const char *word = json_string_value(json_object_get(entry, "dtype"));
    json_int_t from, to;
    enum tensor_type type;
    struct tensor *item;
    size_t values = 1;

    if (!word || !json_is_array(shape) ||
        json_unpack(entry, "{s:[I, I]}", "data_offsets", &from, &to) != 0 ||
        from < 0 || to < from || (size_t)to > size)
        return -1;
    if (find_type(word, &type) != 0 || json_array_size(shape) > TENSOR_RANK)
        return 0;
    item = append(t, name, type);
    item->rank = json_array_size(shape);
    for (size_t i = 0; i < item->rank; i++) {
        json_int_t n = json_integer_value(json_array_get(shape, i));
        if (n < 0 || (n > 0 && values > size / (size_t)n))
            return -1; /* more of them than there are bytes */
        item->shape[i] = (size_t)n;
        values *= (size_t)n;
    }
    if (tensor_bytes(item) != (size_t)(to - from))
        return -1;
    item->data = mem_aligned((size_t)(to - from), 1);
    memcpy(item->data, data + from, (size_t)(to - from));
    return 0;
}

static int load_header(struct tensors *t, json_t *root, const char *path,
                       const char *data, size_t size, struct err *err)
{
    const char *metadata = json_string_value(
        json_object_get(json_object_get(root, "__metadata__"), "assay"));
    const char *name;
    json_t *entry;

    if (metadata)
        t->metadata = mem_strdup(metadata);
    json_object_foreach(
        root, name,
        entry) if (strcmp(name, "__metadata__") != 0 &&
                   load_tensor(t, name, entry, data, size) !=
                       0) return damaged(path,
                                         "its header and its data disagree",
                                         err);
    return 0;
}

/* The zip archive, or the pickle, that torch.save writes. */
static bool is_pytorchs(const struct buf *bytes)
{
    return bytes->len > 4 && (memcmp(bytes->data, "PK\003\004", 4) == 0 ||
                              memcmp(bytes->data, "\200\002", 2) == 0);
}

static int parse(struct tensors *t, const struct buf *bytes, const char *path,
                 struct err *err)
{
    uint64_t length = 0;
    json_t *root;
    int status;

    if (is_pytorchs(bytes))
        return damaged(path,
                       "it is PyTorch's, which assay-train(1), Fine-tuning, "
                       "turns into safetensors",
                       err);
    if (bytes->len >= sizeof(length))
        memcpy(&length, bytes->data, sizeof(length));
    if (!length || length > bytes->len - sizeof(length))
        return damaged(path, "it is cut short or of another kind", err);
    root = json_loadb(bytes->data + sizeof(length), length, 0, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return damaged(path, "its header is not JSON", err);
    }
    status = load_header(t, root, path, bytes->data + sizeof(length) + length,
                         bytes->len - sizeof(length) - length, err);
    json_decref(root);
    return status;
}

int tensors_load(struct tensors *t, const char *path, struct err *err)
{
    struct buf bytes = {0};
    int status;

    memset(t, 0, sizeof(*t));
    status = read_whole(&bytes, path, err);
    if (status == 0)
        status = parse(t, &bytes, path, err);
    buf_release(&bytes);
    if (status != 0)
        tensors_release(t);
    return status;
}

const char *tensors_library(void)
{
    static char text[32];

    snprintf(text, sizeof(text), "jansson %s", jansson_version_str());
    return text;
}
