#include "table/column_scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "table/image_files.h"

static const double LARGEST_NUMBER = 1e30;

bool column_number(const char *text, size_t len, double *value)
{
    return num_parse(text, len, value) && fabs(*value) <= LARGEST_NUMBER;
}

static size_t count_words(const char *text, size_t len)
{
    const char *end = text + len;
    struct text_word word;
    size_t n = 0;

    while (text_next_word(&text, end, &word))
        n += !word.symbol;
    return n;
}

/* Beyond 2^53 all are. */
static bool is_whole(double value)
{
    return fabs(value) >= 9007199254740992.0 || value == (double)(int64_t)value;
}

static void add_number(struct column_scan *scan, double value)
{
    if (!scan->numbers++)
        scan->low = scan->high = value; /* smalls come after a number */
    scan->wholes += is_whole(value);
    scan->low = value < scan->low ? value : scan->low;
    scan->high = value > scan->high ? value : scan->high;
    scan->mean += (value - scan->mean) / (double)(scan->numbers + scan->smalls);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * Whole numbers with marks between, before or behind them: 1809-1811, 1871-,
 * [1871?], 12/3/1809, 10:30.
 */
static bool is_range(const char *text, size_t len)
{
    size_t digits = 0;

    for (size_t i = 0; i < len; i++) {
        if (is_digit(text[i]))
            digits++;
        else if (!strchr("-/: ?[]", text[i]))
            return false;
    }
    return digits > 0;
}

/* A number with a decimal comma, and perhaps points between thousands. */
static bool has_decimal_comma(const char *text, size_t len)
{
    size_t i = len && text[0] == '-', digits = 0, commas = 0;

    for (; i < len; i++) {
        if (is_digit(text[i]))
            digits++;
        else if (text[i] == ',' && digits)
            commas++;
        else if (text[i] != '.' || commas || !digits)
            return false;
    }
    return commas == 1 && is_digit(text[len - 1]);
}

static void add_other(struct column_scan *scan, const char *text, size_t len,
                      const char *file, long line)
{
    bool range = is_range(text, len);
    enum cell_kind kind = cell_kind(text, len);

    scan->kinds[kind]++;
    if (kind == CELL_OTHER && !scan->odd) {
        scan->odd = mem_strndup(text, len);
        scan->odd_line = line;
    }
    scan->ranges += range;
    scan->commas += has_decimal_comma(text, len);
    if (scan->other && !(scan->other_is_range && !range))
        return;
    free(scan->other);
    scan->other = mem_strndup(text, len);
    scan->other_len = len;
    scan->other_is_range = range;
    scan->other_file = file;
    scan->other_line = line;
}

static void add_sequence(struct column_scan *scan, const char *text, size_t len,
                         const char *file, long line)
{
    struct sequence_fault fault;
    struct buf words = {0};

    sequences_clear(&scan->steps);
    if (sequences_add(&scan->steps, text, len, &fault)) {
        scan->sequences++;
        scan->several += scan->steps.start[1] > 1;
        return;
    }
    if (scan->fault)
        return;
    sequence_fault_text(&fault, &words);
    scan->fault = words.data;
    scan->fault_file = file;
    scan->fault_line = line;
}

size_t column_scan_distinct(const struct column_scan *scan)
{
    size_t count = hash_count_of(&scan->others);

    for (size_t i = 0; i < SMALL_NUMBERS; i++)
        count += scan->small[i];
    return count;
}

/* Of a cell that is no small number; value: NaN where it is none at all. */
static void add_distinct(struct column_scan *scan, const char *text, size_t len,
                         double value)
{
    if (scan->quick && value != floor(value) && !isnan(value))
        scan->uncounted++;
    else
        hash_count_add(&scan->others, hash_quick(text, len));
}

/* What most cells are, of a column that had such before. */
static bool add_plain(struct column_scan *scan, const char *text, size_t len)
{
    double value;

    if (!scan->plain || len < 4 || !column_number(text, len, &value))
        return false;
    scan->last = value;
    scan->cells++;
    scan->sequences++;
    scan->words++;
    add_distinct(scan, text, len, value);
    add_number(scan, value);
    return true;
}

void column_scan_add(struct column_scan *scan, const char *text, size_t len,
                     const char *file, long line)
{
    char first[4] = {0};
    unsigned small;
    double value;
    bool number;

    if (add_plain(scan, text, len))
        return;
    memcpy(first, text, len < sizeof(first) ? len : sizeof(first));
    small = small_number(first, len);
    value = (double)small;
    number = small < SMALL_NUMBERS || column_number(text, len, &value);
    scan->last = number ? value : NAN;
    if (!scan->cells++)
        scan->example = mem_strndup(text, len);
    if (small < SMALL_NUMBERS)
        scan->small[small] = 1;
    else
        add_distinct(scan, text, len, scan->last);
    if (number && scan->steps.width <= 1) {
        scan->steps.width = 1;
        scan->plain = true;
        scan->sequences++;
    } else {
        add_sequence(scan, text, len, file, line);
    }
    if (number) {
        add_number(scan, value);
        scan->words++;
        return;
    }
    scan->words += count_words(text, len);
    scan->images += image_files_named(text);
    add_other(scan, text, len, file, line);
}

void column_scan_finish(struct column_scan *scan)
{
    scan->cells += scan->smalls;
    scan->numbers += scan->smalls;
    scan->wholes += scan->smalls;
    scan->words += scan->smalls;
    scan->sequences += scan->smalls;
    scan->smalls = 0;
    hash_count_flush(&scan->others);
    for (size_t i = 0; i < SMALL_NUMBERS; i++) {
        double value = (double)i;
        if (!scan->small[i])
            continue;
        scan->low = value < scan->low ? value : scan->low;
        scan->high = value > scan->high ? value : scan->high;
    }
}

void column_scan_release(struct column_scan *scan)
{
    hash_count_release(&scan->others);
    free(scan->example);
    free(scan->other);
    free(scan->odd);
    free(scan->fault);
    sequences_release(&scan->steps);
    memset(scan, 0, sizeof(*scan));
}
