/*
 * one_check: the rows of one check that was made of several runs or parts.
 */
#ifndef ANALYSIS_ONE_CHECK_H
#define ANALYSIS_ONE_CHECK_H

#include "stream/finding.h"

/*
 * Adds those that are not ok, the worst first and at most ten, the first saying
 * how many of the `of` "runs" (noun) there are; or one row where all is
 * well, of "all runs" where there are several.  Sorts of_check.
 */
void one_check_add(struct findings *of_check, size_t of, const char *noun,
                   struct findings *findings);

#endif
