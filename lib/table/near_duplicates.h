/*
 * near_duplicates: which rows say the same, or nearly, in some columns.
 *
 * What a row says is its key (csv/row_key.h): numbers are the same when they
 * round to the same four significant digits; two texts are alike when the
 * Jaccard similarity of their shingles (base/shingles.h) is at least a
 * threshold.  Rows are near-duplicates when their numbers are the same and
 * their texts, those of all columns together, are alike.  A row whose cells are
 * all empty is like no other.
 *
 * Pairs are found by MinHash (stats/minhash.h) and compared exactly; a text is
 * compared with the 32 latest that it may be like in each band.  Clusters are
 * what is connected by pairs.  Rows with the same values are always in one
 * cluster; a pair at the threshold is missed with a probability below 1/1000.
 * The clusters do not depend on a seed.
 *
 * Memory: each different text once, with about 150 bytes.
 */
#ifndef TABLE_NEAR_DUPLICATES_H
#define TABLE_NEAR_DUPLICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "csv/reader.h"
#include "csv/row_key.h"
#include "stats/disjoint_sets.h"

#define NEAR_NONE UINT32_MAX

/* A text: bytes[end of the one before .. end), numbers first. */
struct near_text {
    size_t end;
    uint32_t numbers; /* bytes of them */
    uint32_t rows;
};

struct near_duplicates {
    struct row_key key;
    struct buf bytes;
    struct near_text *texts;
    size_t n, capacity;
    uint32_t *slots; /* [n_slots] text + 1, 0 where free */
    size_t n_slots;
    size_t clusters, clustered, largest; /* of two rows and more; their rows */
};

/* Finds the columns. */
int near_duplicates_init(struct near_duplicates *near,
                         const struct csv_reader *data,
                         const struct list *columns, struct err *err);
void near_duplicates_release(struct near_duplicates *near);

/* First for each record, until true: no column can be one of numbers. */
bool near_duplicates_scan(struct near_duplicates *near,
                          const struct csv_field *record);

/* Then again: the number of the record's text, or NEAR_NONE. */
uint32_t near_duplicates_add(struct near_duplicates *near,
                             const struct csv_field *record);

/*
 * Joins texts that are alike; sets is {0} and gets near->n.  Counts clusters.
 */
void near_duplicates_cluster(struct near_duplicates *near, double similarity,
                             struct disjoint_sets *sets);

/* Frees the texts; the counts of clusters stay. */
void near_duplicates_forget(struct near_duplicates *near);

#endif
