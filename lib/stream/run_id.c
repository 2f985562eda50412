#include "stream/run_id.h"

void run_columns_add(struct rows *rows, const struct run_columns *c)
{
    if (c->fold)
        rows_add_column(rows, "fold");
    if (c->replica)
        rows_add_column(rows, "replica");
    if (c->train_size)
        rows_add_column(rows, "train_size");
}

void run_id_add(struct rows *rows, const struct run_columns *c,
                const struct run_id *id)
{
    if (c->fold)
        rows_count(rows, id->fold);
    if (c->replica)
        rows_count(rows, id->replica);
    if (c->train_size)
        rows_count(rows, id->train_size);
}

void run_columns_write(struct csv_writer *w, const struct run_columns *c)
{
    if (c->fold)
        csv_writer_text(w, "fold");
    if (c->replica)
        csv_writer_text(w, "replica");
    if (c->train_size)
        csv_writer_text(w, "train_size");
}

void run_id_write(struct csv_writer *w, const struct run_columns *c,
                  const struct run_id *id)
{
    if (c->fold)
        csv_writer_count(w, id->fold);
    if (c->replica)
        csv_writer_count(w, id->replica);
    if (c->train_size)
        csv_writer_count(w, id->train_size);
}
