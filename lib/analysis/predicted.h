/*
 * predicted: somebody's predictions in memory, as they stand.
 *
 * 12 bytes a row, and those of the ids.  Of several models (columns replica,
 * train_size) only the rows of the first are kept.
 */
#ifndef ANALYSIS_PREDICTED_H
#define ANALYSIS_PREDICTED_H

#include "base/hash_index.h"
#include "stats/calibration.h"
#include "stream/finding.h"
#include "stream/prediction.h"

#define PREDICTED_NONE UINT32_MAX

/*
 * What probabilities say in one part.  all: rows with a label and the
 * probability of their prediction; variance: the sum of p (1 - p) over them.
 * sure: rows with p >= .99, how many are wrong, and how many would be (the sum
 * of 1 - p).
 */
struct part_probs {
    struct calibration_bin all;
    double variance, sure, sure_wrong, sure_expected;
};

/*
 * The p: columns over all rows.  rows: with any of them; bad: rows that do not
 * sum to 1 within 1e-3, or have a value outside of [0, 1]; percent: that sum to
 * 100; negative: with a value below 0; empty: with none or NaN; hard: with a 1.
 * twice: rows that softmax of numbers from 0 to 1 with sum 1 can have given,
 * and twice_sure: of them those whose largest number was .8 or more (.95 of two
 * classes, where small logits look the same).
 * not_largest: rows that are not predicted as their largest p;
 * largest_only_right and pred_only_right: which of the two is right;
 * largest_right: largest p is the label's.
 * prob_off, loss_off: rows whose prob or loss is not that of the p: columns.
 */
struct p_columns {
    double rows, bad, percent, negative, empty, hard, twice, twice_sure;
    double not_largest, largest_only_right, pred_only_right, largest_right;
    double prob_off, loss_off;
    float *low, *high; /* [n_p] */
};

/*
 * label, pred, part [n]: numbers in reader.classes and reader.splits;
 * PREDICTED_NONE where unknown.  doubled: rows whose id their part
 * has had; across: whose id another part has had, and same_label: with the same
 * label there.
 */
struct predicted {
    struct prediction_reader reader;
    size_t n, capacity;
    uint32_t *label, *pred, *part;
    size_t unlabelled, unpredicted, other_models;
    struct part_probs *probs; /* [parts_capacity] */
    size_t parts_capacity;
    struct p_columns p;
    struct hash_index ids;
    uint32_t *first_row; /* [ids_capacity] of an id */
    size_t ids_capacity;
    size_t doubled, across, same_label;
};

/* Reads all; takes the csv reader over. */
int predicted_read(struct predicted *predicted, struct csv_reader *csv,
                   const struct list *names, struct err *err);
void predicted_release(struct predicted *predicted);

/* How many parts and classes there are, and their names. */
size_t predicted_parts(const struct predicted *predicted);
size_t predicted_classes(const struct predicted *predicted);
const char *predicted_part(const struct predicted *predicted, size_t part);
const char *predicted_class(const struct predicted *predicted, size_t class);

/*
 * The rows with a label and a prediction of one part, in the order of the file:
 * label[n] and pred[n], n of them; labelled_rows_release.
 */
struct labelled_rows {
    size_t n;
    uint32_t *label, *pred;
};
enum { PREDICTED_ALL = -1, PREDICTED_HELD = -2 }; /* all but train, if any */
struct labelled_rows predicted_rows(const struct predicted *predicted,
                                    long part);
void labelled_rows_release(struct labelled_rows *rows);

/* ---- the checks: each adds its findings (outside_checks.h) ---- */

typedef void prediction_check(const struct predicted *predicted,
                              struct findings *findings);
prediction_check check_classes_of, check_floor, check_pred_order,
    check_pred_parts, check_ids, check_p_columns, check_confidence;

/* Fills a finding of one part, as curve_judge does of a run. */
typedef void part_judge(const struct predicted *predicted, size_t part,
                        struct finding *finding, struct buf *advice);
void predicted_judge(const char *check, part_judge *judge,
                     const struct predicted *predicted,
                     struct findings *findings);

#endif
