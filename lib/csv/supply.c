#include "csv/supply.h"

#include <stdlib.h>
#include <string.h>

#include "csv/scan.h"

enum { BLOCK = 1 << 18, PIECE = 1 << 16, MOST_KEPT = 16 };

void supply_start(struct supply *s, struct input *input, char delimiter)
{
    while (s->n)
        supply_reuse(s, supply_take(s));
    s->input = input;
    s->delimiter = delimiter;
    if (!s->block_size)
        s->block_size = BLOCK;
    if (s->filling)
        s->filling->len = 0;
    s->tried = s->checked = s->lost_lines = 0;
    s->inside = s->ended = s->failed = s->checks = false;
}

void supply_release(struct supply *s)
{
    while (s->n)
        supply_reuse(s, supply_take(s));
    while (s->n_spare)
        block_free(s->spare[--s->n_spare]);
    block_free(s->filling);
    csv_free(&s->checker);
    memset(s, 0, sizeof(*s));
}

static struct block *empty_block(struct supply *s)
{
    struct block *b = s->n_spare ? s->spare[--s->n_spare] : block_new();

    b->at = b->len = 0;
    b->last = b->too_long = false;
    return b;
}

/* Bytes up to `cut` are a block; those behind begin the next one. */
static void hand_out(struct supply *s, size_t cut)
{
    struct block *full = s->filling, *next = empty_block(s);
    size_t rest = full->len - cut;

    memcpy(block_reserve(next, rest), full->data + cut, rest);
    next->len = rest;
    full->len = cut;
    full->quotes = memchr(full->data, '"', cut) != NULL;
    s->queue[s->n++] = full;
    s->filling = next;
    s->inside = scan_count(next->data, rest, '"') % 2;
    s->tried = rest;
    s->checked = 0;
    s->checks = false;
}

/* ---- records longer than a block ---- */

static void on_row(int end, void *data)
{
    (void)end;
    ((struct supply *)data)->row_ended = true;
}

/*
 * The end of the first line in which libcsv finds a mistake, or 0: in all that
 * is there, a quoted field goes on.
 */
static size_t find_mistake(struct supply *s)
{
    const struct block *b = s->filling;

    if (!s->checks) {
        csv_free(&s->checker);
        record_grammar(&s->checker, s->delimiter);
        s->checks = true;
    }
    for (;;) {
        const char *line = b->data + s->checked,
                   *newline = memchr(line, '\n', b->len - s->checked);
        size_t len = newline ? (size_t)(newline - line) + 1 : 0;
        if (!len)
            return 0;
        s->row_ended = false;
        s->checked += len;
        if (csv_parse(&s->checker, line, len, NULL, on_row, s) != len ||
            s->row_ended)
            return s->checked;
    }
}

/* ---- where a block ends ---- */

/* Behind the last newline that ends a record, or 0. */
static size_t find_end(struct supply *s)
{
    const struct block *b = s->filling;
    size_t end = b->len, cut = 0;
    bool odd = s->inside ^
               (scan_count(b->data + s->tried, end - s->tried, '"') % 2);

    s->inside = odd;
    while (!cut && end > s->tried) {
        const char *from = b->data + s->tried,
                   *newline = memrchr(from, '\n', end - s->tried);
        size_t at = newline ? (size_t)(newline - b->data) : s->tried;
        odd ^= scan_count(b->data + at, end - at, '"') % 2;
        if (newline && !odd)
            cut = at + 1;
        end = at;
    }
    s->tried = b->len;
    return cut;
}

/*
 * Hands out what is complete, and what is wrong behind it; the rest grows, up
 * to a limit.
 */
static void cut_block(struct supply *s)
{
    size_t cut = find_end(s);

    if (cut)
        hand_out(s, cut);
    cut = find_mistake(s);
    if (cut) {
        hand_out(s, cut);
    } else if (s->filling->len > RECORD_LIMIT) {
        s->filling->last = s->filling->too_long = s->ended = true;
        hand_out(s, s->filling->len);
    }
}

/* ---- reading ---- */

/* The end, or a failure: what comes before it is read first. */
static void finish(struct supply *s)
{
    struct block *b = s->filling;

    s->ended = true;
    if (s->failed) {
        size_t cut = find_end(s);
        if (cut)
            hand_out(s, cut);
        b = s->filling;
        s->lost_lines = scan_count(b->data, b->len, '\n');
        b->len = 0;
    } else if (b->len) {
        b->last = true;
        hand_out(s, b->len);
    }
}

bool supply_fill(struct supply *s, size_t most, bool wait)
{
    size_t before = s->n;

    if (!s->filling)
        s->filling = empty_block(s);
    while (s->n == before && !s->ended) {
        struct block *b = s->filling;
        size_t want = s->block_size - b->len % s->block_size;
        bool ready;
        ssize_t n;
        if (s->n >= most || (!wait && !input_ready(s->input)))
            return false;
        want = want < PIECE ? want : PIECE;
        n = input_read(s->input, block_reserve(b, want), want, &s->failure);
        s->failed = n < 0;
        if (n <= 0) {
            finish(s);
            return s->n > before;
        }
        b->len += (size_t)n;
        ready = input_ready(s->input);
        if (b->len >= s->block_size || !ready)
            cut_block(s);
        else if (!wait)
            return true;
    }
    return s->n > before;
}

struct block *supply_take(struct supply *s)
{
    struct block *first = s->n ? s->queue[0] : NULL;

    if (s->n)
        memmove(s->queue, s->queue + 1, --s->n * sizeof(*s->queue));
    return first;
}

void supply_reuse(struct supply *s, struct block *block)
{
    if (block && s->n_spare < SUPPLY_MOST &&
        block->capacity < MOST_KEPT * s->block_size)
        s->spare[s->n_spare++] = block;
    else
        block_free(block);
}
