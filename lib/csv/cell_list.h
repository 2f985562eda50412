/*
 * cell_list: the cells of many records, in three arrays.
 *
 * A record of w cells has w + 1 entries: those of its cells, and one more.
 * With `start` pointing to a record's first entry, cell i is the NUL-terminated
 * text + start[i] of start[i + 1] - start[i] - 1 bytes.  `raw` says the same
 * of the bytes as they stood in the file; of cells without quotes raw and start
 * are one array, or the other is not there (csv/block.h).
 */
#ifndef CSV_CELL_LIST_H
#define CSV_CELL_LIST_H

#include <stddef.h>
#include <stdint.h>

/* {0} is empty.  Owned. */
struct cells {
    char *text;
    size_t text_len, text_capacity;
    uint32_t *start, *raw; /* [n] entries */
    size_t n, start_capacity, raw_capacity;
};

void cells_clear(struct cells *cells); /* memory is kept */
void cells_release(struct cells *cells);

#endif
