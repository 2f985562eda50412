/*
 * parts_view: the parts of a table, held against the one that is trained on.
 */
#ifndef ANALYSIS_PARTS_VIEW_H
#define ANALYSIS_PARTS_VIEW_H

#include <stdbool.h>

#include "base/buf.h"
#include "table/table.h"

/*
 * rows[n] of each part of table->parts.  train: the part of that name, or the
 * largest; is_train: it has that name.  A part "" is rows without one.
 */
struct parts_view {
    const struct table *table;
    size_t n, train;
    bool is_train;
    size_t *rows;
};

void parts_view_init(struct parts_view *view, const struct table *table);
void parts_view_release(struct parts_view *view);

/* Whether there is anything to hold against anything. */
bool parts_view_several(const struct parts_view *view);

/* A part with rows that is neither the training part nor "". */
bool parts_view_is_other(const struct parts_view *view, size_t part);

/* The first rows of some, and how many there are. */
enum { FIRST_ROWS = 3 };
struct first_rows {
    size_t n, row[FIRST_ROWS];
};

/* One more, in any order; "rows 3, 17, 40 and 2 more" (numbered from 1). */
void first_rows_add(struct first_rows *rows, size_t row);
void first_rows_say(const struct first_rows *rows, struct buf *out);

#endif
