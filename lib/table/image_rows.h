/*
 * image_rows: the images that the cells of a column name, as pixels of the
 * shape that a network reads.
 *
 * Every image is decoded once when its row has been read, so that one that is
 * missing or damaged is an error with its place before anything is learned.
 * Those of the first rows stay in memory, up to a bound; others are decoded
 * again whenever they are asked for.
 */
#ifndef TABLE_IMAGE_ROWS_H
#define TABLE_IMAGE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "table/image.h"

struct image_rows;

/*
 * `column` is for messages, and borrowed.  Pixels of up to `most` bytes stay in
 * memory.
 */
struct image_rows *image_rows_new(const struct image_shape *shape,
                                  const char *column, double most);

/*
 * Relative paths of rows that are added from now on are below this folder; the
 * working directory where it is NULL or empty, and at first.
 */
void image_rows_set_root(struct image_rows *rows, const char *root);
void image_rows_free(struct image_rows *rows); /* NULL is fine */

/* A row: a path, empty for a blank image, and where its cell stands. */
void image_rows_add(struct image_rows *rows, const char *path, size_t len,
                    const char *file, long line, int field);

/*
 * Decodes the rows that were added since the last call, on all threads.  With
 * `blank_bad` images that cannot be had are blank, and counted in *bad; else
 * the first of them is an error.
 */
int image_rows_load(struct image_rows *rows, bool blank_bad, size_t *bad,
                    struct err *err);

/*
 * The pixels of a row, [height][width][channels]: where they are kept, or in
 * `room`, which has space for one image.  For any thread.  An image that can
 * no longer be read is blank, and image_rows_lost says so from then on.
 */
const uint8_t *image_rows_pixels(struct image_rows *rows, size_t row,
                                 uint8_t *room);

/* -1 and the reason where an image was lost since it was decoded, else 0. */
int image_rows_lost(struct image_rows *rows, struct err *err);

/* Bytes of pixels that this process can well keep: 4 GB, or a third of what
 * no limit forbids if that is less. */
double image_rows_most_bytes(void);

void image_rows_clear(struct image_rows *rows); /* no rows */

#endif
