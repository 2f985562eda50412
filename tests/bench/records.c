/*
 * The records of many small files, for random_csv.py.
 *
 * Standard input: files, each as its length and its bytes.  Standard output,
 * for each of them: the number of records (the header is the first) and each
 * as its line, the number of its cells and their lengths and bytes; then
 * whether the file was refused, and the line that was blamed.  All numbers are
 * 32 bits in the order of this machine.  The size of blocks goes from the
 * usual one to a few bytes, from file to file.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "csv/reader.h"

static void add_number(struct buf *out, size_t n)
{
    uint32_t number = (uint32_t)n;

    buf_add(out, &number, sizeof(number));
}

static void add_cell(struct buf *out, const char *text, size_t len)
{
    add_number(out, len);
    buf_add(out, text, len);
}

static void add_records(struct buf *out, struct csv_reader *reader,
                        struct err *err)
{
    size_t width = csv_reader_width(reader), n = 1, at = out->len;
    uint32_t number;

    add_number(out, 0);
    add_number(out, 0);
    add_number(out, width);
    for (size_t i = 0; i < width; i++)
        add_cell(out, csv_reader_name(reader, i),
                 strlen(csv_reader_name(reader, i)));
    while (csv_reader_next(reader, err) == 1) {
        const struct csv_field *f = csv_reader_fields(reader);
        add_number(out, (size_t)csv_reader_line(reader));
        add_number(out, width);
        for (size_t i = 0; i < width; i++)
            add_cell(out, f[i].text, f[i].len);
        n++;
    }
    number = (uint32_t)n;
    memcpy(out->data + at, &number, sizeof(number));
}

static void read_one(struct buf *out, int fd, size_t block_size)
{
    struct csv_options options = {.block_size = block_size};
    struct csv_reader *reader;
    struct err err = {0};
    char path[40], *paths[] = {path};

    snprintf(path, sizeof(path), "/dev/fd/%d", fd);
    reader = csv_reader_open(paths, 1, &options, &err);
    if (reader)
        add_records(out, reader, &err);
    else
        add_number(out, 0);
    add_number(out, err.kind != ERR_NONE);
    add_number(out, (size_t)err.line);
    csv_reader_close(reader);
}

int main(void)
{
    static const size_t sizes[] = {0, 1, 7, 16, 40};
    struct buf out = {0};
    uint32_t len;

    for (size_t k = 0; fread(&len, sizeof(len), 1, stdin) == 1; k++) {
        char *bytes = malloc(len + 1);
        int fd = memfd_create("file", 0);
        if (!bytes || fd < 0 || fread(bytes, 1, len, stdin) != len ||
            write(fd, bytes, len) != (ssize_t)len)
            return 1;
        buf_clear(&out);
        read_one(&out, fd, sizes[k % 5]);
        if (fwrite(out.data, 1, out.len, stdout) != out.len)
            return 1;
        close(fd);
        free(bytes);
    }
    buf_release(&out);
    return fclose(stdout) != 0;
}
