/*
 * input: the bytes of a file, a pipe or a FIFO, as UTF-8 text.
 *
 * gzip is recognised by its first bytes wherever it comes from; several
 * members in a row are one file.  What must be read twice can be: a regular
 * file is read again, anything else is copied, as it comes, to an unnamed
 * file in TMPDIR (/tmp), which disappears however the process ends.  Text that
 * was unpacked or decoded to its end is, for the next time, kept in memory as
 * far as there is some to spare (csv/copy.h).
 */
#ifndef CSV_INPUT_H
#define CSV_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct input;

/*
 * Opens path ("-" is standard input).  `encoding` is an iconv name, or NULL
 * for UTF-8, which is passed on unchecked.  With `reread`, input_rewind works.
 */
struct input *input_open(const char *path, const char *encoding, bool reread,
                         struct err *err);

/*
 * Up to `size` bytes, as soon as there are any; 0 at the end, -1 on failure
 * (a read error, damaged or truncated gzip, a byte that is not in the
 * encoding; err has the file, not the line).
 */
ssize_t input_read(struct input *input, char *out, size_t size,
                   struct err *err);

/* A new file in TMPDIR, to be written and read, that has no name and disappears
 * when it is closed, however the process ends: its descriptor, or -1. */
int input_spool(struct err *err);

/* Whether input_read would find bytes, or the end, without waiting. */
bool input_ready(const struct input *input);

/* Back to the first byte. */
int input_rewind(struct input *input, struct err *err);

/* Nothing is kept in memory for input_rewind (which works all the same). */
void input_forget(struct input *input);

/* The path as given; "<stdin>" for standard input. */
const char *input_name(const struct input *input);

/* The libraries of this folder and their versions, for --version. */
const char *input_library(void);

void input_close(struct input *input); /* NULL is fine */

#endif
