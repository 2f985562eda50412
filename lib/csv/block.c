#include "csv/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "csv/scan.h"

struct block *block_new(void)
{
    return mem_zalloc(1, sizeof(struct block));
}

void block_free(struct block *b)
{
    if (!b)
        return;
    cells_release(&b->cells);
    free(b->data);
    free(b->line);
    free(b);
}

char *block_reserve(struct block *b, size_t n)
{
    b->data = mem_grow(b->data, &b->capacity, b->len + n + BLOCK_MARGIN, 1);
    return b->data + b->len;
}

static void add_line(struct block *b, size_t line)
{
    if (b->n == b->lines_capacity)
        b->line =
            mem_grow(b->line, &b->lines_capacity, b->n + 1, sizeof(*b->line));
    b->line[b->n++] = (uint32_t)line;
}

/* ---- by libcsv ---- */

static void ragged(struct block *b, const struct block_form *form,
                   const struct record_parser *r)
{
    err_set(&b->fault, ERR_DATA,
            "expected %zu field%s (header line %ld), got %zu", form->width,
            plural(form->width), form->header_line, r->n_fields);
    err_at(&b->fault, form->record.name, r->line);
    b->failed = true;
}

static void parse_records(struct block *b, const struct block_form *form,
                          struct record_parser *r)
{
    while (!b->failed) {
        bool bad;
        int got = record_next(r, &bad, &b->fault);
        b->failed = got < 0;
        if (got <= 0)
            return;
        if (r->n_fields == 0 && form->width > 1) {
            record_drop(r);
            continue;
        }
        if (r->n_fields == 0)
            record_add_empty(r);
        if (!bad && r->n_fields == form->width) {
            add_line(b, (size_t)r->line);
            continue;
        }
        if (form->record.skip_bad)
            b->skipped++;
        else
            ragged(b, form, r);
        record_drop(r);
    }
}

static void parse_by_libcsv(struct block *b, const struct block_form *form)
{
    struct record_parser parser;

    record_start(&parser, &form->record, &b->cells, b->data, b->at, b->len);
    parser.last = b->last;
    parser.too_long = b->too_long;
    parser.clean = scan_is_text(b->data + b->at, b->len - b->at);
    parse_records(b, form, &parser);
    b->newlines = (size_t)parser.next_line;
    record_release(&parser);
}

/* ---- directly ---- */

static bool parse_directly(struct block *b, const struct block_form *form)
{
    struct scan scan = {.data = b->data,
                        .at = b->at,
                        .end = b->len,
                        .delimiter = form->record.delimiter,
                        .width = form->width,
                        .last = b->last,
                        .cells = &b->cells,
                        .line = b->line,
                        .lines_capacity = b->lines_capacity};
    bool done = scan_records(&scan);

    b->line = scan.line;
    b->lines_capacity = scan.lines_capacity;
    b->n = scan.n;
    b->newlines = scan.newlines;
    return done;
}

void block_parse(struct block *b, const struct block_form *form)
{
    cells_clear(&b->cells);
    b->n = b->skipped = b->newlines = 0;
    b->failed = false;
    b->direct = !form->libcsv && !b->quotes && !b->too_long &&
                parse_directly(b, form);
    if (b->direct)
        return;
    cells_clear(&b->cells);
    b->n = 0;
    parse_by_libcsv(b, form);
}

const char *block_raw(const struct block *b, size_t width, size_t record,
                      size_t *len)
{
    const uint32_t *raw = (b->direct ? b->cells.start : b->cells.raw) +
                          record * (width + 1);

    *len = raw[width] - raw[0] - 1;
    return b->data + raw[0];
}
