/*
 * label_issues: which labels are likely to be wrong (confident learning).
 *
 * Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty
 * in Dataset Labels", JAIR 70:1373.  Rows have a given label k and, from a
 * model that has not seen them, probabilities p[classes] that sum to 1.
 *
 *     t_k = mean of p_k over the rows given label k                  (eq. 2)
 *     a row counts in C[given][j], j being the class with p_j >= t_j - 1e-6;
 *     the one with the largest p_j, the first among equals, if there are
 *     several; no class: the row is skipped                          (eq. 1)
 *     C_kk >= 1; row k of C is scaled to the n_k rows given label k and
 *     rounded by the largest remainder, which makes Q                (eq. 3)
 *
 * Then some rows are pruned (section 3.2), but never one whose label, with
 * 1e-6 added to its probability, is what the model says too.
 *
 * The rows are seen twice, in the same order, rarely three times:
 *
 *     li = label_issues_new(classes, how);
 *     first pass:   label_issues_learn(li, given, p);
 *     second pass:  label_issues_judge(li, given, p);
 *     if (label_issues_prune(li))
 *         third pass:   label_issues_settle(li, given, p);
 *     n = label_issues_list(li, score, &list);
 *
 * The result is that of an algorithm that holds all probabilities.  Memory:
 * 32 bytes for each row that the model contradicts, and 24 more for each class
 * that is more than 1/16 likelier than the label there (at most 15, mostly
 * one); for `class` and `both` 24 for each row whose label has at most .51; in
 * a third pass 24 for each row of Q off its diagonal; classes² numbers.
 */
#ifndef STATS_LABEL_ISSUES_H
#define STATS_LABEL_ISSUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is pruned.  Ties are broken by the order of the rows. */
enum label_prune {
    PRUNE_NOISE_RATE,   /* for each k != j, the Q_kj rows given k with the
                         * largest p_j - p_k */
    PRUNE_CLASS,        /* the n_k - Q_kk rows given k with the smallest p_k */
    PRUNE_BOTH,         /* the rows that both of these prune */
    PRUNE_OFF_DIAGONAL, /* the rows counted in C off its diagonal */
    PRUNE_ARGMAX        /* all rows that the model contradicts */
};

/* How doubtful a label is: both in [0, 1], the lowest is the worst. */
enum label_score {
    SCORE_SELF,  /* p_given */
    SCORE_MARGIN /* (p_given - largest other p + 1) / 2 */
};

/* A label that may be wrong.  `suggested` is the class with the largest p. */
struct label_issue {
    size_t row;  /* its number among those judged, from 0 */
    size_t kept; /* its number among those that label_issues_judge took */
    size_t given, suggested;
    float prob_given, prob_suggested;
};

struct label_issues; /* opaque */

/* classes >= 1.  Classes that no row is given are never suggested by Q. */
struct label_issues *label_issues_new(size_t classes, enum label_prune how);
void label_issues_free(struct label_issues *li); /* NULL is fine */

/* First pass: given < classes, p[classes] without NaN. */
void label_issues_learn(struct label_issues *li, size_t given, const float *p);

/* Second pass: whether the model contradicts the row, so that it can be an
 * issue at all; what else is known of other rows need not be kept. */
bool label_issues_judge(struct label_issues *li, size_t given, const float *p);

/*
 * After the second pass: whether a third is needed.  That is so where Q_kj is
 * more than the rows in which j is clearly likelier than k, and a row is left
 * that it depends on: rows that the model agrees with take a share of Q_kj.
 */
bool label_issues_prune(struct label_issues *li);
void label_issues_settle(struct label_issues *li, size_t given, const float *p);

/*
 * The rows pruned, the most doubtful first (ties: the earlier row); *list is
 * owned by li and valid until the next call.  Returns how many.
 */
size_t label_issues_list(struct label_issues *li, enum label_score score,
                         const struct label_issue **list);

/* t_k, NaN where no row is given k; and Q_kj, valid after label_issues_prune.
 */
double label_issues_threshold(const struct label_issues *li, size_t k);
size_t label_issues_joint(const struct label_issues *li, size_t k, size_t j);

double label_score(enum label_score score, double prob_given,
                   double largest_other);

#endif
