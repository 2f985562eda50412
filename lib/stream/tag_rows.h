/*
 * tag_rows: which of a person's own categories the errors belong to.
 *
 *     tag,n,share,low,high,error,error_after,after_low,after_high,ids
 *
 * Somebody has looked at wrong rows and written down why: a file with the
 * columns `id` and `tag`, several rows for an id with several reasons.  Each
 * tag has the wrong rows that carry it, their share of the wrong rows with a
 * tag (Wilson), the error of all rows, what it would be if those rows were
 * right, and the first few ids.  The largest come first; last, with an empty
 * tag, the wrong rows that have none, and their share of all wrong ones.
 *
 * Where all wrong rows have a tag, error_after is the share of rows that would
 * still be wrong (Wilson).  Where only some do, it is error (1 - share), which
 * holds if they were chosen at random; its interval is that of a product, on
 * the logarithmic scale, from the Wilson intervals of the error and of 1 -
 * share (MOVER: Zou & Donner 2008, Statistics in Medicine 27:1693).
 */
#ifndef STREAM_TAG_ROWS_H
#define STREAM_TAG_ROWS_H

#include "stream/prediction_table.h"

struct tag_pair {
    size_t id, tag;
};

/* {0} is empty.  Invariant: pairs are sorted and distinct. */
struct tag_file {
    const char *name; /* the path, not owned */
    struct dict ids, tags;
    struct tag_pair *pairs;
    size_t n_pairs, capacity;
};

/* Reads the columns id and tag; rows without a tag are passed over. */
int tag_file_read(struct tag_file *file, const char *path,
                  const struct csv_options *csv, struct err *err);
void tag_file_release(struct tag_file *file);

struct tag_options {
    const struct tag_file *file;
};

/* Needs the column id.  An id with a tag that occurs twice is an error. */
extern const struct prediction_table tag_table;

#endif
