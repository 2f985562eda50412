/* All further records of a reader into a table. */
#include "table/kept.h"
#include "table/table_rows.h"

static void do_piece(void *rows, size_t i)
{
    table_rows_piece(rows, i);
}

static int read_bulk(struct table *t, struct csv_reader *reader,
                     struct err *err)
{
    struct table_rows *rows = table_rows_new(t, reader, true);
    struct csv_bulk bulk;
    int got;

    while ((got = csv_reader_bulk(reader, &bulk, err)) == 1) {
        csv_reader_share(reader, table_rows_begin(rows, &bulk), do_piece, rows);
        if (table_rows_end(rows, err) != 0) {
            got = -1;
            break;
        }
    }
    table_rows_free(rows);
    return got;
}

static int read_rows(struct table *t, struct csv_reader *reader,
                     struct err *err)
{
    int got;

    if (csv_reader_key(reader) == CSV_NONE && !csv_reader_records(reader) &&
        !t->bad_as_missing)
        return kept_take(reader, t) ? 0 : read_bulk(t, reader, err);
    while ((got = csv_reader_next(reader, err)) == 1)
        if (table_add(t, reader, err) != 0)
            return -1;
    return got;
}

int table_read(struct table *t, struct csv_reader *reader, struct err *err)
{
    int status = read_rows(t, reader, err);

    return status == 0 ? table_load_images(t, err) : status;
}
