#include "csv/row_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

enum { DIGITS = 4 }; /* of numbers */

static const char NUMBERS_END = '\x1e', CELL_END = '\x1f';

void row_key_init(struct row_key *k, size_t n_columns)
{
    memset(k, 0, sizeof(*k));
    k->columns = mem_zalloc(n_columns, sizeof(*k->columns));
    k->text = mem_zalloc(n_columns, sizeof(*k->text));
    k->n_columns = n_columns;
}

void row_key_release(struct row_key *k)
{
    buf_release(&k->bytes);
    buf_release(&k->folded);
    free(k->columns);
    free(k->text);
    memset(k, 0, sizeof(*k));
}

bool row_key_scan(struct row_key *k, const struct csv_field *record)
{
    bool all = true;

    for (size_t i = 0; i < k->n_columns; i++) {
        const struct csv_field *cell = &record[k->columns[i]];
        double value;
        if (!k->text[i] && cell->len &&
            !num_parse(cell->text, cell->len, &value))
            k->text[i] = true;
        all &= k->text[i];
    }
    return all;
}

bool row_key_has_text(const struct row_key *k)
{
    bool any = false;

    for (size_t i = 0; i < k->n_columns; i++)
        any |= k->text[i];
    return any;
}

static void add_number(struct buf *key, const struct csv_field *cell)
{
    char text[NUM_SIZE];
    double value;

    if (cell->len && num_parse(cell->text, cell->len, &value)) {
        value = num_round(value, DIGITS) + 0.0; /* -0 is 0 */
        buf_add(key, text, num_format(text, value));
    }
    buf_add_char(key, CELL_END);
}

static bool is_ascii(const char *s, size_t len)
{
    unsigned char all = 0;

    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)s[i];
    return all < 0x80;
}

/* What text_fold and text_next_word do, where that is simple. */
static void add_ascii_words(struct buf *key, const char *s, size_t len)
{
    char *out = buf_reserve(key, len + 1);
    size_t n = 0;
    bool between = false;

    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            if (between && n)
                out[n++] = ' ';
            out[n++] = c;
            between = false;
        } else {
            between = true;
        }
    }
    out[n] = '\0';
    key->len += n;
}

static void add_words(struct row_key *k, const char *s, size_t len)
{
    struct text_word word;
    const char *at, *end;
    size_t first = k->bytes.len;

    buf_clear(&k->folded);
    text_fold(&k->folded, s, len);
    at = k->folded.data;
    end = at + k->folded.len;
    while (at < end && text_next_word(&at, end, &word)) {
        if (word.symbol)
            continue;
        if (k->bytes.len > first)
            buf_add_char(&k->bytes, ' ');
        buf_add(&k->bytes, word.start, word.len);
    }
}

static void add_text(struct row_key *k, const struct csv_field *cell)
{
    size_t first = k->bytes.len;

    if (is_ascii(cell->text, cell->len))
        add_ascii_words(&k->bytes, cell->text, cell->len);
    else
        add_words(k, cell->text, cell->len);
    if (k->bytes.len == first)
        buf_add(&k->bytes, cell->text, cell->len);
    buf_add_char(&k->bytes, CELL_END);
}

size_t row_key_make(struct row_key *k, const struct csv_field *record)
{
    size_t numbers, filled = 0;

    buf_clear(&k->bytes);
    for (size_t i = 0; i < k->n_columns; i++) {
        filled += record[k->columns[i]].len;
        if (!k->text[i])
            add_number(&k->bytes, &record[k->columns[i]]);
    }
    buf_add_char(&k->bytes, NUMBERS_END);
    numbers = k->bytes.len;
    for (size_t i = 0; i < k->n_columns; i++)
        if (k->text[i])
            add_text(k, &record[k->columns[i]]);
    return filled ? numbers : 0;
}
