/*
 * states: where trials stand that could be trained further: bytes by trial, in
 * memory, or in files of a folder beside the log (LOG.states/NUMBER), each
 * written aside, forced to disk and renamed, with a checksum.
 *
 * The folder is there while there are states.  From any thread.
 */
#ifndef SEARCH_STATES_H
#define SEARCH_STATES_H

#include "base/buf.h"
#include "base/err.h"

struct states;

/* `log` names the log; NULL: in memory. */
struct states *states_new(const char *log);
void states_free(struct states *states); /* files stay; NULL is fine */

/* The state is added to *state; nothing where there is none, or none that is
 * whole. */
void states_get(struct states *states, size_t trial, struct buf *state);

int states_put(struct states *states, size_t trial, const struct buf *state,
               struct err *err);

/* Removes it, and with the last one the folder. */
void states_drop(struct states *states, size_t trial);

#endif
