#include "table/image.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "table/image_codec.h"

enum { FILE_MOST = 1 << 30 };

/* ---- what the formats share ---- */

enum image_result image_damaged(const char *format, const char *why,
                                struct err *err)
{
    char text[ERR_QUOTE_SIZE];

    snprintf(text, sizeof(text), "%s", why);
    for (char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    err_set(err, ERR_DATA, "damaged %s file: %s", format, text);
    return IMAGE_DAMAGED;
}

enum image_result image_check_size(size_t width, size_t height, size_t len,
                                   size_t most_pixels, const char *format,
                                   struct err *err)
{
    if (width == 0 || height == 0)
        return image_damaged(format, "it has no pixels", err);
    if (width > SIZE_MAX / height ||
        width * height / most_pixels > len) /* not even every other bit */
        return image_damaged(format, "it ends early", err);
    if (width * height <= IMAGE_MAX_PIXELS)
        return IMAGE_GOOD;
    err_set(err, ERR_DATA, "%zu x %zu pixels are more than %zu", width, height,
            IMAGE_MAX_PIXELS);
    return IMAGE_REFUSED;
}

/* ---- other kinds of files ---- */

/* %s is the file, then a name for what is made of it. */
static const struct {
    const char *magic;
    size_t len, at;
    const char *name, *command;
} kinds[] = {
    {"II*\0", 4, 0, "a TIFF file", "convert %s %s"},
    {"MM\0*", 4, 0, "a TIFF file", "convert %s %s"},
    {"II+\0", 4, 0, "a BigTIFF file", "convert %s %s"},
    {"MM\0+", 4, 0, "a BigTIFF file", "convert %s %s"},
    {"\0\0\0\fjP  ", 8, 0, "a JPEG 2000 file", "opj_decompress -i %s -o %s"},
    {"\xff\x4f\xff\x51", 4, 0, "a JPEG 2000 file",
     "opj_decompress -i %s -o %s"},
    {"GIF8", 4, 0, "a GIF file", "convert %s %s"},
    {"WEBP", 4, 8, "a WebP file", "dwebp %s -o %s"},
    {"BM", 2, 0, "a BMP file", "convert %s %s"},
    {"%PDF", 4, 0, "a PDF file", "pdftoppm -png -singlefile %s > %s"},
    {"ftyp", 4, 4, "a HEIF or AVIF file", "heif-convert %s %s"}};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

/* A word for the shell, in quotes where it needs them. */
static void add_word(struct buf *out, const char *text, size_t len)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-+";
    bool quoted = *text == '-';

    for (size_t i = 0; i < len; i++)
        quoted |= !strchr(plain, text[i]);
    if (*text == '-')
        buf_add_text(out, "./");
    buf_add_text(out, quoted ? "'" : "");
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\'')
            buf_add_text(out, "'\\''");
        else if ((unsigned char)text[i] < ' ')
            buf_add_char(out, '?');
        else
            buf_add_char(out, text[i]);
    buf_add_text(out, quoted ? "'" : "");
}

static enum image_result refuse_kind(size_t kind, const char *path,
                                     struct err *err)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    size_t len = dot && dot > (slash ? slash + 1 : path) ? (size_t)(dot - path)
                                                         : strlen(path);
    const char *command = kinds[kind].command, *hole;
    bool is_png = len < strlen(path) && strcasecmp(dot, ".png") == 0;
    struct buf line = {0}, png = {0};

    buf_add(&png, path, len);
    buf_add_text(&png, is_png ? "-new.png" : ".png");
    for (int i = 0; (hole = strstr(command, "%s")); i++, command = hole + 2) {
        buf_add(&line, command, (size_t)(hole - command));
        add_word(&line, i ? png.data : path, i ? png.len : strlen(path));
    }
    buf_add_text(&line, command);
    err_set(err, ERR_DATA, "is %s; make a PNG of it: %s", kinds[kind].name,
            line.data);
    buf_release(&line);
    buf_release(&png);
    return IMAGE_REFUSED;
}

static enum image_result refuse(const char *path, const uint8_t *bytes,
                                size_t len, struct err *err)
{
    char text[ERR_QUOTE_SIZE];

    for (size_t i = 0; i < KINDS; i++)
        if (len >= kinds[i].at + kinds[i].len &&
            memcmp(bytes + kinds[i].at, kinds[i].magic, kinds[i].len) == 0)
            return refuse_kind(i, path, err);
    if (len == 0)
        err_set(err, ERR_DATA, "the file is empty, not a PNG or JPEG");
    else
        err_set(err, ERR_DATA, "is not a PNG or JPEG; it begins with %s",
                err_quote(text, sizeof(text), (const char *)bytes,
                          len < 8 ? len : 8));
    return IMAGE_DAMAGED;
}

/* ---- from what a format made to an image ---- */

static uint8_t over_white(unsigned value, unsigned alpha)
{
    return (uint8_t)((value * alpha + (255 - alpha) * 255 + 127) / 255);
}

static uint8_t without_inks(const struct image_raw *raw, unsigned colour,
                            unsigned black)
{
    if (!raw->inverted) {
        colour = 255 - colour;
        black = 255 - black;
    }
    return (uint8_t)((colour * black + 127) / 255);
}

/* The last channel, alpha or black, goes into the others, in place. */
static void merge_last(struct image_raw *raw)
{
    size_t n = raw->height * raw->width, channels = raw->channels;
    uint8_t *to = raw->pixels;
    const uint8_t *from = raw->pixels;

    for (size_t i = 0; i < n; i++, from += channels) {
        uint8_t last = from[channels - 1];
        for (size_t c = 0; c + 1 < channels; c++)
            *to++ = raw->inks ? without_inks(raw, from[c], last)
                              : over_white(from[c], last);
    }
    raw->channels--;
}

/*
 * Orientations as EXIF 2.3 numbers them: which way rows and columns of the
 * file run in the upright image.  5 to 8 change height and width.
 */
static void turn(struct image *image, const struct image_raw *raw)
{
    int o = raw->orientation;
    bool swap = o >= 5;
    bool up = o == 3 || o == 4 || o == 7 || o == 8;   /* rows run backwards */
    bool left = o == 2 || o == 3 || o == 6 || o == 7; /* columns do */
    size_t n = raw->channels;

    image->height = swap ? raw->width : raw->height;
    image->width = swap ? raw->height : raw->width;
    image->pixels = mem_alloc(image->height * image->width, n);
    for (size_t y = 0; y < image->height; y++)
        for (size_t x = 0; x < image->width; x++) {
            size_t row = y, column = x;
            if (swap) {
                row = left ? image->width - 1 - x : x;
                column = up ? image->height - 1 - y : y;
            } else {
                row = up ? image->height - 1 - y : y;
                column = left ? image->width - 1 - x : x;
            }
            memcpy(image->pixels + (y * image->width + x) * n,
                   raw->pixels + (row * raw->width + column) * n, n);
        }
}

static void finish(struct image *image, struct image_raw *raw)
{
    if (raw->channels == 2 || raw->channels == 4)
        merge_last(raw);
    image->channels = raw->channels;
    if (raw->orientation > 1) {
        turn(image, raw);
        free(raw->pixels);
        return;
    }
    image->height = raw->height;
    image->width = raw->width;
    image->pixels = raw->pixels;
}

enum image_result image_decode(struct image *image, const char *path,
                               const uint8_t *bytes, size_t len,
                               struct err *err)
{
    struct image_raw raw = {.orientation = 1};
    enum image_result result;

    memset(image, 0, sizeof(*image));
    if (len >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        result = png_decode(&raw, bytes, len, err);
    else if (len >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
        result = jpeg_decode(&raw, bytes, len, err);
    else
        result = refuse(path, bytes, len, err);
    if (result == IMAGE_GOOD) {
        finish(image, &raw);
        return result;
    }
    free(raw.pixels);
    err_at(err, path, 0);
    return result;
}

/* ---- files ---- */

static int read_all(int fd, struct buf *bytes, struct err *err)
{
    struct stat status;
    ssize_t n;

    if (fstat(fd, &status) != 0)
        return err_system(err, "cannot read");
    if (S_ISDIR(status.st_mode))
        return err_set(err, ERR_DATA, "is a folder, not an image");
    if (!S_ISREG(status.st_mode))
        return err_set(err, ERR_DATA, "not a regular file");
    if (status.st_size > FILE_MOST)
        return err_set(err, ERR_DATA, "is larger than %d bytes", FILE_MOST);
    do {
        size_t room = (size_t)status.st_size + 1 > bytes->len
                          ? (size_t)status.st_size + 1 - bytes->len
                          : 1 << 16;
        n = read(fd, buf_reserve(bytes, room), room);
        bytes->len += n > 0 ? (size_t)n : 0;
    } while (n > 0 && bytes->len <= FILE_MOST);
    return n < 0 ? err_system(err, "cannot read") : 0;
}

enum image_result image_read(struct image *image, const char *path,
                             struct err *err)
{
    /* Opening a FIFO would wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct buf bytes = {0};
    enum image_result result = IMAGE_REFUSED;
    int status = fd < 0 ? err_system(err, "cannot open")
                        : read_all(fd, &bytes, err);

    memset(image, 0, sizeof(*image));
    if (fd >= 0)
        close(fd);
    if (status == 0)
        result = image_decode(image, path, (const uint8_t *)bytes.data,
                              bytes.len, err);
    else
        err_at(err, path, 0);
    buf_release(&bytes);
    return result;
}

void image_release(struct image *image)
{
    free(image->pixels);
    memset(image, 0, sizeof(*image));
}

enum image_result image_load(const char *path, const struct image_shape *shape,
                             uint8_t *out, struct err *err)
{
    struct image image;
    enum image_result result = image_read(&image, path, err);

    if (result == IMAGE_GOOD)
        image_resize(&image, shape, out);
    image_release(&image);
    return result;
}

void image_load_many(char *const *paths, size_t n,
                     const struct image_shape *shape, uint8_t *out,
                     enum image_result *result, struct err *err)
{
    size_t size = image_size(shape);

#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < n; i++)
        result[i] = image_load(paths[i], shape, out + i * size, &err[i]);
}

const char *image_library(void)
{
    static char text[80];

    snprintf(text, sizeof(text), "libpng %s, %s", png_version(),
             jpeg_version());
    return text;
}
