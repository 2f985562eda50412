#include "table/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cmocka.h>

#include "scratch.h"

#include "base/mem.h"
#include "base/parallel.h"
#include "table/image_codec.h"

#define FOLDER "tests/data/images/"

/* ---- what make.py says of the files ---- */

struct expected {
    char name[64];
    struct image_shape shape;
    bool fitted; /* "file>HxWxC" */
    uint8_t pixels[4096];
};

static int hex(int c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The next line of images.txt; false at its end. */
static bool next_expected(FILE *file, struct expected *e)
{
    static char bytes[2 * sizeof(e->pixels) + 1];
    struct image_shape *s = &e->shape;
    char *sign;

    if (fscanf(file, "%63s %zu %zu %zu %8192s", e->name, &s->height, &s->width,
               &s->channels, bytes) != 5)
        return false;
    sign = strchr(e->name, '>');
    e->fitted = sign != NULL;
    if (sign)
        *sign = '\0';
    assert_int_equal(strlen(bytes), 2 * image_size(s));
    for (size_t i = 0; i < image_size(s); i++)
        e->pixels[i] =
            (uint8_t)(hex(bytes[2 * i]) << 4 | hex(bytes[2 * i + 1]));
    return true;
}

static FILE *open_expected(void)
{
    FILE *file = fopen(FOLDER "images.txt", "r");

    if (!file)
        fail_msg("cannot open images.txt");
    return file;
}

static char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), FOLDER "%s", name);
    return path;
}

/* PNG to the bit; JPEG within what another libjpeg may round otherwise. */
static void assert_pixels(const struct expected *e, const uint8_t *got)
{
    int allowed = strstr(e->name, ".jpg") ? 2 : 0;

    for (size_t i = 0; i < image_size(&e->shape); i++)
        if (abs(got[i] - e->pixels[i]) > allowed)
            fail_msg("%s%s: byte %zu is %d, not %d", e->name,
                     e->fitted ? " fitted" : "", i, got[i], e->pixels[i]);
}

static void image_read__every_kind(void **state)
{
    FILE *file = open_expected();
    struct expected e;
    size_t n = 0;

    (void)state;
    for (; next_expected(file, &e); n++) {
        struct image image;
        struct err err = {0};
        if (e.fitted)
            continue;
        if (image_read(&image, path_of(e.name), &err) != IMAGE_GOOD)
            fail_msg("%s: %s", err.file, err.message);
        assert_int_equal(image.height, e.shape.height);
        assert_int_equal(image.width, e.shape.width);
        assert_int_equal(image.channels, e.shape.channels);
        assert_pixels(&e, image.pixels);
        image_release(&image);
    }
    assert_true(n >= 50);
    fclose(file);
}

static void image_load__means_of_areas(void **state)
{
    FILE *file = open_expected();
    struct expected e;
    size_t n = 0;

    (void)state;
    while (next_expected(file, &e)) {
        uint8_t out[sizeof(e.pixels)];
        struct err err = {0};
        if (!e.fitted)
            continue;
        assert_int_equal(image_load(path_of(e.name), &e.shape, out, &err),
                         IMAGE_GOOD);
        assert_pixels(&e, out);
        n++;
    }
    assert_true(n >= 15);
    fclose(file);
}

static void image_load_many__any_number_of_threads(void **state)
{
    char *paths[] = {FOLDER "areas.png", FOLDER "scan.tif", FOLDER "colour.jpg",
                     FOLDER "grey1.png", FOLDER "nowhere.png"};
    struct image_shape shape = {6, 5, 3};
    uint8_t out[5][90] = {{0}}, first[5][90];
    enum image_result result[5];

    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        struct err err[5] = {{0}};
        parallel_set_threads(threads);
        image_load_many(paths, 5, &shape, out[0], result, err);
        assert_int_equal(result[0], IMAGE_GOOD);
        assert_int_equal(result[1], IMAGE_REFUSED);
        assert_int_equal(result[2], IMAGE_GOOD);
        assert_int_equal(result[3], IMAGE_GOOD);
        assert_int_equal(result[4], IMAGE_REFUSED);
        assert_string_equal(err[4].file, FOLDER "nowhere.png");
        assert_string_equal(err[4].message,
                            "cannot open: No such file or directory");
        if (threads == 1)
            memcpy(first, out, sizeof(out));
        assert_memory_equal(first, out, sizeof(out));
    }
}

/* ---- what is no image, or half of one ---- */

static enum image_result decode(const void *bytes, size_t len, struct err *err)
{
    struct image image;
    enum image_result result;

    memset(err, 0, sizeof(*err));
    result = image_decode(&image, "file", bytes, len, err);
    image_release(&image);
    return result;
}

static void image_decode__no_part_of_a_file(void **state)
{
    static const char *const names[] = {
        "grey8.png", "palette2.png",    "interlaced_colour_alpha.png",
        "grey.jpg",  "progressive.jpg", "cmyk.jpg"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct buf file = scratch_read(path_of(names[i]));
        assert_int_equal(decode(file.data, file.len, &err), IMAGE_GOOD);
        for (size_t len = 0; len < file.len; len++) {
            uint8_t *part = mem_alloc(len, 1); /* its end is watched */
            memcpy(part, file.data, len);
            if (decode(part, len, &err) != IMAGE_DAMAGED)
                fail_msg("%s: %zu of %zu bytes", names[i], len, file.len);
            free(part);
        }
        buf_release(&file);
    }
}

/* A byte that is wrong: an error, or pixels, and nothing else. */
static void image_decode__wrong_bytes(void **state)
{
    static const char *const names[] = {"colour8.png", "turned6.png",
                                        "palette8.png", "turned6.jpg",
                                        "progressive.jpg"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct buf file = scratch_read(path_of(names[i]));
        bool png = strstr(names[i], ".png") != NULL;
        for (size_t at = 0; at < file.len; at++) {
            file.data[at] ^= 0x41;
            if (decode(file.data, file.len, &err) == IMAGE_GOOD && png &&
                at >= 8 && at < 33)
                fail_msg("%s: byte %zu of the header", names[i], at);
            file.data[at] ^= 0x41;
        }
        assert_int_equal(decode(file.data, file.len, &err), IMAGE_GOOD);
        buf_release(&file);
    }
}

static void assert_message(const void *bytes, size_t len,
                           enum image_result result, const char *message)
{
    struct err err;

    assert_int_equal(decode(bytes, len, &err), result);
    assert_string_equal(err.message, message);
    assert_string_equal(err.file, "file");
}

static void image_decode__words_for_damage(void **state)
{
    struct buf file = scratch_read(path_of("colour8.png"));

    (void)state;
    assert_message("", 0, IMAGE_DAMAGED,
                   "the file is empty, not a PNG or JPEG");
    assert_message("hello\nthere", 11, IMAGE_DAMAGED,
                   "is not a PNG or JPEG; it begins with 'hello\\nth'");
    assert_message(file.data, 50, IMAGE_DAMAGED,
                   "damaged PNG file: it ends early");
    file.data[file.len - 14] ^= 1;
    assert_message(file.data, file.len, IMAGE_DAMAGED,
                   "damaged PNG file: IDAT: CRC error");
    buf_release(&file);
    file = scratch_read(path_of("colour.jpg"));
    assert_message(file.data, file.len - 9, IMAGE_DAMAGED,
                   "damaged JPEG file: it ends early");
    memset(file.data + file.len - 40, 0, 30);
    assert_message(file.data, file.len, IMAGE_DAMAGED,
                   "damaged JPEG file: Corrupt JPEG data: premature end of "
                   "data segment");
    buf_release(&file);
}

/* Other kinds, by their first bytes, and the command that converts them. */
static void image_read__other_kinds(void **state)
{
    static const struct {
        const char *name, *message;
    } cases[] = {
        {"scan.tif", "is a TIFF file; make a PNG of it: convert " FOLDER
                     "scan.tif " FOLDER "scan.png"},
        {"scan.jp2", "is a JPEG 2000 file; make a PNG of it: opj_decompress "
                     "-i " FOLDER "scan.jp2 -o " FOLDER "scan.png"},
        {"moving.gif", "is a GIF file; make a PNG of it: convert " FOLDER
                       "moving.gif " FOLDER "moving.png"},
        {"page.webp", "is a WebP file; make a PNG of it: dwebp " FOLDER
                      "page.webp -o " FOLDER "page.png"},
        {"old.bmp", "is a BMP file; make a PNG of it: convert " FOLDER
                    "old.bmp " FOLDER "old.png"}};
    struct image image;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(image_read(&image, path_of(cases[i].name), &err),
                         IMAGE_REFUSED);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void image_decode__names_for_a_shell(void **state)
{
    struct image image;
    struct err err = {0};

    (void)state;
    image_decode(&image, "-a b/it's", (const uint8_t *)"%PDF-1.4", 8, &err);
    assert_string_equal(err.message,
                        "is a PDF file; make a PNG of it: pdftoppm -png "
                        "-singlefile ./'-a b/it'\\''s' > "
                        "./'-a b/it'\\''s.png'");
    image_decode(&image, "x.y/z",
                 (const uint8_t *)"\0\0\0\x18"
                                  "ftypheic",
                 12, &err);
    assert_string_equal(err.message,
                        "is a HEIF or AVIF file; make a PNG of it: "
                        "heif-convert x.y/z x.y/z.png");
}

static void image_read__a_folder(void **state)
{
    struct image image;
    struct err err = {0};

    (void)state;
    assert_int_equal(image_read(&image, FOLDER, &err), IMAGE_REFUSED);
    assert_string_equal(err.message, "is a folder, not an image");
}

static void image_read__a_fifo(void **state)
{
    struct image image;
    struct err err = {0};
    char *path = scratch_path("fifo.png");

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(image_read(&image, path, &err), IMAGE_REFUSED);
    assert_string_equal(err.message, "not a regular file");
    assert_string_equal(err.file, path);
}

/* A PNG whose header says width x height at 1 bit, with `len` bytes more. */
static struct buf png_of(uint32_t width, uint32_t height, size_t len)
{
    struct buf file = {0};
    uint8_t head[17] = "IHDR";
    uint32_t crc;

    for (int i = 0; i < 4; i++) {
        head[4 + i] = (uint8_t)(width >> (24 - 8 * i));
        head[8 + i] = (uint8_t)(height >> (24 - 8 * i));
    }
    head[12] = 1;
    crc = (uint32_t)crc32(0, head, sizeof(head));
    buf_add(&file, "\x89PNG\r\n\x1a\n\0\0\0\r", 12);
    buf_add(&file, head, sizeof(head));
    for (int i = 0; i < 4; i++)
        buf_add_char(&file, (char)(crc >> (24 - 8 * i)));
    buf_add(&file, "\0\1\0\0IDAT", 8);
    memset(buf_reserve(&file, len), 0, len);
    file.len += len;
    return file;
}

/* Few bytes that promise many pixels, before any memory is taken. */
static void image_decode__sizes(void **state)
{
    struct buf small = png_of(1000000, 1000000, 100);
    struct buf large = png_of(20000, 20000, 60000);

    (void)state;
    assert_message(small.data, small.len, IMAGE_DAMAGED,
                   "damaged PNG file: it ends early");
    assert_message(large.data, large.len, IMAGE_REFUSED,
                   "20000 x 20000 pixels are more than 134217728");
    buf_release(&small);
    buf_release(&large);
}

static void exif_orientation__only_what_is_there(void **state)
{
    uint8_t exif[] = {'I',  'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12,
                      0x01, 3,   0,   1, 0, 0, 0, 6, 0, 0, 0};

    (void)state;
    assert_int_equal(exif_orientation(exif, sizeof(exif)), 6);
    for (size_t len = 0; len < sizeof(exif); len++)
        assert_int_equal(exif_orientation(exif, len), 1);
    exif[18] = 9;
    assert_int_equal(exif_orientation(exif, sizeof(exif)), 1);
    exif[18] = 6;
    exif[4] = 255;
    exif[7] = 255;
    assert_int_equal(exif_orientation(exif, sizeof(exif)), 1);
    exif[0] = 'J';
    assert_int_equal(exif_orientation(exif, sizeof(exif)), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(image_read__every_kind),
        cmocka_unit_test(image_load__means_of_areas),
        cmocka_unit_test(image_load_many__any_number_of_threads),
        cmocka_unit_test(image_decode__no_part_of_a_file),
        cmocka_unit_test(image_decode__wrong_bytes),
        cmocka_unit_test(image_decode__words_for_damage),
        cmocka_unit_test(image_read__other_kinds),
        cmocka_unit_test(image_decode__names_for_a_shell),
        cmocka_unit_test(image_read__a_folder),
        cmocka_unit_test(image_read__a_fifo),
        cmocka_unit_test(image_decode__sizes),
        cmocka_unit_test(exif_orientation__only_what_is_there),
    };

    return cmocka_run_group_tests_name("image", tests, NULL, scratch_remove);
}
