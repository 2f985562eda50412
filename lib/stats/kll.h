/*
 * kll: how large the levels of a sketch of quantiles have to be.
 *
 * A sketch (Karnin, Lang & Liberty 2016, FOCS) has levels 0 to top; a number of
 * level h stands for 2^h.  A level that reaches its capacity is compacted: of
 * its numbers in order every other one goes up a level, the first or the second
 * of each two by the toss of a coin, and the rest is forgotten.  That moves the
 * rank of any x by 2^h at most, up or down with the same probability, and not
 * at all where an even number of them was <= x.
 *
 * Capacities shrink by 2/3 a level from the top down (which gives the least
 * memory), but numbers arrive in lumps: level 0 collects KLL_LUMP at least,
 * what goes up from it is half of that, and so on, so that most of the sorting
 * is of one lump, and most of the merging falls away.
 *
 * Why the error holds.  What level h is compacted from depends on the coins of
 * the levels below alone; so the error of one rank is a sum of independent
 * steps of -2^h, 0 or 2^h, whatever the numbers and their order, and how the
 * sketch was merged.  How many steps there are at most follows from the
 * capacities: a compaction of level h takes capacity 2^h numbers, and the first
 * 2^t size of them came by before level t + 1 was made, when capacities were
 * larger.  Chernoff's bound for one rank, exp(-l e) times the product of
 * cosh(l 2^h) at the best l, and the sum over a grid of 1 / g ranks that are g
 * apart (between them the error is at most g larger, as both sides rise), give
 * the error of all ranks at once with probability 1 - 1e-6.
 *
 * The coins are bits of a hash of what is compacted and where: the same numbers
 * in the same order toss the same coins.  For numbers that somebody chose
 * knowing the seed nothing is promised.
 */
#ifndef STATS_KLL_H
#define STATS_KLL_H

#include <stddef.h>

enum { KLL_LUMP = 4096 };

/*
 * Capacity of the top level that an accuracy needs, 2.245 sqrt(ln(1e7 /
 * accuracy)) / accuracy: 1,022 for .01, 10,773 for .001, 112,985 for .0001.
 */
size_t kll_size(double accuracy);

/* Capacity of level h <= top, even. */
size_t kll_capacity(size_t size, size_t top, size_t h);

/*
 * How far the share of numbers <= x may be off, for all x at once but for a
 * probability of 1e-6, in any sketch of n numbers with that top level; 0 for
 * top = 0, in which nothing was forgotten.
 */
double kll_rank_error(size_t size, size_t top, double n);

#endif
