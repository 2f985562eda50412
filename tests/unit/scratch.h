/*
 * scratch: files that a test makes, and the numbers that make.py wrote.
 *
 * To be included after <cmocka.h>.  Scratch files live in one folder under
 * TMPDIR that scratch_remove, a group teardown, takes away.
 */
#ifndef TESTS_NN_SCRATCH_H
#define TESTS_NN_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "csv/reader.h"

static char scratch_folder[200];

/* The path of a file in the scratch folder; four of them can be in use. */
static inline char *scratch_path(const char *name)
{
    static char paths[4][300];
    static int next;
    char *path = paths[next++ % 4];

    if (!*scratch_folder) {
        const char *tmp = getenv("TMPDIR");
        snprintf(scratch_folder, sizeof(scratch_folder), "%s/unit-XXXXXX",
                 tmp && *tmp ? tmp : "/tmp");
        if (!mkdtemp(scratch_folder))
            fail_msg("cannot make %s", scratch_folder);
    }
    snprintf(path, sizeof(paths[0]), "%s/%s", scratch_folder, name);
    return path;
}

static inline int scratch_remove(void **state)
{
    DIR *folder = *scratch_folder ? opendir(scratch_folder) : NULL;
    struct dirent *entry;

    (void)state;
    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            unlink(scratch_path(entry->d_name));
    if (folder)
        closedir(folder);
    return folder ? rmdir(scratch_folder) : 0;
}

static inline char *scratch_bytes(const char *name, const void *bytes,
                                  size_t len)
{
    char *path = scratch_path(name);
    FILE *file = fopen(path, "wb");

    if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        fail_msg("cannot write %s", path);
    return path;
}

static inline char *scratch_text(const char *name, const char *text)
{
    return scratch_bytes(name, text, strlen(text));
}

/* All bytes of a file; to be released. */
static inline struct buf scratch_read(const char *path)
{
    struct buf bytes = {0};
    FILE *file = fopen(path, "rb");
    size_t n;

    if (!file)
        fail_msg("cannot open %s", path);
    while ((n = fread(buf_reserve(&bytes, 1 << 16), 1, 1 << 16, file)) > 0)
        bytes.len += n;
    bytes.data[bytes.len] = '\0';
    fclose(file);
    return bytes;
}

/* A reader of this text, or the test fails with the reader's message. */
static inline struct csv_reader *scratch_reader(const char *text, bool reread)
{
    char *paths[] = {scratch_text("data.csv", text)};
    struct csv_options options = {.reread = reread};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, 1, &options, &err);

    if (!reader)
        fail_msg("%s", err.message);
    return reader;
}

/* The value that numbers.txt has under this name, as it stands there. */
static inline const char *number_text(const char *name)
{
    static char key[100], value[100];
    FILE *file = fopen("tests/data/nn/numbers.txt", "r");
    bool found = false;

    if (!file)
        fail_msg("cannot open tests/data/nn/numbers.txt");
    while (!found && fscanf(file, "%99s %99s", key, value) == 2)
        found = strcmp(key, name) == 0;
    fclose(file);
    if (!found)
        fail_msg("no number '%s'", name);
    return value;
}

static inline double number_of(const char *name)
{
    return strtod(number_text(name), NULL);
}

static inline uint64_t whole_of(const char *name)
{
    return strtoull(number_text(name), NULL, 10);
}

#endif
