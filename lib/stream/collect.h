/*
 * collect: the rows to be labelled first.
 *
 *     id,rank,score,why,pred,prob[,kept columns]
 *
 * Candidates are the rows without a label, of any split; where all rows have
 * one, those of the current part, as a rehearsal; their labels still say how
 * often rows like them are wrong.
 *
 * score is the estimated probability that the row is wrong
 * (stats/wrong_chance.h): from how unsure the model is (1 - the margin between
 * the two largest p:, else 1 - prob) and from the group of the row, as the
 * labelled rows of the current part have it.  The group is the slice that
 * carries most extra error a row (excess / share) of those that the row is in
 * and that carry extra error at a false discovery rate of .05
 * (stream/shift_errors.h) and are worse than both parts on average; pairs, and
 * slices of the label, are no groups.
 *
 * N rows are drawn, each with a probability in proportion to score², spread
 * over groups, predicted classes and unsureness (stats/spread_draw.h, in that
 * order); rank 1 has the highest score of them, and a row with a higher one may
 * not have been drawn.  why: the slice, and what the model made of the row, in
 * words.
 *
 * Not the N of which the model is least sure: that is as good where the model
 * is wrong where it is unsure, and worse than random where it is wrong and
 * sure, as in a world that has changed much.  Measured by
 * tests/accuracy/collect.sh: 200 rows of 4,000 labelled and added to 1,000,
 * error on 8,000 others, ten seeds; differences from random with their standard
 * error:
 *
 *                  before random  least sure      this            all 4,000
 *     adult        .218   .203    -.004 (.003)    -.004 (.003)    -.010
 *     adult_mixed  .218   .225    -.024 (.007)    -.024 (.006)    -.022
 *     tate         .591   .354    +.035 (.011)    -.019 (.005)    -.154
 *     synth        .102   .101    -.003 (.001)    -.003 (.001)    -.004
 *
 * With 50 rows: adult -.010 (.007), -.009 (.004); tate +.024 (.014), -.010
 * (.012).
 */
#ifndef STREAM_COLLECT_H
#define STREAM_COLLECT_H

#include "stream/shift_errors.h"

/* Of the result's rows, for gates. */
#define COLLECT_KEYS "id"
#define COLLECT_VALUE "score"

struct collect_options {
    size_t n; /* rows, at least 1 */
    uint64_t seed;
};

/*
 * After shift_errors_read with the same reader, which it reads twice more.
 * Takes about 100 bytes a candidate and 17 a labelled row of the current part.
 * id is the row's number, from 1, where the stream has none.  -1: reading
 * failed, or a kept column has the name of one of the result's own.
 */
int collect_rows(const struct shift_errors *errors,
                 const struct collect_options *options,
                 struct prediction_reader *reader, struct rows *rows,
                 struct buf *notes, struct err *err);

#endif
