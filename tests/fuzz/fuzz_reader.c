/*
 * Any bytes as CSV; the first says how it is read.  What was read is written
 * and read again: it must be the same.
 */
#include "memory_file.h"

#include <string.h>

#include "csv/reader.h"
#include "csv/writer.h"

/* All cells of all records in one buffer, each with its length. */
static int read_all(char *path, const struct csv_options *options,
                    struct buf *cells, struct buf *written)
{
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(&path, 1, options, &err);
    int got = -1;

    for (size_t i = 0; reader && i < csv_reader_width(reader); i++) {
        const char *name = csv_reader_name(reader, i);
        buf_add_text(written, i ? "," : "");
        csv_quote(written, name, strlen(name));
    }
    if (!written->len)
        buf_add_text(written, "\"\""); /* one column without a name */
    while (reader && (got = csv_reader_next(reader, &err)) == 1) {
        const struct csv_field *fields = csv_reader_fields(reader);
        size_t begin = written->len + 1;
        for (size_t i = 0; i < csv_reader_width(reader); i++) {
            if (fields[i].text[fields[i].len])
                abort();
            buf_printf(cells, "%zu:", fields[i].len);
            buf_add(cells, fields[i].text, fields[i].len);
            buf_add_text(written, i ? "," : "\n");
            csv_quote(written, fields[i].text, fields[i].len);
        }
        if (written->len == begin)
            buf_add_text(written, "\"\"");
        buf_add_char(cells, '\n');
    }
    if (got == -1 && err.kind == ERR_NONE)
        abort();
    csv_reader_close(reader);
    return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct memory_file input, again;
    static const struct csv_options as_written = {0};
    struct buf cells = {0}, written = {0}, more = {0}, rest = {0};
    struct csv_options options = {0};
    int got;

    if (len < 1)
        return 0;
    options.skip_bad = bytes[0] & 1;
    options.delimiter = bytes[0] & 2 ? ';' : 0;
    options.encoding = bytes[0] & 4 ? "latin1" : NULL;
    options.sequence = bytes[0] & 8 ? "s" : NULL;
    got = read_all(memory_file(&input, bytes + 1, len - 1), &options, &cells,
                   &written);
    /* A first name that begins with a byte order mark would lose it. */
    if (got == 0 && strncmp(written.data, "\xef\xbb\xbf", 3) != 0) {
        char *path = memory_file(&again, (uint8_t *)written.data, written.len);
        if (read_all(path, &as_written, &more, &rest) != 0 ||
            more.len != cells.len ||
            (more.len && memcmp(more.data, cells.data, more.len) != 0))
            abort();
    }
    buf_release(&cells);
    buf_release(&written);
    buf_release(&more);
    buf_release(&rest);
    return 0;
}
