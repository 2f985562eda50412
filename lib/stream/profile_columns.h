/*
 * profile_columns: which column of a profile an item speaks of.
 */
#ifndef STREAM_PROFILE_COLUMNS_H
#define STREAM_PROFILE_COLUMNS_H

#include "stream/profile.h"

/* The names of the columns, in their order; to be released. */
void profile_columns_index(const struct profile *profile, struct dict *names);

/* What was subtracted from an item's numbers when they were read, 0 but for
 * the check `number` of a column. */
double profile_columns_shift(const struct profile *profile,
                             const struct dict *names,
                             const struct profile_item *item);

#endif
