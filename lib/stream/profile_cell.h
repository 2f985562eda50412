/*
 * profile_cell: numbers in cells of a profile, several parted by blanks.
 *
 * Errors are ERR_DATA without a place; they quote the value.
 */
#ifndef STREAM_PROFILE_CELL_H
#define STREAM_PROFILE_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The next number of *text, which moves on: 1, or 0 at the end, or -1. */
int profile_cell_next(const char **text, double *value, struct err *err);

/* Exactly n of them. */
int profile_cell_numbers(const char *text, double *values, size_t n,
                         struct err *err);
int profile_cell_floats(const char *text, float *values, size_t n,
                        struct err *err);

/* A whole number in [0, most], most <= 2^53. */
int profile_cell_count(const char *text, double most, double *value,
                       struct err *err);

/* All digits of a number in base 10, or 16 of them in base 16, small ones. */
int profile_cell_bits(const char *text, int base, uint64_t *value,
                      struct err *err);

/* "not WHAT: 'text'".  Returns -1. */
int profile_cell_not(const char *what, const char *text, struct err *err);

#endif
