#include "csv/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { BLOCK = 1 << 16, RECORD_LIMIT = 1 << 28 };

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
    struct record_parser *r = data;
    struct span *span;
    bool quoted = r->record + r->cursor < r->end &&
                  r->data[r->record + r->cursor] == '"';

    char *to;

    if (r->n_spans == r->spans_capacity)
        r->spans = mem_grow(r->spans, &r->spans_capacity, r->n_spans + 1,
                            sizeof(*r->spans));
    span = &r->spans[r->n_spans++];
    span->text = r->text.len;
    span->len = len;
    span->raw = r->cursor;
    span->raw_len = quoted ? len + 2 + count_quotes(text, len) : len;
    r->cursor += span->raw_len + 1;
    to = buf_reserve(&r->text, len + 1);
    if (len)
        memcpy(to, text, len);
    to[len] = to[len + 1] = '\0';
    r->text.len += len + 1;
}

static void on_row(int end, void *data)
{
    struct record_parser *r = data;

    r->row_ends++;
    r->last_end = end;
}

static int keep_blanks(unsigned char c)
{
    (void)c;
    return 0;
}

/* ---- errors ---- */

static int blame(const struct record_parser *r, long line, struct err *err)
{
    return err_at(err, input_name(r->input), line);
}

/* Inside the failure record, as in any quoted field, quotes are doubled. */
static void take_message(struct buf *message, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        buf_add_char(message, text[i]);
        if (text[i] == '"' && i + 1 < len && text[i + 1] == '"')
            i++;
    }
}

/* The word of a failed tool upstream, wherever in the record it was cut in. */
static bool upstream_failed(const struct record_parser *r, struct err *err)
{
    const char *start = r->data + r->record, *mark, *words;
    size_t len = r->end - r->record;
    struct buf message = {0};

    mark = memmem(start, len, "\"assay ", 7);
    if (!mark)
        return false;
    len -= (size_t)(mark - start);
    words = memmem(mark, len, " failed: ", 9);
    if (!words || memchr(mark, '\n', (size_t)(words - mark)))
        return false;
    while (len && mark[len - 1] == '\n')
        len--;
    take_message(&message, mark + 1, len - 1);
    err_set(err, ERR_UPSTREAM, "%s", message.data);
    buf_release(&message);
    blame(r, 0, err);
    return true;
}

static int quoting_error(const struct record_parser *r, const char *what,
                         struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];

    if (upstream_failed(r, err))
        return -1;
    err_set(err, ERR_DATA, "%s: %s", what,
            err_quote(quoted, sizeof(quoted), r->data + r->record,
                      r->scan - r->record));
    return blame(r, r->line, err);
}

/* ---- lines ---- */

/* Reads more bytes behind `end`, first moving the record to the front. */
static int read_more(struct record_parser *r, struct err *err)
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
        return blame(r, r->line, err);
    }
    r->data = mem_grow(r->data, &r->capacity, r->end + BLOCK, 1);
    n = input_read(r->input, r->data + r->end, r->capacity - r->end, err);
    if (n < 0) {
        if (err->kind == ERR_DATA)
            blame(r, r->next_line, err);
        return -1;
    }
    r->ended = n == 0;
    r->end += (size_t)n;
    return 0;
}

/* The next physical line, newline included, is [scan, scan + *len). */
static int find_line(struct record_parser *r, size_t *len, struct err *err)
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

static int check_line(struct record_parser *r, size_t len, struct err *err)
{
    const char *line = r->data + r->scan;
    char quoted[ERR_QUOTE_SIZE];
    size_t valid;

    if (memchr(line, '\0', len)) {
        err_set(err, ERR_DATA, "NUL byte (UTF-16 needs --encoding utf-16)");
        return blame(r, r->next_line, err);
    }
    valid = text_utf8_valid(line, len);
    if (valid == len)
        return 0;
    while (valid && (line[valid - 1] & 0x80))
        valid--;
    err_set(err, ERR_DATA, "not UTF-8: %s (perhaps --encoding latin1)",
            err_quote(quoted, sizeof(quoted), line + valid, len - valid));
    return blame(r, r->next_line, err);
}

/* Hands the line to libcsv, which says whether a record ends with it. */
static int feed_line(struct record_parser *r, size_t len, struct err *err)
{
    const char *line = r->data + r->scan;
    bool newline = len && line[len - 1] == '\n';
    int ends = newline && len > 1 && line[len - 2] == '\r' ? 2 : 1;
    size_t parsed;

    r->row_ends = 0;
    parsed = csv_parse(&r->csv, line, len, on_field, on_row, r);
    r->scan += len;
    r->next_line += newline;
    if (parsed != len)
        return quoting_error(
            r, "malformed quotes (inside a quoted field a quote is doubled)",
            err);
    if (r->row_ends > 0 && (r->row_ends != ends || r->last_end != '\n'))
        return quoting_error(
            r, "bare carriage return (lines end in LF or CRLF)", err);
    return 0;
}

/* The file's last record need not end in a newline. */
static int finish_file(struct record_parser *r, struct err *err)
{
    r->row_ends = 0;
    if (csv_fini(&r->csv, on_field, on_row, r) != 0)
        return quoting_error(r, "unterminated quote", err);
    return 0;
}

int record_next(struct record_parser *r, bool *bad, struct err *err)
{
    struct err ignored;
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
        if (check_line(r, len, r->skip_bad ? &ignored : err) != 0) {
            if (!r->skip_bad)
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

int record_skip_mark(struct record_parser *r, struct err *err)
{
    while (r->end < 3 && !r->ended)
        if (read_more(r, err) != 0)
            return -1;
    if (r->end >= 3 && memcmp(r->data, "\xef\xbb\xbf", 3) == 0)
        r->scan = r->record = 3;
    return 0;
}

void record_add_empty(struct record_parser *r)
{
    on_field(NULL, 0, r);
}

void record_start(struct record_parser *r, struct input *input)
{
    csv_free(&r->csv);
    csv_init(&r->csv,
             CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL);
    csv_set_space_func(&r->csv, keep_blanks);
    csv_set_delim(&r->csv, (unsigned char)r->delimiter);
    r->input = input;
    r->record = r->scan = r->end = 0;
    r->ended = false;
    r->line = r->next_line = 1;
}

void record_release(struct record_parser *r)
{
    csv_free(&r->csv);
    buf_release(&r->text);
    free(r->data);
    free(r->spans);
    memset(r, 0, sizeof(*r));
}
