#include <stdio.h> /* jpeglib.h needs it */
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>

#include "base/mem.h"
#include "table/image_codec.h"

enum {
    BLOCK_MOST = 512,      /* pixels a byte: a bit for 8 x 8 of them */
    SCANS_MOST = 500,      /* of a progressive file; 10 are usual */
    MEMORY_MOST = 1 << 30, /* of the coefficients of a progressive file */
    END_OF_IMAGE = 0xd9
};

/* All that outlives a jump; libjpeg is handed the address of `c`. */
struct job {
    struct jpeg_decompress_struct c;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    struct image_raw *raw;
    const uint8_t *bytes;
    size_t len;
    char why[JMSG_LENGTH_MAX];
};

static struct job *job_of(j_common_ptr c)
{
    return c->client_data;
}

static void on_error(j_common_ptr c)
{
    struct job *job = job_of(c);

    if (c->err->msg_code == JERR_OUT_OF_MEMORY)
        mem_exhausted();
    c->err->format_message(c, job->why);
    longjmp(job->jump, 1);
}

/*
 * libjpeg fills up with grey what it cannot read, and warns.  Of its warnings
 * these few speak of nothing that is missing.
 */
static void on_message(j_common_ptr c, int level)
{
    switch (level < 0 ? c->err->msg_code : 0) {
    case 0:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_TOO_MUCH_DATA:
        break;
    case JWRN_JPEG_EOF:
        snprintf(job_of(c)->why, JMSG_LENGTH_MAX, "it ends early");
        longjmp(job_of(c)->jump, 1);
        break;
    case JWRN_EXTRANEOUS_DATA:
        if (c->err->msg_parm.i[1] != END_OF_IMAGE)
            on_error(c);
        break;
    default:
        on_error(c);
    }
}

static void on_output(j_common_ptr c)
{
    (void)c;
}

/* Few bytes can ask for many passes over a large image. */
static void on_progress(j_common_ptr c)
{
    struct job *job = job_of(c);

    if (job->c.input_scan_number <= SCANS_MOST)
        return;
    snprintf(job->why, sizeof(job->why), "more than %d scans", SCANS_MOST);
    longjmp(job->jump, 1);
}

static int read_header(struct job *job)
{
    if (setjmp(job->jump))
        return -1;
    jpeg_create_decompress(&job->c);
    job->c.client_data = job;
    job->c.mem->max_memory_to_use = MEMORY_MOST;
    job->progress.progress_monitor = on_progress;
    job->c.progress = &job->progress;
    jpeg_save_markers(&job->c, JPEG_APP0 + 1, 0xffff);
    jpeg_mem_src(&job->c, job->bytes, job->len);
    jpeg_read_header(&job->c, TRUE);
    return 0;
}

static int start(struct job *job)
{
    if (setjmp(job->jump))
        return -1;
    jpeg_start_decompress(&job->c);
    return 0;
}

static int read_pixels(struct job *job)
{
    if (setjmp(job->jump))
        return -1;
    while (job->c.output_scanline < job->c.output_height) {
        JSAMPROW row = job->raw->pixels + job->c.output_scanline *
                                              job->raw->width *
                                              job->raw->channels;
        jpeg_read_scanlines(&job->c, &row, 1);
    }
    jpeg_finish_decompress(&job->c);
    return 0;
}

static void choose_colours(struct job *job)
{
    struct image_raw *raw = job->raw;

    switch (job->c.jpeg_color_space) {
    case JCS_GRAYSCALE:
        job->c.out_color_space = JCS_GRAYSCALE;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        job->c.out_color_space = JCS_CMYK;
        raw->inks = true;
        raw->inverted = job->c.saw_Adobe_marker;
        break;
    default:
        job->c.out_color_space = JCS_RGB;
    }
}

static int orientation(const struct job *job)
{
    static const char mark[6] = "Exif\0";
    jpeg_saved_marker_ptr m = job->c.marker_list;

    while (m && (m->marker != JPEG_APP0 + 1 || m->data_length < sizeof(mark) ||
                 memcmp(m->data, mark, sizeof(mark)) != 0))
        m = m->next;
    return m ? exif_orientation(m->data + sizeof(mark),
                                m->data_length - sizeof(mark))
             : 1;
}

static enum image_result decode(struct job *job, struct err *err)
{
    struct image_raw *raw = job->raw;
    enum image_result result;

    if (read_header(job) != 0)
        return image_damaged("JPEG", job->why, err);
    raw->width = job->c.image_width;
    raw->height = job->c.image_height;
    result = image_check_size(raw->width, raw->height, job->len,
                              job->c.arith_code ? IMAGE_MAX_PIXELS : BLOCK_MOST,
                              "JPEG", err);
    if (result != IMAGE_GOOD)
        return result;
    choose_colours(job);
    raw->orientation = orientation(job);
    if (start(job) != 0)
        return image_damaged("JPEG", job->why, err);
    raw->channels = (size_t)job->c.output_components;
    raw->pixels = mem_alloc(raw->height * raw->width, raw->channels);
    if (read_pixels(job) != 0)
        return image_damaged("JPEG", job->why, err);
    return IMAGE_GOOD;
}

enum image_result jpeg_decode(struct image_raw *raw, const uint8_t *bytes,
                              size_t len, struct err *err)
{
    struct job *job = mem_zalloc(1, sizeof(*job));
    enum image_result result;

    job->raw = raw;
    job->bytes = bytes;
    job->len = len;
    job->c.err = jpeg_std_error(&job->errors);
    job->c.client_data = job;
    job->errors.error_exit = on_error;
    job->errors.emit_message = on_message;
    job->errors.output_message = on_output;
    result = decode(job, err);
    jpeg_destroy_decompress(&job->c);
    free(job);
    return result;
}

#define TEXT_OF(x) #x
#define VALUE_OF(x) TEXT_OF(x)

const char *jpeg_version(void)
{
#ifdef LIBJPEG_TURBO_VERSION
    return "libjpeg-turbo " VALUE_OF(LIBJPEG_TURBO_VERSION);
#else
    return "libjpeg " VALUE_OF(JPEG_LIB_VERSION);
#endif
}
