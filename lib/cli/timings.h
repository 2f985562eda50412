/*
 * timings: where the seconds went, for --timings FILE (`phase,seconds`).
 */
#ifndef CLI_TIMINGS_H
#define CLI_TIMINGS_H

#include "base/err.h"

/* Ends the phase that runs and starts the next; `phase` must stay valid. */
void timings_phase(const char *phase);

/* Ends the last phase and writes the file; a NULL path does nothing. */
int timings_write(const char *path, struct err *err);

#endif
