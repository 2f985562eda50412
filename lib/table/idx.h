/*
 * idx: images and labels in the IDX files of MNIST and its like.
 *
 * Both files may be compressed or standard input ("-").  Images are unsigned
 * bytes of 3 dimensions (images, rows, columns) or 4 (and channels, 1 or 3);
 * labels unsigned bytes of one dimension.  Anything else, another number of
 * labels than of images, a file that ends early and one that goes on after its
 * last item are errors.
 */
#ifndef TABLE_IDX_H
#define TABLE_IDX_H

#include <stdint.h>

#include "table/image.h"

struct idx;

struct idx *idx_open(const char *images, const char *labels, struct err *err);
void idx_close(struct idx *idx); /* NULL is fine */

size_t idx_count(const struct idx *idx);
struct image_shape idx_shape(const struct idx *idx);

/*
 * The next image, whose pixels are valid until the next call, and its label:
 * 1, or 0 after the last one, or -1.
 */
int idx_next(struct idx *idx, struct image *image, unsigned *label,
             struct err *err);

#endif
