/*
 * pair_images: the half of `assay pair` that joins images.
 */
#ifndef CLI_PAIR_IMAGES_H
#define CLI_PAIR_IMAGES_H

#include "cli/pair_args.h"
#include "csv/rows.h"
#include "table/join.h"

/*
 * Finds the images, joins them to the rows of `join` (NULL: to their folders),
 * writes `id,path` and the labels, or with --shape `id`, the labels and the
 * pixels, and says what was left out.  The counts go into `summary`, as
 * pair_count has them.  Ends the process on failure.
 */
void pair_images(const struct args *args, const struct pair_args *options,
                 struct join *join, struct rows *summary);

/* Joined rows and what is left out of both sides: rows `kind,n,share`. */
void pair_count(struct rows *summary, const char *kind, size_t n, size_t of);

/*
 * What --skip-bad left out: `bad` of the `of` images or rows of data that
 * came, and of the records of the joined table (join may be NULL).
 */
void pair_bad(struct rows *summary, const struct join *join, size_t bad,
              size_t of);

/* What has no partner: counted on standard error, and in --unmatched FILE. */
void pair_unmatched(const struct pair_args *options, struct join *join,
                    struct rows *summary);

#endif
