/*
 * text: UTF-8, case folding, words, and how wide a string is on a terminal.
 * The only place that knows libutf8proc.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Bytes (1-4) of the character at s[0..len), 0 if they are not valid UTF-8. */
size_t text_utf8_length(const char *s, size_t len);

/* Offset of the first byte that is not valid UTF-8, or len if all is. */
size_t text_utf8_valid(const char *s, size_t len);

/*
 * Appends the caseless form of valid UTF-8 text: compatibility composition
 * and case folding (NFKC_Casefold of Unicode's chapter 3.13), so that "É",
 * "é" and "E + accent" are one.  Text that cannot be folded is added as it is.
 */
void text_fold(struct buf *out, const char *s, size_t len);

/* Appends valid UTF-8 text in composed form (NFC), other bytes as they are. */
void text_compose(struct buf *out, const char *s, size_t len);

/* What text_next_word found: letters, digits and marks, or one other sign. */
struct text_word {
    const char *start;
    size_t len;  /* bytes */
    bool symbol; /* a single character that is no letter, digit or blank */
};

/*
 * Takes the next word of [*s, end): a run of letters, digits and marks, or a
 * single symbol.  Blanks and controls separate.  False at the end.
 */
bool text_next_word(const char **s, const char *end, struct text_word *word);

/* Columns that the text takes on a terminal (wide characters take two). */
size_t text_width(const char *s, size_t len);

/* Bytes of the longest prefix that fits into `columns` on a terminal. */
size_t text_prefix(const char *s, size_t len, size_t columns);

/* libutf8proc and its version, for --version. */
const char *text_library(void);

#endif
