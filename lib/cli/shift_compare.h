/*
 * shift_compare: sides that are read and held against each other, and profiles
 * that are made and merged.  All end the process on failure.
 */
#ifndef CLI_SHIFT_COMPARE_H
#define CLI_SHIFT_COMPARE_H

#include "cli/shift_args.h"

/* REFERENCE and CURRENT, either of them a profile or rows. */
int shift_compare(struct shift_args *options, const struct args *args);

/* The parts, or windows, of one table. */
int shift_by(struct shift_args *options, const struct args *args);

/* --profile and --merge. */
int shift_profile(struct shift_args *options, const struct args *args);
int shift_merge(struct shift_args *options, const struct args *args);

#endif
