/*
 * shell_word: a word of a command line, as sh(1) reads it.
 */
#ifndef BASE_SHELL_WORD_H
#define BASE_SHELL_WORD_H

#include "base/buf.h"

/* Appends the word, in quotes where it must be. */
void shell_word(struct buf *out, const char *word);

#endif
