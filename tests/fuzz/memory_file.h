/*
 * memory_file: bytes that have a path, for what opens files by their names.
 */
#ifndef TESTS_MEMORY_FILE_H
#define TESTS_MEMORY_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct memory_file {
    int fd; /* 0: not made yet */
    char path[40];
};

/* The path of a file with these bytes, the same at every call. */
static inline char *memory_file(struct memory_file *file, const uint8_t *bytes,
                                size_t len)
{
    if (!file->fd) {
        file->fd = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
    }
    if (file->fd <= 0 || ftruncate(file->fd, 0) != 0 ||
        pwrite(file->fd, bytes, len, 0) != (ssize_t)len)
        abort();
    return file->path;
}

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#endif
