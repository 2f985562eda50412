/*
 * select: order statistics without sorting and without more memory.
 */
#ifndef STATS_SELECT_H
#define STATS_SELECT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The k-th lowest (from 0) of n > k values, which are put in another order
 * (quickselect; Hoare 1961).
 */
uint64_t select_lowest(uint64_t *values, size_t n, size_t k);

/* Whole numbers in the order of finite doubles (0 and -0 are one), and back. */
uint64_t select_key(double value);
double select_value(uint64_t key);

#endif
