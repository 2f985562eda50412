/*
 * splitter: gives the rows of a data file their parts, in passes over them.
 *
 *     while (splitter_next_pass(s))
 *         for each record: splitter_see, until it returns 1;
 *         splitter_end_pass; back to the first record
 *     for each record: splitter_row
 *
 * What is to be known first decides how many passes there are: none by hash,
 * one to count strata, groups or times, and one each for the kinds of columns
 * with near-duplicates, for subsets, and for balance.  Memory does not grow
 * with the rows but where subset.h, grouping.h, near_duplicates.h and
 * time_order.h say so.
 */
#ifndef TABLE_SPLITTER_H
#define TABLE_SPLITTER_H

#include "base/buf.h"
#include "base/dict.h"
#include "csv/list.h"
#include "csv/reader.h"
#include "table/balance.h"
#include "table/grouping.h"
#include "table/near_duplicates.h"
#include "table/partition.h"
#include "table/recoding.h"
#include "table/subset.h"
#include "table/time_order.h"

enum split_mode {
    SPLIT_NEW,     /* there must be no split column */
    SPLIT_FILL,    /* only rows whose split cell is empty */
    SPLIT_REPLACE, /* all rows, whatever the cell holds */
    SPLIT_WITHIN   /* only rows of the part `within` */
};

/*
 * At most one of hash, time, and group with near is set.  Rows of the file
 * `target` (as csv_reader_file has it) get target_parts, others parts.
 */
struct splitter_options {
    struct parts parts, target_parts;
    enum split_mode mode;
    const char *label, *id, *hash, *within; /* NULL: none */
    const char *group, *time, *target;
    struct time_gap gap;
    struct list near; /* columns that tell near-duplicates; empty: none */
    double similarity;
    struct subset_options subset;
    enum balance_kind balance;
    uint64_t seed;
};

enum split_pass {
    PASS_NONE,
    PASS_KINDS,  /* which columns are of numbers */
    PASS_SUBSET, /* counts of classes, hashes of rows */
    PASS_COUNT,  /* strata, groups, times */
    PASS_BALANCE /* training rows of each class */
};

/* The rows that share a set of parts. */
struct split_side {
    const struct parts *parts;
    size_t *count; /* [count_capacity] rows to assign, by stratum */
    size_t count_capacity;
    uint64_t seed;
    struct partition partition;
    struct grouping grouping;
};

struct splitter {
    const struct splitter_options *options; /* not owned */
    size_t label, id, split, key;           /* columns, CSV_NONE: none */
    size_t weight;                          /* a column that is in the way */
    enum split_pass pass;
    struct dict strata;
    struct buf group;               /* the row's, in composed form */
    struct split_side side[2];      /* target_parts: the second one */
    struct recoding recoding;       /* --recode */
    struct near_duplicates near;    /* --near-duplicates */
    struct time_order time;         /* --time */
    struct subset subset;           /* --subset, --only, --max-classes */
    struct balance balance;         /* --balance */
    size_t rows;                    /* to assign */
    size_t recoded, gaps, timeless; /* rows written: with another label, … */
    size_t left_out, repeated;      /* by balance */
    size_t without_id;              /* rows whose id cell is empty */
    size_t written;
    struct dict part_names; /* all parts seen in the result … */
    size_t *part_count;     /* … and their rows */
    size_t part_capacity;
};

/* Finds the columns; refuses a split column in mode SPLIT_NEW. */
int splitter_init(struct splitter *splitter, const struct csv_reader *data,
                  const struct splitter_options *options, struct err *err);
void splitter_release(struct splitter *splitter);

/* Whether the rows have to be read before they can be written. */
bool splitter_needs_pass(const struct splitter_options *options);

/* Begins the next pass: false when it is time to write. */
bool splitter_next_pass(struct splitter *splitter);

/* The reader's record: 0, or 1 when the pass has seen enough, or -1. */
int splitter_see(struct splitter *splitter, const struct csv_reader *data,
                 struct err *err);
int splitter_end_pass(struct splitter *splitter, struct err *err);

/*
 * What becomes of a record.  part and label are strings of the splitter or of
 * the record; label is NULL where it stays as it is.
 */
struct split_row {
    const char *part, *label;
    size_t copies; /* 0: it is left out */
    double weight; /* with BALANCE_WEIGHT */
};

/* -1 (ERR_DATA) for a row that was not there when rows were counted. */
int splitter_row(struct splitter *splitter, const struct csv_reader *data,
                 struct split_row *row, struct err *err);

#endif
