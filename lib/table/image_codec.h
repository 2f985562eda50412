/*
 * image_codec: what image.c and the file of each format share.
 */
#ifndef TABLE_IMAGE_CODEC_H
#define TABLE_IMAGE_CODEC_H

#include <stdbool.h>

#include "table/image.h"

/*
 * What a format makes of a file: rows of `channels` bytes a pixel, packed: 1
 * grey, 2 grey and alpha, 3 colour, 4 colour and alpha (or CMYK, by `inks`).
 * On failure `pixels` is NULL or to be freed all the same.
 */
struct image_raw {
    size_t height, width, channels;
    bool inks, inverted; /* CMYK; 255 means no ink */
    int orientation;     /* EXIF: 1 to 8; 1: upright */
    uint8_t *pixels;
};

enum image_result png_decode(struct image_raw *raw, const uint8_t *bytes,
                             size_t len, struct err *err);
enum image_result jpeg_decode(struct image_raw *raw, const uint8_t *bytes,
                              size_t len, struct err *err);

const char *png_version(void);
const char *jpeg_version(void);

/*
 * Whether an image is small enough (else an error), and the bytes there are
 * can hold it: each at most `most_pixels` of them.
 */
enum image_result image_check_size(size_t width, size_t height, size_t len,
                                   size_t most_pixels, const char *format,
                                   struct err *err);

/* "damaged PNG file: WHY", what is odd in WHY left out. */
enum image_result image_damaged(const char *format, const char *why,
                                struct err *err);

/*
 * The orientation (1 to 8) that EXIF data, from its TIFF header on, speaks of;
 * 1 where it says nothing that can be understood.
 */
int exif_orientation(const uint8_t *bytes, size_t len);

#endif
