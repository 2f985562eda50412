/*
 * image: PNG and JPEG files as pixels, upright, grey or red, green and blue.
 *
 * What a file holds is seen from its first bytes, never from its name.  All
 * of these become 8 bits a channel:
 * - PNG of 16 bits: v * 255 / 65535, rounded; of fewer than 8 bits: spread
 *   over 0 to 255; with a palette: its colours, grey ones as colours too.
 * - What is transparent lies over white: (a v + (255 - a) 255) / 255, rounded.
 * - JPEG: grey or colour; CMYK as C K / 255, M K / 255, Y K / 255 of the inks
 *   that are not printed.
 * - EXIF's orientation is applied, in JPEG and in PNG's eXIf.  Profiles and
 *   gamma are not.  Of an animation it is the first picture.
 *
 * A file that ends early or is damaged is an error, never half an image; so is
 * one of more than IMAGE_MAX_PIXELS, or one whose header promises more than its
 * bytes could hold, before memory is taken for it.  Other kinds of files are
 * named, with a command that makes a PNG of them.
 */
#ifndef TABLE_IMAGE_H
#define TABLE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define IMAGE_MAX_PIXELS ((size_t)1 << 27)

/* pixels[height][width][channels], channels 1 or 3; owned.  {0} is empty. */
struct image {
    size_t height, width, channels;
    uint8_t *pixels;
};

struct image_shape {
    size_t height, width, channels; /* channels 1 or 3 */
};

enum image_result {
    IMAGE_GOOD,
    IMAGE_DAMAGED, /* not a whole PNG or JPEG, or no image at all */
    IMAGE_REFUSED  /* cannot be opened, is too large, is of another kind */
};

/* Decodes len bytes of the file `path`, which is for messages only. */
enum image_result image_decode(struct image *image, const char *path,
                               const uint8_t *bytes, size_t len,
                               struct err *err);

/* Opens and decodes; what is no regular file is refused, never waited for. */
enum image_result image_read(struct image *image, const char *path,
                             struct err *err);

void image_release(struct image *image);

/* Bytes of an image of that shape. */
size_t image_size(const struct image_shape *shape);

/*
 * Makes out[height][width][channels] of the whole image, whatever its
 * proportions: each pixel is the mean of the rectangle that it covers, exactly
 * rounded, half up.  Colour becomes grey before, as
 * (19595 R + 38470 G + 7471 B + 32768) / 65536 (ITU-R BT.601); grey becomes
 * colour as three equal channels.
 */
void image_resize(const struct image *image, const struct image_shape *shape,
                  uint8_t *out);

/* image_read, then image_resize into out. */
enum image_result image_load(const char *path, const struct image_shape *shape,
                             uint8_t *out, struct err *err);

/*
 * image_load of n files side by side: image i into out[i * image_size], with
 * result[i] and, where that is not good, err[i].
 */
void image_load_many(char *const *paths, size_t n,
                     const struct image_shape *shape, uint8_t *out,
                     enum image_result *result, struct err *err);

/* libpng and libjpeg with their versions, for --version. */
const char *image_library(void);

#endif
