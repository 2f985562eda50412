/*
 * ngram: text as counts of hashed n-grams.
 *
 * Text is folded (NFKC, caseless), cut into words and single symbols, and
 * gives word n-grams (neighbouring words joined by a blank) and character
 * n-grams (inside a word between the marks `<` and `>`, as in Bojanowski et
 * al. 2017).  An n-gram's bucket is the low bits of its hash, with words in
 * the lower and characters in the upper half of the buckets; two n-grams that
 * fall into one are one.
 */
#ifndef TABLE_NGRAM_H
#define TABLE_NGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "table/schema.h"

enum {
    NGRAM_GROUP = 1 << 18,          /* buckets of words, and of characters */
    NGRAM_BUCKETS = 2 * NGRAM_GROUP /* characters from NGRAM_GROUP on */
};

/*
 * The n-grams of many texts.  Text i has the entries start[i] .. start[i + 1];
 * its buckets rise and differ.  {0} is empty.
 */
struct ngrams {
    size_t n, starts_capacity;
    size_t *start; /* [n + 1] */
    uint32_t *bucket;
    float *count;
    size_t entries, capacity;
    struct buf folded; /* scratch */
    uint32_t *scratch;
    size_t scratch_capacity;
};

/* Appends the n-grams of valid UTF-8 text as the next text. */
void ngrams_add(struct ngrams *ngrams, const struct ngram_sizes *sizes,
                const char *text, size_t len);

void ngrams_clear(struct ngrams *ngrams); /* no texts, memory kept */
void ngrams_release(struct ngrams *ngrams);

#endif
