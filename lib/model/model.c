#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/header.h"
#include "model/safetensors.h"
#include "model/weights.h"
#include "nn/networks.h"

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

struct net_input model_input(const struct encoder *e)
{
    return (struct net_input){.n_dense = e->n_dense,
                              .n_slots = e->n_slots,
                              .n_bag_rows = e->n_bag_rows,
                              .height = e->height,
                              .width = e->width,
                              .channels = e->channels,
                              .n_step = e->n_step,
                              .n_tokens = e->n_tokens};
}

/* A header may ask for more memory than its file has values. */
static int check_size(const struct net_spec *spec, const struct tensors *t,
                      const char *path, struct err *err)
{
    double have = 0;

    for (size_t i = 0; i < t->n; i++)
        have += (double)tensor_size(&t->items[i]);
    if (network_size(spec) <= have)
        return 0;
    err_set(err, ERR_DATA, "not a model file: its network is larger than it");
    return err_at(err, path, 0);
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

static void add_tokens(struct tensors *t, const struct model *m)
{
    struct buf bytes = {0};

    if (m->encoder.form != FORM_TOKENS)
        return;
    vocabulary_write(&m->encoder.vocabulary, &bytes);
    tensors_add_vector(t, "encoder.tokens", TENSOR_U8, bytes.len,
                       bytes.data ? bytes.data : mem_alloc(1, 1));
}

static int load_tokens(struct encoder *e, const struct tensors *t,
                       const char *path, struct err *err)
{
    const struct tensor *bytes = tensors_find(t, "encoder.tokens", TENSOR_U8);

    if (e->form != FORM_TOKENS ||
        (bytes &&
         vocabulary_read(&e->vocabulary, bytes->data, tensor_size(bytes)) == 0))
        return 0;
    err_set(err, ERR_DATA,
            "not a model file: 'encoder.tokens' is missing or damaged");
    return err_at(err, path, 0);
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
    unsigned char *bytes;
    size_t len;
    int status;

    bytes = fingerprint_bytes(m);
    len = m->n_fingerprints * HASH_BYTES;
    weights_add(&t, m->net);
    add_vocabularies(&t, m);
    add_tokens(&t, m);
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

static int load_parts(struct model *m, const struct tensors *t,
                      const char *path, struct err *err)
{
    const struct tensor *hash = tensors_find(t, "rows.hash", TENSOR_U8);
    struct net_spec spec = {0};
    struct buf rows = {0};

    if (header_read(m, &spec, &rows, t->metadata, path, err) != 0)
        return -1;
    take_fingerprints(m, hash ? hash->data : (unsigned char *)rows.data,
                      hash ? tensor_bytes(hash) : rows.len);
    buf_release(&rows);
    for (size_t i = 0; i < m->encoder.n_texts; i++)
        if (load_vocabulary(&m->encoder.texts[i], t, i, path, err) != 0)
            return -1;
    if (load_tokens(&m->encoder, t, path, err) != 0)
        return -1;
    encoder_finish(&m->encoder);
    spec.input = model_input(&m->encoder);
    spec.n_classes = m->classes.n;
    if (network_check(&spec, err) != 0) {
        err_set(err, ERR_DATA, "not a model file: its network cannot be");
        return err_at(err, path, 0);
    }
    if (check_size(&spec, t, path, err) != 0)
        return -1;
    m->net = net_new(&spec, 0);
    return weights_load(m->net, t, path, err);
}

int model_from_tensors(struct model *m, const struct tensors *t,
                       const char *path, struct err *err)
{
    int status;

    memset(m, 0, sizeof(*m));
    if (t->metadata) {
        status = load_parts(m, t, path, err);
    } else {
        err_set(err, ERR_DATA,
                "not a model file: its header has no entry 'assay'");
        status = err_at(err, path, 0);
    }
    if (status != 0)
        model_release(m);
    return status;
}

int model_load(struct model *m, const char *path, struct err *err)
{
    struct tensors t;
    int status;

    memset(m, 0, sizeof(*m));
    if (tensors_load(&t, path, err) != 0)
        return -1;
    status = model_from_tensors(m, &t, path, err);
    tensors_release(&t);
    return status;
}
