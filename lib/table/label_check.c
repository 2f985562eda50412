#include "table/label_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

enum { AMOUNTS = 100, ROWS_AN_AMOUNT = 10 };

static const double SEVERAL_SHARE = .05, SHARED_PIECES = .5;

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
    size_t labels; /* different ones it is in */
    size_t last;   /* of these, number + 1 */
    bool parted;   /* one of them has a separator */
};

struct pieces {
    struct dict names;
    struct piece *items; /* [names.count] */
    size_t capacity;
};

static void add_piece(struct pieces *p, const char *text, size_t len,
                      size_t label, bool parted)
{
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
    p->items[at].labels += p->items[at].last != label + 1;
    p->items[at].last = label + 1;
    p->items[at].parted |= parted;
}

static void add_pieces(struct pieces *p, const char *text, char separator,
                       size_t label)
{
    bool parted = strchr(text, separator) != NULL;

    while (text) {
        const char *end = strchr(text, separator);
        size_t len = end ? (size_t)(end - text) : strlen(text);
        add_piece(p, text, len, label, parted);
        text = end ? end + 1 : NULL;
    }
}

/* Most pieces of the parted labels stand in other labels too. */
static bool pieces_recur(const struct table *t, const size_t *count,
                         char separator)
{
    struct pieces p = {0};
    double parted = 0, shared = 0;

    for (size_t l = 0; l < t->labels.count; l++)
        if (count[l])
            add_pieces(&p, t->labels.text[l], separator, l);
    for (size_t i = 0; i < p.names.count; i++) {
        parted += p.items[i].parted;
        shared += p.items[i].parted && p.items[i].labels > 1;
    }
    dict_release(&p.names);
    free(p.items);
    return shared > SHARED_PIECES * parted;
}

static int check_separator(const struct table *t, const size_t *count, size_t n,
                           char separator, struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    const char *example = NULL;
    size_t rows = 0;

    for (size_t l = 0; l < t->labels.count; l++) {
        if (!count[l] || !strchr(t->labels.text[l], separator))
            continue;
        rows += count[l];
        if (!example)
            example = t->labels.text[l];
    }
    if (!example || (double)rows < SEVERAL_SHARE * (double)n ||
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
    int status = check_separator(t, count, n, ';', err);

    if (status == 0)
        status = check_separator(t, count, n, '|', err);
    free(count);
    return status;
}

/* ---- amounts ---- */

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
    if (!numbers || amounts < AMOUNTS ||
        (whole && n >= ROWS_AN_AMOUNT * amounts))
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
