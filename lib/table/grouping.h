/*
 * grouping: rows that stay together, and the part of each of them.
 *
 * One pass over the rows calls grouping_add; grouping_close finds out what is
 * one unit, grouping_assign gives each unit a part (stats/group_apportion.h),
 * and for the same rows in the same order grouping_next says which.
 *
 * A row may name a group and have a text (table/near_duplicates.h): rows of one
 * group or of one cluster of texts are one unit, and so are rows that are
 * connected through others.  A row with neither is a unit of its own.  A unit
 * with rows that have a part already (--fill) follows them.
 *
 * Memory: up to 16 bytes a row while units are found and 4 afterwards, about
 * 100 bytes a group and its name, 12 a unit.
 */
#ifndef TABLE_GROUPING_H
#define TABLE_GROUPING_H

#include <stddef.h>
#include <stdint.h>

#include "base/dict.h"
#include "base/err.h"
#include "stats/disjoint_sets.h"
#include "stats/group_apportion.h"

#define GROUPING_NONE UINT32_MAX

/* {0} is empty.  unit[n] holds groups until grouping_close. */
struct grouping {
    struct dict names; /* of the groups */
    uint32_t *unit, *text, *stratum, *old;
    size_t n, capacity[4], next;
    size_t units;
    size_t free_rows, free_units; /* without a part when they were closed */
    uint32_t *part;               /* [units] */
    struct group_imbalance imbalance;
};

/* A row: its group (NULL: none), text, stratum, and the part it has already. */
struct grouping_row {
    const char *group;
    size_t len;
    uint32_t text, stratum, part; /* GROUPING_NONE: none */
};

void grouping_release(struct grouping *grouping);
int grouping_add(struct grouping *grouping, const struct grouping_row *row,
                 struct err *err);

/*
 * Finds the units; texts: which texts are alike, or NULL where no row has one.
 * A unit whose rows have two parts already is an ERR_DATA error.
 */
int grouping_close(struct grouping *grouping, struct disjoint_sets *texts,
                   const struct dict *part_names, struct err *err);

/*
 * Parts for units without one.  Rows that have no part yet are counted by
 * stratum < strata; units of other parts than the n_parts keep theirs.
 */
void grouping_assign(struct grouping *grouping, size_t strata,
                     const double *shares, size_t n_parts, uint64_t seed);

/*
 * After grouping_assign: the first part without any row, though its share of
 * the rows that had no part is one row or more; n_parts: none.
 */
size_t grouping_empty_part(const struct grouping *grouping,
                           const double *shares, size_t n_parts);

/* The part of the next row; GROUPING_NONE where there are no more. */
uint32_t grouping_next(struct grouping *grouping);

#endif
