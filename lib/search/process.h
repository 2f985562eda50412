/*
 * process: a shell command in a process group of its own, whose output is read
 * while it runs.
 */
#ifndef SEARCH_PROCESS_H
#define SEARCH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct process {
    const char *command;      /* for /bin/sh -c */
    char *const *environment; /* of NAME=VALUE, NULL at the end */
    double timeout;           /* seconds; 0: none */

    /* Whether it is to end now, asked several times a second; or NULL. */
    bool (*stop)(void *context);
    void *stop_context;

    /* What it prints, as it comes. */
    void (*take)(void *context, const char *bytes, size_t len);
    void *take_context;
};

enum process_how {
    PROCESS_EXIT,   /* with status `number` */
    PROCESS_SIGNAL, /* by signal `number` */
    PROCESS_TIMEOUT,
    PROCESS_STOPPED
};

struct process_end {
    enum process_how how;
    int number;
};

/*
 * Runs it to its end; from any thread.  It reads nothing, and its standard
 * error is ours.  To end it, its process group gets SIGTERM, and SIGKILL two
 * seconds later; what is left of the group when the shell has ended gets
 * SIGKILL.  On Linux the shell gets SIGKILL, too, when the calling thread is no
 * more.  No file of ours that is closed on exec is open in it.  -1: the system
 * runs no more processes.
 */
int process_run(const struct process *process, struct process_end *end,
                struct err *err);

#endif
