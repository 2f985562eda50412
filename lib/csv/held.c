#include "csv/held.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct held_record {
    struct buf bytes;
    struct csv_field *fields;
    size_t capacity, number;
};

static void copy_cells(struct held_record *to, const struct csv_field *from,
                       size_t width)
{
    const char *at;

    buf_clear(&to->bytes);
    for (size_t i = 0; i < width; i++) {
        buf_add(&to->bytes, from[i].text, from[i].len + 1);
        if (from[i].raw)
            buf_add(&to->bytes, from[i].raw, from[i].raw_len);
    }
    at = to->bytes.data;
    for (size_t i = 0; i < width; i++) {
        to->fields[i] = from[i];
        to->fields[i].text = at;
        at += from[i].len + 1;
        to->fields[i].raw = from[i].raw ? at : NULL;
        at += from[i].raw ? from[i].raw_len : 0;
    }
}

void held_add(struct held_records *held, const struct csv_reader *reader)
{
    size_t width = csv_reader_width(reader), had = held->capacity;
    struct held_record *record;

    held->items = mem_grow(held->items, &held->capacity, held->n + 1,
                           sizeof(*held->items));
    if (held->capacity > had)
        memset(held->items + had, 0,
               (held->capacity - had) * sizeof(*held->items));
    record = &held->items[held->n++];
    record->fields = mem_grow(record->fields, &record->capacity, width,
                              sizeof(*record->fields));
    record->number = csv_reader_records(reader);
    copy_cells(record, csv_reader_fields(reader), width);
    held->bytes += record->bytes.len;
}

const struct csv_field *held_fields(const struct held_records *held, size_t i)
{
    return held->items[i].fields;
}

size_t held_number(const struct held_records *held, size_t i)
{
    return held->items[i].number;
}

void held_clear(struct held_records *held)
{
    held->n = held->bytes = 0;
}

void held_release(struct held_records *held)
{
    for (size_t i = 0; i < held->capacity; i++) {
        buf_release(&held->items[i].bytes);
        free(held->items[i].fields);
    }
    free(held->items);
    memset(held, 0, sizeof(*held));
}
