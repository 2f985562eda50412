/*
 * room: working memory of a layer, which grows as it is needed and keeps
 * nothing from one pass to the next.
 */
#ifndef NN_ROOM_H
#define NN_ROOM_H

#include <stddef.h>

#include "nn/real.h"

/* Zeroed: none.  Owns at. */
struct room {
    real *at;
    size_t capacity; /* values */
};

/* Room for n values, on lines of their own; what it held is lost. */
real *room_take(struct room *room, size_t n);
void room_release(struct room *room);

#endif
