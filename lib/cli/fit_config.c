#include "cli/fit_config.h"

#include <string.h>

#include "csv/reader.h"

static const char *keep(struct fit_config *c, const struct csv_field *cell)
{
    list_add(&c->cells, cell->text);
    return c->cells.items[c->cells.n - 1];
}

static int take_net(struct fit_config *c, const struct csv_reader *csv,
                    size_t column, struct err *err)
{
    const struct csv_field *cell = &csv_reader_fields(csv)[column];
    char quoted[ERR_QUOTE_SIZE];
    enum net_kind net;

    if (!cell->len)
        return 0;
    c->net = keep(c, cell);
    if (net_kind_parse(c->net, &net) == 0)
        return 0;
    err_set(err, ERR_DATA, "no such network: %s",
            err_quote(quoted, sizeof(quoted), cell->text, cell->len));
    return csv_reader_blame(csv, column, err);
}

static int take_hyper(struct fit_config *c, const struct csv_reader *csv,
                      size_t column, const struct hyper_entry *e,
                      struct err *err)
{
    const struct csv_field *cell = &csv_reader_fields(csv)[column];
    size_t i = (size_t)(e - hyper_table);

    if (c->field[i]) {
        err_set(err, ERR_DATA, "'%s' has a column already", e->name);
        return csv_reader_blame(csv, column, err);
    }
    c->field[i] = (size_t)csv_reader_field(csv, column);
    c->hyper[i] = cell->len ? keep(c, cell) : NULL;
    return 0;
}

static int take_row(struct fit_config *c, const struct csv_reader *csv,
                    struct err *err)
{
    size_t width = csv_reader_width(csv), found = 0;

    c->line = csv_reader_line(csv);
    for (size_t i = 0; i < width; i++) {
        const char *name = csv_reader_name(csv, i);
        const struct hyper_entry *e = hyper_find(name);
        int status = 0;
        if (strcmp(name, "net") == 0)
            status = take_net(c, csv, i, err);
        else if (e)
            status = take_hyper(c, csv, i, e, err);
        if (status != 0)
            return -1;
        found += e || strcmp(name, "net") == 0;
    }
    if (found)
        return 0;
    err_set(err, ERR_DATA, "no column has the name of a hyperparameter");
    return err_at(err, csv_reader_file(csv), 0);
}

/* The reader itself refuses a file without rows. */
static int read_rows(struct fit_config *c, struct csv_reader *csv,
                     struct err *err)
{
    int got = csv_reader_next(csv, err);

    if (got == 1 && take_row(c, csv, err) != 0)
        return -1;
    while (got == 1)
        got = csv_reader_next(csv, err);
    if (got < 0)
        return -1;
    if (csv_reader_records(csv) == 1)
        return 0;
    err_set(err, ERR_DATA,
            "%zu rows, but --config takes one (tune --best LOG prints the row "
            "that did best)",
            csv_reader_records(csv));
    return err_at(err, csv_reader_file(csv), 0);
}

int fit_config_read(struct fit_config *c, struct err *err)
{
    struct list path = {0};
    struct csv_options options = {0};
    struct csv_reader *csv;
    int status;

    list_add(&path, c->path);
    csv = csv_reader_open(path.items, 1, &options, err);
    status = csv ? read_rows(c, csv, err) : -1;
    csv_reader_close(csv);
    list_release(&path);
    return status;
}

int fit_config_blame(const struct fit_config *c,
                     const struct hyper_entry *entry, struct err *err)
{
    const char *name = strcmp(c->path, "-") == 0 ? "<stdin>" : c->path;

    err->kind = ERR_DATA; /* a wrong value of an option, elsewhere */
    err_at(err, name, c->line);
    return err_at_column(err, entry->name, (int)c->field[entry - hyper_table]);
}

void fit_config_release(struct fit_config *c)
{
    list_release(&c->cells);
    memset(c, 0, sizeof(*c));
}
