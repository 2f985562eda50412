/*
 * balance: training rows with as much of every class.
 *
 * One pass over the training rows calls balance_count, balance_start follows,
 * and for the same rows in the same order balance_next says what becomes of
 * each.  Rows without a label are no class: they stay as they are.
 */
#ifndef TABLE_BALANCE_H
#define TABLE_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dict.h"
#include "base/rng.h"

enum balance_kind {
    BALANCE_NONE,
    BALANCE_OVER,  /* rows are repeated up to the largest class */
    BALANCE_UNDER, /* rows are left out down to the smallest class */
    BALANCE_WEIGHT /* rows / (classes x rows of the class): the mean is 1 */
};

struct balance_class {
    size_t n;           /* rows */
    size_t left, extra; /* rows to come, and those of them with one more */
};

struct balance {
    enum balance_kind kind;
    struct dict names;
    struct balance_class *classes; /* [capacity] */
    size_t capacity;
    size_t rows, target; /* target: of each class */
    struct rng rng;
};

/* How often a row is written (0: not at all), and its weight. */
struct balanced {
    size_t copies;
    double weight;
};

void balance_init(struct balance *balance, enum balance_kind kind);
void balance_release(struct balance *balance);
void balance_count(struct balance *balance, const char *label, size_t len);
void balance_start(struct balance *balance, uint64_t seed);
struct balanced balance_next(struct balance *balance, const char *label,
                             size_t len);

#endif
