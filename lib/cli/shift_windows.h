/*
 * shift_windows: the sides of one table, by the values of a column or by
 * windows of a time, and which of them are compared.
 */
#ifndef CLI_SHIFT_WINDOWS_H
#define CLI_SHIFT_WINDOWS_H

#include "analysis/profile_fill.h"
#include "cli/shift_args.h"

/* width: of windows; 0: values.  names[side]; start[side] of a window. */
struct shift_windows {
    double width;
    struct dict names;
    double *start;
    size_t capacity, without; /* rows that have no cell */
};

/* profile_route.side; context is a struct shift_windows.  A window's cell is a
 * number, or a date, whose year counts. */
size_t shift_windows_side(void *context, const char *cell, size_t len,
                          struct err *err);
void shift_windows_release(struct shift_windows *windows);

/* Sides a and b, and what the findings of b against a are called. */
struct shift_pairs {
    struct shift_pair {
        size_t a, b;
        char *name;
    } * at;
    size_t n, capacity;
};

/* By --pairs, --against, or all sides against the one called train or the
 * largest.  Ends the process where there is nothing to compare. */
void shift_windows_pairs(const struct shift_windows *windows,
                         const struct profile_sides *sides,
                         const struct shift_args *options,
                         struct shift_pairs *pairs);
void shift_pairs_release(struct shift_pairs *pairs);

#endif
