/*
 * header: the part of a model that is JSON in the file's metadata: compact,
 * with sorted keys, so that equal models are equal bytes.
 */
#ifndef MODEL_HEADER_H
#define MODEL_HEADER_H

#include "base/buf.h"
#include "model/model.h"

enum { HEADER_FORMAT = 2 };

/* The JSON, to be freed; rows[len] (row hashes) may be NULL: kept elsewhere. */
char *header_write(const struct model *model, const unsigned char *rows,
                   size_t len);

/*
 * Fills schema, classes, encoder (all but the n-gram vocabularies), training
 * and curve of the model, the network's kind and widths in spec, and the row
 * hashes where they are in the JSON.
 */
int header_read(struct model *model, struct net_spec *spec, struct buf *rows,
                const char *json, const char *path, struct err *err);

#endif
