/*
 * part_roles: the parts of a table, held against the one that is trained on.
 */
#ifndef ANALYSIS_PART_ROLES_H
#define ANALYSIS_PART_ROLES_H

#include <stdbool.h>

#include "base/buf.h"
#include "table/table.h"

/*
 * rows[n] of each part of table->parts.  train: the part of that name, or the
 * largest; is_train: it has that name.  A part "" is rows without one.
 */
struct part_roles {
    const struct table *table;
    size_t n, train;
    bool is_train;
    size_t *rows;
};

void part_roles_init(struct part_roles *roles, const struct table *table);
void part_roles_release(struct part_roles *roles);

/* Whether there is anything to hold against anything. */
bool part_roles_several(const struct part_roles *roles);

/* A part with rows that is neither the training part nor "". */
bool part_roles_is_other(const struct part_roles *roles, size_t part);

/*
 * Whether a part is meant to come later: its median time (time[rows], 0: not
 * known; NULL: no part does) is later than three quarters of the training rows.
 */
bool part_roles_is_later(const struct part_roles *roles, const uint64_t *time,
                         size_t part);

/* The first rows of some, and how many there are. */
enum { FIRST_ROWS = 3 };
struct first_rows {
    size_t n, row[FIRST_ROWS];
};

/* One more, in any order; "rows 3, 17, 40 and 2 more" (numbered from 1). */
void first_rows_add(struct first_rows *rows, size_t row);
void first_rows_say(const struct first_rows *rows, struct buf *out);

#endif
