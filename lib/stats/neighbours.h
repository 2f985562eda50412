/*
 * neighbours: which rows are near which, by comparing all with all.
 */
#ifndef STATS_NEIGHBOURS_H
#define STATS_NEIGHBOURS_H

#include <stddef.h>
#include <stdint.h>

#define NEIGHBOUR_NONE UINT32_MAX

/*
 * Of rows x[i * stride], `width` values each: near[n][k], the k nearest of each
 * row, nearest first, equally near ones by their number; NEIGHBOUR_NONE where
 * there are no more.  Rows that are equal to it (to a millionth of the rows'
 * squared length) are no neighbours.  distance[n] or NULL: to the nearest,
 * infinite where there is none.  Cost n² width; threads own rows.
 */
void neighbours_find(const float *x, size_t n, size_t stride, size_t width,
                     size_t k, uint32_t *near, float *distance);

#endif
