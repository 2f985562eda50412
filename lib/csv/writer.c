#include "csv/writer.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "csv/list.h"

void csv_writer_init(struct csv_writer *w, struct output *out)
{
    memset(w, 0, sizeof(*w));
    w->out = out;
}

void csv_writer_release(struct csv_writer *w)
{
    buf_release(&w->record);
    buf_release(&w->history);
}

static bool needs_quotes(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == ',' || text[i] == '"' || text[i] == '\n' ||
            text[i] == '\r')
            return true;
    return false;
}

void csv_quote(struct buf *buf, const char *text, size_t len)
{
    if (!needs_quotes(text, len)) {
        buf_add(buf, text, len);
        return;
    }
    buf_add_char(buf, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            buf_add_char(buf, '"');
        buf_add_char(buf, text[i]);
    }
    buf_add_char(buf, '"');
}

static void start_cell(struct csv_writer *w)
{
    if (w->cells++)
        buf_add_char(&w->record, ',');
}

void csv_writer_cell(struct csv_writer *w, const char *text, size_t len)
{
    start_cell(w);
    csv_quote(&w->record, text, len);
}

void csv_writer_text(struct csv_writer *w, const char *text)
{
    csv_writer_cell(w, text, strlen(text));
}

void csv_writer_raw(struct csv_writer *w, const char *raw, size_t len)
{
    start_cell(w);
    buf_add(&w->record, raw, len);
}

void csv_writer_number(struct csv_writer *w, double value)
{
    char text[NUM_SIZE];

    csv_writer_raw(w, text, num_format(text, value));
}

void csv_writer_float(struct csv_writer *w, float value)
{
    char text[NUM_SIZE];

    csv_writer_raw(w, text, num_format_float(text, value));
}

void csv_writer_count(struct csv_writer *w, size_t value)
{
    char text[NUM_SIZE];

    csv_writer_raw(w, text, (size_t)snprintf(text, sizeof(text), "%zu", value));
}

void csv_writer_field(struct csv_writer *w, const struct csv_field *field)
{
    if (field->raw)
        csv_writer_raw(w, field->raw, field->raw_len);
    else
        csv_writer_cell(w, field->text, field->len);
}

void csv_writer_record(struct csv_writer *w, const struct csv_reader *from)
{
    size_t len;
    const char *whole = csv_reader_raw(from, &len);

    if (whole) {
        csv_writer_raw(w, whole, len);
        return;
    }
    for (size_t i = 0; i < csv_reader_width(from); i++)
        csv_writer_field(w, &csv_reader_fields(from)[i]);
}

void csv_writer_name(struct csv_writer *w, const struct csv_reader *from,
                     size_t i)
{
    const char *name = csv_reader_name(from, i);
    size_t len;
    const char *raw = csv_reader_raw_name(from, i, &len);

    if (len && raw[0] == '"')
        csv_writer_raw(w, raw, len);
    else
        csv_writer_text(w, name);
}

/* The names of the stamps must be new ones: no reader takes doubles. */
static int check_stamps(const struct csv_writer *w, struct err *err)
{
    struct list names = {0};
    struct buf all = {0};
    int status;

    buf_add(&all, w->record.data, w->record.len);
    buf_add_text(&all, w->stamp_names);
    status = list_add_record(&names, all.data, err);
    for (size_t i = w->cells; i < names.n && status == 0; i++)
        for (size_t k = 0; k < i && status == 0; k++)
            if (strcmp(names.items[i], names.items[k]) == 0)
                status = err_set(err, ERR_USAGE,
                                 "--stamp: there is a column '%s' already",
                                 names.items[i]);
    list_release(&names);
    buf_release(&all);
    return status;
}

int csv_writer_end(struct csv_writer *w, struct err *err)
{
    const char *stamp = w->records ? w->stamp_values : w->stamp_names;
    int status = 0;

    if (stamp && !w->records && check_stamps(w, err) != 0)
        return -1;
    if (stamp)
        buf_add_text(&w->record, stamp);
    else if (w->cells == 1 && w->record.len == 0)
        buf_add_text(&w->record, "\"\"");
    buf_add_char(&w->record, '\n');
    if (w->keep) {
        buf_add(&w->history, w->record.data, w->record.len);
        if (!w->records)
            w->header_len = w->record.len;
    }
    if (w->out)
        status = output_write(w->out, w->record.data, w->record.len, err);
    if (w->out && w->unbuffered && status == 0)
        status = output_flush(w->out, err);
    w->records++;
    w->cells = 0;
    buf_clear(&w->record);
    return status;
}
