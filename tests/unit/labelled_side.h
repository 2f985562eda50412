/*
 * labelled_side: rows of probabilities with labels, made or of a fixture.
 *
 * To be included behind fixture.h.
 */
#ifndef TESTS_LABELLED_SIDE_H
#define TESTS_LABELLED_SIDE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/label_shift.h"

enum { CASE_CLASSES = 4, CASE_ROWS = 1000 };

/* p[n][width], label[n] of a side. */
struct side {
    float *p;
    uint32_t *label;
    size_t n;
};

static inline struct side side_new(size_t n, size_t width)
{
    return (struct side){calloc(n * width, sizeof(float)),
                         calloc(n, sizeof(uint32_t)), 0};
}

static inline void side_release(struct side *side)
{
    free(side->p);
    free(side->label);
}

static inline struct class_probs probs_of(const struct side *side)
{
    return (struct class_probs){side->p, side->label, side->n};
}

/* Both sides of one case of labels.csv. */
static inline void read_case(int wanted, struct side sides[2])
{
    FILE *file = fixture_open(TEST_DATA "/shift/labels.csv");
    int number, at;
    unsigned label;
    float p[CASE_CLASSES];

    for (at = 0; at < 2; at++)
        sides[at] = side_new(CASE_ROWS, CASE_CLASSES);
    while (fscanf(file, "%d,%d,%u,%f,%f,%f,%f", &number, &at, &label, p, p + 1,
                  p + 2, p + 3) == 7) {
        struct side *side = &sides[at];
        if (number != wanted)
            continue;
        memcpy(side->p + side->n * CASE_CLASSES, p, sizeof(p));
        side->label[side->n++] = label;
    }
    fclose(file);
}

#endif
