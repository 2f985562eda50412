/*
 * tokens: text as the numbers of its words or characters, in their order.
 *
 * Words are those of text_next_word (base/text.h) in folded text; characters
 * are those of folded text, a run of blanks being one blank.
 */
#ifndef TABLE_TOKENS_H
#define TABLE_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/dict.h"
#include "table/schema.h"

#define TOKEN_UNSEEN UINT32_MAX          /* not in a frozen dictionary */
#define TOKEN_SEPARATOR (UINT32_MAX - 1) /* between two text columns */

/*
 * The tokens of many rows.  Row i has token[start[i]] .. token[start[i + 1]],
 * one or more: numbers in dict, or one of the above.  {0} is empty.
 */
struct tokens {
    size_t n, starts_capacity;
    size_t *start; /* [n + 1] */
    uint32_t *token;
    size_t entries, capacity;
    struct dict dict;
    size_t cut;        /* rows that were longer than max_steps */
    struct buf folded; /* scratch */
};

/*
 * A row: its texts one by one, then its end.  A text without a token is one
 * TOKEN_UNSEEN; a TOKEN_SEPARATOR stands between two texts.  What goes beyond
 * max_steps (0: no limit) is cut off.  With frozen, dict does not grow.
 */
void tokens_add(struct tokens *tokens, enum token_kind kind, bool frozen,
                const char *text, size_t len);
void tokens_end_row(struct tokens *tokens, size_t max_steps);

void tokens_clear(struct tokens *tokens); /* no rows; dict, cut are kept */
void tokens_release(struct tokens *tokens);

/*
 * Strings as bytes for the model file, each followed by a NUL, and back.
 * Reading fails (-1) for bytes that are not the strings of a dict in the
 * order of their bytes; the dict must be empty and is to be released anyway.
 */
void vocabulary_write(const struct dict *vocabulary, struct buf *bytes);
int vocabulary_read(struct dict *vocabulary, const char *bytes, size_t len);

#endif
