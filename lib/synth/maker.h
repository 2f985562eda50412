/*
 * maker: rows of a kind, with the faults and the shifts that are asked for,
 * and the best error that anybody can reach on them.
 *
 * What a row's label says comes about in this order: a class by its share
 * (imbalance, label shift), a row of that class (kept with a probability that
 * depends on where it leans: covariate shift), the class replaced (concept
 * shift), the label replaced (label noise).  Duplicates, a column that gives
 * the label away and labels that stand beside the wrong rows are made of the
 * finished rows: the best error is that without them.
 */
#ifndef SYNTH_MAKER_H
#define SYNTH_MAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "csv/rows.h"
#include "synth/kind.h"

enum synth_shift { SHIFT_NONE, SHIFT_COVARIATE, SHIFT_LABEL, SHIFT_CONCEPT };

enum misalign_how {
    MISALIGN_NONE,
    MISALIGN_BY,      /* labels stand `by` rows too low (or, < 0, too high) */
    MISALIGN_SHUFFLE, /* in random order */
    MISALIGN_SORT,    /* in the order of their names */
    MISALIGN_REVERSE
};

struct misalign {
    enum misalign_how how;
    long by;
    double from; /* only behind this share of the rows, [0, 1) */
};

struct synth_options {
    const struct synth_kind *kind;
    struct world world; /* tables: NULL */
    size_t rows;        /* >= 1 */
    double label_noise; /* share of labels that are another class, [0, 1) */
    double imbalance;   /* the first class has so many times the rows of the
                           last, others between; >= 1 */
    double duplicates;  /* share of rows that are copies of others, [0, 1) */
    double leak; /* share of rows whose column `leak` names the label; 0: no
                    such column */
    enum synth_shift shift;
    double shift_by; /* covariate, label: log odds for one unit of lean, or
                        from the first class to the last; concept: share of the
                        rows that lean to the right which are of the next class
                        now, [0, 1] */
    struct misalign misalign;
    uint64_t seed;
};

/*
 * Made rows.  The memory is 8 bytes for each of a row's numbers.  The same
 * options give the same rows.
 */
struct maker;

struct maker *maker_new(const struct synth_options *options);
void maker_free(struct maker *maker);

/* Header, and row i < options.rows; the label is the last column, before
 * `leak` if there is one. */
void maker_header(const struct maker *maker, struct csv_writer *writer);
void maker_row(const struct maker *maker, size_t i, struct csv_writer *writer);

/*
 * P(label | row i) for all classes, as whoever knows how the rows are made has
 * it (of labels that stand beside the right rows): writes p[classes].
 */
void maker_posterior(const struct maker *maker, size_t i, double *p);

/* The label of row i as it is written: a class's number. */
size_t maker_label(const struct maker *maker, size_t i);

/*
 * The best possible error, E[1 - max over classes of P(class | row)], as the
 * mean over many fresh rows with the exact probabilities, and the standard
 * error of that mean.  Rounding of cells is not taken into account.
 */
struct best_error {
    double error, standard_error;
};
struct best_error maker_best_error(const struct maker *maker);

/* `name,value`: the best error, and the options. */
void maker_truth(const struct maker *maker, struct rows *rows);

const char *synth_shift_name(enum synth_shift shift);

#endif
