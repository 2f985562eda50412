/*
 * coincidence: are equal rows copies, or are there just few ways to be?
 *
 * Where rows agree by chance, many more of them agree but for one cell.  If
 * `elsewhere` pairs of rows agree in all cells but one, those that agree in
 * all included, and any two rows agree in that one with probability q, then
 * elsewhere x q pairs of equal rows are to be expected.  Copies agree in every
 * cell, whatever the others are.
 */
#ifndef STATS_COINCIDENCE_H
#define STATS_COINCIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pairs of equal values among n, which are sorted: sum of m (m - 1) / 2. */
double equal_pairs(uint64_t *value, size_t n);

/*
 * Whether so many pairs of equal rows may be chance by one of their cells: at
 * most three times as many as elsewhere x q, or not more than a Poisson number
 * of that mean reaches with probability .001.  Cells of a row depend on each
 * other, which the factor allows for.
 */
bool is_coincidence(double pairs, double elsewhere, double q);

/*
 * Lists of words (or steps, or characters), hashed: list i < n is
 * word[start[i]] .. word[start[i + 1]] and stands for rows[i] rows (NULL: one).
 * `equal`: pairs of rows with equal lists; `one_apart`: pairs whose lists
 * differ in one word, of lists of the same length, of whose first
 * COINCIDENCE_WORDS places one is looked at at a time.  Equal lists that are
 * chance have more neighbours than copies: one_apart >= equal.
 */
enum { COINCIDENCE_WORDS = 64 };
struct list_pairs {
    double equal, one_apart;
};
struct list_pairs list_pairs(const uint64_t *word, const size_t *start,
                             const uint32_t *rows, size_t n);

#endif
