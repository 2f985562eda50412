#include "table/label_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

enum { AMOUNTS = 100, ROWS_AN_AMOUNT = 10, FEW_AMOUNTS = 20 };

static const double SHARED_PIECES = .5, WANDERING_PIECES = .3,
                    DIFFERENT_AMOUNTS = .5;

/*
 * What parts several labels in a cell, and the share of rows that have it.  A
 * comma is in names of classes too, such as "Painting, oil" and "Painting,
 * watercolour", whose parts keep their places: those of several labels wander.
 */
static const struct separator {
    const char *text;
    double rows;
    bool wander;
} separators[] = {
    {";", .05, false}, {"|", .05, false}, {", ", .5, true}, {NULL, 0, false}};

static const char *label_name(const struct table *t)
{
    size_t i = schema_role(t->schema, ROLE_LABEL);

    return i == CSV_NONE ? "label" : t->schema->columns[i].name;
}

/* Rows of each label; *n is that of all labelled rows. */
static size_t *count_rows(const struct table *t, size_t *n)
{
    size_t *count = mem_zalloc(t->labels.count, sizeof(*count));

    *n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->label[i] != LABEL_NONE) {
            count[t->label[i]]++;
            (*n)++;
        }
    return count;
}

/* ---- several labels in a cell ---- */

/* What stands between two separators. */
struct piece {
    size_t labels;     /* different ones it is in */
    size_t last;       /* of these, number + 1 */
    bool parted;       /* one of them has a separator */
    bool first, later; /* it stands in front, or not */
};

/* Where a piece stands. */
struct stand {
    size_t label;
    bool parted, first;
};

struct pieces {
    struct dict names;
    struct piece *items; /* [names.count] */
    size_t capacity;
};

static void add_piece(struct pieces *p, const char *text, size_t len,
                      struct stand stand)
{
    struct piece *piece;
    size_t before = p->names.count, at;

    while (len && *text == ' ') {
        text++;
        len--;
    }
    while (len && text[len - 1] == ' ')
        len--;
    if (!len)
        return;
    at = dict_add(&p->names, text, len);
    p->items = mem_grow(p->items, &p->capacity, at + 1, sizeof(*p->items));
    if (at == before)
        p->items[at] = (struct piece){0};
    piece = &p->items[at];
    piece->labels += piece->last != stand.label + 1;
    piece->last = stand.label + 1;
    piece->parted |= stand.parted;
    piece->first |= stand.first;
    piece->later |= !stand.first;
}

static void add_pieces(struct pieces *p, const char *text,
                       const char *separator, size_t label)
{
    struct stand stand = {label, strstr(text, separator) != NULL, true};

    while (text) {
        const char *end = strstr(text, separator);
        size_t len = end ? (size_t)(end - text) : strlen(text);
        add_piece(p, text, len, stand);
        text = end ? end + strlen(separator) : NULL;
        stand.first = false;
    }
}

/* Most pieces of the parted labels stand in other labels too. */
static bool pieces_recur(const struct table *t, const size_t *count,
                         const struct separator *separator)
{
    struct pieces p = {0};
    double parted = 0, shared = 0, wandering = 0;

    for (size_t l = 0; l < t->labels.count; l++)
        if (count[l])
            add_pieces(&p, t->labels.text[l], separator->text, l);
    for (size_t i = 0; i < p.names.count; i++) {
        const struct piece *piece = &p.items[i];
        bool recurs = piece->parted && piece->labels > 1;
        parted += piece->parted;
        shared += recurs;
        wandering += recurs && piece->first && piece->later;
    }
    dict_release(&p.names);
    free(p.items);
    return shared > SHARED_PIECES * parted &&
           (!separator->wander || wandering > WANDERING_PIECES * shared);
}

static int check_separator(const struct table *t, const size_t *count, size_t n,
                           const struct separator *separator, struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    const char *example = NULL;
    size_t rows = 0;

    for (size_t l = 0; l < t->labels.count; l++) {
        if (!count[l] || !strstr(t->labels.text[l], separator->text))
            continue;
        rows += count[l];
        if (!example)
            example = t->labels.text[l];
    }
    if (!example || (double)rows < separator->rows * (double)n ||
        !pieces_recur(t, count, separator))
        return 0;
    return err_set(err, ERR_DATA,
                   "label '%s': %s looks like several labels in one cell, "
                   "which assay does not learn: keep one, or make a file for "
                   "each",
                   label_name(t),
                   err_quote(quoted, sizeof(quoted), example, strlen(example)));
}

int label_check_several(const struct table *t, struct err *err)
{
    size_t n, *count = count_rows(t, &n);
    int status = 0;

    for (const struct separator *s = separators; s->text && status == 0; s++)
        status = check_separator(t, count, n, s, err);
    free(count);
    return status;
}

/* ---- amounts ---- */

/* So many different numbers, all whole or not, among n rows. */
static bool are_amounts(size_t n, size_t amounts, bool whole)
{
    if (amounts >= AMOUNTS && (!whole || n < ROWS_AN_AMOUNT * amounts))
        return true;
    return amounts >= FEW_AMOUNTS &&
           (double)amounts > DIFFERENT_AMOUNTS * (double)n;
}

int label_check_amount(const struct table *t, struct err *err)
{
    size_t n, *count = count_rows(t, &n), amounts = 0;
    bool numbers = true, whole = true;

    for (size_t l = 0; l < t->labels.count && numbers; l++) {
        double value;
        if (!count[l])
            continue;
        numbers = num_parse(t->labels.text[l], t->labels.len[l], &value);
        whole = whole && numbers && value == floor(value);
        amounts++;
    }
    free(count);
    if (!numbers || !are_amounts(n, amounts, whole))
        return 0;
    return err_set(err, ERR_DATA,
                   "label '%s' has %zu different numbers: predicting an amount "
                   "is not offered; make classes of it (such as 'below 10' and "
                   "'10 and above')",
                   label_name(t), amounts);
}

int label_check(const struct table *t, struct err *err)
{
    if (label_check_several(t, err) != 0)
        return -1;
    return label_check_amount(t, err);
}
