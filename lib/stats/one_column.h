/*
 * one_column: what does one column alone tell of the labels, held out?
 *
 * The rows of either half (even and odd ones) are judged by what the other half
 * taught: of a level, the class that is most frequent there for its number of
 * rows, so that a rare class counts as much as a frequent one.  The result is
 * the mean over classes of the share of their rows that were told right, less
 * what chance gives, over what is left to reach:
 *
 *     skill = (mean recall - 1 / classes) / (1 - 1 / classes)
 *
 * 0 for a column that knows nothing, 1 for one that knows all; with two classes
 * it is Youden's J (Cancer 1950, 3:32).  A copy of the label of which a share
 * is replaced by any class at random has one less that share, whatever the
 * classes' shares.
 */
#ifndef STATS_ONE_COLUMN_H
#define STATS_ONE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

#define ONE_COLUMN_NONE UINT32_MAX

/*
 * ci: of the skill, normal, from the variances of the recalls with a row added
 * to either side (Agresti & Coull 1998); as if rows were independent.  Classes
 * of fewer than 10 rows are left out; with fewer than two others the skill is
 * NaN.  rows: those with a label.
 *
 * levels: the different ones, without the missing ones and those too rare to
 * tell (less than a fiftieth of an equal share of the rows).  one_to_one: there
 * are two or more, with nine tenths of the rows, and each stands for a class of
 * its own, as in a copy of the label under other names.
 */
struct one_column {
    double skill;
    struct interval ci;
    size_t rows, wrong;
    size_t levels, classes;
    bool one_to_one;
};

/*
 * level[n] < levels, of which `missing` (or ONE_COLUMN_NONE) is no level of its
 * own for one_to_one; label[n] < classes, or ONE_COLUMN_NONE for rows to be
 * left out.  Cost n + levels x classes.
 */
struct one_column one_column_levels(const uint32_t *level, size_t n,
                                    size_t levels, uint32_t missing,
                                    const uint32_t *label, size_t classes);

/*
 * Numbers, NaN where missing, which is a level of its own.  Groups of ten rows
 * or more, 256 at most, of about as many rows each and equal numbers together,
 * are levels; where there are no more different numbers than such groups, or
 * than classes, each of these is.  Groups are coarse where classes meet: the
 * nearest number of the other half is asked too, and the better of both results
 * is the one.
 */
struct one_column one_column_numbers(const float *value, size_t n,
                                     const uint32_t *label, size_t classes);

/*
 * Texts as sets of words: row i has word[start[i]] .. word[start[i + 1]], any
 * numbers, which are folded into a few thousand; n >= 1.  `all`: by naive Bayes
 * over all words.  `few`: by one telling word for each class, that with the
 * best F measure; where none of them stands, the class most frequent there.
 */
void one_column_words(const size_t *start, const uint32_t *word, size_t n,
                      const uint32_t *label, size_t classes,
                      struct one_column *all, struct one_column *few);

#endif
