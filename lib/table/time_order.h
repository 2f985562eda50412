/*
 * time_order: earlier rows to earlier parts.
 *
 * One pass over the rows calls time_order_add, time_order_cut follows, and then
 * time_order_part says where a time belongs.  Times are all numbers or all
 * dates (base/date.h); the first one says which.  Rows of the same time are
 * never divided: a cut moves to the nearer end of a run of equal times (to its
 * beginning where both are as near), and on where a part would get no row at
 * all.
 *
 * A gap leaves rows out at the end of each part but the last: so many rows, and
 * those of the same time as the first of them, or all that are a span or less
 * before the first row of the next part, so that a whole unit lies between
 * where the span is 1.  The span is in the units of the column, or in days
 * where times are dates.
 *
 * Memory: 8 bytes a row until the cut.
 */
#ifndef TABLE_TIME_ORDER_H
#define TABLE_TIME_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "table/partition.h"

/* What is left out between parts: at most one is above 0. */
struct time_gap {
    size_t rows;
    double span;
};

/* Times from `first` on, up to the next part; those from `out` on are a gap. */
struct time_part {
    uint64_t first, out;
};

enum time_kind { TIME_NUMBERS, TIME_DATES };

/*
 * Times are keys: numbers as select_key has them, dates as date_parse does.
 * Invariant after time_order_cut: part[i].first <= part[i].out <=
 * part[i + 1].first.
 */
struct time_order {
    enum time_kind kind; /* once there is a time */
    uint64_t *keys;      /* [n]; freed by time_order_cut */
    size_t n, capacity;
    struct time_part *part;
    size_t n_parts;
};

void time_order_release(struct time_order *time); /* {0} is empty */

/*
 * A time that is not empty; -1 (ERR_DATA, no place) where it is neither a
 * number nor a date, or not what the first one was.
 */
int time_order_add(struct time_order *time, const char *text, size_t len,
                   struct err *err);

/*
 * Parts in the order they are listed; a part that would get no row because
 * rows have the same time, or are in a gap, is an ERR_DATA error, and so is
 * no time at all.
 */
int time_order_cut(struct time_order *time, const struct parts *parts,
                   const struct time_gap *gap, struct err *err);

#define TIME_ORDER_GAP (SIZE_MAX - 1)

/* The part, TIME_ORDER_GAP, or PARTITION_NONE for what is no such time. */
size_t time_order_part(const struct time_order *time, const char *text,
                       size_t len);

#endif
