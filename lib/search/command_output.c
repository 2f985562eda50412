#include "search/command_output.h"

#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "csv/list.h"

/* A longer line is neither row nor number; the rest of it is not kept. */
enum { LINE_MOST = 1 << 20 };

static const char objective_name[] = "objective";

void command_output_release(struct command_output *o)
{
    buf_release(&o->line);
    buf_release(&o->last);
    buf_release(&o->header);
}

/* ---- lines ---- */

static bool is_header(const char *line)
{
    struct list cells = {0};
    bool found = strstr(line, objective_name) && list_add_cells(&cells, line) &&
                 list_has(&cells, objective_name);

    list_release(&cells);
    return found;
}

static void keep(struct buf *to, const struct buf *line)
{
    buf_clear(to);
    buf_add(to, line->data, line->len);
}

static void end_line(struct command_output *o)
{
    struct buf *line = &o->line;

    if (line->len && line->data[line->len - 1] == '\r')
        line->data[--line->len] = '\0';
    if (line->len && line->data[strspn(line->data, " \t")]) {
        keep(&o->last, line);
        if (is_header(line->data))
            keep(&o->header, line);
    }
    buf_clear(line);
}

void command_output_add(struct command_output *o, const char *bytes, size_t len)
{
    while (len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        size_t n = newline ? (size_t)(newline - bytes) : len,
               room = LINE_MOST - o->line.len;

        buf_add(&o->line, bytes, n < room ? n : room);
        if (newline)
            end_line(o);
        n += newline != NULL;
        bytes += n;
        len -= n;
    }
}

/* ---- the objective ---- */

static bool cell_number(const struct list *names, const struct list *cells,
                        const char *name, double *value)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->items[i], name) == 0)
            return num_parse(cells->items[i], strlen(cells->items[i]), value);
    return false;
}

/* False where the last line is no row of the CSV. */
static bool from_row(const struct command_output *o, struct outcome *outcome,
                     bool *number)
{
    struct list names = {0}, cells = {0};
    double epochs;
    bool row = o->header.len > 0 && list_add_cells(&names, o->header.data) &&
               list_add_cells(&cells, o->last.data) && names.n == cells.n;

    if (row) {
        *number =
            cell_number(&names, &cells, objective_name, &outcome->objective);
        cell_number(&names, &cells, "val_error", &outcome->val_error);
        cell_number(&names, &cells, "val_loss", &outcome->val_loss);
        if (cell_number(&names, &cells, "epochs_run", &epochs) && epochs >= 0 &&
            epochs < 1e15)
            outcome->epochs_run = (size_t)epochs;
    }
    list_release(&names);
    list_release(&cells);
    return row;
}

bool command_output_end(struct command_output *o, struct outcome *outcome)
{
    bool number = false;

    end_line(o);
    if (o->last.len == 0 || o->last.len == LINE_MOST)
        return false;
    if (!from_row(o, outcome, &number))
        number = num_parse(o->last.data, o->last.len, &outcome->objective);
    return number;
}
