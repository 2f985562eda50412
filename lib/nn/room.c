#include "nn/room.h"

#include <stdlib.h>

#include "base/mem.h"

real *room_take(struct room *room, size_t n)
{
    if (n > room->capacity || !room->at) {
        free(room->at);
        room->at = mem_aligned(n, sizeof(*room->at));
        room->capacity = n;
    }
    return room->at;
}

void room_release(struct room *room)
{
    free(room->at);
}
