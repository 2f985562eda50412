#include "base/pack.h"

#include <string.h>

void pack_count(struct buf *to, uint64_t value)
{
    buf_add(to, &value, sizeof(value));
}

void pack_double(struct buf *to, double value)
{
    buf_add(to, &value, sizeof(value));
}

void pack_bytes(struct buf *to, const void *bytes, size_t len)
{
    pack_count(to, len);
    if (len)
        buf_add(to, bytes, len);
}

static const char *take(struct unpack *from, size_t len)
{
    const char *at = from->at;

    if (from->failed || len > from->left) {
        from->failed = true;
        return NULL;
    }
    from->at += len;
    from->left -= len;
    return at;
}

uint64_t unpack_count(struct unpack *from)
{
    const char *at = take(from, sizeof(uint64_t));
    uint64_t value = 0;

    if (at)
        memcpy(&value, at, sizeof(value));
    return value;
}

double unpack_double(struct unpack *from)
{
    const char *at = take(from, sizeof(double));
    double value = 0;

    if (at)
        memcpy(&value, at, sizeof(value));
    return value;
}

void unpack_into(struct unpack *from, void *to, size_t len)
{
    const char *at = NULL;

    if (unpack_count(from) == len)
        at = take(from, len);
    from->failed |= !at;
    if (at && len)
        memcpy(to, at, len);
    else if (len)
        memset(to, 0, len);
}

const char *unpack_view(struct unpack *from, size_t *len)
{
    size_t n = unpack_count(from);
    const char *at = take(from, n);

    *len = at ? n : 0;
    return at ? at : "";
}
