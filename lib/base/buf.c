#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_release(struct buf *buf)
{
    free(buf->data);
    memset(buf, 0, sizeof(*buf));
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

char *buf_reserve(struct buf *buf, size_t extra)
{
    if (buf->len + extra + 1 > buf->capacity)
        buf->data =
            mem_grow(buf->data, &buf->capacity, buf->len + extra + 1, 1);
    return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
    char *to = buf_reserve(buf, len);

    if (len)
        memcpy(to, bytes, len);
    to[len] = '\0';
    buf->len += len;
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    int need;

    va_start(args, format);
    va_copy(again, args);
    need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need > 0) {
        vsnprintf(buf_reserve(buf, (size_t)need), (size_t)need + 1, format,
                  again);
        buf->len += (size_t)need;
    }
    va_end(again);
}
