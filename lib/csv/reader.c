#include "csv/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "csv/reader_state.h"

static const struct dict *names_of(const struct csv_reader *r)
{
    return r->sequencer ? sequencer_names(r->sequencer) : &r->columns.names;
}

/* ---- errors ---- */

const char *csv_reader_file(const struct csv_reader *r)
{
    size_t i = r->sequencer ? r->first_file : r->current;

    return input_name(r->inputs[i < r->n_inputs ? i : r->n_inputs - 1]);
}

static int field_of(const size_t *place, size_t column)
{
    size_t i = 0;

    while (place[i] != column)
        i++;
    return (int)i + 1;
}

int csv_reader_field(const struct csv_reader *r, size_t column)
{
    return r->sequencer ? field_of(r->first_place,
                                   sequencer_source(r->sequencer, column))
                        : field_of(r->columns.place, column);
}

int csv_reader_blame(const struct csv_reader *r, size_t column, struct err *err)
{
    const struct dict *names = names_of(r);

    err_at(err, csv_reader_file(r), csv_reader_line(r));
    if (column < names->count)
        err_at_column(err, names->text[column], csv_reader_field(r, column));
    return -1;
}

static const struct block *block_of(const struct csv_reader *r)
{
    return r->stock.blocks[r->block];
}

/* Of the record of the file that was read last. */
static long line_of(const struct csv_reader *r)
{
    if (!r->stock.n)
        return r->stock.form.header_line;
    return r->stock.first_line[r->block] +
           (block_of(r)->n ? (long)block_of(r)->line[r->record] : 0);
}

static int blame_record(const struct csv_reader *r, size_t column,
                        struct err *err)
{
    err_at(err, input_name(r->inputs[r->current]), line_of(r));
    if (column < r->columns.names.count)
        err_at_column(err, r->columns.names.text[column],
                      (int)r->columns.field[column] + 1);
    return -1;
}

/* ---- files ---- */

static int no_header(struct csv_reader *r, struct err *err)
{
    err_set(err, ERR_DATA,
            "empty input: no header row (did what writes it fail?)");
    return err_at(err, input_name(r->inputs[r->current]), 0);
}

/* Starts file `current`: bytes and header. */
static int start_file(struct csv_reader *r, struct err *err)
{
    struct cells header = {0};
    const char *data;
    int status;

    r->stock.supply.block_size = r->options.block_size;
    stock_start(&r->stock, r->inputs[r->current], r->options.delimiter);
    r->stock.form.record.skip_bad = r->options.skip_bad;
    r->stock.form.libcsv = r->options.libcsv;
    r->block = r->record = 0;
    status = stock_header(&r->stock, &header, &data, err);
    if (status == 1) {
        status = columns_take(&r->columns, &header, data, err);
        if (status != 0)
            err_at(err, input_name(r->inputs[r->current]),
                   r->stock.form.header_line);
    } else if (status == 0) {
        status = no_header(r, err);
    }
    cells_release(&header);
    return status;
}

static int next_file(struct csv_reader *r, struct err *err)
{
    if (r->current + 1 < r->n_inputs) {
        r->current++;
        return start_file(r, err) == 0 ? 1 : -1;
    }
    if (r->records)
        return 0;
    err_set(err, ERR_DATA, "no rows after the header");
    return err_at(err, input_name(r->inputs[r->current]), 0);
}

/* ---- records ---- */

static const uint32_t *starts_of(const struct csv_reader *r)
{
    return block_of(r)->cells.start + r->record * (r->columns.names.count + 1);
}

static struct csv_field field_at(const struct csv_reader *r,
                                 const uint32_t *start, const uint32_t *raw,
                                 size_t i)
{
    const struct block *b = block_of(r);

    return (struct csv_field){
        .text = b->cells.text + start[i],
        .len = start[i + 1] - start[i] - 1,
        .raw = r->options.delimiter == ',' ? b->data + raw[i] : NULL,
        .raw_len = raw[i + 1] - raw[i] - 1};
}

static const uint32_t *raws_of(const struct csv_reader *r)
{
    return block_of(r)->direct ? starts_of(r)
                               : block_of(r)->cells.raw +
                                     r->record * (r->columns.names.count + 1);
}

static void show(const struct csv_reader *r)
{
    const uint32_t *start = starts_of(r), *raw = raws_of(r);

    for (size_t i = 0; i < r->columns.names.count; i++)
        r->fields[i] = field_at(r, start, raw, r->columns.field[i]);
    *r->shown = (struct shown){block_of(r), r->record};
}

int reader_next_blocks(struct csv_reader *r, bool bulk, struct err *err)
{
    for (;;) {
        int got = stock_next(&r->stock, bulk, err);
        r->shown->block = NULL;
        r->block = 0;
        if (got < 0)
            return -1;
        if (got == 1)
            return 1;
        got = next_file(r, err);
        if (got <= 0)
            return got;
    }
}

/* To the first record of the next block that has one. */
static int next_block(struct csv_reader *r, struct err *err)
{
    bool begun = r->stock.n > 0;

    for (;;) {
        if (begun && block_of(r)->failed)
            return stock_fault(&r->stock, r->block, err);
        if (begun && r->block + 1 < r->stock.n) {
            r->block++;
        } else {
            int got = reader_next_blocks(r, false, err);
            if (got != 1)
                return got;
        }
        begun = true;
        r->skipped += block_of(r)->skipped;
        r->record = 0;
        if (block_of(r)->n)
            return 1;
    }
}

static int next_record(struct csv_reader *r, struct err *err)
{
    if (r->stock.n && r->record + 1 < block_of(r)->n) {
        r->record++;
    } else {
        int got = next_block(r, err);
        if (got != 1)
            return got;
    }
    r->records++;
    return 1;
}

/* ---- long rows ---- */

static void mark_first(struct csv_reader *r)
{
    r->first_file = r->current;
    r->first_line = line_of(r);
    memcpy(r->first_place, r->columns.place,
           r->columns.names.count * sizeof(*r->columns.place));
}

static int start_sequencer(struct csv_reader *r, struct err *err)
{
    const struct csv_options *o = &r->options;
    size_t at;

    if (!o->sequence)
        return 0;
    if (csv_reader_require(r, o->sequence, &at, err) != 0 ||
        (o->step_time && csv_reader_require(r, o->step_time, &at, err) != 0))
        return -1;
    for (size_t i = 0; o->step_columns && i < o->step_columns->n; i++)
        if (csv_reader_require(r, o->step_columns->items[i], &at, err) != 0)
            return -1;
    r->sequencer = sequencer_new(o, &r->columns.names, err);
    if (!r->sequencer)
        return err_at(err, input_name(r->inputs[0]), 0);
    r->first_place = mem_alloc(r->columns.names.count, sizeof(*r->first_place));
    mark_first(r);
    return 0;
}

static int next_step(struct csv_reader *r, struct err *err)
{
    int got = next_record(r, err);

    if (got == 1)
        show(r);
    return got;
}

static int next_sequence(struct csv_reader *r, struct err *err)
{
    size_t column;
    int got = r->waiting ? 1 : next_step(r, err);

    r->waiting = false;
    if (got != 1)
        return got;
    mark_first(r);
    if (sequencer_begin(r->sequencer, r->fields, &column, err) != 0)
        return blame_record(r, column, err);
    while ((got = next_step(r, err)) == 1) {
        int same = sequencer_add(r->sequencer, r->fields, &column, err);
        if (same < 0)
            return blame_record(r, column, err);
        r->waiting = !same;
        if (!same)
            break;
    }
    r->sequences += got >= 0;
    return got < 0 ? -1 : 1;
}

/* ---- the public calls ---- */

struct csv_reader *csv_reader_open(char *const *paths, size_t n_paths,
                                   const struct csv_options *options,
                                   struct err *err)
{
    static char *const standard_input[] = {"-"};
    struct csv_reader *r = mem_zalloc(1, sizeof(*r));

    if (n_paths == 0) {
        paths = standard_input;
        n_paths = 1;
    }
    r->options = *options;
    if (!r->options.delimiter)
        r->options.delimiter = ',';
    r->inputs = mem_zalloc(n_paths, sizeof(struct input *));
    for (size_t i = 0; i < n_paths; i++) {
        r->inputs[i] =
            input_open(paths[i], options->encoding, options->reread, err);
        if (!r->inputs[i])
            break;
        r->n_inputs++;
    }
    r->shown = mem_zalloc(1, sizeof(*r->shown));
    if (r->n_inputs == n_paths && start_file(r, err) == 0) {
        r->fields = mem_zalloc(r->columns.names.count, sizeof(*r->fields));
        if (start_sequencer(r, err) == 0)
            return r;
    }
    csv_reader_close(r);
    return NULL;
}

void csv_reader_close(struct csv_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_inputs; i++)
        input_close(r->inputs[i]);
    stock_release(&r->stock);
    columns_release(&r->columns);
    sequencer_free(r->sequencer);
    free(r->first_place);
    free(r->inputs);
    free(r->fields);
    if (r->attached)
        r->release(r->attached);
    free(r->rows);
    free(r->shown);
    free(r);
}

int csv_reader_next(struct csv_reader *r, struct err *err)
{
    return r->sequencer ? next_sequence(r, err) : next_record(r, err);
}

int csv_reader_rewind(struct csv_reader *r, struct err *err)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (input_rewind(r->inputs[i], err) != 0)
            return -1;
    r->last_records = r->records;
    r->last_skipped = r->skipped;
    r->current = r->records = r->skipped = r->sequences = 0;
    r->waiting = r->bulk_failed = false;
    if (r->sequencer)
        sequencer_rewind(r->sequencer);
    return start_file(r, err);
}

size_t csv_reader_width(const struct csv_reader *r)
{
    return names_of(r)->count;
}

const char *csv_reader_name(const struct csv_reader *r, size_t i)
{
    return names_of(r)->text[i];
}

const char *csv_reader_raw_name(const struct csv_reader *r, size_t i,
                                size_t *len)
{
    size_t at;

    if (r->sequencer && i + 1 == names_of(r)->count) {
        *len = names_of(r)->len[i];
        return names_of(r)->text[i];
    }
    at = r->columns
             .raw_name_of[r->sequencer ? sequencer_source(r->sequencer, i) : i];
    *len = r->columns.raw_names.len[at];
    return r->columns.raw_names.text[at];
}

size_t csv_reader_find(const struct csv_reader *r, const char *name)
{
    size_t at = dict_find(names_of(r), name, strlen(name));

    return at == DICT_NONE ? CSV_NONE : at;
}

const char *csv_reader_delimiter_hint(const struct csv_reader *r)
{
    const char *name = r->columns.names.text[0];

    if (r->columns.names.count == 1 && strchr(name, ';'))
        return "perhaps --delimiter ';'";
    if (r->columns.names.count == 1 && strchr(name, '\t'))
        return "perhaps --delimiter tab";
    return NULL;
}

int csv_reader_require(const struct csv_reader *r, const char *name,
                       size_t *column, struct err *err)
{
    const struct dict *names = names_of(r);
    const char *hint = csv_reader_delimiter_hint(r);
    struct buf list = {0};

    *column = csv_reader_find(r, name);
    if (*column != CSV_NONE)
        return 0;
    for (size_t i = 0; i < names->count && list.len < 200; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", names->text[i]);
    err_set(err, ERR_DATA, "no column '%s' (there are: %s)%s%s", name,
            list.data, hint ? "; " : "", hint ? hint : "");
    buf_release(&list);
    return err_at(err, input_name(r->inputs[0]), 0);
}

const struct csv_field *csv_reader_fields(const struct csv_reader *r)
{
    if (r->sequencer)
        return sequencer_fields(r->sequencer);
    if (r->shown->block != block_of(r) || r->shown->record != r->record)
        show(r);
    return r->fields;
}

struct csv_field csv_reader_cell(const struct csv_reader *r, size_t column)
{
    return r->sequencer ? sequencer_fields(r->sequencer)[column]
                        : field_at(r, starts_of(r), raws_of(r),
                                   r->columns.field[column]);
}

const char *csv_reader_raw(const struct csv_reader *r, size_t *len)
{
    if (r->sequencer || r->options.delimiter != ',' || !r->columns.same_order)
        return NULL;
    return block_raw(block_of(r), r->columns.names.count, r->record, len);
}

size_t csv_reader_key(const struct csv_reader *r)
{
    return r->sequencer ? sequencer_key(r->sequencer) : CSV_NONE;
}

const struct list *csv_reader_steps(const struct csv_reader *r)
{
    return r->sequencer ? sequencer_steps(r->sequencer) : NULL;
}

size_t csv_reader_records(const struct csv_reader *r)
{
    return r->sequencer ? r->sequences : r->records;
}

size_t csv_reader_skipped(const struct csv_reader *r)
{
    return r->skipped;
}

long csv_reader_line(const struct csv_reader *r)
{
    return r->sequencer ? r->first_line : line_of(r);
}
