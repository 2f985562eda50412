#include "stream/profile_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stream/profile_cell.h"
#include "stream/profile_number.h"

enum { BEFORE_CELLS = 4 };

/* ---- to a record ---- */

static void add_float(struct buf *to, float value)
{
    char text[NUM_SIZE];

    buf_add(to, text, num_format(text, profile_number(value, 0)));
}

static void add_text(struct buf *to, const char *text)
{
    csv_quote(to, text, strlen(text));
}

void profile_row_record(struct buf *to, const struct profile_row *row,
                        size_t columns, size_t classes)
{
    add_text(to, row->label);
    buf_add_char(to, ',');
    add_text(to, row->pred);
    buf_add_char(to, ',');
    if (!isnan(row->wrong))
        add_float(to, row->wrong);
    buf_add_char(to, ',');
    for (size_t k = 0; row->p && k < classes; k++) {
        if (k)
            buf_add_char(to, ' ');
        add_float(to, row->p[k]);
    }
    for (size_t i = 0; i < columns; i++) {
        buf_add_char(to, ',');
        if (row->cells && row->cells[i])
            add_text(to, row->cells[i]);
        else
            buf_add_text(to, "\"\"");
    }
}

/* ---- and back ---- */

/* What is left of a record. */
struct cutting {
    const char *at, *end;
    bool over; /* no cell is left */
};

static char *cut_quoted(struct cutting *c)
{
    struct buf text = {0};

    buf_add_text(&text, "");
    for (c->at++; c->at < c->end; buf_add_char(&text, *c->at++)) {
        if (*c->at != '"')
            continue;
        if (++c->at == c->end || *c->at != '"')
            return text.data;
    }
    buf_release(&text);
    return NULL;
}

static char *cut_plain(struct cutting *c)
{
    const char *begin = c->at;

    while (c->at < c->end && *c->at != ',' && *c->at != '"')
        c->at++;
    return mem_strndup(begin, (size_t)(c->at - begin));
}

/* The next cell, to be freed, or NULL where quotes are not right. */
static char *cut(struct cutting *c, bool *quoted)
{
    char *text;

    *quoted = c->at < c->end && *c->at == '"';
    text = *quoted ? cut_quoted(c) : cut_plain(c);
    if (c->at == c->end)
        c->over = true;
    else if (text && *c->at++ != ',') {
        free(text);
        text = NULL;
    }
    return text;
}

static int keep(struct profile_row *row, size_t i, char *text, bool quoted,
                size_t classes, struct err *err)
{
    int status = 0;

    if (i == 0) {
        row->label = text;
    } else if (i == 1) {
        row->pred = text;
    } else if (i >= BEFORE_CELLS && quoted && !*text) {
        free(text);
    } else if (i >= BEFORE_CELLS) {
        row->cells[i - BEFORE_CELLS] = text;
    } else {
        if (i == 2 && *text)
            status = profile_cell_floats(text, &row->wrong, 1, err);
        if (i == 3 && *text) {
            row->p = mem_alloc(classes, sizeof(*row->p));
            status = profile_cell_floats(text, row->p, classes, err);
        }
        free(text);
    }
    return status;
}

int profile_row_parse(struct profile_row *row, const char *record, size_t len,
                      size_t columns, size_t classes, struct err *err)
{
    struct cutting c = {record, record + len, false};
    size_t n = 0, wanted = BEFORE_CELLS + columns;
    bool quoted;

    row->cells = mem_zalloc(columns, sizeof(*row->cells));
    row->wrong = NAN;
    for (; !c.over && n < wanted; n++) {
        char *text = cut(&c, &quoted);
        if (!text)
            return err_set(err, ERR_DATA, "cell %zu of the row is not CSV",
                           n + 1);
        if (keep(row, n, text, quoted, classes, err) != 0)
            return -1;
    }
    if (n < wanted || !c.over)
        return err_set(err, ERR_DATA, "%s than %zu cells in the row",
                       c.over ? "fewer" : "more", wanted);
    return 0;
}
