/*
 * part_rows: the rows of kind `part` in the sources stream: noise, bias and
 * variance of predictions that have replicas (stats/bias_variance.h).
 *
 *     part,NAME,CLASS,value,low,high,n,note
 *
 * NAME: loss, noise (where there is a goal or a distribution of labels), bias,
 * variance, net_variance, then the two extra parts of the decomposition.
 * CLASS is empty, or (by_class) the label of the rows.
 *
 *     part_begin(&parts, &options, reader, &err);
 *     part_add(&parts, reader, &err);                 for every labelled row
 *     part_rows(&parts, reader, &rows, &notes, &err);
 *     part_end(&parts);
 */
#ifndef STREAM_PART_ROWS_H
#define STREAM_PART_ROWS_H

#include "csv/rows.h"
#include "stream/metric_kind.h"
#include "stream/replica_sums.h"

/*
 * asked: the user wants parts, so that not to have them is an error.  none: the
 * metric has no parts.
 */
struct part_options {
    struct replica_options replicas;
    bool asked, none, by_class;
    bool has_goal;
    double goal; /* of the same metric */
    uint64_t seed;
};

/*
 * replicas: NULL where the columns do not allow parts; `why` then says it.
 *
 * chance: before the rows are made it may be set to what each row's label is a
 * draw from, as replica_rows_make has it; not owned.  NULL: labels are taken as
 * right, and there is no noise to be told from bias.
 */
struct part_sums {
    const struct part_options *options;
    struct replica_sums *replicas;
    const double *chance;
    struct err why;
};

/* Whether a metric has parts; for error the decomposition stays as it is. */
bool part_decomposition(enum metric_kind metric,
                        enum decomposition *decomposition);

int part_begin(struct part_sums *sums, const struct part_options *options,
               const struct prediction_reader *from, struct err *err);
int part_add(struct part_sums *sums, const struct prediction_reader *from,
             struct err *err);

/*
 * Adds the rows, and to notes which rows they are of; nothing but a note where
 * there are no parts.
 */
typedef int part_maker(struct part_sums *sums,
                       const struct prediction_reader *from, struct rows *rows,
                       struct buf *notes, struct err *err);
part_maker part_rows;
void part_end(struct part_sums *sums);

/*
 * The rows of replica_rows_make, at least one, and notes of what they are; an
 * error where no row has two replicas.
 */
int part_make(struct part_sums *sums, const struct prediction_reader *from,
              struct replica_rows *made, struct buf *notes, struct err *err);

#endif
