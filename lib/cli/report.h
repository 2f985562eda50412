/*
 * report: the words of a tool on standard error, and how it ends.
 *
 * Exit status: 0 done; 1 bad data or a failure at run time; 2 wrong usage; 3 a
 * gate is closed.  A failure after records have left on standard output is
 * also written into the stream (csv/output.h), on a signal too.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"

enum { EXIT_DATA = 1, EXIT_USAGE = 2, EXIT_GATE = 3 };

/*
 * To be called first in main: `tool` is the name after "assay ", or NULL for
 * assay itself.  Installs the signal and exit handlers.
 */
void report_start(const char *tool);

/* "assay TOOL", the name in front of every message. */
const char *report_name(void);

/*
 * What is called before anything is written to standard error, such as to clear
 * a line of progress; NULL: nothing.
 */
typedef void report_clear(void *context);
void report_before(report_clear *clear, void *context);

/* One line on standard error; silent when `quiet` was asked for. */
void report_quiet(bool quiet);
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Notes that the library gathered, one a line; buf may be empty. */
void report_notes(const struct buf *notes);

/* Says how many records --skip-bad left out, if any. */
void report_skipped(size_t n);

/* Reports err and ends the process with the status that its kind calls for. */
_Noreturn void report_fail(const struct err *err);

/* report_fail unless status is 0. */
void report_check(int status, const struct err *err);

/* report_fail for a wrong command line, printf style. */
_Noreturn void report_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* report_fail for bad data in a file ("" for none), printf style. */
_Noreturn void report_bad(const char *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* All is in place: exit handlers have nothing to clean up any more. */
void report_done(void);

#endif
