/*
 * safetensors: named tensors and one string of metadata in a file.
 *
 * The format (huggingface/safetensors): 8 bytes little-endian length of a JSON
 * header, the header, the data.  Tensors are little-endian, row-major.
 */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "csv/output.h"

enum tensor_type { TENSOR_F32, TENSOR_I32, TENSOR_U8 };

enum { TENSOR_RANK = 4 };

/* data holds shape[0] x … x shape[rank - 1] values; owned by the list. */
struct tensor {
    char *name;
    enum tensor_type type;
    size_t rank, shape[TENSOR_RANK];
    void *data;
};

/*
 * {0} is empty.  metadata is the value of the key "assay", owned; NULL in a
 * file of another program.
 */
struct tensors {
    struct tensor *items;
    size_t n;
    char *metadata;
};

/* Adds a tensor; data is taken over. */
void tensors_add(struct tensors *tensors, const char *name,
                 enum tensor_type type, size_t rank, const size_t *shape,
                 void *data);

/* The same of shape [n]. */
void tensors_add_vector(struct tensors *tensors, const char *name,
                        enum tensor_type type, size_t n, void *data);

/* The tensor of that name and type, or NULL. */
const struct tensor *tensors_find(const struct tensors *tensors,
                                  const char *name, enum tensor_type type);

size_t tensor_size(const struct tensor *tensor);  /* values */
size_t tensor_bytes(const struct tensor *tensor); /* bytes */

/* Writes the file's bytes; the caller commits or fails the output. */
int tensors_write(const struct tensors *tensors, struct output *out,
                  struct err *err);

/*
 * Reads a file; a header that does not describe the bytes behind it is an
 * error.  Tensors of other types than ours are left out.
 */
int tensors_load(struct tensors *tensors, const char *path, struct err *err);

void tensors_release(struct tensors *tensors);

/* The JSON library and its version, for --version. */
const char *tensors_library(void);

#endif
