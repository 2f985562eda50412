/*
 * held: copies of records, for tools that must wait before they write.
 */
#ifndef CSV_HELD_H
#define CSV_HELD_H

#include <stddef.h>

#include "csv/reader.h"

/* {0} is empty.  Memory is kept when it is cleared. */
struct held_records {
    struct held_record *items;
    size_t n, capacity;
    size_t bytes; /* of all cells */
};

/* Copies the reader's current record. */
void held_add(struct held_records *held, const struct csv_reader *reader);

/* The cells of copy i < n; valid until it is cleared. */
const struct csv_field *held_fields(const struct held_records *held, size_t i);

/* The number of that record in its input, from 1. */
size_t held_number(const struct held_records *held, size_t i);

void held_clear(struct held_records *held);
void held_release(struct held_records *held);

#endif
