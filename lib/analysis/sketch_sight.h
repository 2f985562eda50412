/*
 * sketch_sight: would a probe have seen what there is to see?
 *
 * Where probes on a sketch (analysis/table_sketch.h) find nothing in the
 * labels, either there is nothing, or they are too weak: the parity of a
 * hundred independent bits shows in none of them, in no pair and in no
 * neighbour.
 */
#ifndef ANALYSIS_SKETCH_SIGHT_H
#define ANALYSIS_SKETCH_SIGHT_H

#include "table/table.h"

/*
 * Whether rows have a shape that the probes see: then labels that go with
 * nothing of it are suspicious.  It is so
 *   where there are texts or images: always
 *   where rows can be told from others that are put together of cells, or
 *       sequences of steps, of rows at random, by the test that finds nothing
 *       in the labels (stats/dependence.h, p <= .001)
 *   where numbers and levels lie so densely that a rule would have to change
 *       between neighbours to hide: the median distance to the nearest other
 *       row is below a tenth of that of two rows
 * x[n][SKETCH_WIDTH]: the sketch of row[n].  Looks at 1,000 of them.
 */
bool sketch_sees(const struct table *table, const size_t *row, size_t n,
                 const float *x, uint64_t seed);

#endif
