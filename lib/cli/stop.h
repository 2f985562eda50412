/*
 * stop: the wish that a long run comes to a good end: a signal, or time that
 * is up.
 *
 * Between stop_arm and stop_disarm the first SIGINT or SIGTERM is such a wish;
 * a second one, and any at another time, ends the process as it would have
 * anyway (cli/report.h).  Signals that were ignored stay so.
 *
 * A thread of its own waits for them: compiled kernels of libraries use the
 * stack pointer for numbers, and a handler on their thread would write there.
 */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Starts the thread, before any other is there.  Where it cannot start,
 * signals end the process as ever.
 */
void stop_watch(void);

/* "90", "30s", "10m", "2h", "1.5h", "1d", into seconds. */
int stop_parse_time(const char *option, const char *text, double *seconds,
                    struct err *err);

/* Starts the clock: time is up after so many seconds; 0: never. */
void stop_clock(double seconds);

void stop_arm(void);
void stop_disarm(void); /* a wish stands */

/* Whether the wish is there; from any thread. */
bool stop_asked(void);

/* "SIGINT", "SIGTERM", or "--time-limit". */
const char *stop_reason(void);

#endif
