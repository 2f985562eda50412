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

#include "analysis/raw_cells.h"
#include "csv/reader.h"
#include "stream/finding.h"
#include "table/table.h"

/*
 * All of them, causes before what they cause: of findings that weigh the same
 * the first one is to be looked at first.  `data` is what the table was read
 * from, and may be read again; or NULL.  -1 if it could not be.
 */
int data_checks(const struct table *table, struct csv_reader *data,
                uint64_t seed, struct findings *findings, struct err *err);

/*
 * `alignment`: do the labels stand beside their rows (stats/alignment.h)?  Up
 * to 20,000 rows are looked at; of more, 1,000 rows each from 20 places.
 * Finds labels that are offset, reversed or in another order, that of a column
 * among them (analysis/row_orders.h), in the file or in a part of it, and
 * inputs that tell nothing of the labels: where nearest rows, class means and
 * products of columns (stats/dependence.h) tell nothing either, though the rows
 * have a shape that these see (analysis/sketch_sight.h), it fails with 500 rows
 * and warns with 100 (of unequal classes: with 250 and 50 beside the largest);
 * else it is undecided.
 *
 * Measured.  Clean data of assay synth, 400 runs over kinds, 60 to 5,000 rows,
 * noise, classes, imbalance, up to .2 label noise and duplicates: no fail, .3 %
 * warn, 9 % undecided.  Clean and hard, 63 settings 5 times each (.4 of the
 * labels wrong, classes on top of each other, parity of up to 100 bits): no
 * fail, 6 % warn, 25 % undecided.  Clean samples of 13 real tables, 100 to
 * 2,000 rows, 219 runs: no fail, one warning, 8 % undecided.
 *
 * All labels in another order (6 offsets, reverse, shuffled, sorted), 9 kinds,
 * 1,000 rows, 324 runs: 97 % fail with the right words, 3 % are undecided
 * (parity, and two that were sorted).  The same in the last quarter: 252 of 252
 * of the kinds but glyphs and parity, all with the right words; of these two 44
 * of 72, 38 with the right words.  Real tables, samples of 1,000 rows: all 20
 * by an offset, with the right one; of 20 shuffled 16 fail and 4 warn, of 20
 * sorted 18 and 2; 14 of 20 with an offset in the last quarter.
 */
int check_alignment(const struct table *table, struct csv_reader *data,
                    uint64_t seed, struct findings *findings, struct err *err);

/*
 * `duplicates`: rows whose features (of images, their pixels) are the same to
 * the byte; `conflicts`: those of them with different labels; `leak`: those of
 * another part that stand in the training part.
 *
 * Chance explains equal rows where they can hardly differ
 * (analysis/row_chance.h): then there is no leak, and a tenth of the rows has
 * to be the same before there is a warning, that columns cannot tell them
 * apart.  Else any row in two parts is one, and so are copies in one row of a
 * hundred.  A leak fails where .4 of the part stand in the training
 * part, or where more do, by .05 and at p < .0001, than rows of that part stand
 * in it twice: a row at random has as many twins in either.
 */
void check_duplicates(const struct table *table, const struct raw_cells *raw,
                      uint64_t seed, struct findings *findings);

/*
 * `near_leak`: rows of a part that are nearly one of the training part, and
 * equal to none.  Of numbers and categories: all cells but one are equal, or
 * all numbers within a 200th of their deviation, by more pairs than chance has
 * (stats/near_rows.h); some 1e8 pairs are compared.  Of texts alone: as `assay
 * split --near-duplicates` has it, of 100,000 rows.  Nothing is said of
 * sequences and images.
 */
void check_near(const struct table *table, const struct raw_cells *raw,
                uint64_t seed, struct findings *findings);

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

/*
 * Parts against the training part (analysis/part_roles.h); nothing where there
 * is one part.
 *
 * `sizes`: rows without a part, a part with a single class, a part larger than
 * the training part, and parts so small that their error is hardly known.
 * `groups`: rows whose group stands in the training part.  `time`: training
 * rows not before a part whose median is later than three quarters of them.
 */
void check_parts(const struct table *table, const struct raw_cells *raw,
                 struct findings *findings);

/*
 * `levels`: rows with a level, or a share of words, that the training part
 * lacks, beyond what a random division would make of rare ones.  Fails at p <
 * .001 where a tenth of the rows, or a fifth of the words, are new.  Neither
 * this nor `columns` fails of a part that is meant to come later.
 */
void check_levels(const struct table *table, const struct raw_cells *raw,
                  struct findings *findings);

/*
 * `columns`: distributions that differ (analysis/row_sets.h), one row a group,
 * or of each stretch where the parts come in clumps along the file, of up to
 * 20,000 rows a part; p adjusted over columns and parts (Benjamini &
 * Hochberg).  `order`: each part is a stretch of the file, along which rows
 * change.
 */
void check_shares(const struct table *table, const struct raw_cells *raw,
                  uint64_t seed, struct findings *findings);

#endif
