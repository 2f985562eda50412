/*
 * command: a trial that another program runs.
 *
 * The command is given to /bin/sh -c.  It finds each parameter, `trial` and
 * `trial_seed` in its environment, under these names (a name that is no shell
 * identifier is left out), and {name}, {trial} and {trial_seed} are replaced in
 * its text, by a word that is quoted for the shell where it must be: a {name}
 * is not to stand in quotes of the command's own unless its values are plain.
 * A parameter that means nothing in this configuration is not in the
 * environment, and '' in the text.  Any other pair of braces stays as it is.
 *
 * The objective is on the last line of its output that is not blank: the cell
 * of the column `objective`, where an earlier line was the header of a CSV with
 * such a column and the line has as many cells (val_error, val_loss and
 * epochs_run are taken from there, too); or else the line is a number and
 * nothing else.  Rows of such a CSV have no newlines in their cells.
 *
 * The command reads nothing from standard input, and what it says on standard
 * error goes to ours.  When it has ended, or was ended, all that is left of its
 * process group is killed; on Linux its shell is killed when the thread that
 * called command_run is no more.
 */
#ifndef SEARCH_COMMAND_H
#define SEARCH_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "search/outcome.h"
#include "search/space.h"

struct command {
    const char *text;
    double timeout;              /* seconds; 0: none */
    bool (*stop)(void *context); /* asked several times a second, or NULL */
    void *context;
};

/* value[space->n]; `number` is the trial's in the log, which counts from 1. */
struct command_trial {
    const struct space *space;
    const double *value;
    size_t number;
    uint64_t seed;
};

/*
 * Runs the command for one trial, from any thread.  An exit status other than
 * 0, a signal, no finite number, and a timeout are failures, whose notes are
 * "exit 3", "signal 9" (also of a program that the shell ran), "no number",
 * "timeout"; where `stop` said so it was cut.  The outcome is to be empty.  -1:
 * the system runs no more processes.
 */
int command_run(const struct command *command,
                const struct command_trial *trial, struct outcome *outcome,
                struct err *err);

/* Appends the text that the shell is given. */
void command_expand(const char *text, const struct command_trial *trial,
                    struct buf *out);

#endif
