#include "csv/copy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "base/memory.h"

enum { PIECE = 1 << 22, MOST_PIECES = 256, SPARE = 24 };

static bool add_piece(struct copy *c)
{
    void *piece;

    if (c->n == MOST_PIECES ||
        memory_broken((double)SPARE * PIECE * (double)(c->n + 1), &(double){0},
                      &(double){0}))
        return false;
    piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED)
        return false;
    c->pieces = mem_grow(c->pieces, &c->capacity, c->n + 1, sizeof(*c->pieces));
    c->pieces[c->n++] = piece;
    c->last = 0;
    return true;
}

void copy_add(struct copy *c, const char *bytes, size_t n)
{
    while (n && !c->given_up) {
        size_t some;
        if ((c->n == 0 || c->last == PIECE) && !add_piece(c)) {
            copy_release(c);
            c->given_up = true;
            return;
        }
        some = n < PIECE - c->last ? n : PIECE - c->last;
        memcpy(c->pieces[c->n - 1] + c->last, bytes, some);
        c->last += some;
        bytes += some;
        n -= some;
    }
}

size_t copy_read(struct copy *c, char *out, size_t size)
{
    size_t have;

    if (c->piece == c->n)
        return 0;
    have = (c->piece + 1 == c->n ? c->last : PIECE) - c->at;
    size = size < have ? size : have;
    memcpy(out, c->pieces[c->piece] + c->at, size);
    c->at += size;
    if (size == have) {
        munmap(c->pieces[c->piece++], PIECE);
        c->at = 0;
    }
    return size;
}

void copy_release(struct copy *c)
{
    for (size_t i = c->piece; i < c->n; i++)
        munmap(c->pieces[i], PIECE);
    free(c->pieces);
    memset(c, 0, sizeof(*c));
}
