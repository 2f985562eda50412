#include "table/image_files.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"

/* The first ones are those that are read. */
static const char *const endings[] = {
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif",  ".tiff", ".jp2", ".j2k",
    ".jpf", ".jpx", ".gif",  ".bmp", ".webp", ".heic", ".heif", ".avif"};

enum { READ = 5, ENDINGS = sizeof(endings) / sizeof(*endings), NAMED = 3 };

static int ending_of(const char *path)
{
    size_t len = strlen(path);

    for (int i = 0; i < ENDINGS; i++) {
        size_t n = strlen(endings[i]);
        if (len > n && path[len - n - 1] != '/' &&
            strcasecmp(path + len - n, endings[i]) == 0)
            return i;
    }
    return -1;
}

bool image_files_named(const char *path)
{
    return ending_of(path) >= 0;
}

bool image_files_foreign(const char *path)
{
    return ending_of(path) >= READ;
}

void image_files_release(struct image_files *files)
{
    for (size_t i = 0; i < files->n; i++)
        free(files->items[i].path);
    free(files->items);
    buf_release(&files->names);
    memset(files, 0, sizeof(*files));
}

static int add_file(struct image_files *files, const char *path, size_t below,
                    struct err *err)
{
    struct image_file *file;

    if (text_utf8_valid(path, strlen(path)) < strlen(path)) {
        char text[ERR_QUOTE_SIZE];
        return err_set(err, ERR_DATA, "the name of a file is not UTF-8: %s",
                       err_quote(text, sizeof(text), path, strlen(path)));
    }
    files->items = mem_grow(files->items, &files->capacity, files->n + 1,
                            sizeof(*files->items));
    file = &files->items[files->n++];
    memset(file, 0, sizeof(*file));
    file->path = mem_strdup(path);
    file->below = file->path + below;
    return 0;
}

static void leave_out(struct image_files *files, const char *name)
{
    if (files->others++ < NAMED)
        buf_printf(&files->names, "%s%s", files->others > 1 ? ", " : "", name);
    else if (files->others == NAMED + 1)
        buf_add_text(&files->names, ", ...");
}

static int walk(struct image_files *files, struct buf *path, size_t below,
                struct err *err);

/* One name in the folder `path`. */
static int visit(struct image_files *files, struct buf *path, size_t below,
                 const char *name, struct err *err)
{
    size_t len = path->len;
    struct stat link, file = {0};
    int status = 0;

    buf_add_text(path, name);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        ;
    else if (*name == '.')
        files->hidden++;
    else if (lstat(path->data, &link) != 0)
        status = err_system(err, "cannot look at '%s'", path->data);
    else if (S_ISDIR(link.st_mode))
        status = walk(files, path, below, err);
    else if (stat(path->data, &file) != 0 && image_files_named(name)) {
        err_system(err, "cannot open");
        status = err_at(err, path->data, 0);
    } else if (S_ISDIR(file.st_mode))
        files->links++;
    else if (S_ISREG(file.st_mode) && image_files_named(name))
        status = add_file(files, path->data, below, err);
    else
        leave_out(files, name);
    path->len = len;
    path->data[len] = '\0';
    return status;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/*
 * In the order of names, so that what is left out is named in order too.
 * `below` is the length of the folder given, SIZE_MAX for that one itself.
 */
static int walk(struct image_files *files, struct buf *path, size_t below,
                struct err *err)
{
    struct dirent **names;
    int n = scandir(path->len ? path->data : ".", &names, NULL, by_name);
    size_t len = path->len;
    int status = 0;

    if (n < 0) {
        err_system(err, "cannot read this folder");
        return err_at(err, path->len ? path->data : ".", 0);
    }
    if (len && path->data[len - 1] != '/')
        buf_add_char(path, '/');
    for (int i = 0; i < n; i++) {
        if (status == 0)
            status = visit(files, path, below == SIZE_MAX ? path->len : below,
                           names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    path->len = len;
    return status;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct image_file *)a)->path,
                  ((const struct image_file *)b)->path);
}

/*
 * The folder that a file given stands in, as far as its path names it: "a" of
 * "a//1.png" and "a/./1.png", none of "1.png", "./1.png" and "../1.png".
 */
static void find_parent(struct image_file *file)
{
    const char *path = file->path, *slash = strrchr(path, '/');
    const char *end = slash ? slash : path, *begin = end;

    do {
        end = begin;
        while (end > path && end[-1] == '/')
            end--;
        for (begin = end; begin > path && begin[-1] != '/';)
            begin--;
    } while (end - begin == 1 && *begin == '.');
    if (begin == end || (end - begin == 2 && strncmp(begin, "..", 2) == 0))
        return;
    file->class = begin;
    file->class_len = (size_t)(end - begin);
}

static void find_class(struct image_file *file, bool of_folder)
{
    const char *slash = strchr(file->below, '/');

    if (!of_folder) {
        find_parent(file);
    } else if (slash) {
        file->class = file->below;
        file->class_len = (size_t)(slash - file->below);
    }
}

static int add_folder(struct image_files *files, const char *path,
                      struct err *err)
{
    size_t before = files->n;
    struct buf at = {0};
    int status;

    buf_reserve(&at, 1)[0] = '\0';
    if (strcmp(path, ".") != 0 && strcmp(path, "./") != 0)
        buf_add_text(&at, path);
    status = walk(files, &at, SIZE_MAX, err);
    buf_release(&at);
    if (status != 0)
        return -1;
    if (files->n > before) {
        qsort(files->items + before, files->n - before, sizeof(*files->items),
              by_path);
        return 0;
    }
    if (files->others)
        err_set(err, ERR_DATA,
                "no images in this folder (%zu other file%s: %s)",
                files->others, files->others > 1 ? "s" : "", files->names.data);
    else
        err_set(err, ERR_DATA, "no images in this folder");
    return err_at(err, path, 0);
}

int image_files_add(struct image_files *files, const char *path,
                    struct err *err)
{
    size_t before = files->n;
    struct stat status;

    if (stat(path, &status) != 0) {
        err_system(err, "cannot open");
        return err_at(err, path, 0);
    }
    if (S_ISDIR(status.st_mode) ? add_folder(files, path, err) != 0
                                : add_file(files, path, 0, err) != 0)
        return -1;
    for (size_t i = before; i < files->n; i++)
        find_class(&files->items[i], S_ISDIR(status.st_mode));
    return 0;
}
