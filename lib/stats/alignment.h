/*
 * alignment: do the labels stand beside the right rows?
 *
 * Inputs and labels that were listed in two different orders raise no error,
 * and the model learns nothing.  What gives it away: a linear probe
 * (stats/probe.h) fitted to some rows tells nothing about the labels of
 * others, in the whole file or in a stretch of it; and another order of the
 * labels makes them fit.
 */
#ifndef STATS_ALIGNMENT_H
#define STATS_ALIGNMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/probe.h"

enum { ALIGNMENT_STRETCHES = 8, ALIGNMENT_BLOCKS = 20 };

enum order_kind { ORDER_GIVEN, ORDER_OFFSET, ORDER_REVERSED, ORDER_KNOWN };

/*
 * An order of the labels: that of row i of [begin, end) stands at i + offset;
 * or at begin + end - 1 - i + offset; or it is what the order `index` of
 * known_orders says.
 */
struct label_order {
    enum order_kind kind;
    long offset;
    size_t index;
};

/*
 * Orders that the caller knows of.  count: how many there are, asked before the
 * first is tried; lost: the labels tell nothing in the order given, in the file
 * or in a part of it, so that all should be listed, else only those that are
 * easily had.  labels: writes label[begin, end), those of these rows if all
 * labels (or those of these rows, where they are not all) stood in order k;
 * called by several threads at a time.
 */
struct known_orders {
    size_t (*count)(void *context, bool lost);
    void (*labels)(const void *context, size_t k, size_t begin, size_t end,
                   uint32_t *label);
    void *context;
};

/*
 * Rows [begin, end) whose labels tell nothing of their inputs, or less than in
 * another order.  given: the association in the order given; best: that in the
 * order `order`, which is ORDER_GIVEN (and best = given) where none fits
 * significantly better.  unlike: how well its inputs are told from the others,
 * the mean of the share of either that is told right in held-out rows; .5 of
 * the whole file.  other_kind: they are, and may follow rules of their own,
 * which they are too few to show.  An order fits where its z stands at least 5
 * above that of the given one: by chance that happens to less than one order in
 * 10^6.
 */
struct stretch {
    size_t begin, end;
    struct association given, best;
    struct label_order order;
    double unlike;
    bool other_kind;
};

/*
 * all: the association over all rows.  share: the share of held-out rows whose
 * best score is their label's, and `prior` that of the largest class.
 * all_at_changes: the same
 * within 20 rows of where labels change, in random order there: where few rows
 * are near a change, the file is in the order of its labels, and labels that
 * stand beside other rows go with them as far as both change along the file
 * (by_place).  informative: all.z > 3.1, p < .001, and not by place alone.
 * Where it is not, there is one stretch, the whole file, whether or not another
 * order fits: the inputs may just know nothing of the labels.
 */
struct alignment {
    struct association all, all_at_changes;
    double share, prior;
    bool informative, by_place;
    size_t tried; /* orders of the whole file, but that given */
    size_t n_stretches;
    struct stretch stretch[ALIGNMENT_STRETCHES];
};

/*
 * x[n][width] (as probe_new has it) and label[n] < classes, or PROBE_NONE;
 * n >= 40, else nothing is found.  Offsets up to 50, the reverse, and the known
 * orders (or NULL) are tried.
 *
 * A block of the file (one, two, four or eight twentieths, of at least 40 rows
 * each) is suspected where its own association has z < 2.3 though the scores of
 * the other blocks' rows let expect 3.5 or more, and its held-out accuracy is
 * below what their recall lets expect of its classes, by a binomial z of 2, and
 * less than half way up from what the same labels would reach in random order.
 * Scores are then fitted to the others alone.  Suspects stay that another order
 * makes fit, and those for which 6.3 and 3.5 are reached now.  Neighbours are
 * one stretch; its ends are put where the rows' scores change.
 *
 * A stretch that no order makes fit has z < 2.3 then, and 3.1 or less by
 * itself, fitted to these rows alone.  If its inputs are told from the others
 * in .57 or less it is as the others are; up to .75 it must be expected to have
 * 6 by itself; beyond, it is of another kind, and left out below 500 rows.
 *
 * In a file in which labels change less than .4 as often as in random order,
 * offsets are also judged by the rows they move.
 *
 * More than 64 classes are taken together in 64 groups.
 *
 * How often it is right: analysis/data_checks.h.
 */
void alignment_test(const float *x, size_t n, size_t width,
                    const uint32_t *label, size_t classes,
                    const struct known_orders *known, struct alignment *out);

#endif
