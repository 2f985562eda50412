#include "csv/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/dict.h"
#include "base/mem.h"
#include "csv/record.h"
#include "csv/sequencer.h"

struct csv_reader {
    struct csv_options options;
    struct record_parser parser; /* of the current file */
    struct input **inputs;
    size_t n_inputs, current;

    struct csv_field *fields; /* [width], in the order of the first header */
    size_t *place;            /* [width] field of this file -> column */
    struct dict names;
    struct dict raw_names; /* may hold doubles; numbered by raw_name_of */
    size_t *raw_name_of;
    long header_line; /* in the current file */
    size_t records, skipped;

    /* Long rows: `fields` are one step. */
    struct sequencer *sequencer; /* or NULL */
    size_t sequences;
    bool waiting;        /* fields begin the next record */
    size_t first_file;   /* of the current record … */
    long first_line;     /* … its first line … */
    size_t *first_place; /* … and how columns stood there */
};

static const struct dict *names_of(const struct csv_reader *r)
{
    return r->sequencer ? sequencer_names(r->sequencer) : &r->names;
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
                        : field_of(r->place, column);
}

int csv_reader_blame(const struct csv_reader *r, size_t column, struct err *err)
{
    const struct dict *names = names_of(r);

    err_at(err, csv_reader_file(r), csv_reader_line(r));
    if (column < names->count)
        err_at_column(err, names->text[column], csv_reader_field(r, column));
    return -1;
}

/* The record of the file that was read last, and its column. */
static int blame_record(const struct csv_reader *r, size_t column,
                        struct err *err)
{
    err_at(err, input_name(r->inputs[r->current]), r->parser.line);
    if (column < r->names.count)
        err_at_column(err, r->names.text[column], field_of(r->place, column));
    return -1;
}

/* ---- header ---- */

static int no_header(struct csv_reader *r, struct err *err)
{
    err_set(err, ERR_DATA,
            "empty input: no header row (did what writes it fail?)");
    return err_at(err, input_name(r->inputs[r->current]), 0);
}

static int parse_header(struct csv_reader *r, struct err *err)
{
    bool bad;
    int got = record_skip_mark(&r->parser, err);

    if (got < 0)
        return -1;
    r->parser.skip_bad = false; /* without a header there is nothing */
    do {
        got = record_next(&r->parser, &bad, err);
        if (got < 0 || bad)
            return -1;
        if (got == 0)
            return no_header(r, err);
    } while (r->parser.n_spans == 0);
    r->parser.skip_bad = r->options.skip_bad;
    r->header_line = r->parser.line;
    return 0;
}

static int duplicate_name(struct csv_reader *r, size_t first, size_t second,
                          struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    const struct span *span = &r->parser.spans[second];

    err_set(err, ERR_DATA, "column %s occurs twice (fields %zu and %zu)",
            err_quote(quoted, sizeof(quoted), r->parser.text.data + span->text,
                      span->len),
            first + 1, second + 1);
    return blame_record(r, CSV_NONE, err);
}

static int take_first_header(struct csv_reader *r, struct err *err)
{
    r->fields = mem_zalloc(r->parser.n_spans, sizeof(*r->fields));
    r->place = mem_zalloc(r->parser.n_spans, sizeof(*r->place));
    r->raw_name_of = mem_zalloc(r->parser.n_spans, sizeof(*r->raw_name_of));
    for (size_t i = 0; i < r->parser.n_spans; i++) {
        const struct span *span = &r->parser.spans[i];
        const char *name = r->parser.text.data + span->text;
        size_t at = dict_add(&r->names, name, span->len);
        if (at != i)
            return duplicate_name(r, at, i, err);
        r->place[i] = i;
        r->raw_name_of[i] = dict_add(
            &r->raw_names, r->parser.data + r->parser.record + span->raw,
            span->raw_len);
    }
    return 0;
}

/* A later file: the same columns, in any order. */
static int match_header(struct csv_reader *r, struct err *err)
{
    bool *seen = mem_zalloc(r->names.count, sizeof(*seen));
    int status = 0;

    if (r->parser.n_spans != r->names.count) {
        err_set(err, ERR_DATA, "%zu column%s, but the first file has %zu",
                r->parser.n_spans, r->parser.n_spans == 1 ? "" : "s",
                r->names.count);
        status = blame_record(r, CSV_NONE, err);
    }
    for (size_t i = 0; i < r->parser.n_spans && status == 0; i++) {
        const char *name = r->parser.text.data + r->parser.spans[i].text;
        size_t at = dict_find(&r->names, name, r->parser.spans[i].len);
        if (at == DICT_NONE || seen[at]) {
            err_set(err, ERR_DATA, "column '%s' %s", name,
                    at == DICT_NONE ? "is not in the first file"
                                    : "occurs twice");
            status = blame_record(r, CSV_NONE, err);
        } else {
            seen[at] = true;
            r->place[i] = at;
        }
    }
    free(seen);
    return status;
}

/* Starts file `current`: parser, bytes and header. */
static int start_file(struct csv_reader *r, struct err *err)
{
    record_start(&r->parser, r->inputs[r->current]);
    if (parse_header(r, err) != 0)
        return -1;
    return r->fields ? match_header(r, err) : take_first_header(r, err);
}

/* ---- records ---- */

static int ragged(const struct csv_reader *r, struct err *err)
{
    err_set(err, ERR_DATA, "expected %zu field%s (header line %ld), got %zu",
            r->names.count, r->names.count == 1 ? "" : "s", r->header_line,
            r->parser.n_spans);
    return blame_record(r, CSV_NONE, err);
}

/* Spans to fields, now that the buffers stand still. */
static void publish(struct csv_reader *r)
{
    for (size_t i = 0; i < r->parser.n_spans; i++) {
        const struct span *span = &r->parser.spans[i];
        struct csv_field *field = &r->fields[r->place[i]];
        field->text = r->parser.text.data + span->text;
        field->len = span->len;
        field->raw = r->options.delimiter == ','
                         ? r->parser.data + r->parser.record + span->raw
                         : NULL;
        field->raw_len = span->raw_len;
    }
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

static int next_record(struct csv_reader *r, struct err *err)
{
    for (;;) {
        bool bad;
        int got = record_next(&r->parser, &bad, err);
        if (got < 0)
            return -1;
        if (got == 0) {
            got = next_file(r, err);
            if (got <= 0)
                return got;
            continue;
        }
        if (r->parser.n_spans == 0 && r->names.count > 1)
            continue;
        if (r->parser.n_spans == 0)
            record_add_empty(&r->parser);
        if (!bad && r->parser.n_spans == r->names.count)
            break;
        if (!r->options.skip_bad)
            return ragged(r, err);
        r->skipped++;
    }
    publish(r);
    r->records++;
    return 1;
}

/* ---- long rows ---- */

static void mark_first(struct csv_reader *r)
{
    r->first_file = r->current;
    r->first_line = r->parser.line;
    memcpy(r->first_place, r->place, r->names.count * sizeof(*r->place));
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
    r->sequencer = sequencer_new(o, &r->names, err);
    if (!r->sequencer)
        return err_at(err, input_name(r->inputs[0]), 0);
    r->first_place = mem_alloc(r->names.count, sizeof(*r->first_place));
    mark_first(r);
    return 0;
}

static int next_sequence(struct csv_reader *r, struct err *err)
{
    size_t column;
    int got = r->waiting ? 1 : next_record(r, err);

    r->waiting = false;
    if (got != 1)
        return got;
    mark_first(r);
    if (sequencer_begin(r->sequencer, r->fields, &column, err) != 0)
        return blame_record(r, column, err);
    while ((got = next_record(r, err)) == 1) {
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
    r->parser.delimiter = r->options.delimiter;
    r->parser.skip_bad = options->skip_bad;
    r->inputs = mem_zalloc(n_paths, sizeof(struct input *));
    for (size_t i = 0; i < n_paths; i++) {
        r->inputs[i] =
            input_open(paths[i], options->encoding, options->reread, err);
        if (!r->inputs[i])
            break;
        r->n_inputs++;
    }
    if (r->n_inputs < n_paths || start_file(r, err) != 0 ||
        start_sequencer(r, err) != 0) {
        csv_reader_close(r);
        return NULL;
    }
    return r;
}

void csv_reader_close(struct csv_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_inputs; i++)
        input_close(r->inputs[i]);
    record_release(&r->parser);
    sequencer_free(r->sequencer);
    free(r->first_place);
    dict_release(&r->names);
    dict_release(&r->raw_names);
    free(r->raw_name_of);
    free(r->inputs);
    free(r->fields);
    free(r->place);
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
    r->current = r->records = r->skipped = r->sequences = 0;
    r->waiting = false;
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
    at = r->raw_name_of[r->sequencer ? sequencer_source(r->sequencer, i) : i];
    *len = r->raw_names.len[at];
    return r->raw_names.text[at];
}

size_t csv_reader_find(const struct csv_reader *r, const char *name)
{
    size_t at = dict_find(names_of(r), name, strlen(name));

    return at == DICT_NONE ? CSV_NONE : at;
}

int csv_reader_require(const struct csv_reader *r, const char *name,
                       size_t *column, struct err *err)
{
    const struct dict *names = names_of(r);
    struct buf list = {0};
    const char *hint = "";

    if (r->names.count == 1 && strchr(r->names.text[0], ';'))
        hint = "; perhaps --delimiter ';'";
    if (r->names.count == 1 && strchr(r->names.text[0], '\t'))
        hint = "; perhaps --delimiter tab";
    *column = csv_reader_find(r, name);
    if (*column != CSV_NONE)
        return 0;
    for (size_t i = 0; i < names->count && list.len < 200; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", names->text[i]);
    err_set(err, ERR_DATA, "no column '%s' (there are: %s)%s", name, list.data,
            hint);
    buf_release(&list);
    return err_at(err, input_name(r->inputs[0]), 0);
}

const struct csv_field *csv_reader_fields(const struct csv_reader *r)
{
    return r->sequencer ? sequencer_fields(r->sequencer) : r->fields;
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
    return r->sequencer ? r->first_line : r->parser.line;
}
