/*
 * journal: a log of records that several processes append to, and that is
 * whole whenever one of them is killed.
 *
 * The file is a CSV.  A record is one line, written in one piece and forced to
 * disk, while the byte JOURNAL_BYTE far behind its end is locked.  A line
 * without a newline at the end of the file was torn by a crash; whoever locks
 * the log next cuts it off.  Locks are those of open file descriptions
 * (fcntl(2), F_OFD_SETLK): the system gives them up when their process dies,
 * on other machines of a network file system too.
 *
 * A number is claimed by locking the byte that many behind JOURNAL_BYTE: so
 * others know which trials run and which were left by a process that died.
 */
#ifndef SEARCH_JOURNAL_H
#define SEARCH_JOURNAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "csv/list.h"

#define JOURNAL_BYTE (1ll << 40)

struct journal;

/*
 * Opens or begins the log; NULL is a log in memory.  A file that does not begin
 * with `begins`, or with a part of it where it is shorter, is none, and stays
 * as it is.
 */
struct journal *journal_open(const char *path, const char *begins,
                             struct err *err);

/* To look at it only: one that is not there is an error. */
struct journal *journal_open_read(const char *path, const char *begins,
                                  struct err *err);
void journal_close(struct journal *journal); /* NULL is fine */

/*
 * Waits for the lock.  Between the two nobody else writes; from one thread at a
 * time.
 */
int journal_lock(struct journal *journal, struct err *err);
void journal_unlock(struct journal *journal);

/* Told of a record: the text of its cells [n], empty ones as "", its line. */
typedef int journal_fn(void *context, const char *const *cells, size_t n,
                       long line, struct err *err);

/*
 * Tells of all records that were not told yet, whoever wrote them; locked.  -1
 * where the file is no CSV, or told says so.
 */
int journal_read(struct journal *journal, journal_fn *told, void *context,
                 struct err *err);

/*
 * Appends records, whole lines; locked, and after journal_read.  They are told
 * by the next journal_read.
 */
int journal_append(struct journal *journal, const struct buf *lines,
                   struct err *err);

/*
 * Claims a number for this process: false where another one has it.  One's own
 * claims are not seen: the caller knows them.
 */
bool journal_claim(struct journal *journal, size_t number);
void journal_unclaim(struct journal *journal, size_t number);

#endif
