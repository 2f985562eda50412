/*
 * near_rows: rows of one set that are rows of another but for a cell, or for
 * what rounding took.
 *
 * Cells are floats; those of a column agree where they differ by at most its
 * tolerance.  All pairs are compared, each until three cells differ.
 */
#ifndef STATS_NEAR_ROWS_H
#define STATS_NEAR_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NEAR_COLUMNS = 64 };

/*
 * columns <= NEAR_COLUMNS, the most telling first, which saves time; agree:
 * how often two rows that have nothing to do with each other agree in it.
 */
struct near_shape {
    size_t columns;
    float tolerance[NEAR_COLUMNS];
    double agree[NEAR_COLUMNS];
};

/*
 * How close a row comes: as equal to the bit as can be, equal within the
 * tolerances, and in which columns alone it differs from some row.
 */
struct near_row {
    uint8_t same, close;
    uint64_t but_for; /* bits of columns */
};

/*
 * Pairs of rows: none differs, only column c does, only c < d do.  Pairs that
 * are the same to the bit are not among them.
 */
struct near_pairs {
    double none, one[NEAR_COLUMNS], two[NEAR_COLUMNS][NEAR_COLUMNS];
};

/*
 * a[n][columns] against b[m][columns]; self[n]: a row of b that is this very
 * one, or SIZE_MAX (NULL: all).  Adds to row[n] and to pairs, {0} at first.
 * Cost n m / 1e9 s or so; threads own rows of a.
 */
void near_rows_find(const struct near_shape *shape, const float *a, size_t n,
                    const float *b, size_t m, const size_t *self,
                    struct near_row *row, struct near_pairs *pairs);

/*
 * Which kinds of nearness chance does not explain (stats/coincidence.h), by any
 * column in which less than a tenth of unrelated rows agree: the bits of
 * columns that alone may differ, and *close of all.  Where no column tells that
 * much, of 16 and more, chance makes more pairs that differ in more columns.
 */
uint64_t near_rows_copies(const struct near_shape *shape,
                          const struct near_pairs *pairs, bool *close);

#endif
