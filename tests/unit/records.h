/*
 * records: the whole of a stream as one string.
 *
 * To be included after <cmocka.h>.
 */
#ifndef UNIT_RECORDS_H
#define UNIT_RECORDS_H

#include "scratch.h"

/* Records as "line:cell|cell;", after "name|name;"; errors at the end. */
static inline void describe(struct csv_reader *reader, struct buf *out,
                            struct err *err)
{
    int got;

    for (size_t i = 0; i < csv_reader_width(reader); i++)
        buf_printf(out, "%s|", csv_reader_name(reader, i));
    buf_add_char(out, ';');
    while ((got = csv_reader_next(reader, err)) == 1) {
        const struct csv_field *f = csv_reader_fields(reader);
        buf_printf(out, "%ld:", csv_reader_line(reader));
        for (size_t i = 0; i < csv_reader_width(reader); i++) {
            assert_int_equal(strlen(f[i].text), f[i].len);
            buf_printf(out, "%s|", f[i].text);
        }
        buf_add_char(out, ';');
    }
    if (got < 0) {
        char text[2000];
        err_format(err, text, sizeof(text));
        buf_printf(out, "!%d %s", err->kind,
                   strncmp(text, scratch_folder, strlen(scratch_folder)) == 0
                       ? text + strlen(scratch_folder) + 1
                       : text);
    } else {
        assert_int_equal(err->kind, ERR_NONE);
    }
}

/* The same of files, or why they could not be opened. */
static inline struct buf contents(char *const *paths, size_t n,
                                  const struct csv_options *options)
{
    struct buf out = {0};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(paths, n, options, &err);
    char text[2000];

    buf_add_text(&out, "");
    if (reader) {
        describe(reader, &out, &err);
    } else {
        err_format(&err, text, sizeof(text));
        buf_printf(
            &out, "!%d %s", err.kind,
            text + (strncmp(text, scratch_folder, strlen(scratch_folder)) == 0
                        ? strlen(scratch_folder) + 1
                        : 0));
    }
    csv_reader_close(reader);
    return out;
}

#endif
