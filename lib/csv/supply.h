/*
 * supply: the blocks of one file, in order.
 *
 * Blocks end where records end, known by the number of quotes before: a newline
 * behind an even number is the end of a record, as long as nothing is wrong
 * with the quotes; what is wrong stands in the last line of a block or before
 * it. One thread fills them (reads and unpacks), while others work on those
 * that are full.  A slow pipe's records are handed out as soon as there are
 * any.
 */
#ifndef CSV_SUPPLY_H
#define CSV_SUPPLY_H

#include <csv.h>
#include <stdbool.h>

#include "base/err.h"
#include "csv/block.h"
#include "csv/input.h"

enum { SUPPLY_MOST = 64 };

struct supply {
    struct input *input; /* not owned */
    char delimiter;
    size_t block_size; /* bytes, about */

    struct block *queue[SUPPLY_MOST]; /* [n] filled, not yet taken */
    struct block *spare[SUPPLY_MOST]; /* [n_spare] to be filled again */
    size_t n, n_spare;
    struct block *filling;
    size_t tried; /* bytes of it that have no record's end */
    bool inside;  /* an odd number of quotes in them */

    bool ended; /* nothing more to be read … */
    bool failed;
    struct err failure; /* … because of this, in the line of the file … */
    size_t lost_lines;  /* … so many behind the end of the last block */

    /* A record longer than a block: libcsv looks for what is wrong. */
    struct csv_parser checker;
    bool checks;
    size_t checked; /* bytes */
    bool row_ended;
};

/* {0} is a valid start; block_size stays. */
void supply_start(struct supply *supply, struct input *input, char delimiter);
void supply_release(struct supply *supply);

/*
 * Reads on, at most to the end of a block.  False where that would mean to
 * wait (unless `wait`), where `most` blocks are filled, or at the end.
 */
bool supply_fill(struct supply *supply, size_t most, bool wait);

/* The next filled block, or NULL: none is filled. */
struct block *supply_take(struct supply *supply);

/* Gives a taken block back. */
void supply_reuse(struct supply *supply, struct block *block);

#endif
