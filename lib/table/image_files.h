/*
 * image_files: the images in folders, in an order that depends on their names
 * alone.
 *
 * A file in a folder is an image by the ending of its name: those of PNG and
 * JPEG, and those of images that must be converted first (image_files_foreign).
 * Folders are entered, hidden ones (whose name begins with a dot) and links to
 * folders are not; a link to a file is a file, and one to nothing an error if
 * it is named as an image.  What is left out is counted.
 */
#ifndef TABLE_IMAGE_FILES_H
#define TABLE_IMAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* paths[i] as to be opened; owned. */
struct image_file {
    char *path;
    const char *below; /* in path: what follows the folder given; or path */
    const char *class; /* in path: the folder it is a class by, or NULL */
    size_t class_len;
};

/* {0} is empty. */
struct image_files {
    struct image_file *items;
    size_t n, capacity;
    size_t hidden, links, others; /* left out */
    struct buf names;             /* the first few of the others */
};

/*
 * Adds a folder, its images sorted by the bytes of their paths, or one file,
 * which is an image whatever its name.  The class of an image is the folder
 * just below the one given, or the one that a file given stands in, if its path
 * names it.  A folder
 * without images, a folder that cannot be read and a name that is not UTF-8
 * are errors.
 */
int image_files_add(struct image_files *files, const char *path,
                    struct err *err);

void image_files_release(struct image_files *files);

/* Whether the path ends as that of an image does. */
bool image_files_named(const char *path);

/* Whether it ends as that of an image which image_decode does not read. */
bool image_files_foreign(const char *path);

#endif
