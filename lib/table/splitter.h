/*
 * splitter: gives the rows of a data file their parts, in two passes or one.
 *
 * First pass: count the rows of each stratum (none is needed by hash).  Second
 * pass: say where each row goes.  Memory does not grow with the rows.
 */
#ifndef TABLE_SPLITTER_H
#define TABLE_SPLITTER_H

#include "base/dict.h"
#include "csv/list.h"
#include "csv/reader.h"
#include "table/partition.h"

enum split_mode {
    SPLIT_NEW,     /* there must be no split column */
    SPLIT_FILL,    /* only rows whose split cell is empty */
    SPLIT_REPLACE, /* all rows, whatever the cell holds */
    SPLIT_WITHIN   /* only rows of the part `within` */
};

struct splitter_options {
    struct parts parts;
    enum split_mode mode;
    const char *label, *id, *hash, *within; /* NULL: none */
    uint64_t seed;
};

struct splitter {
    const struct splitter_options *options; /* not owned */
    size_t label, id, split, hash;          /* columns, CSV_NONE: none */
    struct dict strata;
    size_t *count; /* [count_capacity] rows to assign, by stratum */
    size_t count_capacity;
    size_t rows; /* to assign */
    struct partition partition;
    struct dict recode_from; /* --recode: old label -> recode_to */
    struct list recode_to;
    size_t recoded;
    size_t without_id;      /* rows whose id cell is empty */
    struct dict part_names; /* all parts seen in the result … */
    size_t *part_count;     /* … and their rows */
    size_t part_capacity;
};

/* Finds the columns; refuses a split column in mode SPLIT_NEW. */
int splitter_init(struct splitter *splitter, const struct csv_reader *data,
                  const struct splitter_options *options, struct err *err);
void splitter_release(struct splitter *splitter);

/* Reads a table `class,into`; rows apply in order, so that merges add up. */
int splitter_recode(struct splitter *splitter, const char *path,
                    struct err *err);

/* Whether the rows have to be counted before they can be assigned. */
bool splitter_needs_count(const struct splitter *splitter);
void splitter_count(struct splitter *splitter, const struct csv_field *record);
void splitter_start(struct splitter *splitter);

/* The record's label after recoding, NULL where it stays as it is. */
const char *splitter_label(struct splitter *splitter,
                           const struct csv_field *record);

/*
 * The record's part, a string of the splitter or of the record; NULL for a
 * row that was not there when rows were counted.
 */
const char *splitter_part(struct splitter *splitter,
                          const struct csv_field *record);

#endif
