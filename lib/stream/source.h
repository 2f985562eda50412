/*
 * source: where the error comes from, and what to do about it.
 *
 *     kind,name,class,value,low,high,n,note
 *
 * kind `error`: goal and the error of every split; `gap`: the sources
 * (stats/gaps.h), the note saying which is the largest beyond noise; `part`:
 * optimism (stats/optimism.h), noise, bias and variance
 * (stream/part_rows.h); `next`: value is the rank, note "advice:
 * command", for that largest gap.
 */
#ifndef STREAM_SOURCE_H
#define STREAM_SOURCE_H

#include "csv/reader.h"
#include "csv/rows.h"
#include "stats/gaps.h"
#include "stats/optimism.h"
#include "stream/advice.h"

/*
 * The errors of the splits, from a table `split,error[,n]`; a split that is
 * not among those of gaps.h is an error.
 */
int source_read_errors(struct csv_reader *table,
                       struct split_errors part[SPLIT_COUNT], struct err *err);

/* The split of that name, or -1. */
int source_split(const char *name);

/*
 * All that the rows say.  part: NaN where there is no such split.  metric: its
 * name where it is not the error, else "".  The notes are not owned.
 */
struct sources {
    struct gaps gaps;
    struct estimate goal, part[SPLIT_COUNT];
    const char *goal_note, *metric;
    struct optimism optimism; /* of the best of `trials`; 0: not asked for */
    double trials;
    const char *optimism_note;
    enum split tuned_on;
};

/* The split that choices are made on: testval, val, trainval; else
 * SPLIT_COUNT. */
enum split source_tuned_on(const struct estimate part[SPLIT_COUNT]);

/* All rows but the advice, and that; known: for the advice, or NULL. */
void source_rows(struct rows *rows, const struct sources *sources);
void source_advice(struct rows *rows, const struct sources *sources,
                   const struct advice_case *known);

#endif
