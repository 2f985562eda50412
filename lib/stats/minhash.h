/*
 * minhash: which of many sets are alike, without comparing all with all.
 *
 * Sets are sorted arrays of distinct 64-bit hashes.  The smallest value of a
 * random function over a set is the same for two sets with a probability that
 * is their Jaccard similarity J (Broder 1997).  `rows` such values make a band,
 * which agrees with probability J^rows (Leskovec, Rajaraman & Ullman, "Mining
 * of Massive Datasets", section 3.4).  Sets of which at least `least` of the
 * `bands` agree are candidates; these are then to be compared exactly.
 */
#ifndef STATS_MINHASH_H
#define STATS_MINHASH_H

#include <stddef.h>
#include <stdint.h>

enum { MINHASH_VALUES = 128 }; /* bands x rows is at most this */

struct minhash {
    size_t bands, rows, least;
};

/*
 * The most rows, and then the most bands that have to agree, with which fewer
 * than one in a thousand pairs of the given similarity (0 < J <= 1) is no
 * candidate; one each where there are no such numbers.
 */
struct minhash minhash_for(double similarity);

/* The probability that two sets of this similarity are candidates. */
double minhash_chance(struct minhash shape, double similarity);

/*
 * Writes band[shape.bands] of a set of n hashes, whose order does not matter.
 * `key` is mixed in, so that only sets of one key have equal bands.
 */
void minhash_bands(struct minhash shape, const uint64_t *set, size_t n,
                   uint64_t key, uint32_t *band);

/* |a and b| / |a or b| of two sets, 1 for two empty ones. */
double minhash_jaccard(const uint64_t *a, size_t n, const uint64_t *b,
                       size_t m);

#endif
