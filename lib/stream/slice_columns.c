#include "stream/slice_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

enum { FEW_NUMBERS = 10, FEW_VALUES = 50, MOST_VALUES = 65536 };

static const double FEW_SHARE = .05;
static const char missing_name[] = "(missing)",
                  others_name[] = "(other values)";

void slice_column_release(struct slice_column *c)
{
    dict_release(&c->values);
    dict_release(&c->words);
    free(c->value_rows);
    free(c->numbers);
    free(c->level_value);
    free(c->value_code);
    free(c->code);
    free(c->word_rows);
}

/* ---- first pass ---- */

static size_t count_words(const char *cell, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += cell[i] != ' ' && (i == 0 || cell[i - 1] == ' ');
    return n;
}

static void see_number(struct slice_column *c, const char *cell, size_t len)
{
    double value;

    if (!num_parse(cell, len, &value)) {
        c->is_number = false;
        free(c->numbers);
        c->numbers = NULL;
        return;
    }
    c->is_whole = (c->is_whole || !c->n_numbers) && value == floor(value);
    c->numbers = mem_grow(c->numbers, &c->number_capacity, c->n_numbers + 1,
                          sizeof(*c->numbers));
    c->numbers[c->n_numbers++] = value;
}

static void see_value(struct slice_column *c, const char *cell, size_t len)
{
    size_t before = c->values.count, value = dict_add(&c->values, cell, len);

    c->value_rows = mem_grow(c->value_rows, &c->value_capacity, c->values.count,
                             sizeof(*c->value_rows));
    if (c->values.count > before)
        c->value_rows[value] = 0;
    c->value_rows[value]++;
    c->too_many = c->values.count > MOST_VALUES;
}

void slice_column_see(struct slice_column *c, const char *cell, size_t len)
{
    c->rows++;
    c->missing += len == 0;
    c->cell_words += count_words(cell, len);
    if (!c->too_many)
        see_value(c, cell, len);
    if (c->is_number && len)
        see_number(c, cell, len);
}

/* ---- levels ---- */

static enum slice_kind kind_of(const struct slice_column *c)
{
    size_t different = c->values.count - (c->missing > 0);

    if (c->is_number && different > FEW_NUMBERS)
        return SLICE_BINS;
    if (c->cell_words > c->rows - c->missing && different > FEW_VALUES &&
        (c->too_many || (double)different > FEW_SHARE * (double)c->rows))
        return SLICE_WORDS;
    return SLICE_VALUES;
}

/* A value or a word with its rows. */
struct frequent {
    size_t number, n;
    const char *text;
};

static int most_rows_first(const void *a, const void *b)
{
    const struct frequent *x = a, *y = b;

    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return strcmp(x->text, y->text);
}

static size_t rows_in(const struct extra_counts *counts)
{
    return counts->n[0] + counts->n[1];
}

static size_t rows_of(const struct slice_column *c, size_t number)
{
    return c->kind == SLICE_WORDS ? rows_in(&c->word_rows[number].counts)
                                  : c->value_rows[number];
}

/* The most frequent ones become levels: names are the values or the words. */
static void find_levels(struct slice_column *c, const struct dict *names,
                        size_t least)
{
    struct frequent *found = mem_alloc(names->count, sizeof(*found));
    size_t n = 0;

    for (size_t i = 0; i < names->count; i++)
        if (rows_of(c, i) >= least)
            found[n++] = (struct frequent){i, rows_of(c, i), names->text[i]};
    qsort(found, n, sizeof(*found), most_rows_first);
    c->n_levels = n < SLICE_MOST_LEVELS ? n : SLICE_MOST_LEVELS;
    c->level_value = mem_alloc(c->n_levels, sizeof(*c->level_value));
    for (size_t i = 0; i < c->n_levels; i++)
        c->level_value[i] = found[i].number;
    free(found);
}

static void number_levels(struct slice_column *c, const struct dict *names)
{
    c->value_code = mem_zalloc(names->count, sizeof(*c->value_code));
    for (size_t i = 0; i < c->n_levels; i++)
        c->value_code[c->level_value[i]] = (uint16_t)(i + 1);
}

static void decide_values(struct slice_column *c, size_t least)
{
    if (!c->too_many)
        find_levels(c, &c->values, least);
    number_levels(c, &c->values);
}

static void decide_bins(struct slice_column *c)
{
    bool repeats = false;

    c->n_cuts = slices_cut(c->numbers, c->n_numbers, SLICE_BIN_COUNT, c->cuts);
    c->lowest = c->numbers[0];
    c->highest = c->numbers[c->n_numbers - 1];
    for (size_t i = 1; i < c->n_numbers; i++)
        repeats |= c->numbers[i] <= c->numbers[i - 1];
    c->is_id = c->is_whole && !repeats;
    c->n_levels = c->n_cuts + 1 + (c->missing > 0);
}

void slice_column_decide(struct slice_column *c, size_t least)
{
    c->kind = kind_of(c);
    if (c->kind == SLICE_VALUES)
        decide_values(c, least);
    else if (c->kind == SLICE_BINS)
        decide_bins(c);
    free(c->numbers);
    c->numbers = NULL;
}

const char *slice_column_useless(const struct slice_column *c, bool named)
{
    if (!named && c->kind == SLICE_BINS && c->is_id)
        return "whole numbers that are all different; name it to have it";
    if (!c->too_many && c->values.count == 1)
        return "all rows have the same value";
    if (c->kind != SLICE_VALUES || c->n_levels)
        return NULL;
    if (c->too_many)
        return "too many different values";
    return "no value is in enough rows";
}

void slice_column_note(const struct slice_column *c, const char *why,
                       struct buf *notes)
{
    char quoted[ERR_QUOTE_SIZE];

    buf_printf(notes, "column %s left out: %s\n",
               err_quote(quoted, sizeof(quoted), c->name, strlen(c->name)),
               why);
}

/* ---- second pass ---- */

static uint16_t code_of(const struct slice_column *c, const char *cell,
                        size_t len)
{
    double value;
    size_t at;

    if (c->kind == SLICE_BINS) {
        if (!num_parse(cell, len, &value))
            return (uint16_t)(c->n_cuts + 2);
        return (uint16_t)(slices_bin(c->cuts, c->n_cuts, value) + 1);
    }
    at = dict_find(&c->values, cell, len);
    return at == DICT_NONE ? 0 : c->value_code[at];
}

static void count(struct extra_counts *counts, bool wrong, size_t set)
{
    counts->n[set]++;
    counts->errors[set] += wrong;
}

static void take_word(struct slice_column *c, const struct text_word *word,
                      bool wrong, size_t set)
{
    size_t before = c->words.count,
           at = dict_add(&c->words, word->start, word->len);
    struct word_rows *rows;

    c->word_rows = mem_grow(c->word_rows, &c->word_capacity, c->words.count,
                            sizeof(*c->word_rows));
    rows = &c->word_rows[at];
    if (c->words.count > before)
        memset(rows, 0, sizeof(*rows));
    if (rows->last == c->n_coded)
        return;
    rows->last = c->n_coded;
    count(&rows->counts, wrong, set);
}

static void take_words(struct slice_column *c, const char *cell, size_t len,
                       bool wrong, size_t set)
{
    struct buf folded = {0};
    struct text_word word;
    const char *at;

    c->n_coded++;
    if (!len)
        count(&c->missing_rows, wrong, set);
    text_fold(&folded, cell, len);
    at = folded.data;
    while (folded.len && text_next_word(&at, folded.data + folded.len, &word))
        if (!word.symbol)
            take_word(c, &word, wrong, set);
    buf_release(&folded);
}

void slice_column_take_of(struct slice_column *c, const char *cell, size_t len,
                          bool wrong, size_t set)
{
    if (c->kind == SLICE_WORDS) {
        take_words(c, cell, len, wrong, set);
        return;
    }
    c->code =
        mem_grow(c->code, &c->code_capacity, c->n_coded + 1, sizeof(*c->code));
    c->code[c->n_coded++] = code_of(c, cell, len);
}

void slice_column_take(struct slice_column *c, const char *cell, size_t len,
                       bool wrong)
{
    slice_column_take_of(c, cell, len, wrong, 0);
}

/* ---- counts ---- */

/* The words that are frequent, then the empty cells. */
static struct extra_counts *count_words_of(struct slice_column *c, size_t least)
{
    struct extra_counts *counts;

    find_levels(c, &c->words, least);
    number_levels(c, &c->words);
    counts = mem_alloc(c->n_levels + 1, sizeof(*counts));
    for (size_t i = 0; i < c->n_levels; i++)
        counts[i] = c->word_rows[c->level_value[i]].counts;
    counts[c->n_levels] = c->missing_rows;
    return counts;
}

struct extra_counts *slice_column_count(struct slice_column *c, size_t least,
                                        const unsigned char *outcome)
{
    struct extra_counts *counts;

    if (c->kind == SLICE_WORDS)
        return count_words_of(c, least);
    counts = mem_zalloc(c->n_levels + 1, sizeof(*counts));
    for (size_t i = 0; i < c->n_coded; i++)
        count(&counts[c->code[i] ? c->code[i] - 1u : c->n_levels],
              outcome[i] % 2, outcome[i] / 2);
    return counts;
}

static size_t heaviest_word(const struct slice_column *c, const char *cell,
                            size_t len, const double *weight)
{
    struct buf folded = {0};
    struct text_word word;
    const char *at;
    size_t best = SLICE_NONE;

    text_fold(&folded, cell, len);
    at = folded.data;
    while (folded.len && text_next_word(&at, folded.data + folded.len, &word)) {
        size_t word_at = dict_find(&c->words, word.start, word.len), level;
        if (word_at == DICT_NONE || !c->value_code[word_at])
            continue;
        level = c->value_code[word_at] - 1u;
        if (best == SLICE_NONE || weight[level] > weight[best] ||
            (weight[level] >= weight[best] && level < best))
            best = level;
    }
    buf_release(&folded);
    return best;
}

size_t slice_column_heaviest(const struct slice_column *c, const char *cell,
                             size_t len, const double *weight)
{
    uint16_t code;

    if (c->kind == SLICE_WORDS)
        return len ? heaviest_word(c, cell, len, weight) : c->n_levels;
    code = code_of(c, cell, len);
    return code ? code - 1u : c->n_levels;
}

/* ---- slices ---- */

static void add_words(struct slice_column *c, size_t number, struct slices *s)
{
    struct extra_counts *counts = count_words_of(c, s->least);
    size_t *n = mem_alloc(c->n_levels + 1, sizeof(*n)),
           *errors = mem_alloc(c->n_levels + 1, sizeof(*errors));

    for (size_t i = 0; i <= c->n_levels; i++) {
        n[i] = counts[i].n[0];
        errors[i] = counts[i].errors[0];
    }
    slices_add_counts(s, number, n, errors, c->n_levels + 1);
    free(counts);
    free(n);
    free(errors);
}

void slice_column_add(struct slice_column *c, size_t number,
                      const unsigned char *wrong, struct slices *s)
{
    struct slice_codes codes = {c->code, c->n_levels};

    if (c->kind == SLICE_WORDS)
        add_words(c, number, s);
    else
        slices_add_codes(s, number, &codes, wrong);
}

/* ---- names ---- */

static bool is_mistakable(const char *text)
{
    size_t len = strlen(text), sep = strlen(SLICE_AND);

    return *text == '"' || *text == '*' || strcmp(text, missing_name) == 0 ||
           strcmp(text, others_name) == 0 || strstr(text, SLICE_AND) ||
           strncmp(text, &SLICE_AND[1], sep - 1) == 0 ||
           (len >= sep - 1 &&
            strncmp(text + len - (sep - 1), SLICE_AND, sep - 1) == 0);
}

static void add_name(struct buf *out, const char *text)
{
    bool quoted = is_mistakable(text);

    if (quoted)
        buf_add_char(out, '"');
    for (; *text; text++) {
        if (quoted && *text == '"')
            buf_add_char(out, '"');
        buf_add_char(out, *text);
    }
    if (quoted)
        buf_add_char(out, '"');
}

void slice_column_name(const struct slice_column *c, struct buf *out)
{
    add_name(out, c->name);
}

static void add_bin(const struct slice_column *c, size_t bin, struct buf *out)
{
    char low[NUM_SIZE], high[NUM_SIZE];

    num_format(low, bin ? c->cuts[bin - 1] : c->lowest);
    num_format(high, bin < c->n_cuts ? c->cuts[bin] : c->highest);
    buf_printf(out, "[%s,%s%c", low, high, bin < c->n_cuts ? ')' : ']');
}

static bool is_missing(const struct slice_column *c, size_t level)
{
    if (c->kind == SLICE_BINS)
        return level > c->n_cuts;
    if (c->kind == SLICE_WORDS || level == c->n_levels)
        return c->kind == SLICE_WORDS && level == c->n_levels;
    return !c->values.len[c->level_value[level]];
}

void slice_column_level(const struct slice_column *c, size_t level,
                        struct buf *out)
{
    if (is_missing(c, level))
        buf_add_text(out, missing_name);
    else if (level == c->n_levels)
        buf_add_text(out, others_name);
    else if (c->kind == SLICE_BINS)
        add_bin(c, level, out);
    else if (c->kind == SLICE_WORDS)
        buf_printf(out, "*%s*", c->words.text[c->level_value[level]]);
    else
        add_name(out, c->values.text[c->level_value[level]]);
}

size_t slice_first_name(const char *text)
{
    const char *end = text;

    if (*text == '"') {
        for (end++; *end && (*end != '"' || end[1] == '"'); end++)
            end += *end == '"';
        return (size_t)(end - text) + (*end == '"');
    }
    end = strstr(text, SLICE_AND);
    return end ? (size_t)(end - text) : strlen(text);
}
