/*
 * err: how the library reports what went wrong.
 *
 * A call that can fail returns -1 or NULL and fills its trailing `struct err`;
 * on success the struct is untouched.  Nothing under lib/ prints or exits (but
 * for lib/cli, and mem.h when memory is out).  The tools turn an error into one
 * line on standard error and an exit status (cli/report.h).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

enum err_kind {
    ERR_NONE = 0,
    ERR_DATA,     /* the input is wrong: exit 1 */
    ERR_SYSTEM,   /* the system refused: exit 1 */
    ERR_UPSTREAM, /* the tool that wrote the input failed: exit 1 */
    ERR_USAGE     /* the command line is wrong: exit 2 */
};

#define ERR_FILE_SIZE 512
#define ERR_NAME_SIZE 96
#define ERR_MESSAGE_SIZE 1024

/*
 * Invariant: `message` is one line without a full stop.  `file` is "" where no
 * file is to blame, `line` is 0 where none is (lines count from 1; a record is
 * named by the physical line on which it starts), `field` is 0 where no column
 * is (fields count from 1).  All-zero bytes are a valid empty error.
 */
struct err {
    enum err_kind kind;
    char file[ERR_FILE_SIZE];
    long line;
    int field;
    char column[ERR_NAME_SIZE];
    char message[ERR_MESSAGE_SIZE];
};

/* Fills kind and message (printf style), clears the place.  Returns -1. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set with ERR_SYSTEM, adding ": " and the text of `errno`.  -1. */
int err_system(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds file and line to an error that has been set.  Returns -1. */
int err_at(struct err *err, const char *file, long line);

/* Adds the column (its name and 1-based field number).  Returns -1. */
int err_at_column(struct err *err, const char *column, int field);

/*
 * Writes "file:line: column 'c' (field n): message" into out, leaving out
 * what is unknown; always terminated.
 */
void err_format(const struct err *err, char *out, size_t size);

/*
 * Writes `len` bytes of a value in single quotes for use in a message: control
 * characters and invalid bytes escaped as \n, \t or \xHH, cut after 40 bytes
 * with "...". Returns out, so that it can stand in an argument list.
 */
const char *err_quote(char *out, size_t size, const char *value, size_t len);

#define ERR_QUOTE_SIZE 192

#endif
