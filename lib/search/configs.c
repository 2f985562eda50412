#include "search/configs.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "csv/reader.h"
#include "search/study.h"

static bool is_parameter(const char *column)
{
    return !study_is_column(column);
}

/* ---- a space that is made ---- */

static void add_choice(struct list *choices, const char *word)
{
    if (*word && !list_has(choices, word))
        list_add(choices, word);
}

static int add_columns(struct space *space, const struct csv_reader *r,
                       bool (*wanted)(const char *), struct err *err)
{
    for (size_t i = 0; i < csv_reader_width(r); i++) {
        if (!wanted(csv_reader_name(r, i)))
            continue;
        if (space->n == SPACE_MOST) {
            err_set(err, ERR_DATA, "more than %d parameters", SPACE_MOST);
            return err_at(err, csv_reader_file(r), 1);
        }
        space_add(space, csv_reader_name(r, i), DIMENSION_CHOICE);
    }
    return 0;
}

static int make_space(struct space *space, struct csv_reader *r,
                      bool (*wanted)(const char *), struct err *err)
{
    int got;

    if (add_columns(space, r, wanted, err) != 0)
        return -1;
    if (!space->n) {
        err_set(err, ERR_DATA, "no column is a parameter");
        return err_at(err, csv_reader_file(r), 1);
    }
    while ((got = csv_reader_next(r, err)) == 1)
        for (size_t i = 0; i < space->n; i++) {
            struct dimension *d = &space->items[i];
            add_choice(&d->choices,
                       csv_reader_cell(r, csv_reader_find(r, d->name)).text);
        }
    for (size_t i = space->n; i-- > 0;)
        if (!space->items[i].choices.n)
            list_add(&space->items[i].choices, "");
    return got == 0 ? csv_reader_rewind(r, err) : -1;
}

/* ---- rows ---- */

static int read_row(struct history *given, struct csv_reader *r,
                    struct err *err)
{
    double value[SPACE_MOST];

    for (size_t i = 0; i < given->space->n; i++) {
        const struct dimension *d = &given->space->items[i];
        size_t column = csv_reader_find(r, d->name);
        if (dimension_parse(d, csv_reader_cell(r, column).text, &value[i],
                            err) != 0)
            return csv_reader_blame(r, column, err);
        if (!space_active(given->space, value, i))
            value[i] = NAN;
    }
    history_add(given, value, 0);
    return 0;
}

static int read_rows(struct history *given, struct csv_reader *r,
                     struct err *err)
{
    size_t column;
    int got;

    for (size_t i = 0; i < given->space->n; i++)
        if (csv_reader_require(r, given->space->items[i].name, &column, err) !=
            0)
            return -1;
    while ((got = csv_reader_next(r, err)) == 1)
        if (read_row(given, r, err) != 0)
            return -1;
    return got;
}

int configs_read(struct space *space, struct history *given, const char *path,
                 bool (*wanted)(const char *), struct err *err)
{
    struct csv_options options = {.reread = true};
    char *paths[] = {(char *)(uintptr_t)path};
    struct csv_reader *r = csv_reader_open(paths, 1, &options, err);
    int status = 0;

    if (!r)
        return -1;
    if (!space->n)
        status = make_space(space, r, wanted ? wanted : is_parameter, err);
    if (status == 0)
        status = read_rows(given, r, err);
    csv_reader_close(r);
    return status;
}
