/*
 * pixel_rows: images as columns of CSV, p1, p2, ... from 0 to 255, row by row
 * from the top left, the channels of a pixel side by side.
 */
#ifndef CLI_PIXEL_ROWS_H
#define CLI_PIXEL_ROWS_H

#include <stdint.h>

#include "csv/writer.h"
#include "table/image.h"

/* The names of n columns. */
void pixel_rows_header(struct csv_writer *writer, size_t n);

/* Whether a column of n pixels has this name. */
bool pixel_rows_has(const char *name, size_t n);

/* The cells of one image; `text` is room that can be used again. */
void pixel_rows_cells(struct csv_writer *writer, const uint8_t *pixels,
                      size_t n, struct buf *text);

#endif
