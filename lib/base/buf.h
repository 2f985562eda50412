/*
 * buf: a growing run of bytes.
 *
 * Invariants: data[0..len) is the content and data[len] is NUL once anything
 * was added; data may be NULL while len is 0.  {0} is a valid empty buffer.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct buf {
    char *data;
    size_t len, capacity;
};

void buf_release(struct buf *buf); /* frees the bytes; empty again */
void buf_clear(struct buf *buf);   /* len 0, memory kept */
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_char(struct buf *buf, char c);
void buf_add_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Room for `extra` more bytes and the NUL; returns where they go. */
char *buf_reserve(struct buf *buf, size_t extra);

#endif
