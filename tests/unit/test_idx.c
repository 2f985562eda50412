#include "table/idx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

/* Two images of 2 x 3, and their labels. */
static const char images[] = "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03"
                             "abcdefghijkl";
static const char labels[] = "\0\0\x08\x01\0\0\0\x02\x07\xff";

enum { IMAGES = sizeof(images) - 1, LABELS = sizeof(labels) - 1 };

/* Opens and reads all; the number of images, or -1. */
static int read_idx(const void *a, size_t a_len, const void *b, size_t b_len,
                    struct err *err)
{
    char *image_path = scratch_bytes("images", a, a_len);
    char *label_path = scratch_bytes("labels", b, b_len);
    struct idx *idx = idx_open(image_path, label_path, err);
    struct image image;
    unsigned label;
    int got = 1, n = 0;

    if (!idx)
        return -1;
    while ((got = idx_next(idx, &image, &label, err)) == 1)
        n++;
    idx_close(idx);
    return got < 0 ? -1 : n;
}

static void assert_refused(const void *a, size_t a_len, const void *b,
                           size_t b_len, const char *name, const char *message)
{
    struct err err = {0};

    assert_int_equal(read_idx(a, a_len, b, b_len, &err), -1);
    assert_string_equal(err.message, message);
    assert_string_equal(strrchr(err.file, '/') + 1, name);
}

static void idx__images_and_labels(void **state)
{
    char *a = scratch_bytes("images", images, IMAGES);
    char *b = scratch_bytes("labels", labels, LABELS);
    struct err err = {0};
    struct idx *idx = idx_open(a, b, &err);
    struct image image;
    unsigned label;

    (void)state;
    assert_non_null(idx);
    assert_int_equal(idx_count(idx), 2);
    assert_int_equal(idx_shape(idx).width, 3);
    assert_int_equal(idx_next(idx, &image, &label, &err), 1);
    assert_int_equal(label, 7);
    assert_int_equal(image.height, 2);
    assert_int_equal(image.channels, 1);
    assert_memory_equal(image.pixels, "abcdef", 6);
    assert_int_equal(idx_next(idx, &image, &label, &err), 1);
    assert_int_equal(label, 255);
    assert_memory_equal(image.pixels, "ghijkl", 6);
    assert_int_equal(idx_next(idx, &image, &label, &err), 0);
    idx_close(idx);
}

static void idx__channels(void **state)
{
    static const char colour[] = "\0\0\x08\x04\0\0\0\x02\0\0\0\x01\0\0\0\x02"
                                 "\0\0\0\x03"
                                 "abcdefghijkl";
    char other[sizeof(colour)];
    struct err err = {0};

    (void)state;
    assert_int_equal(read_idx(colour, sizeof(colour) - 1, labels, LABELS, &err),
                     2);
    memcpy(other, colour, sizeof(colour));
    other[19] = 2;
    assert_refused(other, sizeof(other) - 1, labels, LABELS, "images",
                   "images of 1 x 2 x 2, not of 1 or 3 channels and at most "
                   "16777216 pixels");
}

static void idx__no_part_of_a_file(void **state)
{
    (void)state;
    for (size_t len = 0; len < IMAGES; len++)
        assert_refused(images, len, labels, LABELS, "images",
                       "the IDX file ends early");
    for (size_t len = 0; len < LABELS; len++)
        assert_refused(images, IMAGES, labels, len, "labels",
                       "the IDX file ends early");
}

static void idx__what_is_refused(void **state)
{
    char bad[64];

    (void)state;
    assert_refused(images, IMAGES + 1, labels, LABELS, "images",
                   "the IDX file goes on after its last item");
    assert_refused(images, IMAGES, labels, LABELS + 1, "labels",
                   "the IDX file goes on after its last item");
    assert_refused(labels, LABELS, images, IMAGES, "images",
                   "has 1 dimension, not 3 or 4: are these the images?");
    assert_refused(images, IMAGES, images, IMAGES, "labels",
                   "has 3 dimensions, not 1: are these the labels?");
    assert_refused("id,label", 8, labels, LABELS, "images",
                   "is not an IDX file");
    memcpy(bad, images, IMAGES);
    bad[2] = 0xd;
    assert_refused(bad, IMAGES, labels, LABELS, "images",
                   "holds no unsigned bytes (type 0x0d)");
    memcpy(bad, images, IMAGES);
    bad[8] = 1;
    assert_refused(bad, IMAGES, labels, LABELS, "images",
                   "images of 16777218 x 3 x 1, not of 1 or 3 channels and at "
                   "most 16777216 pixels");
    memcpy(bad, images, IMAGES);
    bad[7] = 0;
    memcpy(bad + 32, labels, LABELS);
    bad[32 + 7] = 0;
    assert_refused(bad, 16, bad + 32, 8, "images", "no images in it");
}

static void idx__counts_differ(void **state)
{
    char bad[LABELS];
    char *a = scratch_bytes("images", images, IMAGES), *b;
    struct err err = {0};

    (void)state;
    memcpy(bad, labels, LABELS);
    bad[7] = 1;
    b = scratch_bytes("labels", bad, LABELS - 1);
    assert_null(idx_open(a, b, &err));
    assert_non_null(strstr(err.message, "1 labels, but 2 images in '"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idx__images_and_labels),
        cmocka_unit_test(idx__channels),
        cmocka_unit_test(idx__no_part_of_a_file),
        cmocka_unit_test(idx__what_is_refused),
        cmocka_unit_test(idx__counts_differ),
    };

    return cmocka_run_group_tests_name("idx", tests, NULL, scratch_remove);
}
