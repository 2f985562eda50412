/*
 * kept: the values of a table of nothing but numbers, from the pass that finds
 * types, so that the pass that reads them need not look at the text again.
 *
 * It belongs to the reader (csv_reader_attach).  As soon as a cell of a column
 * that could be a feature is no number, or the values would take more than the
 * process can well spare (a 24th of what it may have, 1 GB at most), there is
 * nothing kept, and the file is read again.
 */
#ifndef TABLE_KEPT_H
#define TABLE_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/small.h"
#include "table/table.h"

struct kept;

/*
 * The values of the records of one csv_bulk, in strips of some columns, one
 * behind the other: strip s, of the columns from begin = s * columns on, has
 * them row by row from begin * n on.  A small number (base/small.h) is in
 * `small`, with SMALL_NUMBERS there the value in `value`, NaN for a missing
 * cell.
 */
struct kept_part {
    size_t n, bytes;
    uint16_t *small;
    double *value; /* in memory where it is used */
};

/*
 * Begins to keep what the schema's roles say may be a feature, or label, part
 * and weight, in strips of so many columns: NULL where it is not worth the
 * while.
 */
struct kept *kept_new(const struct schema *schema, struct csv_reader *reader,
                      size_t columns);
void kept_free(void *kept); /* a struct kept; NULL is fine */

/*
 * Begins with the next records: the number of pieces of work, for kept_piece;
 * part->small is to be filled at the same time, of all rows, and kept_other to
 * be called for what is no small number.
 */
size_t kept_begin(struct kept *kept, const struct csv_bulk *bulk,
                  struct kept_part *part);
void kept_piece(struct kept *kept, size_t piece);

/*
 * A cell of a feature that is no small number, into its place of the part: its
 * value, NaN where it is no number, which ends the keeping, or missing.  For
 * any thread.
 */
void kept_other(struct kept *kept, double *place, double value, bool missing);

/* Whether there is still something kept, after all pieces. */
bool kept_end(struct kept *kept);

/*
 * Fills an empty table from what is attached to the rewound reader, and takes
 * it off.  False where nothing is, or it is not what the schema says: then the
 * records are to be read.
 */
bool kept_take(struct csv_reader *reader, struct table *table);

#endif
