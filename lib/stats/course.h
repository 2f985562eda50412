/*
 * course: what a loss does while something is being trained, on one batch or
 * on all rows, and the numbers that say so.
 *
 * The five courses are those of the lecture's table ("Troubleshooting Deep
 * Neural Networks", Tobin, Full Stack Deep Learning), each with causes of its
 * own.  All is measured against the loss of guessing, the loss at the start,
 * and the noise of the series itself (stats/trend.h).
 */
#ifndef STATS_COURSE_H
#define STATS_COURSE_H

#include <stddef.h>

#include "stats/trend.h"

/*
 *   UNDECIDED   fewer than COURSE_LEAST losses, and all of them finite
 *   FALLS       it has become small, a twentieth of `scale`; or it still falls
 *               in its second half (p < .01, and by 1 % of its level or more)
 *   PLATEAUS    it moves no more, above that; `fallen` says whether it ever did
 *   OSCILLATES  a tenth of its steps or more, and at least three, go up by a
 *               fifth of its level, as many go down so far, and three turn
 *   UP          it ends above the first one, by a twentieth and three times the
 *               noise, with a rise since its least that is none of chance
 *               (p < .01)
 *   EXPLODES    one is not finite, or it ends above ten times `scale` and the
 *               first one
 *
 * The first that holds counts, from the last to the first.
 */
enum course_kind {
    COURSE_UNDECIDED,
    COURSE_FALLS,
    COURSE_PLATEAUS,
    COURSE_OSCILLATES,
    COURSE_UP,
    COURSE_EXPLODES
};
enum { COURSE_LEAST = 5 };

/*
 * broken: the place of the first loss that is not finite; n: there is none. All
 * else is of the losses before it.
 *
 * scale: the loss of guessing, or where it is not known the size of the first.
 * first, last: the first loss, and the median of the last three, or the last
 * tenth.  least, at best: the smallest of all.  fallen: (first - last) /
 * |first|, below 0 where it rose.  left: last / scale.
 *
 * noise: of one loss (trend_noise).  all, late, since: the trend of all losses,
 * of their second half, and of those behind the least (which was chosen, and
 * would make any that follow it rise).  ups, downs: steps of a
 * fifth of the level or more (and of a fiftieth of scale) either way; turns:
 * those that go the other way than the one of them before.
 *
 * NaN where there is nothing to measure.
 */
struct course {
    enum course_kind kind;
    size_t n, broken, best;
    double scale, first, last, least, fallen, left, noise;
    struct trend all, late, since;
    size_t ups, downs, turns;
};

/*
 * loss[n], one a step or epoch, in order, none missing; guess: the loss of one
 * that guesses (ln of the number of classes), NaN where it is not known.
 */
struct course course_read(const double *loss, size_t n, double guess);

/* "undecided", "falls", "plateaus", "oscillates", "up", "explodes". */
const char *course_name(enum course_kind kind);

#endif
