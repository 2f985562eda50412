/*
 * spelling: which words are one but for the way they are written.
 */
#ifndef TABLE_SPELLING_H
#define TABLE_SPELLING_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Appends what spellings of a word have in common: "London", " LONDON",
 * "london." and full-width letters have one key, so have "never-married" and
 * "Never_married", "1" and "1.0", and "é" in one character or two.
 *
 * Caseless compatibility form (text_fold); blanks at either end and repeated
 * ones are dropped, and so are points and apostrophes that do not stand between
 * digits; commas, quotes, brackets, low lines, colons, and hyphens between
 * letters or digits are blanks.  Other signs stay: "A", "A-" and "A+" differ,
 * and so do "<=50K" and ">50K".  A number is its value.  Where nothing would be
 * left it is the text itself.
 */
void spelling_key(struct buf *out, const char *text, size_t len);

#endif
