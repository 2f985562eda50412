/*
 * output: bytes to standard output or to a file that appears whole or not.
 *
 * A file is written beside its final place and renamed by output_commit, so
 * that a run that fails or is killed leaves no half file and spoils no old
 * one; what cannot be renamed onto (a FIFO, a device) is written directly.  A
 * name that ends in .gz is compressed.  Standard output that ends in a failure
 * gets the record `"assay TOOL failed: MESSAGE` (unterminated), which stops
 * the reader downstream.
 */
#ifndef CSV_OUTPUT_H
#define CSV_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct output;

/* Opens path for writing; NULL or "-" is standard output. */
struct output *output_open(const char *path, struct err *err);

/* Whether path can be written, before the work is done; leaves no trace. */
int output_check(const char *path, struct err *err);

/* Buffered; hand over whole records, so that a cut falls between them. */
int output_write(struct output *output, const void *bytes, size_t len,
                 struct err *err);

int output_flush(struct output *output, struct err *err);

/* Flushes, closes, renames into place; output is freed in any case. */
int output_commit(struct output *output, struct err *err);

/*
 * Ends a failed run: a file is removed; a stream that has begun gets what was
 * written and then the failure record.  Frees output; NULL is fine.
 */
void output_fail(struct output *output, const char *message);

/* output_fail for every output that is open. */
void output_fail_all(const char *message);

/*
 * For signal handlers and exit handlers (async-signal-safe): removes the
 * files that are not in place yet and ends standard output, if records have
 * gone out, with the failure record.
 */
void output_emergency(const char *message);

/*
 * Appends bytes to the file at path under a lock, in one write: `header`
 * first if the file is new or empty, else the file must begin with it.
 */
int output_append(const char *path, const void *header, size_t header_len,
                  const void *bytes, size_t len, struct err *err);

/* Writes all bytes to a descriptor: 0, or -1 with errno. */
int output_write_fd(int fd, const void *bytes, size_t len);

#endif
