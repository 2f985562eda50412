/*
 * stock: the next blocks of a file, cut into records on all threads.
 */
#ifndef CSV_STOCK_H
#define CSV_STOCK_H

#include "csv/supply.h"

/*
 * Invariant: blocks[n] are those in use, first_line[i] is the line of the file
 * on which blocks[i] begins and `line` the one behind the last.
 */
struct stock {
    struct supply supply;
    struct block_form form;
    struct block *blocks[SUPPLY_MOST];
    long first_line[SUPPLY_MOST];
    size_t n;
    long line;
    struct block *first; /* what is behind the header in its block, or NULL */
};

/* {0} is a valid start; so is one that was used for another file. */
void stock_start(struct stock *stock, struct input *input, char delimiter);
void stock_end(struct stock *stock); /* what is left is not read */
void stock_release(struct stock *stock);

/*
 * Reads the header into `cells` (empty), its raw bytes are in *data until the
 * next call: 1, or 0 where the file has no record, or -1.  Sets the form's
 * width and header_line.
 */
int stock_header(struct stock *stock, struct cells *cells, const char **data,
                 struct err *err);

/*
 * The next block, cut; or, with `bulk` or where libcsv has to cut them, blocks
 * for all threads, as far as there is no need to wait for them.  1, or 0 at the
 * end of the file, or -1.
 */
int stock_next(struct stock *stock, bool bulk, struct err *err);

/* The error of a block that failed, with its line in the file.  -1. */
int stock_fault(const struct stock *stock, size_t block, struct err *err);

/*
 * Calls work(context, i) for all i < n, on all threads and in any order, while
 * one of them reads on.
 */
void stock_share(struct stock *stock, size_t n,
                 void (*work)(void *context, size_t i), void *context);

#endif
