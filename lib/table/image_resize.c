#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "table/image.h"

/*
 * Everything is counted in whole numbers: a row of the image is as many units
 * high as there are rows in the result, and a row of the result as many as
 * there are in the image; columns likewise.
 */
struct fitting {
    const struct image *from;
    const struct image_shape *to;
    uint8_t *line;  /* [width of from][channels of to] */
    uint64_t *sums; /* [width of to][channels]: of a row */
    uint64_t *all;  /* the same: of the rows so far */
};

static uint8_t grey(const uint8_t *rgb)
{
    return (uint8_t)((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] +
                      32768u) >>
                     16);
}

/* Row r with the channels that are wanted. */
static void convert_row(struct fitting *f, size_t r)
{
    const struct image *from = f->from;
    const uint8_t *row = from->pixels + r * from->width * from->channels;

    if (from->channels == f->to->channels)
        memcpy(f->line, row, from->width * from->channels);
    else if (from->channels == 1)
        for (size_t x = 0; x < from->width; x++)
            memset(f->line + 3 * x, row[x], 3);
    else
        for (size_t x = 0; x < from->width; x++)
            f->line[x] = grey(row + 3 * x);
}

/* How much of the unit interval i, `size` long, lies in [begin, end). */
static size_t overlap(size_t i, size_t size, size_t begin, size_t end)
{
    size_t low = i * size, high = low + size;

    return (high < end ? high : end) - (low > begin ? low : begin);
}

/* Sums of row r over the columns of the result. */
static void sum_row(struct fitting *f, size_t r)
{
    size_t n = f->to->channels, wide = f->to->width;

    convert_row(f, r);
    memset(f->sums, 0, wide * n * sizeof(*f->sums));
    for (size_t j = 0; j < wide; j++) {
        size_t begin = j * f->from->width, end = begin + f->from->width;
        for (size_t x = begin / wide; x * wide < end; x++) {
            size_t weight = overlap(x, wide, begin, end);
            for (size_t c = 0; c < n; c++)
                f->sums[j * n + c] += weight * f->line[x * n + c];
        }
    }
}

static void fit_rows(struct fitting *f, uint8_t *out)
{
    size_t n = f->to->width * f->to->channels, high = f->to->height;
    size_t area = f->from->height * f->from->width, have = SIZE_MAX;

    for (size_t i = 0; i < high; i++, out += n) {
        size_t begin = i * f->from->height, end = begin + f->from->height;
        memset(f->all, 0, n * sizeof(*f->all));
        for (size_t r = begin / high; r * high < end; r++) {
            size_t weight = overlap(r, high, begin, end);
            if (r != have)
                sum_row(f, r);
            have = r;
            for (size_t j = 0; j < n; j++)
                f->all[j] += weight * f->sums[j];
        }
        for (size_t j = 0; j < n; j++)
            out[j] = (uint8_t)((f->all[j] + area / 2) / area);
    }
}

size_t image_size(const struct image_shape *shape)
{
    return shape->height * shape->width * shape->channels;
}

void image_resize(const struct image *image, const struct image_shape *shape,
                  uint8_t *out)
{
    size_t n = shape->width * shape->channels;
    struct fitting f = {.from = image,
                        .to = shape,
                        .line = mem_alloc(image->width, shape->channels),
                        .sums = mem_alloc(n, sizeof(*f.sums)),
                        .all = mem_alloc(n, sizeof(*f.all))};

    fit_rows(&f, out);
    free(f.line);
    free(f.sums);
    free(f.all);
}
