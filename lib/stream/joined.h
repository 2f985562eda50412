/*
 * joined: several files of predictions of the same rows, joined by their ids.
 *
 * Two rows are the same where their id is, and their split, fold, replica and
 * train_size where all files have that column; never because of their place.
 * Kept are the rows that every file has, in the order of the first file.
 */
#ifndef STREAM_JOINED_H
#define STREAM_JOINED_H

#include "stream/prediction.h"

/* Lists are not owned. */
struct joined_options {
    struct list on;          /* splits; none: all but train if there are any */
    struct list columns;     /* as prediction_reader_open has them */
    const char *group;       /* a column of the file with the labels, or NULL */
    const char *labels_from; /* the file whose labels count, by its name, number
                                (from 1) or letter (A, B, ...); NULL: labels
                                that differ are an error */
    bool ids;                /* keep them */
};

/*
 * What one file says of the rows.  loss and brier (as in stream/metric.h, by
 * the label that counts) are NULL where they are not known of every row.
 */
struct joined_model {
    const char *name; /* of the file, as it was given */
    uint32_t *pred;   /* [n] in joined.classes */
    double *loss, *brier;
};

struct joined {
    size_t n, n_models;
    struct joined_model *models; /* [n_models] in the order of the files */
    struct dict classes, splits, groups;
    uint32_t *label, *split; /* [n] */
    uint32_t *group; /* [n] below n_groups; NULL without options.group */
    size_t n_groups; /* that have a row */
    struct buf id_text;
    size_t *id; /* [n] where it starts in id_text, NUL-terminated; or NULL */
};

/*
 * Reads n_paths >= 2 files.  Notes say how many rows there are, of which
 * splits, and how many are left out and why.  Labels are those of the first
 * file, or of labels_from; rows without one are left out.  Where another
 * label counts than the file's own, loss and brier are computed anew from its
 * p: columns.
 *
 * Errors, besides those of the reader: no id column or an empty id; an id that
 * occurs twice in a file; ids that are the numbers of the rows in files of
 * different length; a label that differs; no row that all files have.
 *
 * Takes about 50 bytes a row of the first file and 24 for each other file.
 * Two ids are taken for one with probability 2^-64 a pair.
 */
int joined_read(struct joined *joined, char *const *paths, size_t n_paths,
                const struct csv_options *csv,
                const struct joined_options *options, struct buf *notes,
                struct err *err);
void joined_release(struct joined *joined);

/* The id of row i; needs options.ids. */
static inline const char *joined_id(const struct joined *joined, size_t i)
{
    return joined->id_text.data + joined->id[i];
}

#endif
