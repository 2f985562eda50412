/*
 * judgements: what several persons said of the same rows.
 *
 * Rows that were judged alike are kept once: 8 bytes a judgement and about 150
 * a different row, whatever the number of rows; each with the weight it has in
 * every one of n_blocks blocks of rows (16 bytes a block that has one), so that
 * a block can be left out.
 */
#ifndef STATS_JUDGEMENTS_H
#define STATS_JUDGEMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/dict.h"

#define JUDGED_NONE SIZE_MAX

struct judgement {
    uint32_t person, class;
};

/* The weight of a pattern in one block. */
struct judged_share {
    size_t block;
    double weight;
};

/* Rows judged alike. */
struct judged_pattern {
    double weight, squares; /* sums of w and of w² */
    struct judged_share *shares;
    size_t n_shares, capacity;
};

struct judgements {
    size_t n_persons, n_blocks;
    size_t n_rows;    /* that somebody judged */
    struct dict keys; /* the judgements of each pattern, as bytes */
    struct judged_pattern *patterns; /* [n] */
    size_t n, capacity;
    struct judgement *row; /* [n_persons] */
};

struct judgements *judgements_new(size_t n_persons, size_t n_blocks);
void judgements_free(struct judgements *j); /* NULL is fine */

/*
 * A row: class[n_persons] as each person judged it, JUDGED_NONE where one did
 * not; weight >= 0; block < n_blocks.  A row that nobody judged is ignored.
 * Returns the number of its pattern, SIZE_MAX where nobody judged.
 */
size_t judgements_add(struct judgements *j, const size_t *class, double weight,
                      size_t block);

/* The judgements of a pattern: *row [returned number], by person. */
size_t judgements_row(const struct judgements *j, size_t pattern,
                      const struct judgement **row);

/*
 * Sums of weights: of all judgements, of the rows that somebody judged, and of
 * those rows about which two persons disagree; squares: of the weights of the
 * rows.  persons: who judged any row.
 */
struct judgement_counts {
    double judgements, rows, disputed, squares;
    size_t persons;
};

struct judgement_counts judgements_count(const struct judgements *j);

#endif
