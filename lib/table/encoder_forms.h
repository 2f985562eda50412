/*
 * encoder_forms: what the encoder does for images, steps and tokens, one
 * function a form and stage (encoder.h).  For other forms they are not called.
 */
#ifndef TABLE_ENCODER_FORMS_H
#define TABLE_ENCODER_FORMS_H

#include "table/encoder.h"

/* (x - mean) * scale, bounded so that sums of it stay finite; NaN is 0. */
float encoder_standardised(float x, float mean, float scale);

void image_fit(struct encoder *encoder, const struct table *table,
               const size_t *rows, size_t n);
void steps_fit(struct encoder *encoder, const struct table *table,
               const size_t *rows, size_t n);
void tokens_fit(struct encoder *encoder, const struct table *table,
                const size_t *rows, size_t n);

void tokens_bind(struct encoder *encoder, const struct table *table);

/* The number of the first token of the vocabulary: 1, or 2 with separators. */
size_t tokens_first(const struct schema *schema);

/* Fill dense, step and token of a batch whose n, padded, n_dense are set. */
void image_encode(const struct encoder *encoder, const struct table *table,
                  const size_t *rows, struct batch *batch);
void steps_encode(const struct encoder *encoder, const struct table *table,
                  const size_t *rows, struct batch *batch);
void tokens_encode(const struct encoder *encoder, const struct table *table,
                   const size_t *rows, struct batch *batch);

#endif
