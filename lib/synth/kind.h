/*
 * kind: made data whose best possible error is known.
 *
 * A kind says how a row of a given class comes about and how likely a row is
 * under every class; from the two follow the rows, and the error of whoever
 * knows all that can be known (Bayes).  A row is x[width] numbers, whatever
 * its cells look like: measurements, levels, pixels, words.
 */
#ifndef SYNTH_KIND_H
#define SYNTH_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rng.h"
#include "csv/writer.h"

/* What a kind's rows depend on besides their class. */
struct world {
    size_t classes;
    size_t size;  /* features, steps, or pixels a side: what the kind says */
    double noise; /* > 0, in the kind's own unit */
    void *tables; /* what the kind has built, or NULL; the maker frees it */
};

struct synth_kind {
    const char *name;
    const char *size_means, *noise_means; /* for the manual; NULL: no size */
    struct world usual;                   /* the defaults */
    size_t least_classes, most_classes;
    size_t least_size, most_size;
    double most_noise;
    size_t draws; /* that an error is computed from: fewer where rows cost */

    /* Tables that all rows need, one block of memory; NULL where none are. */
    void *(*build)(const struct world *world);

    /* Numbers of a row. */
    size_t (*width)(const struct world *world);

    /* A row of that class: writes x[width]. */
    void (*draw)(const struct world *world, struct rng *rng, size_t class,
                 double *x);

    /*
     * ln p(x | class) for all classes, less what is the same for all of them:
     * writes out[classes].  Called from several threads.
     */
    void (*log_density)(const struct world *world, const double *x,
                        double *out);

    /*
     * Where a row stands along some direction that has nothing to do with the
     * way labels are made, of order 1: what a shift of the inputs goes by.
     */
    double (*lean)(const struct world *world, const double *x);

    /* Names and cells of the columns; the label is not among them. */
    void (*header)(const struct world *world, struct csv_writer *writer);
    void (*cells)(const struct world *world, const double *x,
                  struct csv_writer *writer);
};

/* Points (synth/points.c): x1, x2, … */
extern const struct synth_kind synth_blobs, synth_xor, synth_moons,
    synth_spirals;

/* Numbers, categories and missing cells (synth/tabular.c). */
extern const struct synth_kind synth_tabular;

/* Images of digits, a column a pixel (synth/glyphs.c). */
extern const struct synth_kind synth_glyphs;

/* Sequences, a column `sequence` (synth/order.c). */
extern const struct synth_kind synth_parity, synth_order;

/* Titles of books, a column `title` (synth/titles.c). */
extern const struct synth_kind synth_titles;

/* All kinds; NULL at the end. */
extern const struct synth_kind *const synth_kinds[];

/* The kind of that name, or NULL. */
const struct synth_kind *synth_kind_find(const char *name);

/* ln(exp(a) + exp(b)), and a cell of at most four decimals. */
double log_add(double a, double b);
void synth_number(struct csv_writer *writer, double value);

#endif
