#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { QUOTE_BYTES = 40 };

static void set_message(struct err *err, enum err_kind kind, const char *format,
                        va_list args)
{
    memset(err, 0, sizeof(*err));
    err->kind = kind;
    vsnprintf(err->message, sizeof(err->message), format, args);
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_message(err, kind, format, args);
    va_end(args);
    return -1;
}

int err_system(struct err *err, const char *format, ...)
{
    int saved = errno;
    va_list args;
    size_t used;

    va_start(args, format);
    set_message(err, ERR_SYSTEM, format, args);
    va_end(args);
    used = strlen(err->message);
    snprintf(err->message + used, sizeof(err->message) - used, "%s%s",
             used ? ": " : "", strerror(saved));
    return -1;
}

int err_at(struct err *err, const char *file, long line)
{
    snprintf(err->file, sizeof(err->file), "%s", file);
    err->line = line;
    return -1;
}

int err_at_column(struct err *err, const char *column, int field)
{
    snprintf(err->column, sizeof(err->column), "%s", column);
    err->field = field;
    return -1;
}

void err_format(const struct err *err, char *out, size_t size)
{
    char line[32] = "", column[ERR_NAME_SIZE + 64] = "";
    char quoted[ERR_QUOTE_SIZE];

    if (err->line)
        snprintf(line, sizeof(line), ":%ld", err->line);
    if (err->field)
        snprintf(
            column, sizeof(column), "column %s (field %d): ",
            err_quote(quoted, sizeof(quoted), err->column, strlen(err->column)),
            err->field);
    snprintf(out, size, "%s%s%s%s%s", err->file, line, err->file[0] ? ": " : "",
             column, err->message);
}

/* The bytes of one character of value, escaped into out (at most 5 bytes). */
static size_t escape_one(char *out, const char *value, size_t len, size_t *used)
{
    unsigned char c = (unsigned char)value[0];
    size_t n = text_utf8_length(value, len);

    *used = 1;
    if (c == '\n' || c == '\t' || c == '\r') {
        out[0] = '\\';
        out[1] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
        return 2;
    }
    if (n == 0 || c < 0x20 || c == 0x7f ||
        (c == 0xc2 && (unsigned char)value[1] < 0xa0))
        return (size_t)snprintf(out, 8, "\\x%02x", c);
    memcpy(out, value, n);
    *used = n;
    return n;
}

const char *err_quote(char *out, size_t size, const char *value, size_t len)
{
    size_t at = 0, i = 0;

    out[at++] = '\'';
    while (i < len && i < QUOTE_BYTES && at + 16 < size) {
        char piece[8];
        size_t used, n = escape_one(piece, value + i, len - i, &used);
        memcpy(out + at, piece, n);
        at += n;
        i += used;
    }
    at += (size_t)snprintf(out + at, size - at, "%s'", i < len ? "..." : "");
    return out;
}
