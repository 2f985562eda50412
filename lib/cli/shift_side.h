/*
 * shift_side: one FILE of a comparison: rows, or a profile of rows.
 */
#ifndef CLI_SHIFT_SIDE_H
#define CLI_SHIFT_SIDE_H

#include "analysis/profile_fill.h"
#include "cli/shift_args.h"

/* {0} is empty.  reader: NULL for a profile, which is there at once. */
struct shift_side {
    struct csv_reader *reader;
    struct profile profile;
};

/* Opens it; ends the process on failure, as all calls here do. */
void shift_side_open(struct shift_side *side, char *path,
                     const struct args *args);

/* A frame of the rows of these files (none: standard input). */
struct csv_reader *shift_side_reader(char *const *paths, size_t n,
                                     const struct args *args, bool reread);
void shift_side_infer(struct profile_frame *frame, struct csv_reader *reader,
                      const struct shift_args *options);

/* Reads its rows, unless it is a profile; --on says which. */
void shift_side_fill(struct shift_side *side, struct profile_frame *frame,
                     const struct shift_args *options);
void shift_side_release(struct shift_side *side);

#endif
