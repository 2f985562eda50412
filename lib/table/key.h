/*
 * key: when two names mean the same thing.
 *
 * Keys are compared in composed form (NFC), so that a name typed on one
 * system is the one stored on another.  A slash or a backslash parts folders;
 * "./" before a key is nothing.
 */
#ifndef TABLE_KEY_H
#define TABLE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum key_match {
    KEY_EXACT, /* the whole key; of an image its path below the folder given */
    KEY_PATH,  /* the whole key; of an image its path as it is written */
    KEY_NAME,  /* what stands behind the last slash */
    KEY_STEM   /* that without the ending of an image or document */
};

enum { KEY_MATCHES = KEY_STEM + 1 };

struct key_rule {
    enum key_match match;
    bool ignore_case; /* caseless, as text_fold has it */
};

/*
 * Appends the form of a key in which equal ones have equal bytes; it may be
 * empty, and ends in a NUL in any case.
 */
void key_make(struct buf *out, struct key_rule rule, const char *text,
              size_t len);

/* "exact", "path", "name", "stem"; the other way an ERR_USAGE error. */
const char *key_match_name(enum key_match match);
int key_match_parse(enum key_match *match, const char *name, struct err *err);

/*
 * The bytes of a name before its ending, if that is one which images and
 * documents have (".jpg", ".TIFF", ".pdf"; not the ".12" of "1899.12"), else
 * len.
 */
size_t key_stem(const char *name, size_t len);

/* The same, without the zeros that a number in digits begins with. */
void key_make_number(struct buf *out, struct key_rule rule, const char *text,
                     size_t len);

#endif
