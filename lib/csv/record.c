#include "csv/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

/* ---- libcsv's callbacks ---- */

enum { SHORT = 16 }; /* bytes that are copied at once */

static size_t count_quotes(const char *text, size_t len)
{
    const char *end = len ? text + len : NULL;
    size_t n = 0;

    for (; len > 0 && len <= SHORT; len--)
        n += text[len - 1] == '"';
    while (len && (text = memchr(text, '"', (size_t)(end - text)))) {
        n++;
        text++;
    }
    return n;
}

static void add_entry(struct record_parser *r)
{
    struct cells *c = r->cells;

    c->start[c->n] = (uint32_t)c->text_len;
    c->raw[c->n++] = (uint32_t)(r->record + r->cursor);
}

/*
 * The text of a record and its end marks never take more than its bytes + 2,
 * nor its entries; room for them is there.  Behind its data, too.
 */
static void on_field(void *text, size_t len, void *data)
{
    struct record_parser *r = data;
    struct cells *c = r->cells;
    size_t at = r->record + r->cursor, quotes = 0;
    bool quoted = at < r->end && r->data[at] == '"';
    char *to = c->text + c->text_len;

    if (quoted)
        quotes = 2 + count_quotes(text, len);
    if (quotes <= 2 && len <= SHORT)
        memcpy(to, r->data + at + quotes / 2, SHORT);
    else
        memcpy(to, text, len);
    to[len] = '\0';
    c->text_len += len + 1;
    r->cursor += len + quotes + 1;
    r->n_fields++;
    add_entry(r);
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

void record_grammar(struct csv_parser *csv, char delimiter)
{
    csv_init(csv,
             CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL);
    csv_set_space_func(csv, keep_blanks);
    csv_set_delim(csv, (unsigned char)delimiter);
}

/* ---- errors ---- */

static int blame(const struct record_parser *r, long line, struct err *err)
{
    return err_at(err, r->form->name, line);
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
    blame(r, -1, err);
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

/* The next physical line, newline included, is [scan, scan + length). */
static size_t line_length(const struct record_parser *r)
{
    const char *start = r->data + r->scan,
               *newline = memchr(start, '\n', r->end - r->scan);

    return newline ? (size_t)(newline - start) + 1 : r->end - r->scan;
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
    if (r->too_long) {
        err_set(err, ERR_DATA, "record longer than %d MB: unterminated quote?",
                RECORD_LIMIT >> 20);
        return blame(r, r->line, err);
    }
    if (csv_fini(&r->csv, on_field, on_row, r) != 0)
        return quoting_error(r, "unterminated quote", err);
    return 0;
}

static void *room(void *array, size_t *capacity, size_t need, size_t size)
{
    return need > *capacity ? mem_grow(array, capacity, need, size) : array;
}

/* For what a line adds: it may be all that is left of the data. */
static void make_room(struct record_parser *r, size_t line)
{
    struct cells *c = r->cells;

    c->text = room(c->text, &c->text_capacity,
                   c->text_len + (r->end - r->record) + 2 + SHORT, 1);
    c->start =
        room(c->start, &c->start_capacity, c->n + line + 3, sizeof(*c->start));
    c->raw = room(c->raw, &c->raw_capacity, c->n + line + 3, sizeof(*c->raw));
}

static void begin_record(struct record_parser *r)
{
    r->record = r->scan;
    r->line = r->next_line;
    r->n_fields = r->cursor = 0;
    make_room(r, 0);
    add_entry(r);
}

int record_next(struct record_parser *r, bool *bad, struct err *err)
{
    struct err ignored;
    size_t len;

    begin_record(r);
    *bad = false;
    while ((len = line_length(r)) > 0) {
        if (!r->clean &&
            check_line(r, len, r->form->skip_bad ? &ignored : err) != 0) {
            if (!r->form->skip_bad)
                return -1;
            *bad = true;
        }
        make_room(r, len);
        if (feed_line(r, len, err) != 0)
            return -1;
        if (r->row_ends)
            return 1;
    }
    if (r->scan == r->record || !r->last) {
        record_drop(r);
        return 0;
    }
    return finish_file(r, err) == 0 ? 1 : -1;
}

void record_drop(struct record_parser *r)
{
    struct cells *c = r->cells;

    c->n -= r->n_fields + 1;
    c->text_len = c->start[c->n];
}

void record_add_empty(struct record_parser *r)
{
    on_field(NULL, 0, r);
}

void record_start(struct record_parser *r, const struct record_form *form,
                  struct cells *cells, const char *data, size_t at, size_t end)
{
    memset(r, 0, sizeof(*r));
    record_grammar(&r->csv, form->delimiter);
    r->form = form;
    r->cells = cells;
    r->data = data;
    r->record = r->scan = at;
    r->end = end;
}

void record_release(struct record_parser *r)
{
    csv_free(&r->csv);
    memset(r, 0, sizeof(*r));
}
