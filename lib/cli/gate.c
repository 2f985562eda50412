#include "cli/gate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "base/num.h"
#include "cli/line_view.h"

enum { MOST_LISTED = 8 };

#define SYNTAX "'[ROW.]NAME[.COLUMN] OP NUMBER', OP one of < <= > >= == !="

/* ---- parsing ---- */

/* Finds the last operator: where it starts and how long it is, or NULL. */
static const char *find_operator(const char *text, size_t *len)
{
    size_t i = strlen(text);

    while (i && !strchr("<>=", text[i - 1]))
        i--;
    if (i == 0)
        return NULL;
    *len = text[i - 1] == '=' ? 2 : 1;
    if (*len == 2 && (i < 2 || !strchr("<>=!", text[i - 2])))
        return NULL;
    return text + i - *len;
}

static enum gate_op read_operator(const char *at, size_t len)
{
    switch (at[0]) {
    case '<':
        return len == 1 ? GATE_LT : GATE_LE;
    case '>':
        return len == 1 ? GATE_GT : GATE_GE;
    case '=':
        return GATE_EQ;
    default:
        return GATE_NE;
    }
}

static int bad_gate(struct err *err, const char *text, const char *what)
{
    char quoted[ERR_QUOTE_SIZE];

    return err_set(err, ERR_USAGE, "gate %s: %s",
                   err_quote(quoted, sizeof(quoted), text, strlen(text)), what);
}

static char *copy_trimmed(const char *text, size_t len)
{
    size_t skip = strspn(text, " \t");

    skip = skip < len ? skip : len;
    while (len > skip && strchr(" \t", text[len - 1]))
        len--;
    return mem_strndup(text + skip, len - skip);
}

int gate_parse(struct gate *gate, const char *text, struct err *err)
{
    size_t len;
    const char *op = find_operator(text, &len), *number;

    memset(gate, 0, sizeof(*gate));
    if (!op)
        return bad_gate(err, text, "no comparison; write " SYNTAX);
    number = op + len;
    if (!num_parse(number, strlen(number), &gate->limit))
        return bad_gate(err, text,
                        "no finite number after the comparison; write " SYNTAX);
    gate->op = read_operator(op, len);
    gate->left = copy_trimmed(text, (size_t)(op - text));
    if (!*gate->left) {
        gate_release(gate);
        return bad_gate(err, text,
                        "no name before the comparison; write " SYNTAX);
    }
    gate->text = mem_strdup(text);
    return 0;
}

void gate_release(struct gate *gate)
{
    free(gate->text);
    free(gate->left);
    memset(gate, 0, sizeof(*gate));
}

/* ---- names of a row ---- */

/* Columns of the keys that rows have, in the order of `keys`. */
struct keys {
    const struct rows *rows;
    size_t *columns, n;
};

static void keys_init(struct keys *keys, const struct rows *rows,
                      const char *names)
{
    struct rows list;

    rows_init(&list, names);
    keys->rows = rows;
    keys->n = 0;
    keys->columns = mem_alloc(list.n_columns + 1, sizeof(*keys->columns));
    for (size_t i = 0; i < list.n_columns; i++) {
        size_t column = rows_find(rows, list.columns[i]);
        if (column != CSV_NONE)
            keys->columns[keys->n++] = column;
    }
    rows_release(&list);
}

static bool is_key(const struct keys *keys, size_t column)
{
    for (size_t i = 0; i < keys->n; i++)
        if (keys->columns[i] == column)
            return true;
    return false;
}

/* Joins the non-empty cells of keys [begin, end) with dots. */
static void join_name(struct buf *name, const struct keys *keys, size_t row,
                      size_t begin, size_t end)
{
    buf_clear(name);
    buf_add(name, "", 0);
    for (size_t i = begin; i < end; i++) {
        const char *cell = rows_cell(keys->rows, row, keys->columns[i]);
        if (!*cell)
            continue;
        if (name->len)
            buf_add_char(name, '.');
        buf_add_text(name, cell);
    }
}

/* ---- matching ---- */

struct search {
    const struct gate *gate;
    struct keys keys;
    size_t usual; /* the default column, CSV_NONE where there is none */
    size_t matched;
    bool row_found; /* some name fits, the column after it does not */
};

/* The column that `left` means if the row has this name, or CSV_NONE. */
static size_t column_meant(struct search *search, const struct buf *name)
{
    const char *left = search->gate->left;
    size_t column;

    if (name->len == 0 || strncmp(left, name->data, name->len) != 0)
        return CSV_NONE;
    if (!left[name->len]) {
        search->row_found = true;
        return search->usual;
    }
    if (left[name->len] != '.')
        return CSV_NONE;
    search->row_found = true;
    column = rows_find(search->keys.rows, left + name->len + 1);
    return column;
}

/*
 * The column of the row that the gate means, or CSV_NONE if it does not speak
 * of this row.  The name that leaves least of `left` to the column wins.
 */
static size_t match_row(struct search *search, size_t row)
{
    struct buf name = {0};
    size_t best = CSV_NONE, best_len = 0;

    for (size_t begin = 0; begin < search->keys.n; begin++) {
        for (size_t end = begin + 1; end <= search->keys.n; end++) {
            size_t column;
            join_name(&name, &search->keys, row, begin, end);
            column = column_meant(search, &name);
            if (column != CSV_NONE && name.len > best_len) {
                best = column;
                best_len = name.len;
            }
        }
    }
    buf_release(&name);
    return best;
}

/* ---- comparing ---- */

static bool satisfied(const struct gate *gate, double value)
{
    switch (gate->op) {
    case GATE_LT:
        return value < gate->limit;
    case GATE_LE:
        return value <= gate->limit;
    case GATE_GT:
        return value > gate->limit;
    case GATE_GE:
        return value >= gate->limit;
    case GATE_EQ:
        return value == gate->limit;
    case GATE_NE:
        return value != gate->limit;
    }
    return false;
}

/* All the keys of the row, and the column where it is not the usual one. */
static void full_name(struct buf *out, const struct search *search, size_t row,
                      size_t column)
{
    join_name(out, &search->keys, row, 0, search->keys.n);
    if (column == search->usual)
        return;
    buf_add_char(out, '.');
    buf_add_text(out, search->keys.rows->columns[column]);
}

static int not_computed(const struct search *search, const char *name,
                        const char *cell, struct err *err)
{
    char text[ERR_QUOTE_SIZE], where[ERR_QUOTE_SIZE], value[ERR_QUOTE_SIZE];
    const char *gate = search->gate->text;

    err_quote(text, sizeof(text), gate, strlen(gate));
    err_quote(where, sizeof(where), name, strlen(name));
    if (!*cell)
        return err_set(err, ERR_DATA, "gate %s cannot be computed: %s is empty",
                       text, where);
    return err_set(err, ERR_DATA,
                   "gate %s cannot be computed: %s is not a number: %s", text,
                   where, err_quote(value, sizeof(value), cell, strlen(cell)));
}

static void explain(struct buf *why, const struct search *search,
                    const char *name, const char *cell)
{
    buf_add_text(why, "gate '");
    line_clean(why, search->gate->text, true);
    buf_add_text(why, "' is closed: ");
    line_clean(why, name, true);
    buf_add_text(why, " = ");
    line_clean(why, cell, true);
    buf_add_char(why, '\n');
}

static int check_cell(const struct search *search, size_t row, size_t column,
                      size_t *closed, struct buf *why, struct err *err)
{
    const char *cell = rows_cell(search->keys.rows, row, column);
    struct buf name = {0};
    double value;
    int status = 0;

    full_name(&name, search, row, column);
    /* a NaN satisfies no comparison but !=, so it must not get there */
    if (!num_parse_any(cell, strlen(cell), &value) || value != value)
        status = not_computed(search, name.data, cell, err);
    else if (!satisfied(search->gate, value)) {
        (*closed)++;
        explain(why, search, name.data, cell);
    }
    buf_release(&name);
    return status;
}

/* ---- a gate that names nothing ---- */

/* Appends up to MOST_LISTED of the names, quoted. */
static void list_names(struct buf *out, const struct dict *names)
{
    char quoted[ERR_QUOTE_SIZE];

    for (size_t i = 0; i < names->count && i < MOST_LISTED; i++) {
        buf_add_text(out, i ? ", " : "");
        buf_add_text(out, err_quote(quoted, sizeof(quoted), names->text[i],
                                    names->len[i]));
    }
    if (names->count > MOST_LISTED)
        buf_add_text(out, ", ...");
    if (names->count == 0)
        buf_add_text(out, "none");
}

static void gather_rows(struct dict *names, const struct keys *keys)
{
    struct buf name = {0};

    for (size_t row = 0; row < rows_n(keys->rows); row++) {
        join_name(&name, keys, row, 0, keys->n);
        if (name.len)
            dict_add(names, name.data, name.len);
    }
    buf_release(&name);
}

static void gather_columns(struct dict *names, const struct keys *keys)
{
    for (size_t i = 0; i < keys->rows->n_columns; i++) {
        const char *name = keys->rows->columns[i];
        if (!is_key(keys, i))
            dict_add(names, name, strlen(name));
    }
}

static int names_nothing(const struct search *search, struct err *err)
{
    const char *gate = search->gate->text;
    char text[ERR_QUOTE_SIZE];
    struct dict names = {0};
    struct buf list = {0};

    if (search->row_found)
        gather_columns(&names, &search->keys);
    else
        gather_rows(&names, &search->keys);
    list_names(&list, &names);
    err_set(err, ERR_USAGE, "gate %s: no such %s; there are: %s",
            err_quote(text, sizeof(text), gate, strlen(gate)),
            search->row_found ? "column" : "row", list.data);
    buf_release(&list);
    dict_release(&names);
    return -1;
}

int gate_check_names(const struct gate *gate, const struct rows *rows,
                     const char *keys, const char *default_column,
                     struct err *err)
{
    struct search search = {.gate = gate,
                            .usual = rows_find(rows, default_column)};
    int status = 0;

    keys_init(&search.keys, rows, keys);
    for (size_t row = 0; row < rows_n(rows); row++)
        search.matched += match_row(&search, row) != CSV_NONE;
    if (search.matched == 0)
        status = names_nothing(&search, err);
    free(search.keys.columns);
    return status;
}

int gate_check(const struct gate *gate, const struct rows *rows,
               const char *keys, const char *default_column, size_t *closed,
               struct buf *why, struct err *err)
{
    struct search search = {.gate = gate,
                            .usual = rows_find(rows, default_column)};
    int status = 0;

    keys_init(&search.keys, rows, keys);
    for (size_t row = 0; status == 0 && row < rows_n(rows); row++) {
        size_t column = match_row(&search, row);
        if (column == CSV_NONE)
            continue;
        search.matched++;
        status = check_cell(&search, row, column, closed, why, err);
    }
    if (status == 0 && search.matched == 0)
        status = names_nothing(&search, err);
    free(search.keys.columns);
    return status;
}
