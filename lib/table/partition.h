/*
 * partition: which row belongs to which part.
 *
 * Parts get exact counts by largest remainder, overall and within every
 * stratum (stats/apportion.h); which rows of a stratum go where is drawn row by
 * row without replacement (selection sampling, Knuth vol. 2, algorithm 3.4.2S),
 * so that nothing is kept per row.
 */
#ifndef TABLE_PARTITION_H
#define TABLE_PARTITION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

/* Named shares that add up to 1.  {0} is empty; names are owned. */
struct parts {
    char **names;
    double *shares;
    size_t n;
};

/* Reads "train=.8,val=.1,test=.1". */
int parts_parse(struct parts *parts, const char *text, struct err *err);

/*
 * The parts of two sources: train and trainval of the first, testval and test
 * of the second; each source has at least one, and its shares add up to 1.
 */
int parts_parse_two(struct parts *first, struct parts *second, const char *text,
                    struct err *err);
void parts_release(struct parts *parts);

/* The draw under way.  left[stratum * n_parts + part] rows are to come. */
struct partition {
    size_t n_parts, n_strata;
    size_t *left;
    size_t *total; /* [n_strata] rows to come */
    struct rng rng;
};

/*
 * Starts a draw for strata of the given sizes.  `stream` keeps draws of
 * different purposes (rng_stream) apart.
 */
void partition_init(struct partition *partition, const size_t *stratum_n,
                    size_t n_strata, const double *shares, size_t n_parts,
                    uint64_t seed, uint64_t stream);
void partition_release(struct partition *partition);

#define PARTITION_NONE SIZE_MAX

/*
 * The part of the next row, which belongs to the stratum; PARTITION_NONE for
 * a row that was not counted (the input changed between the passes).
 */
size_t partition_next(struct partition *partition, size_t stratum);

/*
 * The part that a key's hash falls into: the same for the same key, seed,
 * shares and `within`, whatever other rows there are.  `within` is the part
 * that is divided, "" for all: its rows were chosen by the hash without it.
 */
size_t partition_by_hash(const struct parts *parts, const char *key, size_t len,
                         const char *within, uint64_t seed);

#endif
