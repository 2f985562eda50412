#include "stream/row_units.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"

/* Between these a weight has a square. */
static const double LEAST_WEIGHT = 1e-100, MOST_WEIGHT = 1e100;

static int find(const struct prediction_reader *from, const char *name,
                size_t *column, struct err *err)
{
    *column = CSV_NONE;
    return name ? csv_reader_require(from->csv, name, column, err) : 0;
}

int row_units_open(struct row_units *units, const char *weight,
                   const char *group, const struct prediction_reader *from,
                   struct err *err)
{
    bool models = from->replica != CSV_NONE || from->train_size != CSV_NONE;

    memset(units, 0, sizeof(*units));
    if (find(from, weight, &units->weight, err) != 0 ||
        find(from, group, &units->group, err) != 0)
        return -1;
    units->by_id = models && !group && from->id != CSV_NONE;
    units->unmatched = models && !group && from->id == CSV_NONE;
    if (units->by_id)
        units->group = from->id;
    units->grouped = units->group != CSV_NONE;
    return 0;
}

static int read_weight(const struct prediction_reader *from, size_t column,
                       double *weight, struct err *err)
{
    struct csv_field cell = csv_reader_cell(from->csv, column);
    char quoted[ERR_QUOTE_SIZE];

    if (num_parse(cell.text, cell.len, weight) && *weight >= 0 &&
        *weight <= MOST_WEIGHT) {
        *weight = *weight < LEAST_WEIGHT ? 0 : *weight;
        return 0;
    }
    err_set(err, ERR_DATA, "not a weight from 0 to 1e100: %s",
            err_quote(quoted, sizeof(quoted), cell.text, cell.len));
    return csv_reader_blame(from->csv, column, err);
}

int row_units_read(struct row_units *units,
                   const struct prediction_reader *from, struct row_unit *unit,
                   struct err *err)
{
    struct csv_field cell;

    unit->weight = 1;
    unit->group = 0;
    if (units->weight != CSV_NONE &&
        read_weight(from, units->weight, &unit->weight, err) != 0)
        return -1;
    if (!units->grouped)
        return 0;
    cell = csv_reader_cell(from->csv, units->group);
    if (cell.len) {
        unit->group = hash_bytes(cell.text, cell.len);
    } else {
        units->alone++;
        unit->group = hash_bytes(&units->alone, sizeof(units->alone));
    }
    return 0;
}

uint64_t row_id_hash(const struct prediction_reader *from)
{
    struct csv_field cell = csv_reader_cell(from->csv, from->id);

    return hash_bytes(cell.text, cell.len);
}
