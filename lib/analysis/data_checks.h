/*
 * data_checks: silent bugs in a table of rows and labels, before a network
 * sees it.
 *
 * Each adds its findings, also those that are ok.  They run many times a day:
 * a test fails at p < .001 and warns at p < .01.
 */
#ifndef ANALYSIS_DATA_CHECKS_H
#define ANALYSIS_DATA_CHECKS_H

#include <stdint.h>

#include "stream/finding.h"
#include "table/table.h"

/*
 * All of them, causes before what they cause: of findings that weigh the same
 * the first one is to be looked at first.
 */
void data_checks(const struct table *table, uint64_t seed,
                 struct findings *findings);

/*
 * `alignment`: do the labels stand beside their rows (stats/alignment.h)?  Up
 * to 20,000 rows are looked at; of more, 1,000 rows each from 20 places.
 * Finds labels that are offset, reversed or in another order, in the file or in
 * a part of it, and inputs that tell nothing of the labels.
 */
void check_alignment(const struct table *table, uint64_t seed,
                     struct findings *findings);

/*
 * `duplicates`: rows whose features are the same to the byte; `conflicts`:
 * those of them with different labels; `leak`: those in different parts.
 */
void check_duplicates(const struct table *table, struct findings *findings);

/*
 * Of columns; nothing where the rows are images or sequences.  At most ten
 * findings each.
 *
 * `empty`: no value in the training rows; `constant`: one value in the training
 * rows or in all, but for the background of images; `identifier`: features that
 * name or number the rows; `text_numbers`: numbers hidden among words; `mixed`:
 * cells of two kinds.
 */
void check_columns(const struct table *table, struct findings *findings);

/*
 * `missingness`: whether a cell is missing tells the label (chi-square or
 * permutation, Benjamini-Hochberg over columns; the lower limit of Cramer's V
 * .3 or more, fails from .9 on); `missing`: more than half of a column, or by a
 * tenth or more different shares by part (the same tests).
 */
void check_missing(const struct table *table, uint64_t seed,
                   struct findings *findings);

/*
 * `giveaway`: a column that alone tells the label (stats/one_column.h), of up
 * to 20,000 rows.
 */
void check_giveaway(const struct table *table, struct findings *findings);

/* `outliers`: numbers far from all others, and codes (stats/far_values.h). */
void check_outliers(const struct table *table, struct findings *findings);

/* `spellings`: levels and labels that are one but for their spelling. */
void check_spellings(const struct table *table, struct findings *findings);

/*
 * `labels`: rows without one; `classes`: the smallest;
 * `imbalance`: the largest; `absent`: classes that a
 * part lacks; `prior`: parts with other shares of the classes (chi-square, or
 * permutation); `sorted`: rows in the order of their labels (Wald &
 * Wolfowitz's runs).
 */
void check_labels(const struct table *table, uint64_t seed,
                  struct findings *findings);

#endif
