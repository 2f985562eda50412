/*
 * corpus: the data sets into which faults are put, and sensible settings to
 * learn them with.
 *
 * Each is of one half: thresholds may be looked for in half A (seeds 1 to 20),
 * half B (other data sets, seeds 21 to 40) is what is reported.
 */
#ifndef FAULTS_CORPUS_H
#define FAULTS_CORPUS_H

#include <stdint.h>

#include "grid.h"
#include "nn/hyper.h"
#include "synth/kind.h"

enum form { ROWS, IMAGE, STEPS, TEXT };

struct data_set {
    const char *name;
    char half;                     /* 'A' or 'B' */
    const struct synth_kind *kind; /* made data, or */
    const char *file;              /* in tests/faults/data */
    enum form form;
    bool curved;  /* a line does not part its classes */
    size_t rows;  /* at least so many, of made data */
    double image; /* pixels a side of a file's images; 0: none */
};

/* NULL name at the end. */
extern const struct data_set corpus[];

/* A data set at one seed, with all that a clean run is made of. */
struct sample {
    const struct data_set *set;
    uint64_t seed;
    struct grid grid;    /* with columns `label` and, the last one, `split` */
    size_t label, split; /* columns */
    size_t shape[3], n_shape;
    struct hyper hyper;
    double doubt; /* ln K less the entropy of the labels, in nats */
};

/*
 * Rows, their parts and settings follow from the seed alone.  `scratch` is a
 * file that may be written.
 */
int sample_make(struct sample *sample, const struct data_set *set,
                uint64_t seed, const char *scratch, struct err *err);
void sample_release(struct sample *sample);

/* A column that is neither label nor split. */
bool sample_feature(const struct sample *sample, size_t column);

/*
 * Writes train, val or test into the grid's column `split`, stratified, as
 * `assay split` does.
 */
int corpus_split(struct grid *grid, size_t split, uint64_t seed,
                 const char *scratch, struct err *err);

#endif
