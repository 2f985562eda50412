/*
 * subset: which rows stay at all, by their class and by chance.
 *
 * Classes: those of a list, or the most frequent ones, or both.  Rows: so many,
 * or a fraction, from each class in proportion (apportion_nested), and in each
 * class those whose numbers have the lowest seeded hashes.  So a smaller subset
 * of the same rows and seed is contained in a larger one.
 *
 * Where counts are needed first, one pass over the rows calls subset_count for
 * each and subset_choose at its end; then subset_keeps says which rows stay.
 * Memory: 8 bytes for each row that was counted, where rows are drawn.
 */
#ifndef TABLE_SUBSET_H
#define TABLE_SUBSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dict.h"
#include "base/err.h"
#include "csv/list.h"

struct subset_options {
    struct list only;   /* classes; empty: all */
    size_t max_classes; /* the most frequent; 0: all */
    size_t rows;        /* 0: all … */
    double fraction;    /* … or this fraction of them; 0: all */
};

/*
 * Reads "500" or "10%" into rows or fraction; 100% is neither, all rows stay.
 */
int subset_parse(struct subset_options *options, const char *text,
                 struct err *err);

struct subset_class {
    size_t n;       /* rows */
    uint64_t *hash; /* [drawn] of rows that may be left out; then freed */
    size_t drawn, capacity;
    uint64_t highest; /* the last hash that stays … */
    bool any, kept;   /* … if any does; is it a class that stays */
};

struct subset {
    const struct subset_options *options; /* not owned */
    uint64_t seed;
    struct dict names;
    struct subset_class *classes; /* [capacity] */
    size_t capacity;
    size_t other_classes, other_rows; /* rows that subset_keeps refused */
};

void subset_init(struct subset *subset, const struct subset_options *options,
                 uint64_t seed);
void subset_release(struct subset *subset);

/* Whether a pass of counting is needed: anything was asked for. */
bool subset_counts(const struct subset_options *options);

/* Row `number` (each row has its own); drawn: chance may leave it out. */
void subset_count(struct subset *subset, const char *label, size_t len,
                  size_t number, bool drawn);

/* -1 (ERR_DATA): too few rows, a class that no row has, or none with any. */
int subset_choose(struct subset *subset, struct err *err);

/* The same arguments again.  True for all where nothing was asked for. */
bool subset_keeps(struct subset *subset, const char *label, size_t len,
                  size_t number, bool drawn);

#endif
