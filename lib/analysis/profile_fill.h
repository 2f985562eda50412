/*
 * profile_fill: rows of a file into profiles, a block at a time.
 *
 * Memory does not grow with the rows where profiles have sketches; with
 * accuracy 0 it is 4 bytes a number.
 */
#ifndef ANALYSIS_PROFILE_FILL_H
#define ANALYSIS_PROFILE_FILL_H

#include "analysis/profile_frame.h"

/* The profiles that rows go to, made as they are named.  {0} is empty. */
struct profile_sides {
    struct profile *at;
    size_t n, capacity;
};

void profile_sides_release(struct profile_sides *sides);

/*
 * Which side a row belongs to, by its cell in `column`: 0 … (at most one more
 * than there are), ROUTE_OUT for none, ROUTE_BAD with err (which gets its
 * place).  A route without a column puts all rows on side 0.
 */
#define ROUTE_OUT (SIZE_MAX - 1)
#define ROUTE_BAD SIZE_MAX
struct profile_route {
    const char *column; /* NULL: none */
    size_t (*side)(void *context, const char *cell, size_t len,
                   struct err *err);
    void *context;
};

/*
 * Adds all records of the reader (from its first one on) to the sides.  Where
 * the frame has no scales yet, the first block gives them.  What a person
 * should know goes to notes.
 */
int profile_fill(struct profile_frame *frame, struct csv_reader *reader,
                 const struct profile_route *route, struct profile_sides *sides,
                 struct buf *notes, struct err *err);

#endif
