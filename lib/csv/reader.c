#include "csv/reader.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/dict.h"
#include "base/mem.h"
#include "base/text.h"
#include "csv/input.h"

enum { BLOCK = 1 << 16, RECORD_LIMIT = 1 << 28 };

/* One field of the record being parsed, as offsets: buffers may still move. */
struct span {
    size_t text, len; /* in reader->text */
    size_t raw, raw_len;
};

struct csv_reader {
    struct csv_options options;
    struct csv_parser parser;
    struct input **inputs;
    size_t n_inputs, current;

    /* bytes [record, end) of data are not yet parsed, or are this record */
    char *data;
    size_t capacity, record, scan, end;
    bool ended;

    /* filled by libcsv's callbacks */
    struct buf text;
    struct span *spans;
    size_t n_spans, spans_capacity;
    size_t cursor; /* where the next field starts, from `record` */
    int row_ends;

    struct csv_field *fields; /* [width], in the order of the first header */
    size_t *place;            /* [width] field of this file -> column */
    struct dict names;
    struct dict raw_names; /* may hold doubles; numbered by raw_name_of */
    size_t *raw_name_of;
    long line;        /* of the current record's first byte */
    long next_line;   /* of the byte at scan */
    long header_line; /* in the current file */
    size_t records, skipped;
};

/* ---- libcsv's callbacks ---- */

static size_t count_quotes(const char *text, size_t len)
{
    size_t n = 0;
    const char *end = text + len;

    while ((text = memchr(text, '"', (size_t)(end - text)))) {
        n++;
        text++;
    }
    return n;
}

static void on_field(void *text, size_t len, void *data)
{
    struct csv_reader *r = data;
    struct span *span;
    bool quoted = r->record + r->cursor < r->end &&
                  r->data[r->record + r->cursor] == '"';

    r->spans = mem_grow(r->spans, &r->spans_capacity, r->n_spans + 1,
                        sizeof(*r->spans));
    span = &r->spans[r->n_spans++];
    span->text = r->text.len;
    span->len = len;
    span->raw = r->cursor;
    span->raw_len = quoted ? len + 2 + count_quotes(text, len) : len;
    r->cursor += span->raw_len + 1;
    buf_add(&r->text, text ? text : "", len);
    buf_add_char(&r->text, '\0');
}

static void on_row(int end, void *data)
{
    (void)end;
    ((struct csv_reader *)data)->row_ends++;
}

static int keep_blanks(unsigned char c)
{
    (void)c;
    return 0;
}

static void start_parser(struct csv_reader *r)
{
    csv_init(&r->parser,
             CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL);
    csv_set_space_func(&r->parser, keep_blanks);
    csv_set_delim(&r->parser, (unsigned char)r->options.delimiter);
}

/* ---- errors ---- */

const char *csv_reader_file(const struct csv_reader *r)
{
    size_t i = r->current < r->n_inputs ? r->current : r->n_inputs - 1;

    return input_name(r->inputs[i]);
}

int csv_reader_blame(const struct csv_reader *r, size_t column, struct err *err)
{
    err_at(err, csv_reader_file(r), r->line);
    if (column < r->names.count)
        err_at_column(err, r->names.text[column], (int)column + 1);
    return -1;
}

static int blame_record(const struct csv_reader *r, struct err *err)
{
    return csv_reader_blame(r, CSV_NONE, err);
}

/* The word of a failed tool upstream, wherever in the record it was cut in. */
static bool upstream_failed(const struct csv_reader *r, struct err *err)
{
    const char *start = r->data + r->record, *mark, *words;
    size_t len = r->end - r->record;

    mark = memmem(start, len, "\"assay ", 7);
    if (!mark)
        return false;
    len -= (size_t)(mark - start);
    words = memmem(mark, len, " failed: ", 9);
    if (!words || memchr(mark, '\n', (size_t)(words - mark)))
        return false;
    while (len && mark[len - 1] == '\n')
        len--;
    err_set(err, ERR_UPSTREAM, "%.*s", (int)len - 1, mark + 1);
    err_at(err, csv_reader_file(r), 0);
    return true;
}

static int quoting_error(const struct csv_reader *r, const char *what,
                         struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];

    if (r->ended && upstream_failed(r, err))
        return -1;
    err_set(err, ERR_DATA, "%s: %s", what,
            err_quote(quoted, sizeof(quoted), r->data + r->record,
                      r->scan - r->record));
    return blame_record(r, err);
}

/* ---- lines ---- */

/* Reads more bytes behind `end`, first moving the record to the front. */
static int read_more(struct csv_reader *r, struct err *err)
{
    ssize_t n;

    if (r->record) {
        memmove(r->data, r->data + r->record, r->end - r->record);
        r->scan -= r->record;
        r->end -= r->record;
        r->record = 0;
    }
    if (r->end > RECORD_LIMIT) {
        err_set(err, ERR_DATA, "record longer than %d MB: unterminated quote?",
                RECORD_LIMIT >> 20);
        return blame_record(r, err);
    }
    r->data = mem_grow(r->data, &r->capacity, r->end + BLOCK, 1);
    n = input_read(r->inputs[r->current], r->data + r->end,
                   r->capacity - r->end, err);
    if (n < 0) {
        if (err->kind == ERR_DATA)
            err_at(err, csv_reader_file(r), r->next_line);
        return -1;
    }
    r->ended = n == 0;
    r->end += (size_t)n;
    return 0;
}

/* The next physical line, newline included, is [scan, scan + *len). */
static int find_line(struct csv_reader *r, size_t *len, struct err *err)
{
    size_t seen = 0;

    for (;;) {
        char *start = r->data + r->scan;
        char *newline =
            r->end > r->scan + seen
                ? memchr(start + seen, '\n', r->end - r->scan - seen)
                : NULL;
        if (newline || r->ended) {
            *len = newline ? (size_t)(newline - start) + 1 : r->end - r->scan;
            return 0;
        }
        seen = r->end - r->scan;
        if (read_more(r, err) != 0)
            return -1;
    }
}

static int check_line(struct csv_reader *r, size_t len, struct err *err)
{
    const char *line = r->data + r->scan;
    char quoted[ERR_QUOTE_SIZE];
    size_t valid;

    if (memchr(line, '\0', len)) {
        err_set(err, ERR_DATA, "NUL byte (UTF-16 needs --encoding utf-16)");
        return err_at(err, csv_reader_file(r), r->next_line);
    }
    valid = text_utf8_valid(line, len);
    if (valid == len)
        return 0;
    while (valid && (line[valid - 1] & 0x80))
        valid--;
    err_set(err, ERR_DATA, "not UTF-8: %s (perhaps --encoding latin1)",
            err_quote(quoted, sizeof(quoted), line + valid, len - valid));
    return err_at(err, csv_reader_file(r), r->next_line);
}

/* Hands the line to libcsv, which says whether a record ends with it. */
static int feed_line(struct csv_reader *r, size_t len, struct err *err)
{
    const char *line = r->data + r->scan;
    bool newline = len && line[len - 1] == '\n';
    int ends = newline && len > 1 && line[len - 2] == '\r' ? 2 : 1;
    size_t parsed;

    r->row_ends = 0;
    parsed = csv_parse(&r->parser, line, len, on_field, on_row, r);
    r->scan += len;
    r->next_line += newline;
    if (parsed != len)
        return quoting_error(
            r, "malformed quotes (inside a quoted field a quote is doubled)",
            err);
    if (r->row_ends > 0 && (r->row_ends != ends || !newline))
        return quoting_error(
            r, "bare carriage return (lines end in LF or CRLF)", err);
    return 0;
}

/* The file's last record need not end in a newline. */
static int finish_file(struct csv_reader *r, struct err *err)
{
    r->row_ends = 0;
    if (csv_fini(&r->parser, on_field, on_row, r) != 0)
        return quoting_error(r, "unterminated quote", err);
    return 0;
}

/*
 * Parses one record of the current file into spans: 1, or 0 at its end.
 * *bad is set, with err filled, where a line is not UTF-8 but the record can
 * be left out.
 */
static int parse_record(struct csv_reader *r, bool *bad, struct err *err)
{
    size_t len;

    r->record = r->scan;
    r->line = r->next_line;
    r->n_spans = r->cursor = 0;
    buf_clear(&r->text);
    *bad = false;
    for (;;) {
        if (find_line(r, &len, err) != 0)
            return -1;
        if (len == 0)
            break;
        if (check_line(r, len, err) != 0) {
            if (!r->options.skip_bad)
                return -1;
            *bad = true;
        }
        if (feed_line(r, len, err) != 0)
            return -1;
        if (r->row_ends)
            return 1;
    }
    if (r->scan == r->record)
        return 0;
    if (finish_file(r, err) != 0)
        return -1;
    return 1;
}

/* ---- header ---- */

static int skip_mark(struct csv_reader *r, struct err *err)
{
    while (r->end < 3 && !r->ended)
        if (read_more(r, err) != 0)
            return -1;
    if (r->end >= 3 && memcmp(r->data, "\xef\xbb\xbf", 3) == 0)
        r->scan = r->record = 3;
    return 0;
}

static int no_header(struct csv_reader *r, struct err *err)
{
    err_set(err, ERR_DATA,
            "empty input: no header row (did what writes it fail?)");
    return err_at(err, csv_reader_file(r), 0);
}

static int parse_header(struct csv_reader *r, struct err *err)
{
    bool bad;
    int got = skip_mark(r, err);

    if (got < 0)
        return -1;
    do {
        got = parse_record(r, &bad, err);
        if (got < 0 || bad)
            return -1;
        if (got == 0)
            return no_header(r, err);
    } while (r->n_spans == 0);
    r->header_line = r->line;
    return 0;
}

static int duplicate_name(struct csv_reader *r, size_t first, size_t second,
                          struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    const struct span *span = &r->spans[second];

    err_set(
        err, ERR_DATA, "column %s occurs twice (fields %zu and %zu)",
        err_quote(quoted, sizeof(quoted), r->text.data + span->text, span->len),
        first + 1, second + 1);
    return blame_record(r, err);
}

static int take_first_header(struct csv_reader *r, struct err *err)
{
    r->fields = mem_zalloc(r->n_spans, sizeof(*r->fields));
    r->place = mem_zalloc(r->n_spans, sizeof(*r->place));
    r->raw_name_of = mem_zalloc(r->n_spans, sizeof(*r->raw_name_of));
    for (size_t i = 0; i < r->n_spans; i++) {
        const struct span *span = &r->spans[i];
        const char *name = r->text.data + span->text;
        size_t at = dict_add(&r->names, name, span->len);
        if (at != i)
            return duplicate_name(r, at, i, err);
        r->place[i] = i;
        r->raw_name_of[i] = dict_add(
            &r->raw_names, r->data + r->record + span->raw, span->raw_len);
    }
    return 0;
}

/* A later file: the same columns, in any order. */
static int match_header(struct csv_reader *r, struct err *err)
{
    bool *seen = mem_zalloc(r->names.count, sizeof(*seen));
    int status = 0;

    if (r->n_spans != r->names.count) {
        err_set(err, ERR_DATA, "%zu columns, but the first file has %zu",
                r->n_spans, r->names.count);
        status = blame_record(r, err);
    }
    for (size_t i = 0; i < r->n_spans && status == 0; i++) {
        const char *name = r->text.data + r->spans[i].text;
        size_t at = dict_find(&r->names, name, r->spans[i].len);
        if (at == DICT_NONE || seen[at]) {
            err_set(err, ERR_DATA, "column '%s' %s", name,
                    at == DICT_NONE ? "is not in the first file"
                                    : "occurs twice");
            status = blame_record(r, err);
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
    csv_free(&r->parser);
    start_parser(r);
    r->record = r->scan = r->end = 0;
    r->ended = false;
    r->line = r->next_line = 1;
    if (parse_header(r, err) != 0)
        return -1;
    return r->fields ? match_header(r, err) : take_first_header(r, err);
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
    start_parser(r);
    r->inputs = mem_zalloc(n_paths, sizeof(struct input *));
    for (size_t i = 0; i < n_paths; i++) {
        r->inputs[i] =
            input_open(paths[i], options->encoding, options->reread, err);
        if (!r->inputs[i])
            break;
        r->n_inputs++;
    }
    if (r->n_inputs < n_paths || start_file(r, err) != 0) {
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
    csv_free(&r->parser);
    dict_release(&r->names);
    dict_release(&r->raw_names);
    buf_release(&r->text);
    free(r->raw_name_of);
    free(r->inputs);
    free(r->data);
    free(r->spans);
    free(r->fields);
    free(r->place);
    free(r);
}

static int ragged(const struct csv_reader *r, struct err *err)
{
    err_set(err, ERR_DATA, "expected %zu field%s (header line %ld), got %zu",
            r->names.count, r->names.count == 1 ? "" : "s", r->header_line,
            r->n_spans);
    return blame_record(r, err);
}

/* Spans to fields, now that the buffers stand still. */
static void publish(struct csv_reader *r)
{
    for (size_t i = 0; i < r->n_spans; i++) {
        const struct span *span = &r->spans[i];
        struct csv_field *field = &r->fields[r->place[i]];
        field->text = r->text.data + span->text;
        field->len = span->len;
        field->raw = r->options.delimiter == ','
                         ? r->data + r->record + span->raw
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
    return err_at(err, csv_reader_file(r), 0);
}

int csv_reader_next(struct csv_reader *r, struct err *err)
{
    for (;;) {
        bool bad;
        int got = parse_record(r, &bad, err);
        if (got < 0)
            return -1;
        if (got == 0) {
            got = next_file(r, err);
            if (got <= 0)
                return got;
            continue;
        }
        if (r->n_spans == 0 && r->names.count > 1)
            continue;
        if (r->n_spans == 0)
            on_field(NULL, 0, r);
        if (!bad && r->n_spans == r->names.count)
            break;
        if (!r->options.skip_bad)
            return ragged(r, err);
        r->skipped++;
    }
    publish(r);
    r->records++;
    return 1;
}

int csv_reader_rewind(struct csv_reader *r, struct err *err)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (input_rewind(r->inputs[i], err) != 0)
            return -1;
    r->current = r->records = r->skipped = 0;
    return start_file(r, err);
}

size_t csv_reader_width(const struct csv_reader *r)
{
    return r->names.count;
}

const char *csv_reader_name(const struct csv_reader *r, size_t i)
{
    return r->names.text[i];
}

const char *csv_reader_raw_name(const struct csv_reader *r, size_t i,
                                size_t *len)
{
    size_t at = r->raw_name_of[i];

    *len = r->raw_names.len[at];
    return r->raw_names.text[at];
}

size_t csv_reader_find(const struct csv_reader *r, const char *name)
{
    size_t at = dict_find(&r->names, name, strlen(name));

    return at == DICT_NONE ? CSV_NONE : at;
}

int csv_reader_require(const struct csv_reader *r, const char *name,
                       size_t *column, struct err *err)
{
    struct buf list = {0};

    *column = csv_reader_find(r, name);
    if (*column != CSV_NONE)
        return 0;
    for (size_t i = 0; i < r->names.count && list.len < 200; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", r->names.text[i]);
    err_set(err, ERR_DATA, "no column '%s' (there are: %s)", name, list.data);
    buf_release(&list);
    return err_at(err, input_name(r->inputs[0]), 0);
}

const struct csv_field *csv_reader_fields(const struct csv_reader *r)
{
    return r->fields;
}

size_t csv_reader_records(const struct csv_reader *r)
{
    return r->records;
}

size_t csv_reader_skipped(const struct csv_reader *r)
{
    return r->skipped;
}

long csv_reader_line(const struct csv_reader *r)
{
    return r->line;
}
