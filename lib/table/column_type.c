#include "table/column_type.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

enum { CATEGORY_VALUES = 50, IDENTIFIER_ROWS = 20 };

static const double CATEGORY_SHARE = .05, NUMBER_SHARE = .99, MOSTLY_SHARE = .5,
                    IDENTIFIER_SHARE = .99, IDENTIFIER_WORDS = 1.2;

void column_not_used(struct column *column, const char *reason)
{
    column->role = ROLE_UNUSED;
    column->reason = mem_strdup(reason);
}

static int forced_type(const struct schema_request *q, const char *name,
                       enum column_type *type)
{
    for (size_t i = q->types.n; i-- > 0;) {
        const char *item = q->types.items[i], *at = strrchr(item, '=');
        if (strncmp(item, name, (size_t)(at - item)) == 0 &&
            strlen(name) == (size_t)(at - item))
            return column_type_parse(at + 1, type) == 0;
    }
    return 0;
}

static int not_all_numbers(const struct csv_reader *reader, size_t column,
                           const struct column_scan *scan, struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    const char *name = csv_reader_name(reader, column);

    err_quote(quoted, sizeof(quoted), scan->other, scan->other_len);
    if (scan->numbers)
        err_set(err, ERR_DATA,
                "not a number: %s (%zu of %zu cells are; try --missing %s or "
                "--type %s=category)",
                quoted, scan->numbers, scan->cells, quoted, name);
    else
        err_set(err, ERR_DATA, "not a number: %s (none of %zu cells is)",
                quoted, scan->cells);
    err_at(err, scan->other_file, scan->other_line);
    return err_at_column(err, name, scan->other_field);
}

/* `found`: nobody said that it is a sequence. */
static int not_all_sequences(const struct csv_reader *reader, size_t column,
                             const struct column_scan *scan, bool found,
                             struct err *err)
{
    const char *name = csv_reader_name(reader, column);

    if (found)
        err_set(err, ERR_DATA,
                "%s (%zu of %zu cells are sequences; try --type %s=text)",
                scan->fault, scan->sequences, scan->cells, name);
    else
        err_set(err, ERR_DATA, "%s", scan->fault);
    err_at(err, scan->fault_file, scan->fault_line);
    return err_at_column(err, name, scan->fault_field);
}

static bool is_mostly_sequence(const struct column_scan *scan, double share)
{
    return (double)scan->sequences >= share * (double)scan->cells &&
           (double)scan->several >= MOSTLY_SHARE * (double)scan->cells;
}

static enum column_type type_of_words(const struct column_scan *scan)
{
    double n = (double)scan->cells,
           distinct = (double)column_scan_distinct(scan);
    bool few = distinct <= CATEGORY_VALUES || distinct <= CATEGORY_SHARE * n;
    bool wordy = (double)scan->words > n && distinct > MOSTLY_SHARE * n;

    return few && !wordy ? TYPE_CATEGORY : TYPE_TEXT;
}

/* Ranges and dates are another notation, not mistakes among numbers. */
static bool is_almost_number(const struct column_scan *scan)
{
    return (double)scan->numbers >= NUMBER_SHARE * (double)scan->cells &&
           scan->numbers + scan->ranges < scan->cells;
}

static void note_mixed(const struct column *column,
                       const struct column_scan *scan, struct buf *notes)
{
    char quoted[ERR_QUOTE_SIZE];

    if ((double)scan->commas >= MOSTLY_SHARE * (double)scan->cells)
        buf_printf(notes,
                   "column '%s': %zu of %zu are numbers with a decimal comma; "
                   "using %s (write points to use them as numbers)\n",
                   column->name, scan->commas, scan->cells,
                   column_type_name(column->type));
    if (is_mostly_sequence(scan, MOSTLY_SHARE))
        buf_printf(notes,
                   "column '%s': %zu of %zu are sequences; first other line "
                   "%ld: %s; using %s\n",
                   column->name, scan->sequences, scan->cells, scan->fault_line,
                   scan->fault, column_type_name(column->type));
    if ((double)scan->numbers < MOSTLY_SHARE * (double)scan->cells)
        return;
    buf_printf(notes,
               "column '%s': %zu of %zu are numbers; first other line %ld %s; "
               "using %s\n",
               column->name, scan->numbers, scan->cells, scan->other_line,
               err_quote(quoted, sizeof(quoted), scan->other, scan->other_len),
               column_type_name(column->type));
}

static bool is_identifier(const struct column *column,
                          const struct column_scan *scan)
{
    double n = (double)scan->cells;

    if (scan->cells < IDENTIFIER_ROWS || column->type == TYPE_SEQUENCE ||
        column->type == TYPE_IMAGE ||
        (double)column_scan_distinct(scan) < IDENTIFIER_SHARE * n)
        return false;
    return column->type == TYPE_NUMBER
               ? scan->wholes == scan->cells
               : (double)scan->words <= IDENTIFIER_WORDS * n;
}

/* The numbers --explain shows. */
static void describe(struct column *column, struct column_scan *scan)
{
    column->cells = scan->cells;
    column->missing = scan->missing;
    column->distinct = column_scan_distinct(scan);
    column->low = scan->numbers ? scan->low : NAN;
    column->high = scan->numbers ? scan->high : NAN;
    column->numbers = scan->numbers;
    column->words = scan->words;
    memcpy(column->kinds, scan->kinds, sizeof(column->kinds));
    column->odd = scan->odd;
    column->odd_line = scan->odd_line;
    column->example = scan->example;
    scan->odd = scan->example = NULL;
}

static int find_type(struct column *column, size_t at,
                     const struct column_scan *scan,
                     const struct csv_reader *reader,
                     const struct schema_request *q, struct buf *notes,
                     struct err *err)
{
    bool forced = forced_type(q, column->name, &column->type);

    if (forced && column->type == TYPE_NUMBER && scan->numbers < scan->cells)
        return not_all_numbers(reader, at, scan, err);
    if (forced && column->type == TYPE_SEQUENCE &&
        scan->sequences < scan->cells)
        return not_all_sequences(reader, at, scan, false, err);
    if (forced)
        return 0;
    if (scan->numbers == scan->cells) {
        column->type = TYPE_NUMBER;
    } else if (is_almost_number(scan)) {
        column->type = TYPE_NUMBER;
        return not_all_numbers(reader, at, scan, err);
    } else if (scan->sequences == scan->cells && scan->several) {
        column->type = TYPE_SEQUENCE;
    } else if (scan->images == scan->cells && scan->cells) {
        column->type = TYPE_IMAGE;
    } else if (is_mostly_sequence(scan, NUMBER_SHARE)) {
        column->type = TYPE_SEQUENCE;
        return not_all_sequences(reader, at, scan, true, err);
    } else {
        column->type = type_of_words(scan);
        note_mixed(column, scan, notes);
    }
    return 0;
}

static int empty_column(struct column *column, const struct csv_reader *reader,
                        const struct schema_request *q, struct buf *notes,
                        struct err *err)
{
    if (q->n_shape && column->type == TYPE_NUMBER) {
        err_set(err, ERR_DATA,
                "column '%s' is empty in the training rows: --shape has no "
                "place without values",
                column->name);
        return err_at(err, csv_reader_file(reader), 0);
    }
    column->empty = true;
    if (q->whole) { /* other rows may have values */
        column->type = TYPE_CATEGORY;
        return 0;
    }
    column_not_used(column, "it is empty in the training rows");
    buf_printf(notes, "column '%s' is empty in the training rows; not used\n",
               column->name);
    return 0;
}

int column_settle(struct column *columns, size_t i, struct column_scan *scan,
                  const struct csv_reader *reader,
                  const struct schema_request *q, struct buf *notes,
                  struct err *err)
{
    struct column *column = &columns[i];

    describe(column, scan);
    if (column->role != ROLE_FEATURE)
        return 0;
    if (find_type(column, i, scan, reader, q, notes, err) != 0)
        return -1;
    column->shift = column->type == TYPE_NUMBER ? scan->mean : 0;
    column->width = column->type == TYPE_SEQUENCE ? scan->steps.width : 0;
    if (scan->cells == 0)
        return empty_column(column, reader, q, notes, err);
    column->unique = is_identifier(column, scan);
    if (q->features.n == 0 && column->unique &&
        !(q->n_shape && column->type == TYPE_NUMBER)) {
        column_not_used(column, "nearly all its values differ");
        buf_printf(notes,
                   "column '%s': %zu of %zu values differ; not used (name it "
                   "in --features to use it)\n",
                   column->name, column_scan_distinct(scan), scan->cells);
    }
    return 0;
}
