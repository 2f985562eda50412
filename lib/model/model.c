#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/header.h"
#include "model/safetensors.h"

enum { IN_HEADER = 1 << 20, HASH_BYTES = 8 };

void model_release(struct model *m)
{
    net_free(m->net);
    encoder_release(&m->encoder);
    schema_release(&m->schema);
    list_release(&m->classes);
    rows_release(&m->curve);
    free(m->fingerprints);
    memset(m, 0, sizeof(*m));
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Also the order of the file. */
void model_sort_rows(struct model *m)
{
    qsort(m->fingerprints, m->n_fingerprints, sizeof(uint64_t), by_value);
}

void model_note_leak(struct buf *notes, const char *split, size_t n,
                     size_t rows)
{
    if (n && strcmp(split, "train") != 0)
        buf_printf(notes,
                   "warning: %zu of %zu rows called '%s' stand among those the "
                   "model was trained on, or equal one\n",
                   n, rows, split);
}

bool model_has_row(const struct model *m, uint64_t fingerprint)
{
    return m->n_fingerprints &&
           bsearch(&fingerprint, m->fingerprints, m->n_fingerprints,
                   sizeof(fingerprint), by_value) != NULL;
}

int model_table(struct model *m, struct table *table,
                const struct csv_reader *reader, struct err *err)
{
    if (table_init(table, &m->schema, reader, err) != 0)
        return -1;
    for (size_t i = 0; i < m->classes.n; i++)
        dict_add(&table->labels, m->classes.items[i],
                 strlen(m->classes.items[i]));
    encoder_freeze(&m->encoder, table);
    encoder_bind(&m->encoder, table);
    return 0;
}

/* ---- parameters ---- */

static void transpose(float *to, const float *from, size_t rows, size_t cols)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            to[j * rows + i] = from[i * cols + j];
}

static void add_param(struct tensors *t, const struct param *p)
{
    size_t size = p->rows * p->cols;
    float *data = mem_alloc(size, sizeof(*data));

    if (p->transposed) {
        transpose(data, p->value, p->rows, p->cols);
        tensors_add_matrix(t, p->name, p->cols, p->rows, data);
        return;
    }
    memcpy(data, p->value, size * sizeof(*data));
    if (p->sparse)
        tensors_add_matrix(t, p->name, p->rows, p->cols, data);
    else
        tensors_add_vector(t, p->name, TENSOR_F32, size, data);
}

static bool has_shape(const struct tensor *item, const struct param *p)
{
    if (!p->transposed && !p->sparse)
        return item->rank == 1 && item->shape[0] == p->rows * p->cols;
    return item->rank == 2 &&
           item->shape[0] == (p->transposed ? p->cols : p->rows) &&
           item->shape[1] == (p->transposed ? p->rows : p->cols);
}

/* A header may ask for more memory than its file has values. */
static int check_size(const struct net_spec *spec, const struct tensors *t,
                      const char *path, struct err *err)
{
    double have = 0;

    for (size_t i = 0; i < t->n; i++)
        have += (double)tensor_size(&t->items[i]);
    if (net_spec_size(spec) <= have)
        return 0;
    err_set(err, ERR_DATA, "not a model file: its network is larger than it");
    return err_at(err, path, 0);
}

static int load_param(struct param *p, const struct tensors *t,
                      const char *path, struct err *err)
{
    const struct tensor *item = tensors_find(t, p->name, TENSOR_F32);

    if (!item || !has_shape(item, p)) {
        err_set(err, ERR_DATA, "not a model file: tensor '%s' is %s", p->name,
                item ? "of another shape" : "missing");
        return err_at(err, path, 0);
    }
    if (p->transposed)
        transpose(p->value, item->data, p->cols, p->rows);
    else
        memcpy(p->value, item->data, tensor_bytes(item));
    return 0;
}

/* ---- n-gram vocabularies and fingerprints ---- */

static void add_vocabularies(struct tensors *t, const struct model *m)
{
    for (size_t i = 0; i < m->encoder.n_texts; i++) {
        const struct text_code *code = &m->encoder.texts[i];
        int32_t *bucket = mem_alloc(code->n_terms, sizeof(*bucket));
        float *idf = mem_alloc(code->n_terms, sizeof(*idf));
        char name[64];
        for (size_t k = 0; k < code->n_terms; k++) {
            bucket[k] = (int32_t)code->bucket[k];
            idf[k] = code->idf[k];
        }
        snprintf(name, sizeof(name), "encoder.text.%zu.bucket", i);
        tensors_add_vector(t, name, TENSOR_I32, code->n_terms, bucket);
        snprintf(name, sizeof(name), "encoder.text.%zu.idf", i);
        tensors_add_vector(t, name, TENSOR_F32, code->n_terms, idf);
    }
}

static int load_vocabulary(struct text_code *code, const struct tensors *t,
                           size_t i, const char *path, struct err *err)
{
    const struct tensor *bucket, *idf;
    char name[64];
    bool good;

    snprintf(name, sizeof(name), "encoder.text.%zu.bucket", i);
    bucket = tensors_find(t, name, TENSOR_I32);
    snprintf(name, sizeof(name), "encoder.text.%zu.idf", i);
    idf = tensors_find(t, name, TENSOR_F32);
    good = bucket && idf && tensor_size(bucket) == tensor_size(idf);
    code->n_terms = good ? tensor_size(bucket) : 0;
    code->bucket = mem_alloc(code->n_terms, sizeof(*code->bucket));
    code->idf = mem_alloc(code->n_terms, sizeof(*code->idf));
    for (size_t k = 0; k < code->n_terms; k++) {
        int32_t b = ((const int32_t *)bucket->data)[k];
        good &= b >= 0 && b < NGRAM_BUCKETS;
        code->bucket[k] = (uint32_t)b & (NGRAM_BUCKETS - 1);
        code->idf[k] = ((const float *)idf->data)[k];
    }
    if (good)
        return 0;
    err_set(err, ERR_DATA, "not a model file: '%s' is missing or damaged",
            name);
    return err_at(err, path, 0);
}

static unsigned char *fingerprint_bytes(const struct model *m)
{
    unsigned char *bytes = mem_alloc(m->n_fingerprints, HASH_BYTES);

    for (size_t i = 0; i < m->n_fingerprints; i++)
        for (int b = 0; b < HASH_BYTES; b++)
            bytes[i * HASH_BYTES + (size_t)b] =
                (unsigned char)(m->fingerprints[i] >> (8 * b));
    return bytes;
}

static void take_fingerprints(struct model *m, const unsigned char *bytes,
                              size_t len)
{
    m->n_fingerprints = len / HASH_BYTES;
    m->fingerprints = mem_zalloc(m->n_fingerprints, sizeof(uint64_t));
    for (size_t i = 0; i < m->n_fingerprints * HASH_BYTES; i++)
        m->fingerprints[i / HASH_BYTES] |= (uint64_t)bytes[i]
                                           << (8 * (i % HASH_BYTES));
    qsort(m->fingerprints, m->n_fingerprints, sizeof(uint64_t), by_value);
}

/* ---- the file ---- */

int model_write(struct model *m, struct output *out, struct err *err)
{
    struct tensors t = {0};
    const struct param *p;
    unsigned char *bytes;
    size_t len;
    int status;

    bytes = fingerprint_bytes(m);
    len = m->n_fingerprints * HASH_BYTES;
    for (size_t i = 0; (p = net_param(m->net, i)); i++)
        add_param(&t, p);
    add_vocabularies(&t, m);
    t.metadata = header_write(m, len <= IN_HEADER ? bytes : NULL, len);
    if (len > IN_HEADER)
        tensors_add_vector(&t, "rows.hash", TENSOR_U8, len, bytes);
    else
        free(bytes);
    status = tensors_write(&t, out, err);
    tensors_release(&t);
    return status;
}

int model_save(struct model *m, const char *path, struct err *err)
{
    struct output *out = output_open(path, err);

    if (!out)
        return -1;
    if (model_write(m, out, err) == 0)
        return output_commit(out, err);
    output_fail(out, "");
    return -1;
}

static int load_tensors(struct model *m, const struct tensors *t,
                        const char *path, struct err *err)
{
    const struct tensor *hash = tensors_find(t, "rows.hash", TENSOR_U8);
    struct net_spec spec = {0};
    struct buf rows = {0};
    struct param *p;

    if (header_read(m, &spec, &rows, t->metadata, path, err) != 0)
        return -1;
    take_fingerprints(m, hash ? hash->data : (unsigned char *)rows.data,
                      hash ? tensor_bytes(hash) : rows.len);
    buf_release(&rows);
    for (size_t i = 0; i < m->encoder.n_texts; i++)
        if (load_vocabulary(&m->encoder.texts[i], t, i, path, err) != 0)
            return -1;
    encoder_finish(&m->encoder);
    spec.n_dense = m->encoder.n_dense;
    spec.n_slots = m->encoder.n_slots;
    spec.n_bag_rows = m->encoder.n_bag_rows;
    spec.n_classes = m->classes.n;
    if (check_size(&spec, t, path, err) != 0)
        return -1;
    m->net = net_new(&spec, 0);
    for (size_t i = 0; (p = net_param(m->net, i)); i++)
        if (load_param(p, t, path, err) != 0)
            return -1;
    return 0;
}

int model_load(struct model *m, const char *path, struct err *err)
{
    struct tensors t;
    int status;

    memset(m, 0, sizeof(*m));
    if (tensors_load(&t, path, err) != 0)
        return -1;
    status = load_tensors(m, &t, path, err);
    tensors_release(&t);
    if (status != 0)
        model_release(m);
    return status;
}
