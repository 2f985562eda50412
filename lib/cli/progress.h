/*
 * progress: one line on standard error that says how far a long run is.
 *
 *     train  ######--------------  30/100  val error 0.126  1:23 left
 *
 * The line is redrawn in place, at most ten times a second, and never wraps.
 * Steps may come from any thread, but from one at a time.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/view.h"

/* --progress auto|always|never */
enum progress_mode { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

/*
 * Invariant: `drawn` is the width of what stands on the line now, 0 if
 * nothing does.  Times are seconds of the monotonic clock.  The estimate of
 * the time left counts from the first step, so that a run that was resumed
 * at 40 of 100 is not taken for a fast one.
 */
struct progress {
    struct view view; /* view.out is stderr */
    bool shown;
    const char *title; /* not owned */
    size_t drawn;
    bool started;
    size_t scale; /* steps of one that is shown as done: 1 */
    size_t first_done;
    double first_time, last_time;
};

/*
 * Shown if mode is PROGRESS_ALWAYS, or if it is PROGRESS_AUTO, standard error
 * is a terminal and not `quiet`.  `title` must live as long as the struct.
 * Nothing is drawn yet.  Calls view_init, see there about threads.
 */
void progress_init(struct progress *progress, enum progress_mode mode,
                   bool quiet, const char *title);

/*
 * `done` of `total` steps (total 0: not known, no bar and no time left);
 * `text` is a short remark, or NULL.  To be called once with what is done
 * already (0) before the work starts.
 */
void progress_step(struct progress *progress, size_t done, size_t total,
                   const char *text);

/* Whether a step would be drawn: shown, and a tenth of a second has passed. */
bool progress_due(const struct progress *progress);

/*
 * Clears the line: at the end, and before a message is written to standard
 * error.  The next step draws it again.  There is nothing to release.
 */
void progress_done(struct progress *progress);

#endif
