#include "csv/stock.h"

#include <omp.h>
#include <stdatomic.h>
#include <string.h>

#include "base/parallel.h"

/* Blocks in stock, and as many that are read meanwhile. */
enum { BLOCKS_A_THREAD = 4, MOST_BLOCKS = 16 };

static size_t most_blocks(void)
{
    size_t most = BLOCKS_A_THREAD * (size_t)parallel_threads();

    return most < MOST_BLOCKS ? most : MOST_BLOCKS;
}

static void give_back(struct stock *b)
{
    for (size_t i = 0; i < b->n; i++)
        supply_reuse(&b->supply, b->blocks[i]);
    b->n = 0;
}

static void give_all_back(struct stock *b)
{
    give_back(b);
    if (b->first)
        supply_reuse(&b->supply, b->first);
    b->first = NULL;
}

void stock_end(struct stock *b)
{
    give_all_back(b);
    while (b->supply.n)
        supply_reuse(&b->supply, supply_take(&b->supply));
    b->supply.ended = true;
}

void stock_start(struct stock *b, struct input *input, char delimiter)
{
    give_all_back(b);
    supply_start(&b->supply, input, delimiter);
    b->form.record.name = input_name(input);
    b->form.record.delimiter = delimiter;
    b->line = 1;
}

void stock_release(struct stock *b)
{
    give_back(b);
    block_free(b->first);
    supply_release(&b->supply);
}

/* ---- work shared by threads ---- */

struct share {
    void (*work)(void *context, size_t i);
    void *context;
    size_t n;
    atomic_size_t next, left;
};

static void take_items(struct share *s)
{
    size_t i;

    while ((i = atomic_fetch_add(&s->next, 1)) < s->n) {
        s->work(s->context, i);
        atomic_fetch_sub(&s->left, 1);
    }
}

/* Less than a quarter of a block is not worth waking threads for. */
static bool is_little(const struct stock *b, size_t n)
{
    size_t bytes = 0;

    for (size_t i = 0; i < b->n; i++)
        bytes += b->blocks[i]->len - b->blocks[i]->at;
    return b->n ? bytes < b->supply.block_size / 4 : n < 2;
}

void stock_share(struct stock *b, size_t n,
                 void (*work)(void *context, size_t i), void *context)
{
    struct share share = {.work = work, .context = context, .n = n};
    size_t most = most_blocks();

    atomic_init(&share.next, 0);
    atomic_init(&share.left, n);
    if (parallel_threads() == 1 || is_little(b, n)) {
        take_items(&share);
        return;
    }
#pragma omp parallel
    {
        if (omp_get_thread_num() == 0)
            while (atomic_load(&share.left) &&
                   supply_fill(&b->supply, most, false))
                ;
        take_items(&share);
    }
}

/* ---- blocks ---- */

/* The file's failure, behind all of its blocks. */
static int read_failure(const struct stock *b, struct err *err)
{
    *err = b->supply.failure;
    if (err->kind == ERR_DATA)
        err_at(err, b->form.record.name, b->line + (long)b->supply.lost_lines);
    return -1;
}

static int place_error(struct err *err, long first_line)
{
    err->line = err->line < 0 ? 0 : err->line + first_line;
    return -1;
}

/* 1, or 0 at the end, or -1. */
static int take_block(struct stock *b, struct block **block, struct err *err)
{
    if (!b->supply.n)
        supply_fill(&b->supply, 1, true);
    *block = supply_take(&b->supply);
    if (*block)
        return 1;
    return b->supply.failed ? read_failure(b, err) : 0;
}

static void parse_one(void *stock, size_t i)
{
    struct stock *b = stock;

    block_parse(b->blocks[i], &b->form);
}

static int first_block(struct stock *b, struct err *err)
{
    int got;

    if (b->first && b->first->at == b->first->len) {
        supply_reuse(&b->supply, b->first);
        b->first = NULL;
    }
    got = b->first ? 1 : take_block(b, &b->blocks[0], err);
    if (b->first)
        b->blocks[0] = b->first;
    b->first = NULL;
    b->n = got == 1;
    return got;
}

int stock_next(struct stock *b, bool bulk, struct err *err)
{
    size_t most;
    int got;

    give_back(b);
    got = first_block(b, err);
    if (got != 1)
        return got;
    most = bulk || (b->blocks[0]->quotes && parallel_threads() > 1)
               ? most_blocks()
               : 1;
    while (b->n < most) {
        struct block *block = supply_take(&b->supply);
        if (block)
            b->blocks[b->n++] = block;
        else if (!supply_fill(&b->supply, 1, false) && !b->supply.n)
            break;
    }
    if (b->n == 1)
        parse_one(b, 0);
    else
        stock_share(b, b->n, parse_one, b);
    for (size_t i = 0; i < b->n; i++) {
        b->first_line[i] = b->line;
        b->line += (long)b->blocks[i]->newlines;
    }
    return 1;
}

int stock_fault(const struct stock *b, size_t block, struct err *err)
{
    *err = b->blocks[block]->fault;
    return place_error(err, b->first_line[block]);
}

/* ---- the header ---- */

static void skip_mark(struct block *block)
{
    if (block->len >= 3 && memcmp(block->data, "\xef\xbb\xbf", 3) == 0)
        block->at = 3;
}

/* The first record of a block that is not a blank line: as stock_header. */
static int header_in(struct stock *b, struct block *block, struct cells *cells,
                     struct err *err)
{
    struct record_form form = b->form.record;
    struct record_parser parser;
    bool bad;
    int got;

    form.skip_bad = false; /* without a header there is nothing */
    record_start(&parser, &form, cells, block->data, block->at, block->len);
    parser.last = block->last;
    parser.too_long = block->too_long;
    do {
        cells_clear(cells);
        got = record_next(&parser, &bad, err);
    } while (got == 1 && parser.n_fields == 0);
    b->form.width = parser.n_fields;
    b->form.header_line = b->line + parser.line;
    if (got < 0)
        place_error(err, b->line);
    b->line += parser.next_line;
    block->at = parser.scan;
    record_release(&parser);
    return got;
}

int stock_header(struct stock *b, struct cells *cells, const char **data,
                 struct err *err)
{
    struct block *block;
    bool begins = true;
    int got;

    while ((got = take_block(b, &block, err)) == 1) {
        if (begins)
            skip_mark(block);
        begins = false;
        b->first = block;
        got = header_in(b, block, cells, err);
        if (got) {
            *data = block->data;
            break;
        }
        supply_reuse(&b->supply, block);
        b->first = NULL;
    }
    return got;
}
