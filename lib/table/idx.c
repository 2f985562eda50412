#include "table/idx.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "csv/input.h"

enum { UNSIGNED_BYTES = 8, MOST_PIXELS = 1 << 24 };

struct idx {
    struct input *images, *labels;
    size_t n, at;
    struct image_shape shape;
    uint8_t *pixels;
};

/* Exactly len bytes, or an error. */
static int read_bytes(struct input *from, void *out, size_t len,
                      struct err *err)
{
    char *at = out;

    while (len) {
        ssize_t n = input_read(from, at, len, err);
        if (n < 0)
            return -1;
        if (n == 0) {
            err_set(err, ERR_DATA, "the IDX file ends early");
            return err_at(err, input_name(from), 0);
        }
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Reads the magic number and up to 4 sizes into size[]; the rest are 1. */
static int read_header(struct input *from, int least, int most, size_t size[4],
                       struct err *err)
{
    uint8_t magic[4], number[4];
    int status = read_bytes(from, magic, sizeof(magic), err);
    bool idx = status == 0 && magic[0] == 0 && magic[1] == 0;

    if (status == 0 && !idx)
        status = err_set(err, ERR_DATA, "is not an IDX file");
    else if (status == 0 && magic[2] != UNSIGNED_BYTES)
        status = err_set(err, ERR_DATA, "holds no unsigned bytes (type 0x%02x)",
                         magic[2]);
    else if (status == 0 && (magic[3] < least || magic[3] > most))
        status = err_set(err, ERR_DATA, "has %d dimension%s, not %s", magic[3],
                         plural(magic[3]),
                         most == 1 ? "1: are these the labels?"
                                   : "3 or 4: are these the images?");
    else if (status != 0)
        return -1;
    for (int i = 0; i < 4; i++) {
        size[i] = 1;
        if (status != 0 || i >= magic[3])
            continue;
        if (read_bytes(from, number, sizeof(number), err) != 0)
            return -1;
        size[i] = (size_t)number[0] << 24 | (size_t)number[1] << 16 |
                  (size_t)number[2] << 8 | number[3];
    }
    return status == 0 ? 0 : err_at(err, input_name(from), 0);
}

static int check_shape(const struct idx *idx, struct err *err)
{
    const struct image_shape *s = &idx->shape;

    if (s->height >= 1 && s->width >= 1 && s->height <= MOST_PIXELS &&
        s->width <= MOST_PIXELS / s->height &&
        (s->channels == 1 || s->channels == 3))
        return 0;
    err_set(err, ERR_DATA,
            "images of %zu x %zu x %zu, not of 1 or 3 channels and at most %d "
            "pixels",
            s->height, s->width, s->channels, MOST_PIXELS);
    return err_at(err, input_name(idx->images), 0);
}

static int read_headers(struct idx *idx, struct err *err)
{
    size_t size[4], labels[4];

    if (read_header(idx->images, 3, 4, size, err) != 0)
        return -1;
    idx->n = size[0];
    idx->shape = (struct image_shape){size[1], size[2], size[3]};
    if (check_shape(idx, err) != 0 ||
        read_header(idx->labels, 1, 1, labels, err) != 0)
        return -1;
    if (idx->n != labels[0]) {
        err_set(err, ERR_DATA, "%zu labels, but %zu images in '%s'", labels[0],
                idx->n, input_name(idx->images));
        return err_at(err, input_name(idx->labels), 0);
    }
    if (idx->n)
        return 0;
    err_set(err, ERR_DATA, "no images in it");
    return err_at(err, input_name(idx->images), 0);
}

struct idx *idx_open(const char *images, const char *labels, struct err *err)
{
    struct idx *idx = mem_zalloc(1, sizeof(*idx));

    idx->images = input_open(images, NULL, false, err);
    if (idx->images)
        idx->labels = input_open(labels, NULL, false, err);
    if (!idx->labels || read_headers(idx, err) != 0) {
        idx_close(idx);
        return NULL;
    }
    idx->pixels = mem_alloc(image_size(&idx->shape), 1);
    return idx;
}

void idx_close(struct idx *idx)
{
    if (!idx)
        return;
    input_close(idx->images);
    input_close(idx->labels);
    free(idx->pixels);
    free(idx);
}

size_t idx_count(const struct idx *idx)
{
    return idx->n;
}

struct image_shape idx_shape(const struct idx *idx)
{
    return idx->shape;
}

static int expect_end(struct input *from, struct err *err)
{
    char byte;
    ssize_t n = input_read(from, &byte, 1, err);

    if (n <= 0)
        return (int)n;
    err_set(err, ERR_DATA, "the IDX file goes on after its last item");
    return err_at(err, input_name(from), 0);
}

int idx_next(struct idx *idx, struct image *image, unsigned *label,
             struct err *err)
{
    uint8_t byte;

    if (idx->at == idx->n)
        return expect_end(idx->images, err) == 0 ? expect_end(idx->labels, err)
                                                 : -1;
    if (read_bytes(idx->images, idx->pixels, image_size(&idx->shape), err) !=
            0 ||
        read_bytes(idx->labels, &byte, 1, err) != 0)
        return -1;
    idx->at++;
    *label = byte;
    *image = (struct image){idx->shape.height, idx->shape.width,
                            idx->shape.channels, idx->pixels};
    return 1;
}
