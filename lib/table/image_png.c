#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "table/image_codec.h"

/* No byte of a deflated stream stands for more than this many. */
enum { DEFLATE_MOST = 1032 };

/* All that outlives a jump of libpng's. */
struct job {
    png_structp png;
    png_infop info;
    const uint8_t *at;
    size_t left;
    struct image_raw *raw;
    png_bytep *rows;
    char why[200];
};

static void on_error(png_structp png, png_const_charp why)
{
    struct job *job = png_get_error_ptr(png);

    snprintf(job->why, sizeof(job->why), "%s", why);
    png_longjmp(png, 1);
}

/* Of chunks that can be done without. */
static void on_warning(png_structp png, png_const_charp why)
{
    (void)png;
    (void)why;
}

static void on_read(png_structp png, png_bytep out, size_t len)
{
    struct job *job = png_get_io_ptr(png);

    if (len > job->left)
        png_error(png, "it ends early");
    memcpy(out, job->at, len);
    job->at += len;
    job->left -= len;
}

static int read_header(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return -1;
    png_set_read_fn(job->png, job, on_read);
    png_read_info(job->png, job->info);
    return 0;
}

/* Asks for 8 bits a channel, with alpha where anything is transparent. */
static int set_up(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return -1;
    png_set_scale_16(job->png);
    png_set_expand(job->png);
    png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    return 0;
}

static int read_pixels(struct job *job)
{
    if (setjmp(png_jmpbuf(job->png)))
        return -1;
    png_read_image(job->png, job->rows);
    png_read_end(job->png, job->info);
    return 0;
}

static int orientation(struct job *job)
{
    png_uint_32 len = 0;
    png_bytep bytes = NULL;

    if (png_get_eXIf_1(job->png, job->info, &len, &bytes) == 0)
        return 1;
    return exif_orientation(bytes, len);
}

/* Memory for the rows, once their size is known. */
static void make_rows(struct job *job)
{
    struct image_raw *raw = job->raw;
    size_t bytes = png_get_rowbytes(job->png, job->info);

    raw->channels = png_get_channels(job->png, job->info);
    raw->pixels = mem_zalloc(raw->height, bytes);
    job->rows = mem_alloc(raw->height, sizeof(*job->rows));
    for (size_t i = 0; i < raw->height; i++)
        job->rows[i] = raw->pixels + i * bytes;
}

static enum image_result decode(struct job *job, size_t len, struct err *err)
{
    struct image_raw *raw = job->raw;
    enum image_result result;
    size_t bits;

    if (read_header(job) != 0)
        return image_damaged("PNG", job->why, err);
    raw->width = png_get_image_width(job->png, job->info);
    raw->height = png_get_image_height(job->png, job->info);
    bits = (size_t)png_get_bit_depth(job->png, job->info) *
           png_get_channels(job->png, job->info);
    result = image_check_size(raw->width, raw->height, len,
                              DEFLATE_MOST * 8 / bits, "PNG", err);
    if (result != IMAGE_GOOD)
        return result;
    if (set_up(job) != 0)
        return image_damaged("PNG", job->why, err);
    make_rows(job);
    if (read_pixels(job) != 0)
        return image_damaged("PNG", job->why, err);
    raw->orientation = orientation(job);
    return IMAGE_GOOD;
}

enum image_result png_decode(struct image_raw *raw, const uint8_t *bytes,
                             size_t len, struct err *err)
{
    struct job job = {.at = bytes, .left = len, .raw = raw};
    enum image_result result;

    job.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, on_error,
                                     on_warning);
    job.info = job.png ? png_create_info_struct(job.png) : NULL;
    if (!job.info)
        mem_exhausted();
    result = decode(&job, len, err);
    png_destroy_read_struct(&job.png, &job.info, NULL);
    free(job.rows);
    return result;
}

const char *png_version(void)
{
    return png_get_libpng_ver(NULL);
}
