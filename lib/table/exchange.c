#include "table/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool exchange_can(const struct column *column)
{
    return column->role == ROLE_FEATURE &&
           (column->type == TYPE_NUMBER || column->type == TYPE_CATEGORY ||
            column->type == TYPE_TEXT);
}

static bool are_tokens(const struct exchange *x)
{
    return x->type == TYPE_TEXT && x->table->schema->form == FORM_TOKENS;
}

void exchange_begin(struct exchange *x, struct table *t, size_t feature)
{
    const struct column *columns = t->schema->columns;

    memset(x, 0, sizeof(*x));
    x->table = t;
    x->type = columns[feature].type;
    for (size_t i = 0; i < feature; i++)
        x->place += columns[i].role == ROLE_FEATURE &&
                    columns[i].type == x->type;
    if (x->type == TYPE_NUMBER) {
        x->numbers = mem_alloc(t->n, sizeof(*x->numbers));
        for (size_t r = 0; r < t->n; r++)
            x->numbers[r] = t->numbers[r * t->n_numbers + x->place];
    } else if (x->type == TYPE_CATEGORY) {
        x->levels = mem_alloc(t->n, sizeof(*x->levels));
        for (size_t r = 0; r < t->n; r++)
            x->levels[r] = t->levels[r * t->n_categories + x->place];
    } else if (are_tokens(x)) {
        x->tokens = t->tokens;
        memset(&t->tokens, 0, sizeof(t->tokens));
        t->tokens.start = mem_alloc(t->n + 1, sizeof(*t->tokens.start));
    } else {
        x->text = t->texts[x->place];
        memset(&t->texts[x->place], 0, sizeof(x->text));
        t->texts[x->place].start = mem_alloc(t->n + 1, sizeof(size_t));
    }
}

/* ---- texts ---- */

static void move_text(struct exchange *x, const size_t *from)
{
    const struct ngrams *old = &x->text;
    struct ngrams *g = &x->table->texts[x->place];
    size_t at = 0;

    if (!g->bucket) {
        g->bucket = mem_alloc(old->entries, sizeof(*g->bucket));
        g->count = mem_alloc(old->entries, sizeof(*g->count));
    }
    for (size_t r = 0; r < old->n; r++) {
        size_t row = from ? from[r] : r, first = old->start[row];
        size_t n = old->start[row + 1] - first;
        g->start[r] = at;
        if (!n)
            continue;
        memcpy(g->bucket + at, old->bucket + first, n * sizeof(*g->bucket));
        memcpy(g->count + at, old->count + first, n * sizeof(*g->count));
        at += n;
    }
    g->start[old->n] = at;
    g->n = old->n;
    g->entries = at;
}

/* The tokens of one column in a row: token[begin .. end) of the old ones. */
struct piece {
    size_t begin, end;
};

static struct piece piece_of(const struct tokens *t, size_t row, size_t place)
{
    size_t at = t->start[row], end = t->start[row + 1];
    struct piece piece;

    for (; place; place--) {
        while (t->token[at] != TOKEN_SEPARATOR)
            at++;
        at++;
    }
    piece.begin = at;
    while (at < end && t->token[at] != TOKEN_SEPARATOR)
        at++;
    piece.end = at;
    return piece;
}

static void add_tokens(struct tokens *to, const uint32_t *token, size_t n)
{
    if (!n)
        return;
    to->token =
        mem_grow(to->token, &to->capacity, to->entries + n, sizeof(*token));
    memcpy(to->token + to->entries, token, n * sizeof(*token));
    to->entries += n;
}

/* A row's tokens, the piece of this column in them being that of `row`. */
static void move_row(const struct exchange *x, size_t r, size_t row)
{
    const struct tokens *old = &x->tokens;
    struct tokens *t = &x->table->tokens;
    struct piece out = piece_of(old, r, x->place),
                 in = piece_of(old, row, x->place);

    add_tokens(t, old->token + old->start[r], out.begin - old->start[r]);
    add_tokens(t, old->token + in.begin, in.end - in.begin);
    add_tokens(t, old->token + out.end, old->start[r + 1] - out.end);
    tokens_end_row(t, x->table->schema->max_steps);
}

static void move_tokens(const struct exchange *x, const size_t *from)
{
    struct tokens *t = &x->table->tokens;

    tokens_clear(t);
    t->start[0] = 0;
    for (size_t r = 0; r < x->tokens.n; r++)
        move_row(x, r, from ? from[r] : r);
}

/* ---- all types ---- */

void exchange_apply(struct exchange *x, const size_t *from)
{
    struct table *t = x->table;

    if (x->type == TYPE_NUMBER)
        for (size_t r = 0; r < t->n; r++)
            t->numbers[r * t->n_numbers + x->place] =
                x->numbers[from ? from[r] : r];
    else if (x->type == TYPE_CATEGORY)
        for (size_t r = 0; r < t->n; r++)
            t->levels[r * t->n_categories + x->place] =
                x->levels[from ? from[r] : r];
    else if (are_tokens(x))
        move_tokens(x, from);
    else
        move_text(x, from);
}

void exchange_end(struct exchange *x)
{
    if (x->type == TYPE_NUMBER || x->type == TYPE_CATEGORY) {
        exchange_apply(x, NULL);
        free(x->numbers);
        free(x->levels);
    } else if (are_tokens(x)) {
        tokens_release(&x->table->tokens);
        x->table->tokens = x->tokens;
    } else {
        ngrams_release(&x->table->texts[x->place]);
        x->table->texts[x->place] = x->text;
    }
    memset(x, 0, sizeof(*x));
}
